"""What Prometheus reads at `/metrics`: requests, groups of commits, the queue, taps, kiosks and alerts.

Made by `app` once; the middleware counts requests, the page reads the rest from the store when it is asked.
The only place that knows prometheus_client.
"""

import re
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headoffice.store import pulse
from headoffice.web.context import Context

PATH = "/metrics"
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)  # as its own
NOWHERE = "other"  # paths that are none of ours: a label must not grow with what strangers type


class Requests(Collector):
    """Counts requests, and how long each took until its answer began; in plain numbers, as there are many."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}
        self._within: dict[str, list[int]] = {}  # by route: how many took no longer than each of BOUNDS_S
        self._seconds: dict[str, float] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. Called on the event loop's thread alone."""
        kind = (method, route, status)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if route not in self._within:
            self._within[route], self._seconds[route] = [0] * (len(BOUNDS_S) + 1), 0.0
        self._within[route][bisect_left(BOUNDS_S, seconds)] += 1
        self._seconds[route] += seconds

    def collect(self) -> Iterator[Metric]:
        """Give what Prometheus reads."""
        requests = CounterMetricFamily(
            "egao_http_requests", "HTTP requests", labels=("method", "route", "status")
        )
        for (method, route, status), count in self._counts.items():
            requests.add_metric((method, route, str(status)), count)
        yield requests
        took = HistogramMetricFamily(
            "egao_http_request_seconds", "Seconds until an answer began", labels=("route",)
        )
        names = [*map(str, BOUNDS_S), "+Inf"]
        for route, counts in self._within.items():
            buckets = list(zip(names, accumulate(counts), strict=True))
            took.add_metric((route,), buckets, self._seconds[route])
        yield took


class Instruments:
    """Counts what goes on in this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Requests()
        self.registry.register(self.requests)
        self.groups = Histogram(
            "egao_commit_group_size",
            "Changes committed together",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=self.registry,
        )
        self.waiting = Gauge(
            "egao_commit_queue", "Changes that wait for their commit", registry=self.registry
        )
        self.writers = Gauge(
            "egao_writers",
            "Processes that store taps now; 0 where the server does so itself",
            registry=self.registry,
        )
        self.taps = Gauge("egao_taps", "Taps by what became of them", ("state",), registry=self.registry)
        self.kiosks = Gauge("egao_kiosks", "Kiosks by state", ("state",), registry=self.registry)
        self.pending = Gauge(
            "egao_kiosk_pending_taps", "Taps the kiosks said were waiting", registry=self.registry
        )
        self.alerts = Gauge("egao_alerts", "Open alerts", ("kind",), registry=self.registry)
        self.feed = Gauge("egao_feed_number", "Numbers given out by the feed", registry=self.registry)
        self.unjudged = Gauge(
            "egao_misuse_behind", "1 while taps wait to be judged by the misuse rules", registry=self.registry
        )

    def show(self, seen: pulse.Pulse, *, waiting: int, writers: int) -> bytes:
        """The page."""
        self.waiting.set(waiting)
        self.writers.set(writers)
        self.feed.set(seen.feed)
        self.pending.set(seen.pending)
        self.unjudged.set(seen.unjudged)
        for state, count in seen.taps.items():
            self.taps.labels(state).set(count)
        for state, count in seen.kiosks.items():
            self.kiosks.labels(state).set(count)
        self.alerts.clear()
        for kind, count in seen.alerts.items():
            self.alerts.labels(kind).set(count)
        return generate_latest(self.registry)


def routes(context: Context) -> list[Route]:
    """The page; it holds counts only, and is meant for the machines' own network."""
    return [Route(PATH, partial(show, context), methods=["GET"])]


async def show(context: Context, _request: Request) -> Response:
    """The page for Prometheus."""
    silent_before = context.now_ms() - context.settings.silent_after_min * 60_000
    seen = await context.read(partial(pulse.pulse, silent_before_ms=silent_before))
    committer = context.committer
    page = context.instruments.show(seen, waiting=committer.waiting, writers=committer.writers)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


class Measured:
    """Counts every request by its route, and how long it took until its answer began."""

    def __init__(self, app: ASGIApp, *, instruments: Instruments, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._instruments = instruments
        self._plain, self._patterns = _known(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, route = time.perf_counter(), self._route(scope["path"])

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in METHODS else NOWHERE
                self._instruments.requests.count(
                    method, route, message["status"], time.perf_counter() - began
                )
            await send(message)

        await self._app(scope, receive, told)

    def _route(self, path: str) -> str:
        if path in self._plain:
            return path
        return next((name for name, pattern in self._patterns if pattern.match(path)), NOWHERE)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


def _known(routes: Iterable[BaseRoute]) -> tuple[frozenset[str], list[tuple[str, re.Pattern[str]]]]:
    found = [route for route in routes if isinstance(route, Route)]
    plain = frozenset(route.path for route in found if "{" not in route.path)
    return plain, [(route.path, route.path_regex) for route in found if "{" in route.path]
