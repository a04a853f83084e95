"""Keep what was sifted: taps with feed numbers and tallies, rejected ones with the reason, withheld numbers.

Called by `work.ingest` inside its transaction. Goes tap by tap once: this runs for every tap there is.
May touch nothing itself: all waits in `store.pending` for the transaction's end.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from headoffice.store.engine import Connection
from headoffice.store.feed import Run
from headoffice.store.kiosks import Standing
from headoffice.store.ledgers import Ledger, Newest
from headoffice.store.pending import Again, Pending
from headoffice.store.taps import Held, Span, TapRow
from headoffice.store.verbatims import Words
from headoffice.work.counting import QUARTER_MS, WRITTEN, Countable, LocalTimes, Reckoned, Sums, count
from headoffice.work.sift import Answered, Sifted

Answer = tuple[bytes, int]  # a visit and a question: of several taps only the last counts


class Keeping(NamedTuple):
    """Whose taps they are, when they came (ms), and where they wait for the transaction's end."""

    kiosk: Standing
    ledger: Ledger
    received_at: int
    local: LocalTimes
    waiting: Pending


def keep(connection: Connection, sifted: Sifted, keeping: Keeping) -> Newest:
    """Keep what was sifted; returns the newest visit then held."""
    ledger, received_at, waiting = keeping.ledger, keeping.received_at, keeping.waiting
    newest = ledger.newest
    if sifted.answered:
        newest = _keep_answers(connection, sifted.answered, keeping)
    if sifted.rejected:
        waiting.rejected += (
            (ledger.id, tap.seq, tap.as_sent(), problem, received_at, tap.hash)
            for tap, problem in sifted.rejected
        )
    if sifted.withheld:
        waiting.withheld += ((ledger.id, item.seq, item.withheld, received_at) for item in sifted.withheld)
    return newest


def _keep_answers(connection: Connection, answered: Sequence[Answered], keeping: Keeping) -> Newest:
    ledger, placement, received_at = keeping.ledger.id, keeping.kiosk.placement, keeping.received_at
    before, waiting = keeping.ledger.newest, keeping.waiting
    waiting.make_room(connection)
    newest, since = before.visit, before.since
    rows: list[TapRow] = []
    last: dict[Answer, Answered] = {}
    known: set[bytes] = set()
    written = False
    for each in answered:
        tap, countable, reckoned, tapped_at, estimated = each
        seq, visit, question = tap.seq, tap.visit, countable.id
        # A visit's id grows with time. So one that is above all held is new.
        if visit > newest:
            newest, since = visit, seq
        elif visit <= before.visit:
            known.add(visit)
        if reckoned is WRITTEN:
            written = True
        last[visit, question] = each
        rows.append(
            (
                ledger,
                seq,
                bytearray(visit),
                placement,
                question,
                reckoned.answer,
                tap.language,
                tapped_at,
                received_at,
                estimated,
                0,
                tap.hash,
            )
        )
    if known and not _goes_on(before, known, last):
        _supersede(connection, known, last, keeping)
    if len(last) < len(answered):
        holding = {tap.seq for tap, *_ in last.values()}
        rows = [row if row[1] in holding else (*row[:10], 1, *row[11:]) for row in rows]
    _count(last.values(), keeping)
    if written:
        waiting.words += _words(answered, keeping)
    waiting.taps += rows
    waiting.runs.append(Run(keeping.ledger.lane, ledger, rows[0][1], rows[-1][1]))
    if newest > before.visit:
        return Newest(newest, since, _asked(newest, last))
    return before if before.asked is None else Newest(newest, since, before.asked | _asked(newest, last))


def _asked(visit: bytes, answers: Iterable[Answer]) -> frozenset[int]:
    return frozenset([question for each, question in answers if each == visit])


def _goes_on(before: Newest, known: Collection[bytes], answers: Iterable[Answer]) -> bool:
    """Whether, as is usual, the newest visit alone goes on, with questions that it has not answered yet."""
    if before.asked is None or known != {before.visit}:
        return False
    return before.asked.isdisjoint(_asked(before.visit, answers))


def _count(counted: Iterable[Answered], keeping: Keeping) -> None:
    """Count each answer once, equal ones together."""
    ledger, placement, waiting = keeping.ledger.id, keeping.kiosk.placement, keeping.waiting
    local = keeping.local[keeping.kiosk.timezone]
    alike: dict[tuple[int, Reckoned, str, tuple[str, int]], int] = {}
    for tap, countable, reckoned, tapped_at, _ in counted:
        kind = (countable.id, reckoned, tap.language, local[tapped_at // QUARTER_MS])
        alike[kind] = alike.get(kind, 0) + 1
    for (question, reckoned, language, (day, hour)), times in alike.items():
        count(waiting.days, (question, day, placement, ledger, language, 1), reckoned, times)
        count(waiting.hours, (question, day, hour, placement, ledger, 1), reckoned, times)


def _words(answered: Iterable[Answered], keeping: Keeping) -> list[Words]:
    """Keep open text beside the taps, where it can be hidden and erased."""
    local = keeping.local[keeping.kiosk.timezone]
    return [
        Words(
            ledger=keeping.ledger.id,
            seq=tap.seq,
            question=countable.id,
            placement=keeping.kiosk.placement,
            day=local.at(tapped_at)[0],
            tapped_at=tapped_at,
            text=str(tap.answer),
        )
        for tap, countable, reckoned, tapped_at, _ in answered
        if reckoned is WRITTEN
    ]


def _supersede(
    connection: Connection, known: Collection[bytes], last: Mapping[Answer, Answered], keeping: Keeping
) -> None:
    """See that answers held before are marked that new ones of their visits stand in for, and not counted."""
    ledger, waiting = keeping.ledger, keeping.waiting
    waiting.settle_for(connection, ledger.id)
    newer = {answer: answered[1] for answer, answered in last.items()}
    # What is held of the highest visit begins with its first number. Only where a kiosk's clock went back
    # must the whole ledger be looked through.
    first = ledger.newest.since if known == {ledger.newest.visit} else 1
    replaced = _Replaced(newer, Sums(waiting.days, waiting.hours), keeping.local)
    waiting.again.append(Again(Span(ledger.id, first, ledger.through), known, replaced))


@dataclass(frozen=True)
class _Replaced:
    """Tells whether an answer that is held is given again, and takes it out of the sums then."""

    newer: Mapping[Answer, Countable]
    sums: Sums
    local: LocalTimes

    def __call__(self, held: Held) -> bool:
        countable = self.newer.get((held.visit, held.question))
        if countable is None:
            return False
        day, hour = self.local.at(held.timezone, held.tapped_at)
        self.sums.add(held, countable.reckon_stored(held.answer), day=day, hour=hour, times=-1)
        return True
