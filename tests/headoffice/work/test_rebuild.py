import json
import random
from functools import partial

import psycopg
import pytest

from headoffice.problems import StoreFailed
from headoffice.work import rebuild
from headoffice.work.batch import read_batch
from headoffice.work.ingest import Ingest
from headoffice.work.secrets import hash_key
from tests.headoffice.kiosk_side import batch, new_id, tap

NOW_MS = 1_795_250_000_000
ANSWERS = {
    "rating": ["sad", "neutral", "happy", None],
    "recommend": [0, 5, 10, None],
    "which": [["price"], ["queue", "staff"], None],
    "words": ["a word", None],
}


def fill(office, *, ledgers=3, taps=120, seed=1, site=None):
    """Send taps of a few visits again and again, over two days, in two languages, in batches of any size."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ingest = Ingest()
    for _ in range(ledgers):
        key, ledger, seq = hash_key(office.key(site=site)), new_id(), 1
        visits = [new_id() for _ in range(taps // 6)]
        while seq <= taps:
            size = min(chance.randint(1, 9), taps + 1 - seq)
            sent = []
            for number in range(seq, seq + size):
                asked = chance.choice(list(ANSWERS))
                sent.append(
                    tap(
                        number,
                        visit=chance.choice(visits),
                        question=asked,
                        answer=chance.choice(ANSWERS[asked]),
                        language=chance.choice(["ja", "en"]),
                        uptime=chance.randrange(0, 86_400_000),
                    )
                )
            read = read_batch(json.dumps(batch(ledger, sent)).encode())
            office.change(partial(ingest.take, batch=read, key=key, received_at=NOW_MS + seq))
            seq += size


@pytest.fixture
def filled(office):
    fill(office)
    return office


def test_what_was_counted_on_the_way_is_what_a_recount_finds(filled):
    """Whatever visits interleave and answers are given again, the tallies are a recount's."""
    assert filled.value("SELECT count(*) FROM taps WHERE superseded = 1") > 50
    assert filled.value("SELECT count(*) FROM tallies_day") > 20
    assert not filled.wrong()


def test_the_tallies_add_up_to_the_answers_that_hold(filled):
    """By a plain count: each visit's last answer to a question counts, once, by day and by hour."""
    last = {}
    for ledger, seq, visit, question, answer in filled.rows(
        "SELECT ledger, seq, visit, question, answer FROM taps ORDER BY ledger, seq"
    ):
        last[ledger, visit, question] = (seq, answer)
    given = sum(answer != "null" for _, answer in last.values())
    assert filled.rows("SELECT sum(n), sum(skipped) FROM tallies_day") == [(given, len(last) - given)]
    assert filled.rows("SELECT sum(n), sum(skipped) FROM tallies_hour") == [(given, len(last) - given)]
    happy = sum(answer == '"happy"' for _, answer in last.values())
    sad = sum(answer == '"sad"' for _, answer in last.values())
    rows = filled.rows(
        """
        SELECT sum(c0), sum(c2), sum(n), sum(sum)
          FROM tallies_day JOIN questions ON questions.id = tallies_day.question
         WHERE questions.question = 'rating'
        """
    )
    ((c0, c2, n, total),) = rows
    assert (c0, c2) == (sad, happy)
    assert total == 100 * happy + 50 * (n - sad - happy)


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("UPDATE tallies_day SET c1 = c1 + 1, n = n + 1 WHERE IT_IS_ONE", "days"),
        ("DELETE FROM tallies_hour WHERE IT_IS_ONE", "hours"),
        (
            """
            INSERT INTO tallies_day
            SELECT question, '1999-01-01', placement, ledger, language, counted, n, skipped, sum,
                   c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11
              FROM tallies_day WHERE IT_IS_ONE
            """,
            "days",
        ),
        ("UPDATE taps SET superseded = 1 - superseded WHERE ledger = 1 AND seq = 5", "marks"),
        ("UPDATE ledger_heads SET held = held + 1 WHERE ledger = 2", "heads"),
    ],
)
def test_a_planted_mistake_is_found_and_mended(filled, planted, kind):
    """A wrong, missing or invented tally, a wrong mark and a wrong head are each found, and mended."""
    key = "question, day, placement, ledger, counted"
    table = "tallies_hour" if kind == "hours" else "tallies_day"
    statement = planted.replace("IT_IS_ONE", f"({key}) = (SELECT {key} FROM {table} LIMIT 1)")  # noqa: S608
    before = filled.rows("SELECT * FROM tallies_day ORDER BY 1, 2, 3, 4, 5")
    filled.change(lambda connection: connection.exec_driver_sql(statement))
    wrong = filled.wrong()
    assert getattr(wrong, kind) > 0
    assert {name for name in ("days", "hours", "marks", "heads") if getattr(wrong, name)} == {kind}
    assert filled.change(rebuild.rebuild) == wrong, "a rebuild says what it found"
    assert not filled.wrong()
    assert filled.rows("SELECT * FROM tallies_day WHERE n + skipped > 0 ORDER BY 1, 2, 3, 4, 5") == [
        row for row in before if row[6] + row[7] > 0
    ]


def test_a_check_changes_nothing(filled):
    """Checking reads beside the tallies and leaves no table behind."""
    filled.change(lambda connection: connection.exec_driver_sql("UPDATE tallies_day SET n = n + 1"))
    before = filled.rows("SELECT * FROM tallies_day ORDER BY 1, 2, 3, 4, 5")
    assert filled.wrong()
    assert filled.wrong(), "a second check finds the same"
    assert filled.rows("SELECT * FROM tallies_day ORDER BY 1, 2, 3, 4, 5") == before
    for table in ("recount_day", "recount_hour"):
        with pytest.raises((StoreFailed, psycopg.errors.UndefinedTable)):
            filled.rows(f"SELECT * FROM {table}")  # noqa: S608 - one of the two
