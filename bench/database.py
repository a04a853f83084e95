"""Head office's store on both databases, without HTTP: taps a second beside the bare driver, bytes a tap.

Called by `__main__`. I fill databases of my own: files, and some on a PostgreSQL that I start on a socket.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from bench import bare
from bench.bare import Prepared, prepare
from bench.figures import Figure, Goal, Report, Scale
from bench.machine import scratch
from bench.shoppers import Given, answers, survey_documents, survey_version
from headoffice.store import kiosks, partitions, schema
from headoffice.store.audit import By
from headoffice.store.bulk import Bulk
from headoffice.store.engine import Database, Place, open_database, read_place, reopen_database
from headoffice.store.feed import FEED, LANES, TAKE_MANY
from headoffice.store.lanes import KEYS
from headoffice.store.ledgers import HEADS
from headoffice.store.postgres import PostgresDatabase, PostgresDriver, Server
from headoffice.store.tallies import ADD
from headoffice.store.taps import TAPS
from headoffice.work import access, publish
from headoffice.work.batch import Batch, Health, Sent, SentTap, read_taps
from headoffice.work.ingest import Ingest, Taking
from headoffice.work.secrets import hash_key
from survey.parse import parse_programme
from tests.headoffice.postgres import serving

LEDGERS, TAPS_EACH = 16, 50  # requests in a group, taps in a request
GROUPS = {Scale.QUICK: 60, Scale.USUAL: 300, Scale.FULL: 1000}
BOOTED_MS = 10**10
KEY = hash_key("bench")
SIZE = """
    SELECT sum(pg_total_relation_size(oid)) FROM pg_class
     WHERE relkind = 'r' AND (relname LIKE 'taps%' OR relname LIKE 'tallies%' OR relname = 'feed')
