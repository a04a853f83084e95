"""Who and what has access, and what was done: people, tokens, keys and the audit, as pages list them.

Called by the pages of web/office with a reading connection, for administrators. No hash leaves this module.
May read people, sessions, codes, links, grants, tokens, kiosk keys and the audit; writes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store.sight import granted_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headoffice.store.engine import Connection


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What somebody or a token is bound to: sites by id, tags as (tag, value)."""

    sites: tuple[int, ...]
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PersonListed:
    """Somebody; `way` is how they come in: password, provider, code (one waits) or none. Times in ms."""

    id: int
    email: str
    role: str
    way: str
    linked: bool
    created_at: int
    seen_at: int | None
    granted: Granted


@dataclass(frozen=True, kw_only=True)
class TokenListed:
    """A token; times in ms."""

    id: int
    name: str
    scope: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    granted: Granted

    def state(self, now: int) -> str:
        """Whether it is valid, over or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "over" if self.expires_at is not None and self.expires_at <= now else "valid"


@dataclass(frozen=True, kw_only=True)
class KeyListed:
    """A key of a kiosk; times in ms."""

    created_at: int
    expires_at: int | None
    revoked_at: int | None


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """Who did what, and when (ms); `what` names it."""

    id: int
    at: int
    who: str
    did: str
    what: Mapping[str, object]


def all_people(connection: Connection, *, now: int) -> list[PersonListed]:
    """Everybody who may sign in, by address."""
    rows = connection.execute(
        text(
            """
            SELECT people.id, people.email, people.role, people.created_at,
                   people.password IS NOT NULL AS has_password,
                   (SELECT MAX(created_at) FROM sessions WHERE sessions.person = people.id) AS seen_at,
                   (SELECT MIN(by_hand) FROM identities WHERE identities.person = people.id) AS by_hand,
                   (SELECT COUNT(*) FROM sign_in_codes AS codes
                     WHERE codes.person = people.id AND used_at IS NULL AND expires_at > :now) AS codes
              FROM people
             ORDER BY people.email
            """
        ),
        {"now": now},
    )
    return [
        PersonListed(
            id=row.id,
            email=row.email,
            role=row.role,
            way=_way(by_hand=row.by_hand, has_password=bool(row.has_password), codes=row.codes),
            linked=row.by_hand is not None,
            created_at=row.created_at,
            seen_at=row.seen_at,
            granted=_granted(connection, person=row.id),
        )
        for row in rows.all()
    ]


def _way(*, by_hand: int | None, has_password: bool, codes: int) -> str:
    if by_hand == 0:
        return "provider"
    if has_password:
        return "password"
    return "code" if codes else "none" if by_hand is None else "provider"


def all_tokens(connection: Connection) -> list[TokenListed]:
    """Every token, the newest first."""
    rows = connection.execute(
        text("SELECT id, name, scope, created_at, expires_at, revoked_at FROM tokens ORDER BY id DESC")
    )
    return [
        TokenListed(**row, granted=_granted(connection, token=row["id"])) for row in rows.mappings().all()
    ]


def keys_of(connection: Connection, kiosk: int) -> list[KeyListed]:
    """The keys of a kiosk, the newest first."""
    rows = connection.execute(
        text(
            """
            SELECT created_at, expires_at, revoked_at FROM kiosk_keys WHERE kiosk = :kiosk
             ORDER BY created_at DESC
            """
        ),
        {"kiosk": kiosk},
    )
    return [KeyListed(**row) for row in rows.mappings()]


def audit_page(
    connection: Connection, *, before: int | None, limit: int, who: str | None, did: str | None
) -> list[AuditLine]:
    """The next lines of the audit, newest first, from before a line; by somebody or of a kind."""
    terms = ["1 = 1"]
    values: list[BindParameter[object]] = [bindparam("limit", limit)]
    for name, column, value in (("before", "id <", before), ("who", "who =", who), ("did", "did =", did)):
        if value is not None:
            terms.append(f"{column} :{name}")
            values.append(bindparam(name, value))
    where = " AND ".join(terms)
    statement = f"SELECT id, at, who, did, what FROM audit WHERE {where} ORDER BY id DESC LIMIT :limit"  # noqa: S608 - constants
    rows = connection.execute(text(statement).bindparams(*values)).mappings()
    return [AuditLine(**{**row, "what": json.loads(row["what"])}) for row in rows]


def audit_kinds(connection: Connection) -> tuple[list[str], list[str]]:
    """Who did anything, and what kinds of things were done."""
    who = connection.execute(text("SELECT DISTINCT who FROM audit ORDER BY who")).scalars()
    did = connection.execute(text("SELECT DISTINCT did FROM audit ORDER BY did")).scalars()
    return list(who), list(did)


def _granted(connection: Connection, *, person: int | None = None, token: int | None = None) -> Granted:
    sites, tags = granted_by(connection, person=person, token=token)
    return Granted(sites=sites, tags=tags)
