"""Tokens for programs that read the results.

Called by the command line and by `web.auth`, with a connection and hashes; no token ever comes here.
May touch `tokens`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select

from headoffice.store.tables import tokens

if TYPE_CHECKING:
    from headoffice.store.engine import Connection

SCOPES = ("results", "admin")


@dataclass(frozen=True)
class Token:
    """A valid token; scope `admin` may all that `results` may."""

    id: int
    name: str
    scope: str

    @property
    def is_admin(self) -> bool:
        """Whether nothing is hidden from it."""
        return self.scope == "admin"

    def allows(self, scope: str) -> bool:
        """Tell whether it is good for what needs `scope`."""
        return scope in {"results", self.scope}


def add_token(connection: Connection, *, name: str, scope: str, token: bytes, now: int) -> int:
    """Keep the hash of a new token; returns its id."""
    row = {"name": name, "scope": scope, "hash": token, "created_at": now}
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
    return None if row is None else Token(*row)
