"""What must hold on a disk when the power has returned, found out with the kiosk's own store.

Used by the proofs in this folder. Opens the data directory it is given as the kiosk would, and writes to it.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from kiosk.store.export import export
from kiosk.store.folder import LEDGER_FILE, SET_ASIDE
from kiosk.store.incidents import incidents
from kiosk.store.ledgers import LedgerRow, ledgers
from kiosk.store.problems import StoreProblem
from kiosk.store.rows import rows
from kiosk.store.tap import StoredTap, stored_tap
from tests.torture.drivers.kiosk import Clock, answered, open_store

FORKED = "forked"  # an incident that head office causes, not the disk
PLACE = ("ledger", "seq", "check")  # what a renumbering changes in a tap


@dataclass(frozen=True)
class Found:
    """All that a ledger's file says."""

    taps: tuple[StoredTap, ...]
    ledgers: tuple[LedgerRow, ...]
    rejected: tuple[tuple[str, int, str], ...]
    withheld: frozenset[tuple[str, int]]
    incidents: tuple[str, ...]


@dataclass
class Said:
    """What the process had said by the time of the cut, sorted by what it tells of."""

    taps: list[dict[str, Any]] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)  # the highest number that head office has decided
    rejected: set[str] = field(default_factory=set)  # calls that were answered
    rewound: set[str] = field(default_factory=set)
    withheld: set[tuple[str, int]] = field(default_factory=set)
    forks: int = 0

    @classmethod
    def of(cls, lines: Sequence[str]) -> "Said":
        said = cls()
        for line in lines:
            match json.loads(line):
                case {"visit": _} as tap:
                    said.taps.append(tap)
                case {"decided": ledger, "through": through}:
                    said.decided[ledger] = max(said.decided[ledger], through)
                case {"rejected": call}:
                    said.rejected.add(call)
                case {"rewound": ledger}:
                    said.rewound.add(ledger)
                case {"withheld": ledger, "seq": seq}:
                    said.withheld.add((ledger, seq))
                case {"forked": _}:
                    said.forks += 1
        return said


def look(data: Path) -> tuple[Found, StoredTap]:
    """Open the store as the kiosk does, with everything that it mends at once; read all of it, and tap."""
    store = open_store(data, Clock())
    try:
        store.upkeep.once()
        with store.database.read() as reader:
            found = Found(
                taps=tuple(stored_tap(row) for row in rows(reader, "taps", "ORDER BY ledger, seq")),
                ledgers=tuple(ledgers(reader)),
                rejected=tuple(row[:3] for row in rows(reader, "rejected")),  # type: ignore[misc]
                withheld=frozenset(row[:2] for row in rows(reader, "withheld")),  # type: ignore[misc]
                incidents=tuple(incident.kind for incident in incidents(reader)),
            )
        return found, store.ledger.save(answered(Random(0)))  # noqa: S311 - any answer will do
    finally:
        store.close()


def rescue(data: Path) -> set[str]:
    """Export the ledger as it lies there, before any kiosk has been started on it."""
    complaints: list[str] = []
    return {tap.line() for tap in export(data, complaints.append)}


def faults(data: Path, lines: Sequence[str], *, in_flight: int = 1, damaged: bool = False) -> list[str]:
    """Everything that is wrong with what is left, in words; nothing if every promise was kept.

    `in_flight` is how many taps may be there of which nobody has heard yet; `damaged` whether the file
    was damaged on purpose, and had to be set aside.
    """
    said = Said.of(lines)
    if not (data / LEDGER_FILE).exists() and not lines:
        return []
    try:
        rescued = rescue(data)
        found, new = look(data)
    except (StoreProblem, sqlite3.Error, OSError) as problem:
        return [f"the ledger does not open: {problem}"]
    return [
        *_not_rescued(rescued, found),
        *_not_next(found, new),
        *_lost(found, said, in_flight),
        *_gaps(found),
        *_half(found, said, damaged=damaged),
        *([] if damaged else _false_alarms(data, found)),
    ]


