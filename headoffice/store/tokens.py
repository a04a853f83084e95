"""Tokens for programs that read the results.

Called by the command line and by `web.auth`, with a connection and hashes; no token ever comes here.
May touch `tokens`, and read the grants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from headoffice.store.sight import Sites, granted
from headoffice.store.tables import tokens

if TYPE_CHECKING:
    from headoffice.store.engine import Connection

SCOPES = ("aggregates", "results", "admin")  # each may all that those before it may


@dataclass(frozen=True)
class Token:
    """A valid token, and the sites it may see."""

    id: int
    name: str
    scope: str
    sites: Sites = None

    @property
    def is_admin(self) -> bool:
        """Whether nothing is hidden from it."""
        return self.scope == "admin"

    def allows(self, scope: str) -> bool:
        """Tell whether it is good for what needs `scope`."""
        return SCOPES.index(scope) <= SCOPES.index(self.scope)


def add_token(  # noqa: PLR0913 - a row's columns
    connection: Connection, *, name: str, scope: str, token: bytes, now: int, expires_at: int | None = None
) -> int:
    """Keep the hash of a new token; returns its id."""
    row = {"name": name, "scope": scope, "hash": token, "created_at": now, "expires_at": expires_at}
    return int(connection.execute(insert(tokens).values(row).returning(tokens.c.id)).scalar_one())


def find_token(connection: Connection, *, token: bytes, now: int) -> Token | None:
    """Find a token by its hash; None when it is unknown, revoked or over."""
    row = connection.execute(
        select(tokens.c.id, tokens.c.name, tokens.c.scope).where(
            tokens.c.hash == token,
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
        )
    ).one_or_none()
    return None if row is None else Token(*row, sites=granted(connection, token=row.id))


def revoke_token(connection: Connection, token: int, *, now: int) -> bool:
    """Take a token back; False where there is none that is valid."""
    taken = update(tokens).where(tokens.c.id == token, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    return bool(connection.execute(taken).rowcount)
