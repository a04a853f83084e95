"""Server-sent events for pages that are live: "look again", as soon as something was committed.

Mounted by app.py. What there is to see the page then asks for itself; so nothing of any site goes this way.
May touch nothing; waits for the commits of this process, and of others by looking again every few seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from headoffice.web.auth import require_person
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem, busy

PATH = "/live/stream"
MEDIA_TYPE = "text/event-stream"
MOST_LISTENERS = 200
AT_MOST_EVERY_S = 0.5  # however much is committed
LOOK_AGAIN_S = 2.5  # however little: other processes commit too, and a line that is down is found out
LONGEST_S = 300.0  # then the browser comes again by itself, and shows anew who it is
RETRY_AFTER_S = 15
BEGINNING = b"retry: 2000\n\n"
LOOK = b"data: look\n\n"


@dataclass
class Listeners:
    """How many pages listen."""

    count: int = 0


def routes(context: Context) -> list[Route]:
    """The one stream."""
    return [Route(PATH, partial(listen, context, Listeners()), methods=["GET"])]


async def listen(context: Context, listeners: Listeners, request: Request) -> Response:
    """The stream, for who is signed in and asks for events; 503 where too many listen: the page then asks."""
    await require_person(context, request)
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        words = f'this path has server-sent events only: send "Accept: {MEDIA_TYPE}"'
        raise HttpProblem(HTTPStatus.NOT_ACCEPTABLE, "not_acceptable", words)
    if listeners.count >= MOST_LISTENERS or context.stopping.is_set():
        words = "too many pages listen already: ask now and then instead"
        raise busy(words, status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(context, listeners), media_type=MEDIA_TYPE, headers=headers)


async def _events(context: Context, listeners: Listeners) -> AsyncIterator[bytes]:
    end = time.monotonic() + LONGEST_S
    listeners.count += 1
    try:
        yield BEGINNING
        while time.monotonic() < end and not context.stopping.is_set():
            await _until(context, context.committer.next_commit(within_s=LOOK_AGAIN_S))
            yield LOOK
            await _until(context, asyncio.sleep(AT_MOST_EVERY_S))
    finally:
        listeners.count -= 1


async def _until(context: Context, what: Coroutine[object, object, None]) -> None:
    """Wait for something, or for the server to stop."""
    both = {asyncio.ensure_future(what), asyncio.ensure_future(context.stopping.wait())}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in both:
            each.cancel()
