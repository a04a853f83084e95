"""Signing in by an OpenID Connect provider: there, and back again.

Mounted by app.py where the settings name a provider. May open sessions, by way of work/admit.py.
"""

import logging
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.problems import SignInRefused
from headoffice.web.auth import LONGEST_KEY
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem
from headoffice.web.shell import Shell, make_shell
from headoffice.web.sign_in import door, entered, go
from headoffice.work.admit import admit
from headoffice.work.openid import Handshake, Provider
from headoffice.work.secrets import new_key

THERE = "/sign-in/openid"
BACK = "/sign-in/openid/back"
COOKIE = "egao_openid"
LIVES_S = 600  # for so long somebody may take at the provider's
LONGEST_CODE = 4096
STATUS = {"unreachable": HTTPStatus.BAD_GATEWAY, "stale": HTTPStatus.BAD_REQUEST}
LOG = logging.getLogger(__name__)


def routes(context: Context) -> list[Route]:
    """The way to the provider and back, where there is one."""
    if context.provider is None:
        return []
    shell = make_shell()
    return [
        Route(THERE, partial(there, context, context.provider, shell), methods=["GET"]),
        Route(BACK, partial(back, context, context.provider, shell), methods=["GET"]),
    ]


async def there(context: Context, provider: Provider, shell: Shell, request: Request) -> Response:
    """Send the browser to the provider, and let it keep the one secret of this sign-in."""
    handshake = Handshake(new_key())
    try:
        response = go(await provider.way(handshake, back=_back(context, request)))
    except SignInRefused as refused:
        return _refused(context, shell, request, refused)
    response.set_cookie(
        _cookie(request),
        handshake.secret,
        max_age=LIVES_S,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # the browser comes back from another site
    )
    return response


async def back(context: Context, provider: Provider, shell: Shell, request: Request) -> Response:
    """Open a session for whom the provider sent back, or say in words why not."""
    try:
        response = entered(request, await _session(context, provider, request), "/")
    except SignInRefused as refused:
        response = _refused(context, shell, request, refused)
    response.delete_cookie(
        _cookie(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return response


async def _session(context: Context, provider: Provider, request: Request) -> str:
    """Open a session for whom the provider sent back; returns the cookie's value. Raises SignInRefused."""
    handshake, code = _answer(provider, request)
    claims = await provider.claims(handshake, code=code, back=_back(context, request))
    change = partial(admit, claims=claims, client=provider.client, now=context.now_ms())
    cookie = await context.write(change)
    if cookie is None:
        raise SignInRefused("no_role", "the provider's claims give no role any more")
    return cookie


def _answer(provider: Provider, request: Request) -> tuple[Handshake, str]:
    """What the provider sent the browser back with, if this browser asked. Raises SignInRefused."""
    given, secret = request.query_params, request.cookies.get(_cookie(request), "")
    handshake = Handshake(secret)
    if not 0 < len(secret) <= LONGEST_KEY or given.get("state") != handshake.state:
        raise SignInRefused("stale", "nobody in this browser asked for this sign-in, or too long ago")
    if given.get("iss", provider.client.issuer) != provider.client.issuer:  # RFC 9207
        raise SignInRefused("forged", "another provider answers")
    if "error" in given:
        raise SignInRefused("denied", f"the provider says {given['error'][:100]!r}")
    code = given.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE:
        raise SignInRefused("stale", "the provider sent no code")
    return handshake, code


def _refused(context: Context, shell: Shell, request: Request, refused: SignInRefused) -> Response:
    LOG.warning("sign-in by the provider refused, %s: %s", refused.reason, refused)
    problem = HttpProblem(STATUS.get(refused.reason, HTTPStatus.FORBIDDEN), refused.reason, str(refused))
    return door(context, shell, request, f"openid.{refused.reason}", refused=problem)


def _back(context: Context, request: Request) -> str:
    """Where the provider sends the browser back to; it sends it nowhere that is not registered there."""
    here = context.settings.public_url or str(request.base_url)
    return here.rstrip("/") + BACK


def _cookie(request: Request) -> str:
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE
