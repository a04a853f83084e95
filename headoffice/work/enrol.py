"""Enrol a kiosk: a one-time code for a site and a touchpoint becomes a key of its own.

Codes are made by `cli`, used up by `web.kiosk_api`.
May touch the kiosks' tables and the audit.
"""

from dataclasses import dataclass

from headoffice.problems import Invalid
from headoffice.store import kiosks
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.sites import Site
from headoffice.work.secrets import hash_code, hash_key, new_code, new_key
from survey.problems import Fault
from sync.contract import Enrolled

CODE_GROUPS = 2  # 50 bits
CODE_LIVES_MS = 15 * 60 * 1000
LONGEST_WORD = 60


@dataclass(frozen=True)
class Request:
    """What a kiosk sends: the code that staff typed, and what the device calls itself."""

    code: str
    name: str


def check_touchpoint(touchpoint: str) -> None:
    """Raise Invalid for what cannot name a touchpoint."""
    if not 0 < len(touchpoint) <= LONGEST_WORD or not touchpoint.isprintable() or not touchpoint.strip():
        words = f"must have 1 to {LONGEST_WORD} printable characters, such as checkout"
        raise Invalid([Fault("touchpoint", words)])


def make_code(connection: Connection, *, site: Site, touchpoint: str, by: By) -> str:
    """Make a one-time code, good for 15 minutes; returns it. Raises Invalid."""
    check_touchpoint(touchpoint)
    code = new_code(CODE_GROUPS)
    place = kiosks.Place(site.id, touchpoint.strip(), site.timezone)
    kiosks.put_enrol_code(connection, code=hash_code(code), place=place, expires_at=by.at + CODE_LIVES_MS)
    note(connection, by=by, did="make enrol code", what={"site": site.id, "touchpoint": touchpoint})
    return code


def enrol(connection: Connection, request: Request, *, now: int) -> Enrolled | None:
    """Use a code up for a kiosk with a new key; None when the code is unknown, too old or used.

    A code for a kiosk that is known puts this device in its place, whose keys end.
    """
    place = kiosks.use_enrol_code(connection, code=hash_code(request.code), now=now)
    if place is None:
        return None
    key = new_key()
    what: dict[str, object] = {"site": place.site, "touchpoint": place.touchpoint}
    if place.kiosk is None:
        kiosk = kiosks.add_kiosk(connection, name=request.name, place=place, key=hash_key(key), now=now)
    else:
        kiosk = place.kiosk
        kiosks.revoke_keys(connection, kiosk, now=now)
        kiosks.add_key(connection, kiosk, key=hash_key(key), now=now, others_until=now)
        what["replaces"] = "the device before"
    note(connection, by=By(f"kiosk {kiosk}", now), did="enrol", what=what)
    return Enrolled(
        kiosk=str(kiosk),
        key=key,
        site=str(place.site),
        touchpoint=place.touchpoint,
        timezone=place.timezone,
    )
