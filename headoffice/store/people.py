"""People who sign in: who they are, their one-time codes and their sessions.

Called by the verbs and by `web.auth`, with a connection and hashes; no secret ever comes here.
May touch `people`, `sign_in_codes` and `sessions`; forget `identities`, and `enrol_codes` that are over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update

from headoffice.store.sight import Sites, granted
from headoffice.store.tables import enrol_codes, grants, identities, people, sessions, sign_in_codes

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from headoffice.store.engine import Connection

ROLES = ("admin", "analyst", "region_manager", "store_manager")
BOUND = ("region_manager", "store_manager")  # who sees the sites they were given, and no other
NOWHERE: Sites = frozenset()


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in; `password` is an argon2id hash, None until one was chosen.

    `elsewhere`: an OpenID Connect provider says what they may; so they have no password here.
    """

    id: int
    email: str
    role: str
    password: str | None
    sites: Sites = None
    elsewhere: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether nothing is hidden from them."""
        return self.role == "admin"


def add_person(connection: Connection, *, email: str, role: str, now: int) -> int:
    """Add somebody, or give somebody who is there already another role; returns the id."""
    found = person_by_email(connection, email)
    if found is not None:
        connection.execute(update(people).where(people.c.id == found.id).values(role=role))
        return found.id
    added = insert(people).values(email=email.lower(), role=role, created_at=now).returning(people.c.id)
    return int(connection.execute(added).scalar_one())


def person_by_email(connection: Connection, email: str) -> Person | None:
    """Find somebody by e-mail address, in upper or lower case."""
    return _person(connection, people.c.email == email.lower())


def person_by_id(connection: Connection, person: int) -> Person | None:
    """Find somebody by id."""
    return _person(connection, people.c.id == person)


def count_admins(connection: Connection) -> int:
    """Count those from whom nothing is hidden."""
    return len(connection.execute(select(people.c.id).where(people.c.role == "admin")).all())


def put_role(connection: Connection, person: int, role: str) -> None:
    """Give somebody another role."""
    connection.execute(update(people).where(people.c.id == person).values(role=role))


def put_password(connection: Connection, person: int, password: str) -> None:
    """Keep the hash of a new password; every session and code given before is void."""
    connection.execute(update(people).where(people.c.id == person).values(password=password))
    connection.execute(delete(sessions).where(sessions.c.person == person))
    connection.execute(delete(sign_in_codes).where(sign_in_codes.c.person == person))


def put_code(connection: Connection, *, person: int, code: bytes, expires_at: int) -> None:
    """Keep the hash of a one-time code."""
    connection.execute(insert(sign_in_codes).values(hash=code, person=person, expires_at=expires_at))


def use_code(connection: Connection, *, code: bytes, now: int) -> int | None:
    """Use a one-time code up; returns whose it was, None when it is unknown, too old or used."""
    used = (
        update(sign_in_codes)
        .where(
            sign_in_codes.c.hash == code, sign_in_codes.c.used_at.is_(None), sign_in_codes.c.expires_at > now
        )
        .values(used_at=now)
        .returning(sign_in_codes.c.person)
    )
    return connection.execute(used).scalar_one_or_none()


def put_session(connection: Connection, *, person: int, session: bytes, now: int, expires_at: int) -> None:
    """Keep the hash of a session's cookie, and forget the sessions that are over."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    connection.execute(
        insert(sessions).values(hash=session, person=person, created_at=now, expires_at=expires_at)
    )


def person_of_session(connection: Connection, *, session: bytes, now: int) -> Person | None:
    """Find whose session it is; None when it is unknown or over."""
    mine = select(sessions.c.person).where(sessions.c.hash == session, sessions.c.expires_at > now)
    return _person(connection, people.c.id == mine.scalar_subquery())


def forget_the_past(connection: Connection, *, now: int) -> int:
    """Forget sessions and one-time codes that are over or used; returns how many."""
    over = (
        delete(sessions).where(sessions.c.expires_at <= now),
        delete(sign_in_codes).where(
            or_(sign_in_codes.c.expires_at <= now, sign_in_codes.c.used_at.is_not(None))
        ),
        delete(enrol_codes).where(or_(enrol_codes.c.expires_at <= now, enrol_codes.c.used_at.is_not(None))),
    )
    return sum(int(connection.execute(each).rowcount) for each in over)


def end_session(connection: Connection, session: bytes) -> None:
    """Forget a session."""
    connection.execute(delete(sessions).where(sessions.c.hash == session))


def end_sessions(connection: Connection, person: int) -> None:
    """Forget every session of somebody."""
    connection.execute(delete(sessions).where(sessions.c.person == person))


def remove_person(connection: Connection, person: int) -> None:
    """Forget somebody, with their codes, sessions, links and grants."""
    end_sessions(connection, person)
    connection.execute(delete(sign_in_codes).where(sign_in_codes.c.person == person))
    connection.execute(delete(grants).where(grants.c.person == person))
    connection.execute(delete(identities).where(identities.c.person == person))
    connection.execute(delete(people).where(people.c.id == person))


def _person(connection: Connection, which: ColumnElement[bool]) -> Person | None:
    columns = select(people.c.id, people.c.email, people.c.role, people.c.password)
    row = connection.execute(columns.where(which)).one_or_none()
    if row is None:
        return None
    sites = granted(connection, person=row.id)
    if sites is None and row.role in BOUND:
        sites = NOWHERE  # whom nobody gave a site sees none
    given = select(identities.c.person).where(identities.c.person == row.id, identities.c.by_hand == 0)
    return Person(*row, sites=sites, elsewhere=connection.execute(given).first() is not None)
