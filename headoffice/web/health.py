"""Whether head office is well: for load balancers and whoever watches.

Mounted by `app`. May read the database, and let a change that changes nothing through the queue.
"""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from headoffice.store import feed
from headoffice.web.context import Context
from headoffice.web.errors import busy


def routes(context: Context) -> list[Route]:
    """Make `/healthz` (the database can be read) and `/readyz` (changes are committed): 200, else 503."""

    async def healthz(_request: Request) -> Response:
        await context.read(feed.position)
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def readyz(_request: Request) -> Response:
        if context.stopping.is_set():
            raise busy("head office is about to stop", status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after_s=1)
        await context.write(feed.position)  # through the queue: a full or stuck one is not ready
        return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
