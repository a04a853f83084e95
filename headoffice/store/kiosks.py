"""Kiosks: enrolment codes, their keys, and where each stands.

Called by the verbs with a connection and hashes; no code and no key ever comes here.
May touch `enrol_codes`, `kiosks`, `kiosk_keys` and `placements`, read `sites`, `in_force` and `pictures`, and
has `chain` note what changes of kiosks and of where they stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from headoffice.problems import KeyRevoked, KeyUnknown
from headoffice.store import chain
from headoffice.store.bulk import BYTES, array
from headoffice.store.engine import Connection, driver
from headoffice.store.pictures import KEPT_MS
from headoffice.store.tables import enrol_codes, kiosk_keys, kiosks, placements, sites

KeyRow = Sequence[Any]  # of STANDING


@dataclass(frozen=True)
class Place:
    """What a one-time code was made for; `kiosk`: whose place a device takes; None for a new one."""

    site: int
    touchpoint: str
    timezone: str
    kiosk: int | None = None


class Standing(NamedTuple):
    """A kiosk that has shown a valid key, where it stands now, and the programme in force there.

    `picture`: since when somebody waits for a picture of its screen (ms); None: nobody does.
    """

    kiosk: int
    placement: int
    site: int
    timezone: str
    programme: str | None
    picture: int | None = None


def put_enrol_code(connection: Connection, *, code: bytes, place: Place, expires_at: int) -> None:
    """Keep the hash of a one-time code for a place."""
    row = {"hash": code, "site": place.site, "touchpoint": place.touchpoint, "expires_at": expires_at}
    row["kiosk"] = place.kiosk
    connection.execute(insert(enrol_codes).values(row))


def use_enrol_code(connection: Connection, *, code: bytes, now: int) -> Place | None:
    """Use a one-time code up; returns what it was for, None when it is unknown, too old or used."""
    used = connection.execute(
        update(enrol_codes)
        .where(enrol_codes.c.hash == code, enrol_codes.c.used_at.is_(None), enrol_codes.c.expires_at > now)
        .values(used_at=now)
        .returning(enrol_codes.c.site, enrol_codes.c.touchpoint, enrol_codes.c.kiosk)
    ).one_or_none()
    if used is None:
        return None
    timezone = connection.execute(select(sites.c.timezone).where(sites.c.id == used.site)).scalar_one()
    return Place(used.site, used.touchpoint, timezone, used.kiosk)


def add_kiosk(connection: Connection, *, name: str, place: Place, key: bytes, now: int) -> int:
    """Add a kiosk with its key's hash where its code says; returns its id."""
    chain.note_change(connection)
    row = {"name": name, "enrolled_at": now, "placement": 0}
    kiosk = int(connection.execute(insert(kiosks).values(row).returning(kiosks.c.id)).scalar_one())
    standing = {"kiosk": kiosk, "site": place.site, "touchpoint": place.touchpoint, "placed_at": now}
    placed = insert(placements).values(standing).returning(placements.c.id)
    placement = connection.execute(placed).scalar_one()
    connection.execute(update(kiosks).where(kiosks.c.id == kiosk).values(placement=placement))
    connection.execute(insert(kiosk_keys).values(hash=key, kiosk=kiosk, created_at=now))
    return kiosk


def stands_at(connection: Connection, kiosk: int) -> Place | None:
    """Tell where a kiosk stands now; None where there is no such kiosk."""
    row = connection.execute(
        select(placements.c.site, placements.c.touchpoint, sites.c.timezone)
        .join(kiosks, kiosks.c.placement == placements.c.id)
        .join(sites, sites.c.id == placements.c.site)
        .where(kiosks.c.id == kiosk)
    ).one_or_none()
    return None if row is None else Place(row.site, row.touchpoint, row.timezone, kiosk)


def rename(connection: Connection, kiosk: int, name: str) -> bool:
    """Call a kiosk something else; False where there is no such kiosk."""
    chain.note_change(connection)
    return bool(connection.execute(update(kiosks).where(kiosks.c.id == kiosk).values(name=name)).rowcount)


