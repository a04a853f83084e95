"""Who somebody is at an OpenID Connect provider: the link from its name for them to a person here.

Called by `work.admit` and `work.access`.
May touch `identities`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from headoffice.store.tables import identities

if TYPE_CHECKING:
    from headoffice.store.engine import Connection


@dataclass(frozen=True)
class Name:
    """What a provider (its address) calls somebody."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class Linked:
    """A person at a provider; `by_hand`: role and sites were given here, not by the provider."""

    person: int
    by_hand: bool


def find(connection: Connection, name: Name) -> Linked | None:
    """Find whom a provider's name for somebody means."""
    row = connection.execute(
        select(identities.c.person, identities.c.by_hand).where(
            identities.c.issuer == name.issuer, identities.c.subject == name.subject
        )
    ).one_or_none()
    return None if row is None else Linked(row.person, bool(row.by_hand))


def of_person(connection: Connection, person: int) -> bool:
    """Tell whether a person is linked to any name at a provider."""
    found = select(identities.c.person).where(identities.c.person == person)
    return connection.execute(found).first() is not None


def link(connection: Connection, name: Name, *, person: int, by_hand: bool, now: int) -> None:
    """Link a provider's name for somebody to a person."""
    row = {"person": person, "by_hand": int(by_hand), "linked_at": now}
    connection.execute(insert(identities).values(issuer=name.issuer, subject=name.subject, **row))


def give_by_hand(connection: Connection, person: int) -> None:
    """From now on what is given here counts, not what the provider says."""
    connection.execute(update(identities).where(identities.c.person == person).values(by_hand=1))
