"""Sign in: with a password or a one-time code, for a session that is kept as a hash.

Called by `web.auth`. argon2id is slow on purpose, so passwords stay off the event loop and the writer.
May touch the people's tables, over the connection it is handed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from headoffice.problems import Invalid
from headoffice.store import people
from headoffice.store.audit import By, note
from headoffice.work.secrets import hash_code, hash_key, new_key
from survey.problems import Fault

if TYPE_CHECKING:
    from headoffice.store.engine import Connection

SESSION_MS = 12 * 3600 * 1000
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FEWEST_GUESSES = 10**8  # "safely unguessable" to zxcvbn, where each guess costs an argon2id hash
MOST_WEIGHED = 72  # characters that zxcvbn weighs: beyond it takes long, and nobody guesses so far
BY_CODE = "code-"  # begins the cookie of a session that a one-time code opened
# Checked in vain where nobody has such an address, so that the time taken does not tell.
NOBODYS_PASSWORD = (
    "$argon2id$v=19$m=65536,t=3,p=4$otSXDrz9f0zjNvxWqmdmaw$gpPUphFWEYDxe361S7T+2Lz/3EDFQaZck6ivyeHW/7I"  # noqa: S105 - nobody's
)


def password_fits(kept: str | None, given: str) -> bool:
    """Tell whether a password is the one whose hash is kept; takes as long when none is kept."""
    try:
        fits = PasswordHasher().verify(kept or NOBODYS_PASSWORD, given[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return fits and kept is not None


def hash_password(password: str, *, email: str) -> str:
    """Hash a new password; raises Invalid where it is too short, too long or easy to guess."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        words = f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        raise Invalid([Fault("password", words)])
    from zxcvbn import zxcvbn  # noqa: PLC0415 # its lists of words take long to import, and few choose a password

    known = ["egao", "smiling", "face", email, *re.split(r"\W+", email)]
    if zxcvbn(password[:MOST_WEIGHED], user_inputs=known)["guesses"] < FEWEST_GUESSES:
        raise Invalid(
            [Fault("guessable", "this password is easy to guess: take several words that no saying joins")]
        )
    return PasswordHasher().hash(password)


def person_of_code(connection: Connection, *, code: str, now: int) -> int | None:
    """Use a one-time code up; returns whose it was, None when it is unknown, too old or used."""
    return people.use_code(connection, code=hash_code(code), now=now)


def open_session(connection: Connection, *, person: int, now: int, how: str) -> str:
    """Open a session; returns the cookie's value, which is kept only as a hash. `how` goes into the audit."""
    cookie = (BY_CODE if how == "code" else "") + new_key()
    note(connection, by=By(f"person {person}", now), did="sign in", what={"how": how})
    people.put_session(
        connection, person=person, session=hash_key(cookie), now=now, expires_at=now + SESSION_MS
    )
    return cookie