def _not_rescued(rescued: set[str], found: Found) -> list[str]:
    """An export needs no kiosk to have mended anything: it gives what the kiosk will find."""
    return [f"not exported: {tap}" for tap in found.taps if tap.line() not in rescued]


def _not_next(found: Found, new: StoredTap) -> list[str]:
    """The kiosk goes on with the open ledger's next number."""
    expected = [(row.id, row.last + 1) for row in found.ledgers if row.closed is None]
    return [] if expected == [(new.ledger, new.seq)] else [f"{new} was given, and {expected} was free"]


def _false_alarms(data: Path, found: Found) -> list[str]:
    """A power cut is not damage: staff are not alarmed, and the ledger goes on."""
    told = [f"an incident where nothing was damaged: {kind}" for kind in found.incidents if kind != FORKED]
    return told + (["the ledger was set aside"] if (data / SET_ASIDE).exists() else [])


def _lost(found: Found, said: Said, in_flight: int) -> list[str]:
    """Taps that were acknowledged must be there, with number and content; others were never given."""
    # After a renumbering a tap stands at another place; none may be there twice.
    ignored = PLACE if said.forks or FORKED in found.incidents else ()
    there = Counter(_content(tap.columns(), ignored) for tap in found.taps)
    heard = Counter(_content(tap, ignored) for tap in said.taps)
    purged = {row.id: min(row.purged_through, said.decided[row.id]) for row in found.ledgers}
    let_go = Counter(
        _content(tap, ignored) for tap in said.taps if tap["seq"] <= purged.get(tap["ledger"], 0)
    )
    wrong = [f"lost: {tap}" for tap in heard - there - let_go]
    strange = sum((there - heard).values())
    return wrong + ([f"{strange} taps that nobody gave"] if strange > in_flight else [])


def _content(tap: dict[str, Any], ignored: tuple[str, ...]) -> str:
    return json.dumps({name: value for name, value in tap.items() if name not in ignored}, ensure_ascii=False)


def _gaps(found: Found) -> list[str]:
    """Every ledger's numbers run from where it was purged to its last."""
    wrong = []
    for row in found.ledgers:
        numbers = [tap.seq for tap in found.taps if tap.ledger == row.id and tap.seq > row.purged_through]
        if numbers != list(range(row.purged_through + 1, row.last + 1)):
            wrong.append(f"ledger {row.id} to {row.last} holds {numbers}")
    known = {row.id for row in found.ledgers}
    strays = [tap for tap in found.taps if tap.ledger not in known]
    return wrong + [f"no ledger: {tap}" for tap in strays]


def _half(found: Found, said: Said, *, damaged: bool) -> list[str]:
    """What the agent settled is there whole or not at all, and goes no further than head office decided.

    A salvage is row by row: of a settlement that was never confirmed it may bring back a part, without the
    cursor, and head office says it again.
    """
    rejected = [row for row in found.rejected if not damaged or row[2].split("/")[0] in said.rejected]
    rows_of = Counter(problem for _, _, problem in rejected)  # "call/rows of this call"
    wrong = [
        f"half a settlement: {told}" for told, count in rows_of.items() if not told.endswith(f"/{count}")
    ]
    there = {told.split("/")[0] for told in rows_of}
    wrong += [f"rejected rows lost: call {call}" for call in said.rejected - there]
    wrong += [f"withheld, and forgotten: {place}" for place in said.withheld - found.withheld]
    for row in found.ledgers:
        refused = max((seq for ledger, seq, _ in rejected if ledger == row.id), default=0)
        if row.settled_through < refused and row.id not in said.rewound:
            wrong.append(f"half a settlement: {row.id} rejects {refused}, settled to {row.settled_through}")
        if row.settled_through > said.decided[row.id]:
            wrong.append(f"{row.id} settled to {row.settled_through}, decided to {said.decided[row.id]}")
    return wrong
