import json
import random
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from headoffice.problems import Busy
from headoffice.store.engine import open_database, reopen_database
from headoffice.work.batch import read_batch
from headoffice.work.ingest import Ingest, Taking
from headoffice.work.secrets import hash_key
from tests.headoffice.kiosk_side import batch, new_id, tap
from tests.headoffice.work.test_rebuild import ANSWERS, NOW_MS

MIXED = (
    *({"question": asked, "answer": answer} for asked in ANSWERS for answer in ANSWERS[asked]),
    {"question": "q9"},
)


def together(office, ingest, takings):
    """Take batches in one transaction, as the committer does."""
    with office.database.write() as connection:
        ingest.foresee(connection, takings)
        return [taking(connection) for taking in takings]


def fill_together(office, *, ledgers=5, groups=6):
    """Send groups of batches with every kind of tap; some visits go on in the group's next batch."""
    chance, ingest = random.Random(1), Ingest()  # noqa: S311 - no secret
    key = hash_key(office.key())
    ids, visits = [new_id() for _ in range(ledgers)], [new_id() for _ in range(6)]
    through = dict.fromkeys(ids, 0)
    for _ in range(groups):
        takings = []
        for ledger in chance.choices(ids, k=2 * ledgers):
            first, size = through[ledger] + 1, chance.randint(0, 4)
            taps = [
                tap(first + at, visit=chance.choice(visits), **chance.choice(MIXED)) for at in range(size)
            ]
            taps += [{"seq": first + size, "withheld": "unreadable"}] * chance.randint(0, 1)
            through[ledger] += len(taps)
            read = read_batch(json.dumps(batch(ledger, taps, first=first)).encode())
            takings.append(Taking(ingest, read, key, NOW_MS))
        for taking, decision in zip(takings, together(office, ingest, takings), strict=True):
            assert decision.through == taking.batch.last
            wrong = [item.seq for item in taking.batch.items if getattr(item, "question", "") == "q9"]
            assert [seq for seq, _ in decision.rejected] == wrong
    return through


def test_a_group_comes_to_what_a_recount_finds(office):
    """Batches of one transaction, also several of one ledger, store each number once and count it rightly."""
    through = fill_together(office)
    assert not office.wrong()
    heads = office.rows("SELECT through, held + rejected + withheld FROM ledger_heads")
    assert sorted(heads) == sorted((each, each) for each in through.values() if each)
    assert office.value("SELECT count(*) FROM taps WHERE superseded = 1") > 10


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)  # one process serves a file
def test_a_head_that_another_process_moved_undoes_the_group(office):
    """What a group was told at first is held against what stands when it writes: nothing is stored twice."""
    ingest, key, ids = Ingest(), hash_key(office.key()), [new_id(), new_id()]

    def takings(first):
        reads = [read_batch(json.dumps(batch(each, [tap(first)], first=first)).encode()) for each in ids]
        return [Taking(ingest, read, key, NOW_MS) for read in reads]

    together(office, ingest, takings(1))
    with closing(open_database(office.path)) as other:

        def meanwhile(connection):
            ingest.foresee(connection, takings(2))
            with other.write() as elsewhere:
                Ingest().take(elsewhere, batch=takings(2)[0].batch, key=key, received_at=NOW_MS)
            for taking in takings(2):
                taking(connection)

        with pytest.raises(Busy):
            office.change(meanwhile)
    assert office.rows("SELECT through FROM ledger_heads ORDER BY through") == [(1,), (2,)]
    assert office.value("SELECT count(*) FROM taps") == 3
    assert not office.wrong()


def test_a_visit_that_goes_on_from_group_to_group_is_counted_rightly(office):
    """Answers of the newest visit, new ones and ones given again, whoever of two took the others in."""
    chance, ingests = random.Random(2), [Ingest(), Ingest()]  # noqa: S311 - no secret
    key, ledger, seq, expected = hash_key(office.key()), new_id(), 0, 0
    for number in range(1, 13):
        visit, asked = str(UUID(int=number << 100)), set()
        for _ in range(chance.randint(1, 6)):
            given = [chance.choice(MIXED[:-1]) for _ in range(chance.randint(1, 2))]
            expected += len(given) - len({each["question"] for each in given} - asked)
            asked |= {each["question"] for each in given}
            taps = [tap(seq + 1 + at, visit=visit, **each) for at, each in enumerate(given)]
            read = read_batch(json.dumps(batch(ledger, taps, first=seq + 1)).encode())
            seq += len(taps)
            ingest = chance.choices(ingests, (5, 1))[0]
            together(office, ingest, [Taking(ingest, read, key, NOW_MS)])
            ingest.committed()
    assert not office.wrong()
    assert office.value("SELECT count(*) FROM taps WHERE superseded = 1") == expected > 10


def chars_written():
    """How much this process has written into files, bytes."""
    told = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(told["wchar"])


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_group_is_written_once_where_batches_are_taken_in(office):
    """What undoes a statement stays in memory there; others keep it in a file, as theirs may be large."""
    key, ids, written = hash_key(office.key()), [new_id() for _ in range(40)], {False: 0, True: 0}

    def group(database, first, size):
        taps = [tap(first + at) for at in range(size)]
        reads = [read_batch(json.dumps(batch(each, taps, first=first)).encode()) for each in ids]
        ingest, before = Ingest(), chars_written()
        with database.write() as connection:
            for read in reads:
                ingest.take(connection, batch=read, key=key, received_at=NOW_MS)
        return chars_written() - before

    group(office.database, 1, 60)  # so that the taps of each ledger have a page of their own
    for number in range(61, 67):
        reopened = number % 2 == 0
        with closing((reopen_database if reopened else open_database)(office.path)) as database:
            written[reopened] += group(database, number, 1)
    assert not office.wrong()
    assert written[True] < 0.75 * written[False], written
