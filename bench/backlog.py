"""A kiosk's data directory with taps that wait, as days without a network leave it.

Used by bench.ledger and bench.sync before any process opens the directory. I write through kiosk.store.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from uuid_utils import uuid7

from bench.shoppers import answers, survey_documents, survey_version
from kiosk.health import Clocks
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.programme import shelve
from kiosk.store.rows import Row, check_of, put_sql
from kiosk.store.tap import Moment


def fill(folder: Path, count: int, *, seed: int = 1) -> None:
    """Put so many taps into the open ledger, all at once: only how they are sent is measured."""
    clocks = Clocks()
    database = Database(folder)
    ledger = Ledger(database, now=clocks.now, new_id=lambda: str(uuid7()))
    now = clocks.now()
    with database.write() as writer:
        shelve(writer, survey_documents())
        values = _values(ledger.id, ledger.last + 1, count, now=now, seed=seed)
        writer.executemany(put_sql("taps"), ((*row, check_of("taps", row)) for row in values))
    database.close()


def _values(ledger: str, first: int, count: int, *, now: Moment, seed: int) -> Iterator[Row]:
    given = list(answers(seed=seed, until_ms=now.at, count=count))
    # They came during an earlier run of this machine, which began an hour before the first of them.
    boot, up_since = str(uuid7()), given[0].at - 3_600_000
    for seq, tap in enumerate(given, first):
        answer = json.dumps(tap.answer, ensure_ascii=False, separators=(",", ":"))
        what = (ledger, seq, tap.visit, survey_version(), tap.question, answer, tap.language)
        yield (*what, tap.at, tap.at - up_since, boot, tap.took, 1)