"""

Group = Sequence[tuple[int, Sequence[Given]]]  # of each ledger the first number and the answers


def measure(scale: Scale) -> Report:
    """Fill each database by our verbs and by its bare driver, and look at what lies on the disk."""
    groups = list(_groups(GROUPS[scale]))
    taps = GROUPS[scale] * LEDGERS * TAPS_EACH
    with scratch() as folder, serving(folder, "bench") as server:
        file, plain = folder / "ours.sqlite3", folder / "bare.sqlite3"
        here = _fill(file, groups, _ours)
        here_bare = _fill(plain, groups, partial(_bare_sqlite, file=plain))
        size = sum(path.stat().st_size for path in folder.glob("ours.sqlite3*")) / taps
        place = read_place(server.new(), option="bench")
        there = _fill(place, groups, _ours)
        there_bare = _fill(read_place(server.new(), option="bench"), groups, _bare_postgres)
        size_there = _size(place) / taps
    return Report(
        title="Head office's store on both databases, without HTTP",
        peer="bare driver",
        figures=(
            Figure("SQLite, taps/s", taps / here, taps / here_bare, Goal("at least", 1.0)),
            Figure("PostgreSQL, taps/s", taps / there, taps / there_bare, Goal("at least", 0.8)),
            Figure("SQLite, bytes a tap, all in all", size, goal=Goal("at most", 100, "figure")),
            Figure("PostgreSQL, bytes a tap, all in all", size_there, goal=Goal("at most", 160, "figure")),
        ),
        notes=(
            f"{taps:,} taps: {LEDGERS} requests of {TAPS_EACH} in a group, one a ledger; one round.",
            "Bare SQLite commits each request by itself; bare PostgreSQL has our statements and our groups.",
            "Their rows and tallies are reckoned before. Ours also checks, reckons, finds kiosk and ledger.",
            "PostgreSQL by psycopg 3 over a socket, an array a column, fsync and synchronous_commit on.",
            "All in all: taps, tallies, feed and their indices; in SQLite the whole file.",
        ),
    )


def _groups(count: int) -> Iterator[Group]:
    now = time.time_ns() // 1_000_000
    devices = [answers(seed=seed, until_ms=now, count=count * TAPS_EACH) for seed in range(LEDGERS)]
    for number in range(count):
        yield [(number * TAPS_EACH + 1, list(islice(device, TAPS_EACH))) for device in devices]


def _fill(
    place: Place, groups: Sequence[Group], store: Callable[[Database, Sequence[Group]], float]
) -> float:
    """Make a head office with one kiosk, and store the groups; returns the seconds that took."""
    by, programme = By("bench", 1), parse_programme(survey_documents())
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        with database.write() as connection:
            site = access.add_site(connection, name="Bench", timezone="Asia/Tokyo", tags={}, by=by)
            stands = kiosks.Place(site, "checkout", "Asia/Tokyo")
            kiosks.add_kiosk(connection, name="bench", place=stands, key=KEY, now=1)
            publish.publish(connection, programme, sites=[], by=by)
            partitions.make_ahead(connection, now=time.time_ns() // 1_000_000)
    with closing(reopen_database(place)) as database:  # as the process does that takes batches in
        return store(database, groups)


def _ours(database: Database, groups: Sequence[Group]) -> float:
    ingest, ledgers, now = Ingest(), [str(uuid4()) for _ in range(LEDGERS)], time.time_ns() // 1_000_000
    batches = [
        [_batch(ledger, first, given, now) for ledger, (first, given) in zip(ledgers, group, strict=True)]
        for group in groups
    ]
    begin = time.perf_counter()
    for group in batches:
        with database.write() as connection:
            takings = [Taking(ingest, batch, KEY, now) for batch in group]
            ingest.foresee(connection, takings)
            for taking in takings:
                taking(connection)
        ingest.committed()
    return time.perf_counter() - begin


def _batch(ledger: str, first: int, given: Sequence[Given], now: int) -> Batch:
    taps = [
        SentTap(
            seq=first + at,
            visit=UUID(each.visit),
            survey=survey_version(),
            question=each.question,
            answer=each.answer,
            language=each.language,
            at=each.at,
            uptime=BOOTED_MS - (now - each.at),
            boot="bench",
            took=each.took,
            synced_clock=True,
        )
        for at, each in enumerate(given)
    ]
    return Batch(ledger, first, Sent(now, BOOTED_MS, "bench"), read_taps(taps), Health())


def _prepared(groups: Sequence[Group]) -> list[list[Prepared]]:
    return [[prepare(ledger, *each) for ledger, each in enumerate(group, 1)] for group in groups]


def _bare_sqlite(_database: Database, groups: Sequence[Group], *, file: Path) -> float:
    requests = [request for group in _prepared(groups) for request in group]
    begin = time.perf_counter()
    bare.ingest(file, requests)
    return time.perf_counter() - begin


def _bare_postgres(database: Database, groups: Sequence[Group]) -> float:
    assert isinstance(database, PostgresDatabase)
    return bare_postgres(database, _prepared(groups))


def bare_postgres(database: PostgresDatabase, groups: Sequence[Sequence[Prepared]]) -> float:
    """Store groups of up to 64 requests by our own statements; returns the seconds that took."""
    with closing(database.server.connect()) as connection:
        driver = PostgresDriver(connection)
        begin = time.perf_counter()
        for group in groups:
            with connection.transaction():
                _store(driver, group)
        return time.perf_counter() - begin


def _store(driver: PostgresDriver, group: Sequence[Prepared]) -> None:
    _put(driver, HEADS, sorted(request.head for request in group))
    driver.copy(TAPS.copy, TAPS.lines([tap for request in group for tap in request.taps]))
    _put(driver, ADD["tallies_day"], sorted(row for each in group for row in each.days))
    _put(driver, ADD["tallies_hour"], sorted(row for each in group for row in each.hours))
    taken = [(KEYS[lane], lane, len(request.taps)) for lane, request in enumerate(group)]
    last = dict(driver.execute(TAKE_MANY, LANES.arrays(taken)).fetchall())
    ends = [request.run for request in group]
    _put(driver, FEED, [(lane, last[lane], *end) for lane, end in enumerate(ends)])


def _put(driver: PostgresDriver, bulk: Bulk, rows: Sequence[Sequence[object]]) -> None:
    driver.execute(bulk.postgres, bulk.arrays(rows))


def _size(place: Place) -> int:
    assert isinstance(place, Server)
    with closing(place.connect(autocommit=True)) as connection:
        connection.execute("VACUUM")
        (size,) = connection.execute(SIZE).fetchone() or (0,)
        return int(size)
