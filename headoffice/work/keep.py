"""Keep what was sifted: taps with feed numbers and tallies, rejected ones with the reason, withheld numbers.

Called by `work.ingest` inside its transaction. Goes column by column: this runs for every tap there is.
May touch nothing itself: all waits in `store.pending` for the transaction's end.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from headoffice.store import verbatims
from headoffice.store.engine import Connection
from headoffice.store.feed import Run
from headoffice.store.kiosks import Standing
from headoffice.store.ledgers import Ledger
from headoffice.store.pending import Again, Pending
from headoffice.store.taps import Held, Span, TapRow
from headoffice.store.verbatims import Words
from headoffice.work.counting import QUARTER_MS, Countable, LocalTimes, Sums, count
from headoffice.work.sift import Answered, Sifted

Answer = tuple[bytes, int]  # a visit and a question: of several taps only the last counts


class Keeping(NamedTuple):
    """Whose taps they are, when they came (ms), and where they wait for the transaction's end."""

    kiosk: Standing
    ledger: Ledger
    received_at: int
    local: LocalTimes
    waiting: Pending


def keep(connection: Connection, sifted: Sifted, keeping: Keeping) -> tuple[bytes, int]:
    """Keep what was sifted; returns the highest id of a visit then held, and that visit's first number."""
    ledger, received_at, waiting = keeping.ledger, keeping.received_at, keeping.waiting
    newest = (ledger.newest, ledger.newest_from)
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


def _keep_answers(
    connection: Connection, answered: Sequence[Answered], keeping: Keeping
) -> tuple[bytes, int]:
    ledger, waiting = keeping.ledger, keeping.waiting
    waiting.make_room(connection)
    visits = [each[0].visit for each in answered]
    asked = [(visit, each[1].id) for visit, each in zip(visits, answered, strict=True)]
    last = dict(zip(asked, answered, strict=True))
    if ledger.through:
        _supersede(connection, last, keeping)
    rows = _rows(answered, visits, keeping)
    if len(last) == len(answered):
        counted = answered
    else:
        counted = list(last.values())
        holding = {tap.seq for tap, *_ in counted}
        rows = [row if row[1] in holding else (*row[:10], 1, *row[11:]) for row in rows]
    _count(waiting, counted, keeping)
    if any(each[1].words for each in answered):
        waiting.words += _words(answered, keeping)
    waiting.taps += rows
    waiting.runs.append(Run(ledger.lane, ledger.id, rows[0][1], rows[-1][1]))
    newest = max(visits)
    if newest <= ledger.newest:
        return ledger.newest, ledger.newest_from
    return newest, rows[visits.index(newest)][1]


def _rows(answered: Sequence[Answered], visits: Sequence[bytes], keeping: Keeping) -> list[TapRow]:
    ledger, placement, received_at = keeping.ledger.id, keeping.kiosk.placement, keeping.received_at
    return [
        (
            ledger,
            tap.seq,
            bytearray(visit),
            placement,
            countable.id,
            verbatims.ELSEWHERE if countable.words and tap.answer is not None else reckoned.answer,
            tap.language,
            tapped_at,
            received_at,
            estimated,
            0,
            tap.hash,
        )
        for (tap, countable, reckoned, tapped_at, estimated), visit in zip(answered, visits, strict=True)
    ]


def _count(waiting: Pending, counted: Sequence[Answered], keeping: Keeping) -> None:
    """Count each answer once, equal ones together."""
    local = keeping.local[keeping.kiosk.timezone]
    alike = Counter(
        [
            (countable.id, reckoned, tap.language, local[tapped_at // QUARTER_MS])
            for tap, countable, reckoned, tapped_at, _ in counted
        ]
    )
    ledger, placement = keeping.ledger.id, keeping.kiosk.placement
    for (question, reckoned, language, (day, hour)), times in alike.items():
        count(waiting.days, (question, day, placement, ledger, language, 1), reckoned, times)
        count(waiting.hours, (question, day, hour, placement, ledger, 1), reckoned, times)


def _words(answered: Sequence[Answered], keeping: Keeping) -> list[Words]:
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
        for tap, countable, _, tapped_at, _ in answered
        if countable.words and tap.answer is not None
    ]


def _supersede(connection: Connection, last: Mapping[Answer, Answered], keeping: Keeping) -> None:
    """See that answers held before are marked that new ones stand in for, and no longer counted."""
    ledger, waiting = keeping.ledger, keeping.waiting
    # A visit's id grows with time. So one that is above all held is new, and the highest that is held may go
    # on from its first number. Only where a kiosk's clock went back must the whole ledger be looked through.
    visits = {visit for visit, _ in last if visit <= ledger.newest}
    if not visits:
        return
    waiting.settle_for(connection, ledger.id)
    newer = {answer: answered[1] for answer, answered in last.items()}
    first = ledger.newest_from if visits == {ledger.newest} else 1
    replaced = _Replaced(newer, Sums(waiting.days, waiting.hours), keeping.local)
    waiting.again.append(Again(Span(ledger.id, first, ledger.through), visits, replaced))


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
