"""How each kiosk stands, in words: heard of when, what waits, up to when everything is held, what is wrong.

Called by web/office/kiosks.py with a reading connection. May read the store; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.problems import Unknown
from headoffice.store import pictures
from headoffice.store.completeness import Holding, holdings
from headoffice.store.engine import Connection
from headoffice.store.lists import KioskSeen, SiteSeen, all_kiosks, all_sites
from headoffice.store.pictures import PictureSeen
from headoffice.store.roster import KeyListed, keys_of
from headoffice.web.office.complaints import Complaint, Complaints
from headoffice.web.office.desk import Clock
from headoffice.web.words import Words

FILTERS = ("attention", "silent", "problems", "waiting", "fine")
MOST = 200
MINUTE_MS = 60_000
FEW_BYTES = 500 << 20
MOST_OFF_MS = MINUTE_MS  # a clock that is off by more needs somebody
GIB = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which kiosks, for whom, and when."""

    words: Words
    complaints: Complaints
    now_ms: int
    silent_after_min: int
    wanted: str = ""
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A kiosk in words; `state` is silent, problems, waiting or fine, `full` that little disk is left.

    `clock` says how far its clock is off, `off` that this is too far; `wrong` what somebody should see to.
    """

    kiosk: KioskSeen
    state: str
    heard: str
    held: str
    disk: str
    full: bool
    clock: str
    off: bool
    wrong: Sequence[Complaint]
    when: Clock


@dataclass(frozen=True, kw_only=True)
class KiosksPage:
    """The list: those asked for, how many of each state there are, and what a form may offer."""

    rows: Sequence[Standing]
    counts: dict[str, int]
    more: int
    sites: Sequence[SiteSeen]
    touchpoints: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class KioskPage:
    """One kiosk, with its ledgers, keys and the last picture of its screen."""

    standing: Standing
    ledgers: Sequence[Holding]
    keys: Sequence[KeyListed]
    when: Clock
    sites: Sequence[SiteSeen]
    touchpoints: Sequence[str]
    picture: PictureSeen


def read_kiosks(connection: Connection, *, asked: Asked) -> KiosksPage:
    """The kiosks, those that need somebody first."""
    by_kiosk: dict[int, list[Holding]] = {}
    for each in holdings(connection):
        by_kiosk.setdefault(each.kiosk, []).append(each)
    kiosks = all_kiosks(connection)
    rows = [_standing(kiosk, by_kiosk.get(kiosk.id, []), asked) for kiosk in kiosks]
    counts = {state: sum(row.state == state for row in rows) for state in FILTERS[1:]}
    counts["attention"] = counts["silent"] + counts["problems"]
    wanted = asked.wanted.strip().casefold()
    rows = [row for row in rows if _fits(row, wanted, asked.state)]
    rows.sort(key=lambda row: (FILTERS.index(row.state), row.kiosk.heard_at or 0, row.kiosk.id))
    return KiosksPage(
        rows=rows[:MOST],
        counts=counts,
        more=max(0, len(rows) - MOST),
        sites=all_sites(connection),
        touchpoints=_touchpoints(kiosks),
    )


def read_kiosk(connection: Connection, *, kiosk: int, asked: Asked) -> KioskPage:
    """One kiosk. Raises Unknown where there is none, or none that may be seen."""
    kiosks = all_kiosks(connection)
    found = next((each for each in kiosks if each.id == kiosk), None)
    if found is None:
        raise Unknown(f"there is no kiosk {kiosk}")
    ledgers = [each for each in holdings(connection) if each.kiosk == kiosk and each.ledger is not None]
    return KioskPage(
        standing=_standing(found, ledgers, asked),
        ledgers=ledgers,
        keys=keys_of(connection, kiosk),
        when=Clock(found.timezone, asked.now_ms),
        sites=all_sites(connection),
        touchpoints=_touchpoints(kiosks),
        picture=pictures.find(connection, kiosk, now=asked.now_ms),
    )


def _touchpoints(kiosks: Sequence[KioskSeen]) -> list[str]:
    return sorted({kiosk.touchpoint for kiosk in kiosks})


def _fits(row: Standing, wanted: str, state: str) -> bool:
    kiosk = row.kiosk
    text = f"{kiosk.id} {kiosk.name} {kiosk.site_name} {kiosk.touchpoint}".casefold()
    states = {"attention": ("silent", "problems")}.get(state, (state,) if state in FILTERS else FILTERS)
    return wanted in text and row.state in states


def _standing(kiosk: KioskSeen, ledgers: Sequence[Holding], asked: Asked) -> Standing:
    words = asked.words
    return Standing(
        kiosk=kiosk,
        state=_state(kiosk, asked),
        heard=words("kiosks.never")
        if kiosk.heard_at is None
        else words("office.kiosks.heard", ago=words.ago(asked.now_ms - kiosk.heard_at)),
        held=_held(words, kiosk, ledgers, asked.now_ms),
        disk=""
        if kiosk.free_bytes is None
        else words("office.kiosks.free", gib=f"{kiosk.free_bytes / GIB:.1f}"),
        full=kiosk.free_bytes is not None and kiosk.free_bytes < FEW_BYTES,
        clock=_clock(words, kiosk.clock_offset_ms),
        off=_is_off(kiosk),
        wrong=_wrong(kiosk, asked),
        when=Clock(kiosk.timezone, asked.now_ms),
    )


def _state(kiosk: KioskSeen, asked: Asked) -> str:
    if kiosk.heard_at is None or asked.now_ms - kiosk.heard_at > asked.silent_after_min * MINUTE_MS:
        return "silent"
    if kiosk.problems or _is_off(kiosk):
        return "problems"
    return "waiting" if kiosk.pending else "fine"


def _wrong(kiosk: KioskSeen, asked: Asked) -> list[Complaint]:
    found = [asked.complaints(line, asked.words) for line in kiosk.problems]
    if _is_off(kiosk):
        mend = asked.words("office.kiosks.clock_mend")
        off = _clock(asked.words, kiosk.clock_offset_ms)
        found.append(Complaint(asked.words("office.kiosks.clock_wrong", off=off), mend))
    return found


def _is_off(kiosk: KioskSeen) -> bool:
    return abs(kiosk.clock_offset_ms or 0) > MOST_OFF_MS


def _clock(words: Words, offset_ms: int | None) -> str:
    if offset_ms is None:
        return ""
    if abs(offset_ms) <= MOST_OFF_MS:
        return words("office.kiosks.clock_right", n=max(1, abs(offset_ms) // 1000))
    way = "ahead" if offset_ms > 0 else "behind"
    return words(f"office.kiosks.clock_{way}", time=words.ago(abs(offset_ms)))


def _held(words: Words, kiosk: KioskSeen, ledgers: Sequence[Holding], now_ms: int) -> str:
    """Up to when everything is here, or how many numbers are missing."""
    missing = sum(each.missing for each in ledgers)
    if missing:
        return words("office.kiosks.missing", n=missing)
    newest = max((each.complete_until for each in ledgers if each.complete_until is not None), default=None)
    if newest is None:
        return ""
    return words("office.kiosks.held", time=words.lately(newest, kiosk.timezone, now_ms))
