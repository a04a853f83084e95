"""Every tap that can be read, for rescue: from a sound ledger, a damaged one, and those that were set aside.

Called by the command `export`.
Reads the data directory, and changes nothing in it.
"""

import heapq
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kiosk.store.folder import IN_USE_FILE, LEDGER_FILE
from kiosk.store.incidents import set_aside, waiting
from kiosk.store.ledgers import ledgers
from kiosk.store.lock import holder
from kiosk.store.migrations import version
from kiosk.store.pages import NO_TAIL, Tail, dig, read_tail
from kiosk.store.problems import LedgerDamaged
from kiosk.store.reading import open_reader
from kiosk.store.rows import rows
from kiosk.store.tap import StoredTap, stored_tap

Complain = Callable[[str], None]  # told in words what could not be read
Key = tuple[str, int]


def export(folder: Path, complain: Complain) -> Iterator[StoredTap]:
    """Give every tap once, in the order of ledger and number. Raises LedgerTooNew."""
    file = folder / LEDGER_FILE
    return heapq.merge(_kept(file, complain), _set_aside(folder, file, complain), key=_key)


def _kept(file: Path, complain: Complain) -> Iterator[StoredTap]:
    reached: Key = ("", 0)
    try:
        with _reader(file) as reader:
            for row in rows(reader, "taps", "ORDER BY ledger, seq") if reader else ():
                tap = stored_tap(row)
                yield tap
                reached = _key(tap)
            yield from _torn(file, reader, reached) if reader else ()
    except (sqlite3.Error, LedgerDamaged) as error:
        complain(str(error))  # damage, or a card that SQLite cannot read because nothing may be written there
        yield from (tap for tap in _dug(file, complain) if _key(tap) > reached)


def _torn(file: Path, reader: sqlite3.Connection, reached: Key) -> Iterator[StoredTap]:
    """Give the tap in the torn end of the log, if the next start of the kiosk will keep it."""
    still_open = {row.id: row.last for row in ledgers(reader) if row.closed is None}
    for row in _tail(file).taps:
        tap = stored_tap(row)
        if tap.seq == still_open.get(tap.ledger, -1) + 1 and _key(tap) > reached:
            yield tap


def _tail(file: Path) -> Tail:
    """Look at the end of the log that a kiosk left when it was killed, or when the power went."""
    folder = file.parent
    left_open = (folder / IN_USE_FILE).exists() and holder(folder) is None
    return read_tail(file) if left_open else NO_TAIL


def _set_aside(folder: Path, file: Path, complain: Complain) -> Iterator[StoredTap]:
    """Dig through the damaged ledgers that were not salvaged yet."""
    places = set_aside(folder)
    with suppress(sqlite3.Error, LedgerDamaged), _reader(file) as reader:
        places = waiting(folder, reader) if reader else places
    for place in places:
        complain(f"{place.name} was set aside and waits to be salvaged")
        yield from _dug(place / LEDGER_FILE, complain)


@contextmanager
def _reader(file: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the ledger; None where nothing was ever written. Raises LedgerTooNew and LedgerDamaged."""
    if not file.exists() or not file.stat().st_size:
        yield None
        return
    if _tail(file).decayed:
        raise LedgerDamaged("the ledger's log is damaged")
    with closing(open_reader(file)) as reader:
        version(reader)
        (verdict,) = reader.execute(
            "PRAGMA quick_check(1)"
        ).fetchone()  # SQLite hides rows from a page it miscounts
        if verdict != "ok":
            raise LedgerDamaged(f"the ledger is damaged: {verdict.splitlines()[-1]}")
        yield reader


def _dug(file: Path, complain: Complain) -> Iterator[StoredTap]:
    whole: dict[Key, StoredTap] = {}
    torn: set[Key] = set()
    for table, row, is_whole in dig(file):
        if table == "taps" and is_whole:
            tap = stored_tap(row)
            whole[_key(tap)] = tap
        elif table == "taps" and isinstance(row[0], str) and isinstance(row[1], int):
            torn.add((row[0], row[1]))
    for ledger, seq in sorted(torn - whole.keys()):
        complain(f"ledger {ledger}: tap {seq} cannot be read")
    yield from sorted(whole.values(), key=_key)


def _key(tap: StoredTap) -> Key:
    return tap.ledger, tap.seq
