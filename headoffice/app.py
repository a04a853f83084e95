"""The server put together: context, routes, errors, start and stop.

Called by `cli serve`; tests make the application without the server.
May open the database, listen on a port, and say on stdout where it listens.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from headoffice.problems import InUse
from headoffice.settings import Settings
from headoffice.store.engine import Database, place_of
from headoffice.store.kept import Kept
from headoffice.supervisor import ENDING, READY, Supervisor
from headoffice.web import (
    health,
    instruments,
    kiosk_api,
    openapi,
    pages,
    results_api,
    sign_in,
    stream,
)
from headoffice.web.connections import patient
from headoffice.web.context import Context
from headoffice.web.drafts import routing as drafts
from headoffice.web.errors import HANDLERS
from headoffice.web.headers import SecurityHeaders
from headoffice.web.instruments import Instruments, Measured
from headoffice.web.office import routing as office
from headoffice.web.publishing import routing as publishing
from headoffice.web.throttle import Budget, Gate, Pace, Throttle
from headoffice.work.clock import clock_jobs
from headoffice.work.commit import Beside, Committer
from headoffice.work.ingest import Ingest
from headoffice.work.jobs import Jobs
from headoffice.work.openid_client import read_client
from headoffice.work.tell import read_hook
from headoffice.work.writer import Writer

READER_THREADS = 4
MOST_FAILURES = 10  # of one account from one address
MOST_OF_A_CROWD = 100  # of one address, or of one account from anywhere
MOST_WRONG_CODES = 30  # of one address that enrols kiosks, behind which a whole chain may be
FAILURES_WINDOW_MS = 10 * 60 * 1000
TURN_S = 0.0005  # how long a thread may keep another from running Python: the writer has many short turns
BACKLOG = 2048  # kiosks that knock at once after a cut
YOUNG = 50_000  # objects before the collector looks: a stretch of an export makes as many, and none in a ring


def make_context(settings: Settings, database: Database, *, beside: Sequence[Beside] = ()) -> Context:
    """Make what every handler is given; `beside` are the processes that write.

    Raises WrongUsage and DataUnusable for settings that cannot be.
    """
    instruments, ingest = Instruments(), Ingest()
    client = read_client(settings)
    failures = partial(Throttle, window_ms=FAILURES_WINDOW_MS, now_ms=_now_ms)
    provider = None
    if client is not None:
        from headoffice.work.openid import Provider  # noqa: PLC0415 - a quarter of the start, which few need

        provider = Provider(client, now_ms=_now_ms)
    return Context(
        settings=settings,
        database=database,
        committer=Committer(
            database,
            most_waiting=settings.queue_requests,
            committed=instruments.groups.observe,
            foresight=ingest,
            beside=beside,
        ),
        ingest=ingest,
        readers=ThreadPoolExecutor(READER_THREADS, thread_name_prefix="reader"),
        kept=Kept(),
        now_ms=_now_ms,
        stopping=asyncio.Event(),
        bodies=Budget(settings.queue_mib << 20),
        gate=Gate(_now_ms),
        enrol_failures=failures(most=MOST_WRONG_CODES),
        sign_in_failures=failures(most=MOST_FAILURES),
        crowd_failures=failures(most=MOST_OF_A_CROWD),
        instruments=instruments,
        hook=read_hook(settings),
        provider=provider,
        pace=Pace(a_minute=settings.requests_per_minute, now_ms=_now_ms),
    )


def make_app(context: Context) -> Starlette:
    """Make the application."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        jobs = Jobs(
            clock_jobs(
                context.settings,
                read=context.read,
                write=context.write,
                now_ms=context.now_ms,
                hook=context.hook,
            )
        )
        context.committer.start()
        jobs.start()
        yield
        context.stopping.set()
        await jobs.stop()
        await context.committer.stop()
        context.readers.shutdown()

    pages_of_people = (pages, stream, office, drafts, publishing, sign_in)
    nouns = (kiosk_api, results_api, openapi, *pages_of_people, health, instruments)
    routes = [route for noun in nouns for route in noun.routes(context)]
    if context.provider is not None:
        from headoffice.web import openid  # noqa: PLC0415 - the same

        routes += openid.routes(context)
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Measured, instruments=context.instruments, routes=routes),
            Middleware(SecurityHeaders),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )


def serve(
    settings: Settings, database: Database, *, announce: Callable[[str], None], supervisor: Supervisor
) -> None:
    """Serve until SIGTERM or SIGINT; then running requests and the last group are finished first.

    `announce` is called once with the address, when requests are answered. Raises InUse for a taken port.
    """

    def ready() -> None:
        announce(_address(listening))
        supervisor.tell(READY)

    listening = supervisor.handed_over() or _listen(settings.host, settings.port)
    context = make_context(settings, database, beside=writers(settings, database))
    config = uvicorn.Config(
        make_app(context),
        backlog=BACKLOG,
        log_config=None,
        access_log=False,  # its lines would hold addresses and queries
        server_header=False,
        http=patient(context),
        ws="none",
        lifespan="on",
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.stop_timeout_s,
    )
    server = _Server(config, context.stopping, ready)

    async def serving() -> None:
        feeding = asyncio.create_task(supervisor.feed(), name="watchdog")
        try:
            await server.serve([listening])
        finally:
            supervisor.tell(ENDING)
            feeding.cancel()

    sys.setswitchinterval(TURN_S)
    gc.collect()
    gc.freeze()  # what is loaded now stays for good: the collector need not go through it during requests
    gc.set_threshold(YOUNG, 20, 20)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serving())


def writers(settings: Settings, database: Database) -> list[Writer]:
    """Make the processes that write, if there are to be any: one for each writing connection."""
    place = place_of(settings.data, settings.database)
    several = len(os.sched_getaffinity(0)) > 1
    wanted = settings.writer == "process" or (settings.writer == "auto" and several)
    return [Writer(place) for _ in range(database.writers)] if wanted else []


class _Server(uvicorn.Server):
    """uvicorn, but it says when it is ready, and a signal to stop ends in a return."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.force_exit = self.should_exit  # the second time it is meant at once
        self.should_exit = True
        self._stopping.set()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise InUse(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another --port"
        ) from error
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