def place(connection: Connection, kiosk: int, *, site: int, touchpoint: str, now: int) -> bool:
    """Let a kiosk stand at a site and touchpoint from now on; False where there is no such kiosk."""
    if connection.execute(select(kiosks.c.id).where(kiosks.c.id == kiosk)).first() is None:
        return False
    chain.note_change(connection)
    stands = {"kiosk": kiosk, "site": site, "touchpoint": touchpoint, "placed_at": now}
    placed = connection.execute(insert(placements).values(stands).returning(placements.c.id)).scalar_one()
    connection.execute(update(kiosks).where(kiosks.c.id == kiosk).values(placement=placed))
    return True


def add_key(connection: Connection, kiosk: int, *, key: bytes, now: int, others_until: int) -> bool:
    """Keep the hash of one more key; those before it end at a moment. False where there is no such kiosk."""
    if connection.execute(select(kiosks.c.id).where(kiosks.c.id == kiosk)).first() is None:
        return False
    valid = (
        kiosk_keys.c.kiosk == kiosk,
        kiosk_keys.c.revoked_at.is_(None),
        kiosk_keys.c.expires_at.is_(None),
    )
    connection.execute(update(kiosk_keys).where(*valid).values(expires_at=others_until))
    connection.execute(insert(kiosk_keys).values(hash=key, kiosk=kiosk, created_at=now))
    return True


def revoke_keys(connection: Connection, kiosk: int, *, now: int) -> bool:
    """Take every key of a kiosk back; False where it has none that is valid."""
    valid = (kiosk_keys.c.kiosk == kiosk, kiosk_keys.c.revoked_at.is_(None))
    return bool(connection.execute(update(kiosk_keys).where(*valid).values(revoked_at=now)).rowcount)


def standing(connection: Connection, key: bytes, *, now: int) -> Standing:
    """Find the kiosk of a key's hash and where it stands, as of a moment. Raises KeyUnknown, KeyRevoked."""
    return valid(find_key(connection, key), now=now)


def find_key(connection: Connection, key: bytes) -> KeyRow | None:
    """Find what is known of a key's hash; `valid` reads it."""
    row: KeyRow | None = driver(connection).execute(STANDING_OF_ONE, (key,)).fetchone()
    return row


def find_keys(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, KeyRow]:
    """Find what is known of many keys' hashes, on PostgreSQL in one statement; `valid` reads each."""
    many = STANDING.format(which="= ANY (?::bytea[])")
    return {row[0]: row for row in driver(connection).execute(many, (array(BYTES, list(keys)),)).fetchall()}


def valid(row: KeyRow | None, *, now: int) -> Standing:
    """Tell whose key it is. Raises KeyUnknown, KeyRevoked."""
    if row is None:
        raise KeyUnknown("this key is unknown: enrol the kiosk again with a new code")
    _, revoked_at, expires_at, kiosk, placement, site, timezone, programme, asked_at = row
    if revoked_at is not None or (expires_at is not None and expires_at <= now):
        raise KeyRevoked("this kiosk's key was taken back: enrol it again with a new code")
    wanted = asked_at is not None and asked_at >= now - KEPT_MS
    return Standing(kiosk, placement, site, timezone, programme, asked_at if wanted else None)


# By the primary keys of all six.
STANDING = """
    SELECT kiosk_keys.hash, kiosk_keys.revoked_at, kiosk_keys.expires_at,
           kiosks.id, placements.id, placements.site, sites.timezone,
           (SELECT etag FROM in_force WHERE in_force.site = placements.site),
           (SELECT asked_at FROM pictures WHERE pictures.kiosk = kiosks.id)
      FROM kiosk_keys
      JOIN kiosks     ON kiosks.id     = kiosk_keys.kiosk
      JOIN placements ON placements.id = kiosks.placement
      JOIN sites      ON sites.id      = placements.site
     WHERE kiosk_keys.hash {which}
"""
STANDING_OF_ONE = STANDING.format(which="= ?")
