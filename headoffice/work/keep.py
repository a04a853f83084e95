"""Keep what was sifted: taps with feed numbers and tallies, rejected ones with the reason, withheld numbers.

Called by `work.ingest` inside its transaction.
May touch `taps`, `verbatims`, `rejected`, `withheld`; taps, tallies and feed at the transaction's end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from headoffice.store import taps, verbatims
from headoffice.store.engine import Connection
from headoffice.store.feed import Run
from headoffice.store.kiosks import Standing, timezone_of
from headoffice.store.ledgers import Ledger
from headoffice.store.pending import pending
from headoffice.store.taps import Span, StoredTap
from headoffice.store.verbatims import Words
from headoffice.work.counting import LocalTimes, Sums
from headoffice.work.sift import Answered, Sifted, content_hash

Answer = tuple[bytes, int]  # a visit and a question: of several taps only the last counts


@dataclass(frozen=True)
class Keeping:
    """Whose taps they are, and when they came (ms)."""

    kiosk: Standing
    ledger: Ledger
    received_at: int
    local: LocalTimes


def keep(connection: Connection, sifted: Sifted, keeping: Keeping) -> None:
    """Store what was sifted."""
    ledger, received_at = keeping.ledger.id, keeping.received_at
    if sifted.answered:
        _keep_answers(connection, sifted.answered, keeping)
    if sifted.rejected:
        rejected = [
            (ledger, tap.seq, msgspec.json.encode(tap).decode(), problem, received_at, content_hash(tap))
            for tap, problem in sifted.rejected
        ]
        taps.insert_rejected(connection, rejected)
    if sifted.withheld:
        withheld = [(ledger, item.seq, item.withheld, received_at) for item in sifted.withheld]
        taps.insert_withheld(connection, withheld)


def _keep_answers(connection: Connection, answered: Sequence[Answered], keeping: Keeping) -> None:
    ledger, waiting = keeping.ledger, pending(connection)
    last = {(each.visit, each.countable.id): each for each in answered}
    rows = _rows(answered, last, keeping)
    _keep_words(connection, answered, rows, keeping)
    waiting.settle_for(connection, ledger.id)
    sums = Sums(waiting.days, waiting.hours)
    for each, row in zip(answered, rows, strict=True):
        if not row.superseded:
            day, hour = keeping.local.at(keeping.kiosk.timezone, row.tapped_at)
            sums.add(row, each.reckoned, day=day, hour=hour, times=1)
    if ledger.through:
        _supersede(connection, last, sums, keeping)
    waiting.ledgers.add(ledger.id)
    waiting.taps += rows
    waiting.runs.append(Run(ledger.lane, ledger.id, rows[0].seq, rows[-1].seq))


def newest_of(ledger: Ledger, answered: Sequence[Answered]) -> tuple[bytes, int]:
    """Give the highest id of a visit that a ledger then holds, and that visit's first number."""
    newest = max((each.visit for each in answered), default=b"")
    if newest <= ledger.newest:
        return ledger.newest, ledger.newest_from
    return newest, next(each.tap.seq for each in answered if each.visit == newest)


def _rows(answered: Sequence[Answered], last: Mapping[Answer, Answered], keeping: Keeping) -> list[StoredTap]:
    return [
        StoredTap(
            ledger=keeping.ledger.id,
            seq=each.tap.seq,
            visit=each.visit,
            placement=keeping.kiosk.placement,
            question=each.countable.id,
            answer=verbatims.ELSEWHERE if _is_words(each) else each.reckoned.answer,
            language=each.tap.language,
            tapped_at=each.tapped_at,
            received_at=keeping.received_at,
            estimated=each.estimated,
            superseded=0 if last[each.visit, each.countable.id] is each else 1,
            flag=None,
            hash=content_hash(each.tap),
        )
        for each in answered
    ]


def _is_words(each: Answered) -> bool:
    return each.countable.question.type == "text" and each.tap.answer is not None


def _keep_words(
    connection: Connection, answered: Sequence[Answered], rows: Sequence[StoredTap], keeping: Keeping
) -> None:
    """Keep open text beside the taps, where it can be hidden and erased."""
    words = [
        Words(
            ledger=row.ledger,
            seq=row.seq,
            question=row.question,
            placement=row.placement,
            day=keeping.local.at(keeping.kiosk.timezone, row.tapped_at)[0],
            tapped_at=row.tapped_at,
            text=str(each.tap.answer),
        )
        for each, row in zip(answered, rows, strict=True)
        if _is_words(each)
    ]
    verbatims.insert(connection, words)


def _supersede(connection: Connection, last: Mapping[Answer, Answered], sums: Sums, keeping: Keeping) -> None:
    """Mark the answers held before that the new ones stand in for, and take back what was counted of them."""
    ledger = keeping.ledger
    # A visit's id grows with time. So one that is above all held is new, and the highest that is held may go
    # on from its first number. Only where a kiosk's clock went back must the whole ledger be looked through.
    visits = {visit for visit, _ in last if visit <= ledger.newest}
    if not visits:
        return
    first = ledger.newest_from if visits == {ledger.newest} else 1
    superseded = []
    for held in taps.answers_of(connection, ledger.id, visits, span=Span(first, ledger.through)):
        newer = last.get((held.visit, held.question))
        if newer is None:
            continue
        superseded.append(held.seq)
        day, hour = keeping.local.at(timezone_of(connection, held.placement), held.tapped_at)
        sums.add(held, newer.countable.reckon_stored(held.answer), day=day, hour=hour, times=-1)
    taps.supersede(connection, ledger.id, superseded)
