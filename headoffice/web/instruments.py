"""What Prometheus reads at `/metrics`: requests, groups of commits, the queue, taps, kiosks and alerts.

Made by `app` once; the middleware counts requests, the page reads the rest from the store when it is asked.
The only place that knows prometheus_client.
"""

import re
import time
from collections.abc import Iterable, Sequence
from functools import partial

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headoffice.store import pulse
from headoffice.web.context import Context

PATH = "/metrics"
NOWHERE = "other"  # paths that are none of ours: a label must not grow with what strangers type


class Instruments:
    """Counts what goes on in this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._kept: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        labels = ("method", "route", "status")
        self.requests = Counter("egao_http_requests", "HTTP requests", labels, registry=self.registry)
        self.seconds = Histogram(
            "egao_http_request_seconds", "Seconds until an answer began", ("route",), registry=self.registry
        )
        self.groups = Histogram(
            "egao_commit_group_size",
            "Changes committed together",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=self.registry,
        )
        self.waiting = Gauge(
            "egao_commit_queue", "Changes that wait for their commit", registry=self.registry
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

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and how long it took until its answer began."""
        kind = (method, route, status)
        if kind not in self._kept:  # finding them by their labels takes longer than to count
            self._kept[kind] = self.requests.labels(method, route, str(status)), self.seconds.labels(route)
        requests, took = self._kept[kind]
        requests.inc()
        took.observe(seconds)

    def show(self, seen: pulse.Pulse, *, waiting: int) -> bytes:
        """The page."""
        self.waiting.set(waiting)
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
    page = context.instruments.show(seen, waiting=context.committer.waiting)
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
                self._instruments.count(method, route, message["status"], time.perf_counter() - began)
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
