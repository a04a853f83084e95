"""Who is asking: a program by its token, a person by the session's cookie; and how a person signs in.

Called by every handler that is not for all the world; kiosks' keys are `kiosk_api`'s own matter.
May touch tokens, people and sessions, by way of the context.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from headoffice.store import people
from headoffice.store.audit import By, note
from headoffice.store.tokens import Token, find_token
from headoffice.web.errors import HttpProblem, SignInWanted, unauthorised
from headoffice.work import sign_in
from headoffice.work.secrets import hash_key

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from headoffice.store.engine import Connection
    from headoffice.web.context import Context

log = logging.getLogger(__name__)
COOKIE = "egao_session"
LONGEST_KEY = 200  # characters; ours have 43


@dataclass(frozen=True)
class Session:
    """A person who is signed in, and the token that each of their forms must carry."""

    person: people.Person
    cookie: str

    @property
    def wants_current(self) -> bool:
        """Whether a change of password asks for the present one: not from whom a one-time code let in."""
        return self.person.password is not None and not self.cookie.startswith(sign_in.BY_CODE)

    @property
    def csrf(self) -> str:
        """What a form carries to show that it was made for this session; bound to its cookie."""
        return hashlib.sha256(b"form:" + self.cookie.encode()).hexdigest()


def bearer(request: Request) -> str:
    """Give the key or token that a request carries; raises 401 when there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(key.strip()) <= LONGEST_KEY:
        raise unauthorised('send the header "Authorization: Bearer …"')
    return key.strip()


def address(request: Request) -> str:
    """Give the address a request comes from; behind a trusted proxy, the one that the proxy names."""
    return request.client.host if request.client else "unknown"


async def require_token(context: Context, request: Request, scope: str = "aggregates") -> Token:
    """Give the token a program sent; raises 401 when it is missing or unknown, 403, 429."""
    found = await context.read(partial(find_token, token=hash_key(bearer(request)), now=context.now_ms()))
    if found is None:
        raise unauthorised("this token is unknown, revoked or expired")
    if not found.allows(scope):
        words = f'this token has the scope "{found.scope}"; this needs "{scope}"'
        raise HttpProblem(HTTPStatus.FORBIDDEN, "forbidden", words)
    context.pace.take(f"token {found.id}")
    return found


async def find_session(context: Context, request: Request) -> Session | None:
    """Give the session of a request's cookie; None without a valid one."""
    cookie = request.cookies.get(_cookie_name(request), "")
    if not 0 < len(cookie) <= LONGEST_KEY:
        return None
    now = context.now_ms()
    person = await context.read(partial(people.person_of_session, session=hash_key(cookie), now=now))
    return None if person is None else Session(person, cookie)


async def require_person(context: Context, request: Request) -> Session:
    """Give the session of a request; the browser is sent to sign in when there is none."""
    session = await find_session(context, request)
    if session is None:
        raise SignInWanted
    return session


def check_form(session: Session, given: object) -> None:
    """Raise 403 unless a form's token (field `csrf`) belongs to the session."""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise HttpProblem(
            HTTPStatus.FORBIDDEN, "forbidden", "this form is not from here: load the page again"
        )


async def sign_in_with_password(
    context: Context, request: Request, *, email: str, password: str
) -> str | None:
    """Open a session; returns the cookie's value, None when address and password do not fit. Raises 429."""
    # One who mistypes is slowed down for their own account only: a whole chain may sit behind one address.
    where, account = f"address {address(request)}", f"account {hash_key(email.strip().lower()).hex()}"
    context.sign_in_failures.check(f"{where} {account}")
    context.crowd_failures.check(where, account)
    person = await context.read(partial(people.person_by_email, email=email.strip()))
    kept = None if person is None else person.password
    fits = await context.aside(partial(sign_in.password_fits, kept, password))
    if person is None or not fits:
        context.sign_in_failures.failed(f"{where} {account}")
        context.crowd_failures.failed(where, account)
        log.warning(
            "a sign-in failed: %s", "nobody has that address" if person is None else f"person {person.id}"
        )
        return None
    opened = partial(sign_in.open_session, person=person.id, now=context.now_ms(), how="password")
    return await context.write(opened)


async def sign_in_with_code(context: Context, request: Request, code: str) -> str | None:
    """Use a one-time code up for a session; returns the cookie's value, None for a wrong code. Raises 429."""
    key = f"address {address(request)}"
    context.crowd_failures.check(key)
    cookie = await context.write(partial(_with_code, code=code, now=context.now_ms()))
    if cookie is None:
        context.crowd_failures.failed(key)
        log.warning("a sign-in failed: wrong code")
    return cookie


async def choose_password(
    context: Context, request: Request, session: Session, *, password: str, current: str
) -> str | None:
    """Set a person's password; every session of theirs ends, and the new one's cookie is returned.

    None where `current` is asked for and is not their password. Raises Invalid for a password that will not
    do, 429 for one who guesses.
    """
    if session.wants_current:
        guesses = f"address {address(request)} person {session.person.id}"
        context.sign_in_failures.check(guesses)
        if not await context.aside(partial(sign_in.password_fits, session.person.password, current)):
            context.sign_in_failures.failed(guesses)
            log.warning("a change of password was refused: person %d", session.person.id)
            return None
    kept = await context.aside(partial(sign_in.hash_password, password, email=session.person.email))
    return await context.write(
        partial(_put_password, person=session.person.id, kept=kept, now=context.now_ms())
    )


async def sign_out(context: Context, session: Session) -> None:
    """End a session."""
    await context.write(partial(people.end_session, session=hash_key(session.cookie)))


def set_cookie(response: Response, request: Request, cookie: str) -> None:
    """Give the browser a session's cookie."""
    response.set_cookie(
        _cookie_name(request),
        cookie,
        max_age=sign_in.SESSION_MS // 1000,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, request: Request) -> None:
    """Take the session's cookie from the browser."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    response.delete_cookie(
        _cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


def _cookie_name(request: Request) -> str:
    # A browser takes a __Host- cookie only over https, and then from no other host than this one.
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def _with_code(connection: Connection, *, code: str, now: int) -> str | None:
    person = sign_in.person_of_code(connection, code=code, now=now)
    return None if person is None else sign_in.open_session(connection, person=person, now=now, how="code")


def _put_password(connection: Connection, *, person: int, kept: str, now: int) -> str:
    people.put_password(connection, person, kept)
    note(connection, by=By(f"person {person}", now), did="choose password", what={})
    return sign_in.open_session(connection, person=person, now=now, how="password")
