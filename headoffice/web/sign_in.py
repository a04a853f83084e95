"""Signing in and out: with a password, or with a one-time code and then a password of one's own.

Mounted by app.py. May write sessions and passwords, by way of web/auth.py.
"""

from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from headoffice.problems import Invalid
from headoffice.web import auth
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem
from headoffice.web.forms import read_form
from headoffice.web.shell import Shell, make_shell

SIGN_IN = "/sign-in"
SIGN_IN_CODE = "/sign-in/code"
PASSWORD = "/password"  # noqa: S105 - a path
SIGN_OUT = "/sign-out"
PROBLEMS = {"password": "password.length", "guessable": "password.guessable"}


def routes(context: Context) -> list[Route]:
    """The pages of the door."""
    shell = make_shell()
    return [
        Route(SIGN_IN, partial(show_sign_in, context, shell), methods=["GET"]),
        Route(SIGN_IN, partial(sign_in, context, shell), methods=["POST"]),
        Route(SIGN_IN_CODE, partial(use_code, context, shell), methods=["POST"]),
        Route(PASSWORD, partial(show_password, context, shell), methods=["GET"]),
        Route(PASSWORD, partial(choose_password, context, shell), methods=["POST"]),
        Route(SIGN_OUT, partial(sign_out, context), methods=["POST"]),
    ]


async def show_sign_in(context: Context, shell: Shell, request: Request) -> Response:
    """The sign-in page; who is signed in already goes on to the overview."""
    if await auth.find_session(context, request) is not None:
        return go("/")
    return door(context, shell, request)


async def sign_in(context: Context, shell: Shell, request: Request) -> Response:
    """Open a session with e-mail address and password."""
    form = await read_form(context, request)
    email, password = form.get("email", ""), form.get("password", "")
    try:
        cookie = await auth.sign_in_with_password(context, request, email=email, password=password)
    except HttpProblem as problem:
        return door(context, shell, request, "sign_in.throttled", email=email, refused=problem)
    if cookie is None:
        return door(context, shell, request, "sign_in.wrong", email=email)
    return entered(request, cookie, "/")


async def use_code(context: Context, shell: Shell, request: Request) -> Response:
    """Open a session with a one-time code. The page's own form goes on to choosing a password."""
    form = await read_form(context, request)
    try:
        cookie = await auth.sign_in_with_code(context, request, form.get("code", ""))
    except HttpProblem as problem:
        return door(context, shell, request, "sign_in.throttled", with_code=True, refused=problem)
    if cookie is None:
        return door(context, shell, request, "sign_in.wrong_code", with_code=True)
    return entered(request, cookie, PASSWORD if form.get("then") == "password" else "/")


async def show_password(context: Context, shell: Shell, request: Request) -> Response:
    """The page on which a person chooses a password."""
    session = await _with_password(context, request)
    return shell.page(request, "password.html", session=session, problem=None)


async def choose_password(context: Context, shell: Shell, request: Request) -> Response:
    """Keep a new password; every other session of the person ends."""
    session = await _with_password(context, request)
    form = await read_form(context, request)
    auth.check_form(session, form.get("csrf"))
    status, problem = HTTPStatus.BAD_REQUEST, "password.different"
    if (password := form.get("password", "")) == form.get("again", ""):
        try:
            cookie = await auth.choose_password(
                context, request, session, password=password, current=form.get("current", "")
            )
        except Invalid as invalid:
            problem = PROBLEMS[invalid.faults[0].place]
        except HttpProblem as refused:
            status, problem = HTTPStatus(refused.status), "sign_in.throttled"
        else:
            if cookie is not None:
                return entered(request, cookie, "/")
            status, problem = HTTPStatus.FORBIDDEN, "password.wrong"
    return shell.page(request, "password.html", status=status, session=session, problem=problem)


async def sign_out(context: Context, request: Request) -> Response:
    """End the session."""
    session = await auth.require_person(context, request)
    form = await read_form(context, request)
    auth.check_form(session, form.get("csrf"))
    await auth.sign_out(context, session)
    response = go(SIGN_IN)
    auth.clear_cookie(response, request)
    return response


async def _with_password(context: Context, request: Request) -> auth.Session:
    """Somebody who may have a password here: not one whose access a provider gives, and could take."""
    session = await auth.require_person(context, request)
    if session.person.elsewhere:
        words = "the provider that you sign in by gives your access: there is no password here"
        raise HttpProblem(HTTPStatus.FORBIDDEN, "forbidden", words)
    return session


def door(
    context: Context,
    shell: Shell,
    request: Request,
    problem: str | None = None,
    *,
    refused: HttpProblem | None = None,
    **typed: object,
) -> Response:
    """The sign-in page, with what went wrong and what was typed; `refused` is another's word for it."""
    status = refused.status if refused else HTTPStatus.FORBIDDEN if problem else HTTPStatus.OK
    shown = {"email": "", "with_code": False, "problem": problem, **typed}
    shown["with_provider"] = context.provider is not None
    page = shell.page(request, "sign_in.html", status=status, **shown)
    page.headers.update(refused.headers if refused else {})
    return page


def entered(request: Request, cookie: str, path: str) -> Response:
    """Send somebody on whose session was just opened."""
    response = go(path)
    auth.set_cookie(response, request, cookie)
    return response


def go(path: str) -> Response:
    """Send the browser on."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
