import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from headoffice.problems import DatabaseNewer, DataUnusable, InUse, StoreFailed, WrongUsage
from headoffice.store import migrations, schema
from headoffice.store.engine import driver, open_database, place_of
from headoffice.store.sqlite import claim
from headoffice.store.tables import SLOT_COLUMNS, metadata


@pytest.fixture
def database(tmp_path):
    """A new, migrated database."""
    database = open_database(tmp_path / "office.sqlite3")
    schema.migrate(database)
    yield database
    database.close()


def test_a_commit_is_durable(database):
    """The writing connection keeps a write-ahead log and waits for the disk at every commit."""
    with database.write() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_write_is_whole_or_not_at_all(database):
    """A transaction that ends in an error leaves nothing, whichever way its statements were run."""

    def fail():
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO settings VALUES ('a', 'x')")
            driver(connection).execute("INSERT INTO settings VALUES ('b', 'x')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM settings WHERE value = 'x'").all()
    assert rows == []


def test_a_reader_sees_one_state_and_cannot_write(database):
    """What is committed while a reader reads it does not see; writing is not for it."""
    with database.read() as reading:
        before = reading.exec_driver_sql("SELECT count(*) FROM settings").scalar_one()
        with database.write() as writing:
            writing.exec_driver_sql("INSERT INTO settings VALUES ('a', 'x')")
        assert reading.exec_driver_sql("SELECT count(*) FROM settings").scalar_one() == before
    with pytest.raises(StoreFailed, match="readonly"), database.read() as reading:
        reading.exec_driver_sql("DELETE FROM settings")


def test_the_migrations_lead_to_the_tables(database):
    """What the migrations make and what tables.py describes is the same."""
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_migration_is_known():
    """The steps that this program knows are the files of the migrations, in their order."""
    folder = Path(migrations.__file__).parent / "versions"
    found = [
        re.findall(r'^revision = "(\w+)"', file.read_text(), re.MULTILINE) for file in folder.glob("m*.py")
    ]
    assert tuple(sorted(name for names in found for name in names)) == schema.STEPS


def test_every_column_says_what_it_holds_or_is_plain():
    """Every moment, size and number of a table has its unit or meaning beside it."""
    plain = {
        "id",
        "name",
        "value",
        "site",
        "tag",
        "visit",
        "language",
        "seq",
        "person",
        "touchpoint",
        "kiosk",
        "lane",
    }
    for table in metadata.tables.values():
        for column in table.columns:
            documented = column.doc or column.name in plain | set(SLOT_COLUMNS)
            assert documented, f"{table.name}.{column.name}"


def test_no_foreign_key_touches_what_is_distributed():
    """Tables that are spread by ledger have it in every unique key, and no foreign key leads in or out."""
    spread = {"taps", "rejected", "withheld", "ledger_heads", "tallies_day", "tallies_hour"}
    spread |= {"verbatims", "misuse_heads", "feed", "feed_lanes", "rolled_places"}
    for table in metadata.tables.values():
        targets = {key.column.table.name for key in table.foreign_keys}
        assert not targets & spread, table.name
        if table.name in spread:
            assert not targets, table.name
            assert "ledger" in {column.name for column in table.primary_key}, table.name
            assert not [index for index in table.indexes if index.unique], table.name


def test_the_page_on_scaling_names_every_table():
    """docs/scaling.md spreads each table that carries the ledger, and copies each other one to every node."""
    page = (Path(__file__).parents[3] / "docs" / "scaling.md").read_text("utf-8")
    spread = {name for name, table in metadata.tables.items() if "ledger" in table.columns}
    assert set(re.findall(r"create_distributed_table\('(\w+)', 'ledger'", page)) == spread
    (copied,) = re.findall(r"unnest\(ARRAY\[(.*?)\]\)", page, re.DOTALL)
    assert set(re.findall(r"'(\w+)'", copied)) == set(metadata.tables) - spread


def test_migrating_twice_changes_nothing(database):
    """A database that is up to date stays as it is, its epoch too."""
    with database.read() as connection:
        before = connection.exec_driver_sql("SELECT * FROM settings").all()
    assert schema.is_current(database)
    schema.migrate(database)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT * FROM settings").all() == before


def test_a_newer_database_is_left_alone(database):
    """A database that a later version migrated is refused with the mend."""
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewer, match="later version"):
        schema.is_current(database)


@pytest.mark.parametrize("content", [b"this is no database" * 500, b"SQLite format 3\x00" + b"\xff" * 9000])
def test_a_file_that_is_no_database_is_refused(tmp_path, content):
    """A file of rubbish is named and not touched."""
    path = tmp_path / "office.sqlite3"
    path.write_bytes(content)
    with pytest.raises(DataUnusable, match=r"office\.sqlite3"):
        open_database(path)
    assert path.read_bytes() == content


def test_damage_in_the_middle_is_found_at_the_start(tmp_path):
    """Pages overwritten in the middle of the file are noticed when it is opened."""
    path = tmp_path / "office.sqlite3"
    database = open_database(path)
    schema.migrate(database)
    with database.write() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5000) "
            "INSERT INTO settings SELECT 'name' || x, 'value' FROM c"
        )
    database.close()
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 8192] = b"\xa5" * 8192
    path.write_bytes(whole)
    with pytest.raises(DataUnusable):
        open_database(path)


def test_another_programs_database_is_refused(tmp_path):
    """A database of something else is not filled with our tables."""
    path = tmp_path / "office.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photos (id)")
    other.commit()
    other.close()
    with pytest.raises(DataUnusable, match="another program"):
        open_database(path)


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    """A data directory that is a file, or stands below one, is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataUnusable, match="cannot be used"):
        open_database(tmp_path / "file" / "office.sqlite3")


def test_the_files_are_their_owners_alone(database):
    """Nobody else on the machine can read what shoppers wrote."""
    assert database.path.stat().st_mode & 0o077 == 0


def test_only_one_process_serves(database):
    """A second claim names the first process; once that has ended the claim is free, however it ended."""
    script = (
        "import sys; from pathlib import Path; from headoffice.store.sqlite import claim; "
        "held = claim(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(database.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(InUse, match=f"process {other.pid}"):
        claim(database.path)
    other.kill()
    other.communicate()
    claim(database.path).close()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "/data/headoffice.sqlite3"),
        ("sqlite:////var/lib/office.db", "/var/lib/office.db"),
        ("sqlite:///office.db", "office.db"),
    ],
)
def test_a_database_is_a_directory_or_a_url(tmp_path, url, path):
    """Without a URL the database lies in the data directory, else where the URL says."""
    assert str(place_of(type(tmp_path)("/data"), url)) == path


@pytest.mark.parametrize(
    "url", ["postgresql://x", "mysql://x", "sqlite://", "sqlite:///:memory:", "office.db", ""]
)
def test_other_databases_are_wrong_usage(tmp_path, url):
    """What is not a file of SQLite is refused as a mistake of the command line."""
    with pytest.raises(WrongUsage, match="--database"):
        place_of(tmp_path, url)
