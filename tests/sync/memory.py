"""The kiosk's store in memory: the outbox's exact meaning, written down a second time."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

from sync.contract import Head, Health, Rejected, Sent, Tap, Withheld

SENT = Sent(at=1795250000123, uptime=86400123, boot="b3f1")
HEALTH = Health(version="0.1.0", pending=0, rejected=0, free_bytes=1, programme=None)


def tap(seq: int, **changes: object) -> Tap:
    """An ordinary tap."""
    ordinary = Tap(
        seq=seq,
        visit=f"0198c0de-0000-7000-8000-{seq:012d}",
        survey="3fa9c1d2e4b5",
        question="rating",
        answer="happy",
        language="ja",
        at=1795249999000 + seq,
        uptime=86399000 + seq,
        boot="b3f1",
        took=1240,
        synced_clock=True,
    )
    return replace(ordinary, **changes)


@dataclass
class Ledger:
    taps: list[Tap]
    settled_through: int = 0
    withheld: dict[int, str] = field(default_factory=dict)


class MemoryOutbox:
    def __init__(self, count: int = 0) -> None:
        self.ledgers = {"ledger-1": Ledger([tap(seq) for seq in range(1, count + 1)])}
        self.told: list[Rejected] = []
        self._names = (f"ledger-{number}" for number in itertools.count(2))

    @property
    def open(self) -> Ledger:
        return list(self.ledgers.values())[-1]

    def begin(self) -> None:
        """Close the open ledger and open the next."""
        self.ledgers[next(self._names)] = Ledger([])

    def add(self, count: int = 1, **changes: object) -> None:
        start = len(self.open.taps) + 1
        self.open.taps += [tap(seq, **changes) for seq in range(start, start + count)]

    def head(self) -> Head:
        name, ledger = next(
            ((name, held) for name, held in self.ledgers.items() if held.settled_through < len(held.taps)),
            list(self.ledgers.items())[-1],
        )
        return Head(name, ledger.settled_through + 1, len(ledger.taps))

    def closed(self) -> list[Head]:
        *closed, _open = self.ledgers.items()
        return [
            Head(name, len(held.taps) + 1, len(held.taps))
            for name, held in closed
            if held.taps and held.settled_through == len(held.taps)
        ]

    def read(self, ledger: str, first: int, limit: int) -> list[Tap | Withheld]:
        held = self.ledgers[ledger]
        return [
            Withheld(item.seq, held.withheld[item.seq]) if item.seq in held.withheld else item
            for item in held.taps[first - 1 : first - 1 + limit]
        ]

    def settle(self, ledger: str, through: int, rejected) -> None:
        held = self.ledgers[ledger]
        held.settled_through = max(held.settled_through, through)
        self.told += rejected

    def rewind(self, ledger: str, through: int) -> None:
        self.ledgers[ledger].settled_through = through

    def fork(self, ledger: str, same: int) -> None:
        held = self.ledgers[ledger]
        stays = max(same, held.settled_through)
        moved = [replace(item, seq=number) for number, item in enumerate(held.taps[stays:], 1)]
        del held.taps[stays:]
        self.ledgers[next(self._names)] = Ledger(moved)

    def withhold(self, ledger: str, seq: int, reason: str) -> None:
        self.ledgers[ledger].withheld[seq] = reason

    def pending(self) -> int:
        return sum(len(held.taps) - held.settled_through for held in self.ledgers.values())

    def rejected(self) -> int:
        return len(self.told)


class MemorySurveys:
    def __init__(self, **documents: dict) -> None:
        self.documents = documents
        self.edits: list = []

    def document(self, version: str) -> dict | None:
        return self.documents.get(version)

    def untold(self) -> list:
        return list(self.edits)

    def told(self, version: str, made: object) -> None:
        self.edits.remove((version, made))


class MemoryProgramme:
    def __init__(self) -> None:
        self.kept: tuple[str, list[dict]] | None = None

    def etag(self) -> str | None:
        return self.kept[0] if self.kept else None

    def put(self, etag: str, documents: list[dict], terms: list[dict]) -> None:
        self.kept = (etag, documents)
        self.terms = terms
