"""Whether head office is well: for load balancers and whoever watches.

Mounted by `app`. May read the database.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from headoffice.store import feed
from headoffice.web.context import Context


def routes(context: Context) -> list[Route]:
    """Make `/healthz`: 200 when the database can be read, else 503 by way of `errors`."""

    async def healthz(_request: Request) -> Response:
        await context.read(feed.position)
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    return [Route("/healthz", healthz)]
