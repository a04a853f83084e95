import os
import re
import sys
import threading
from contextlib import closing
from functools import partial
from urllib.parse import urlencode

import psycopg
import pytest

from headoffice.problems import DataUnusable, InUse, StoreFailed, WrongUsage
from headoffice.store import dumps, feed, partitions
from headoffice.store.engine import driver, open_database, read_place
from headoffice.store.lanes import KEYS, LANE_OF
from headoffice.store.postgres import PostgresDriver, translated
from headoffice.store.tables import metadata
from headoffice.work import backup
from tests.headoffice.running import Office
from tests.headoffice.work.test_group import fill_together
from tests.headoffice.work.test_rebuild import fill

NOV_MS, MONTHS_MS = 1_795_250_000_000, 31 * 86_400_000
SPREAD = {name for name, table in metadata.tables.items() if "ledger" in table.columns}


@pytest.fixture
def office(tmp_path, postgres):
    """A head office on PostgreSQL that is not served, with the survey published."""
    office = Office(tmp_path, place=read_place(postgres.new(), option="test"))
    office.publish()
    yield office
    office.close()


def test_statements_are_read_as_sqlite_reads_them():
    """Values are marked by ? or :name; quoted text, casts and percent signs stay what they are."""
    statement = "SELECT ?::int[], :name, '? :x % ''?', n % 7 WHERE a LIKE 'b%'"
    assert translated(statement) == "SELECT %s::int[], %(name)s, '? :x %% ''?', n %% 7 WHERE a LIKE 'b%%'"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": "/no/where"}, "check that the server runs"),
        ({"dbname": "absent"}, "make it first: createdb"),
        ({"user": "stranger"}, "createuser"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_without_the_password(postgres, change, said):
    """Server down, database or user missing: the place, the reason and the mend, and never the password."""
    parts = {**postgres.parts, "password": "hunter2", **change}
    url = "postgresql:///?" + urlencode(parts)
    with pytest.raises(DataUnusable, match=said) as caught:
        open_database(read_place(url, option="--database"))
    assert "hunter2" not in str(caught.value)
    assert parts["dbname"] in str(caught.value)


def test_a_wrong_url_is_refused_without_being_repeated():
    """What PostgreSQL cannot read is wrong usage, and the words do not hold the URL."""
    with pytest.raises(WrongUsage) as caught:
        read_place("postgresql://egao:hunter2@[::1/x", option="--to")
    assert "hunter2" not in str(caught.value)


def test_an_old_server_and_another_programs_tables_are_refused(postgres, monkeypatch):
    """Version 14, and a database that holds what is not ours, are named with the mend."""
    url = postgres.new(template="template0")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE photos (id int)")
    with pytest.raises(DataUnusable, match="another program"):
        open_database(read_place(url, option="test"))
    monkeypatch.setattr("headoffice.store.postgres.OLDEST", 990_000)
    with pytest.raises(DataUnusable, match="version 15 or later is needed"):
        open_database(read_place(url, option="test"))


def test_a_lost_connection_is_survived(office):
    """When the server ends a connection in the middle, that change fails and the next one works."""

    def cut(connection):
        (pid,) = driver(connection).execute("SELECT pg_backend_pid()").fetchone()
        with closing(office.path.connect(autocommit=True)) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        driver(connection).execute("INSERT INTO settings VALUES ('a', 'x')")

    with pytest.raises(StoreFailed, match="cannot be used"):
        office.change(cut)
    assert office.value("SELECT count(*) FROM settings WHERE value = 'x'") == 0


def test_a_reader_cannot_write(office):
    """The reading door leads to a transaction that only reads."""
    with pytest.raises(StoreFailed, match="read-only"), office.database.read() as reading:
        driver(reading).execute("DELETE FROM settings")


def test_many_may_serve_but_not_during_a_restore(office, tmp_path):
    """Serving processes share; a restore wants all of them gone, and they wait for its end."""
    first, second = office.database.claim(), office.database.claim()
    with pytest.raises(InUse, match="being served"):
        office.database.hold()
    first.close()
    second.close()
    with closing(office.database.hold()), pytest.raises(InUse, match="being restored"):
        office.database.claim()


def test_serving_is_refused_where_a_commit_is_not_durable(office, monkeypatch):
    """A server that does not wait for its disk would break the promise of an ack."""
    monkeypatch.setattr("headoffice.store.postgres.DURABLE", ("jit_debugging_support",))
    with pytest.raises(DataUnusable, match="may lose what it acknowledged"):
        office.database.claim()


def test_every_lanes_row_lies_where_its_ledgers_do(office):
    """The number that keeps a lane has a hash in the lane's own part of the range, the nearest to zero."""
    lanes = f"""
        SELECT array_agg(ledger ORDER BY lane)
          FROM (SELECT {LANE_OF.format(ledger="-number")} AS lane, max(-number) AS ledger
                  FROM generate_series(1, 1000) AS number GROUP BY lane) AS found
    """  # noqa: S608 - constants
    assert tuple(office.value(lanes)) == KEYS
    assert office.rows("SELECT lane, ledger FROM feed_lanes ORDER BY lane") == list(enumerate(KEYS))


def test_months_are_made_ahead_and_when_needed(office):
    """A tap of any month finds its table, whoever makes it first, and a rolled back one is made again."""

    def months():
        return {
            name for (name,) in office.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE 'taps_%'")
        }

    office.change(partial(partitions.make_ahead, now=NOV_MS))
    assert months() == {"taps_2026_11", "taps_2026_12", "taps_2027_01"}

    def fail(connection):
        partitions.make_for(connection, {NOV_MS + 4 * MONTHS_MS})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        office.change(fail)
    assert len(months()) == 3
    office.change(partial(partitions.make_for, moments={NOV_MS + 4 * MONTHS_MS}))
    assert len(months()) == 4


def test_two_processes_store_a_tap_once(office, monkeypatch):
    """The same ledger sent to two servers at once: its head's lock lets one store, the other sees it done."""
    other = Office.__new__(Office)
    other.path, other.database, other.site = office.path, open_database(office.path), office.site
    key, ledger = office.key(), "0198c0de-0000-7000-8000-000000000001"
    monkeypatch.setattr(Office, "key", lambda _self, **_where: key)
    monkeypatch.setattr("tests.headoffice.work.test_rebuild.new_id", _ids(ledger))
    failed = []

    def run(one):
        try:
            fill(one, ledgers=1, taps=60)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    both = [threading.Thread(target=run, args=(one,)) for one in (office, other)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [error for error in failed if type(error).__name__ != "Forked"] == []
    assert office.rows("SELECT count(*), count(DISTINCT seq) FROM taps") == [(60, 60)]
    assert not office.wrong()
    other.close()


def _ids(ledger):
    """The same ids for every caller: the first of a thread is the ledger's."""
    local = threading.local()

    def make():
        local.count = getattr(local, "count", -1) + 1
        return ledger if local.count == 0 else f"0198c0de-0000-7000-9000-{local.count:012}"

    return make


def test_all_that_is_spread_by_ledger_stays_on_one_shard(office, monkeypatch):
    """No key, no foreign key and no statement of an ingest breaks the rules of a cluster."""
    seen = []
    for name in ("execute", "copy"):
        plain = getattr(PostgresDriver, name)

        def noted(self, words, *values, plain=plain):
            seen.append(words)
            return plain(self, words, *values)

        monkeypatch.setattr(PostgresDriver, name, noted)
    fill(office, ledgers=1, taps=60)
    fill_together(office)
    monkeypatch.undo()
    touched = {table: [words for words in seen if re.search(rf"\b{table}\b", words)] for table in SPREAD}
    for table, statements in touched.items():
        for words in statements:
            if words.lstrip().startswith(("CREATE TABLE taps_", "ALTER TABLE taps ATTACH")):
                continue
            assert "ledger" in words, f"{table}: {words}"
    assert SPREAD - {name for name, words in touched.items() if words} <= {
        "rejected",
        "withheld",
        "misuse_heads",
        *("let_go", "let_go_day", "let_go_hour"),  # tests/headoffice/work/test_retention.py
        "rolled_places",
    }
    unique = office.rows("""
        SELECT class.relname, array_agg(attribute.attname::text)
          FROM pg_index AS index
          JOIN pg_class AS class ON class.oid = index.indrelid
          JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
                                        AND attribute.attnum = ANY (index.indkey)
         WHERE index.indisunique AND class.relnamespace = 'public'::regnamespace
         GROUP BY class.relname, index.indexrelid
    """)
    for name, columns in unique:
        if name in SPREAD or name.startswith("taps_"):
            assert "ledger" in columns, name
    crossing = office.rows(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    )
    assert not {table for pair in crossing for table in pair} & SPREAD


def test_months_that_retention_emptied_are_dropped(office):
    """An empty month that is over goes, one with a tap or not over stays; no reader is waited for."""
    fill(office, ledgers=1, taps=20)
    count = office.value("SELECT count(*) FROM taps")
    (held,) = office.rows("SELECT DISTINCT tableoid::regclass::text FROM taps")
    office.change(partial(partitions.make_for, moments=[0, NOV_MS + 24 * MONTHS_MS]))

    def emptied():
        with office.database.read() as connection:
            return partitions.emptied(connection, before_ms=NOV_MS + 12 * MONTHS_MS)

    months = emptied()
    assert "taps_1970_01" in months
    assert not {held[0], "taps_2028_12"} & set(months)
    with office.database.read() as reading:
        driver(reading).execute("SELECT count(*) FROM taps")
        with pytest.raises(StoreFailed, match="lock timeout"):
            office.change(partial(partitions.drop, month="taps_1970_01"))
    office.change(partial(partitions.drop, month="taps_1970_01"))
    office.change(partial(partitions.drop, month=held[0]))  # a tap came meanwhile
    assert emptied() == [month for month in months if month != "taps_1970_01"]
    assert office.value("SELECT count(*) FROM taps") == count
    office.change(partial(partitions.make_for, moments=[0]))
    assert "taps_1970_01" in emptied()


def test_a_backup_comes_back_in_a_new_epoch(office, tmp_path):
    """After a restore the taps are the backup's, the old tables are set aside, old cursors are refused."""
    fill(office, ledgers=1, seed=1)
    target = tmp_path / "backup"
    backup.backup(office.path, target)
    assert target.stat().st_mode & 0o077 == 0
    held = office.value("SELECT count(*) FROM taps")
    with office.database.read() as connection:
        before = feed.epoch(connection)
    fill(office, ledgers=1, seed=2)
    office.database.close()
    assert backup.restore(office.path, target, now=5) == "before_5"
    office.database = open_database(office.path)
    assert office.value("SELECT count(*) FROM taps") == held
    assert office.value("SELECT count(*) FROM before_5.taps") == 2 * held
    with office.database.read() as connection:
        assert feed.epoch(connection) != before
    assert not office.wrong()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(target.read_bytes()[:-2000])
    with pytest.raises(DataUnusable, match="damaged"):
        backup.restore(office.path, damaged, now=6)
    (tmp_path / "other").write_bytes(b"no backup")
    with pytest.raises(DataUnusable, match="is no backup"):
        backup.restore(office.path, tmp_path / "other", now=6)
    assert office.value("SELECT count(*) FROM taps") == held


def test_a_password_is_on_no_command_line(tmp_path, monkeypatch):
    """pg_dump gets the password in a file that only this user can read, and nothing of it stays."""
    noted = tmp_path / "noted"
    program = tmp_path / "pg_dump"
    program.write_text(
        f"""#!{sys.executable}
import os, sys
file = os.environ["PGPASSFILE"]
found = (sys.argv, open(file).read(), oct(os.stat(file).st_mode), file)
open({str(noted)!r}, "w").write(repr(found))
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    server = read_place("postgresql://egao:hun%3Ater2@db/x", option="test")
    dumps._run("pg_dump", [], server)
    words, kept, mode, place = eval(noted.read_text())  # noqa: S307 - what the line above wrote
    assert "ter2" not in repr(words)
    assert (kept, mode[-3:], os.path.exists(place)) == ("*:*:*:*:hun\\:ter2\n", "600", False)  # noqa: PTH110
    assert "ter2" not in repr(server)
