"""How the ledgers stand, for staff and for head office.

Called by kiosk.bootstrap for every heartbeat, by the command `status`.
Touches only the connection and the data directory it is given; reads.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from kiosk.store.ballast import Ballast
from kiosk.store.folder import LEDGER_FILE
from kiosk.store.incidents import incidents, waiting
from kiosk.store.ledgers import ledgers
from kiosk.store.programme import standing_documents, standing_etag
from kiosk.store.residence import held_back, is_elsewhere
from kiosk.store.wal import size_bytes
from survey.told import told

LOG_BYTES_TOLD = 32 << 20  # the housework writes it back at a quarter of that
TOLD_MS = 30 * 24 * 60 * 60 * 1000  # for so long after it happened, an incident counts as a problem


@dataclass(frozen=True, kw_only=True)
class State:
    """Counts of taps, and what is wrong in words. `ledger` is the open one, `last` its newest number."""

    ledger: str | None
    last: int
    taps: int
    pending: int
    rejected: int
    withheld: int
    programme: str | None  # etag of head office's; None too while it sent an empty one
    elsewhere: bool  # enrolled for another machine than this one: nothing is sent
    problems: tuple[str, ...]


NOTHING = State(
    ledger=None,
    last=0,
    taps=0,
    pending=0,
    rejected=0,
    withheld=0,
    programme=None,
    elsewhere=False,
    problems=(),
)


def read_state(reader: sqlite3.Connection, folder: Path, *, now_ms: int) -> State:
    """Read it all. Raises LedgerDamaged or sqlite3.Error for a file that is not what was written."""
    present, others = ledgers(reader), held_back(reader)
    newest = present[-1] if present and present[-1].closed is None else None
    return State(
        ledger=newest.id if newest else None,
        last=newest.last if newest else 0,
        taps=_count(reader, "taps"),
        pending=sum(row.unsettled for row in present if row.id not in others),
        rejected=_count(reader, "rejected"),
        withheld=_count(reader, "withheld"),
        programme=standing_etag(reader) if standing_documents(reader) else None,
        elsewhere=is_elsewhere(reader),
        problems=tuple(problems(reader, folder, now_ms=now_ms)),
    )


def problems(reader: sqlite3.Connection, folder: Path, *, now_ms: int) -> list[str]:
    """Say what staff and head office should know, in English, one line each."""
    found = [incident.words() for incident in incidents(reader, since=now_ms - TOLD_MS)]
    found += _moved(reader)
    if places := waiting(folder, reader):
        found.append(told("{count} damaged ledger(s) wait to be salvaged", count=len(places)))
    if Ballast(folder).is_in_use:
        found.append(told("the disk is almost full: the room kept for answers is in use"))
    if (log_bytes := size_bytes(folder / LEDGER_FILE)) > LOG_BYTES_TOLD:
        mib = log_bytes >> 20
        found.append(told("the ledger's log has grown to {mib} MiB: another program keeps it open", mib=mib))
    return found


def _moved(reader: sqlite3.Connection) -> list[str]:
    """Say what a card that was copied, or put into another machine, does not send."""
    found: list[str] = []
    others = held_back(reader)
    if is_elsewhere(reader):
        found.append(
            told(
                "this card was enrolled in another machine: nothing is sent until it is enrolled again here; "
                "every answer is kept"
            )
        )
    if count := sum(row.unsettled for row in ledgers(reader) if row.id in others):
        found.append(
            told(
                "{count} answers of another machine are kept and not sent: it sends them itself; "
                "if it is gone for good, enrol with a code that replaces it",
                count=count,
            )
        )
    return found


def _count(reader: sqlite3.Connection, table: str) -> int:
    (count,) = reader.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608 - one of our own tables
    return int(count)
