"""Look after a kiosk: call it something else, move it, put another device in its place.

Called by the pages of web/office. Every change is noted in the audit.
May touch kiosks, placements, enrolment codes and the audit.
"""

from headoffice.problems import Invalid, Unknown
from headoffice.store import kiosks
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.sites import Site
from headoffice.work.enrol import CODE_GROUPS, CODE_LIVES_MS, check_touchpoint
from headoffice.work.secrets import hash_code, new_code
from survey.problems import Fault

LONGEST_NAME = 100


def rename(connection: Connection, kiosk: int, *, name: str, by: By) -> None:
    """Call a kiosk something else; the device itself keeps its own word. Raises Invalid, Unknown."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid([Fault("name", f"must have 1 to {LONGEST_NAME} printable characters")])
    if not kiosks.rename(connection, kiosk, name):
        raise Unknown(f"there is no kiosk {kiosk}")
    note(connection, by=by, did="rename kiosk", what={"kiosk": kiosk, "name": name})


def move(connection: Connection, kiosk: int, *, site: Site, touchpoint: str, by: By) -> None:
    """Let a kiosk stand elsewhere from now on; what it gave before stays. Raises Invalid, Unknown."""
    check_touchpoint(touchpoint)
    if not kiosks.place(connection, kiosk, site=site.id, touchpoint=touchpoint.strip(), now=by.at):
        raise Unknown(f"there is no kiosk {kiosk}")
    what = {"kiosk": kiosk, "site": site.id, "touchpoint": touchpoint.strip()}
    note(connection, by=by, did="move kiosk", what=what)


def replacement_code(connection: Connection, kiosk: int, *, by: By) -> str:
    """Make a one-time code by which another device takes a kiosk's place. Raises Unknown.

    It goes on as the same kiosk, so its history stays in one piece; the old device's keys end when the code
    is used.
    """
    stands = kiosks.stands_at(connection, kiosk)
    if stands is None:
        raise Unknown(f"there is no kiosk {kiosk}")
    code = new_code(CODE_GROUPS)
    kiosks.put_enrol_code(connection, code=hash_code(code), place=stands, expires_at=by.at + CODE_LIVES_MS)
    note(connection, by=by, did="make replacement code", what={"kiosk": kiosk})
    return code
