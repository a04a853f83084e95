import pytest

from headoffice.problems import DataUnusable, InUse
from headoffice.store import feed, schema
from headoffice.store.engine import driver, open_database, read_place
from headoffice.work.move import move
from tests.headoffice.running import Office
from tests.headoffice.work.test_rebuild import fill

TAPS = "SELECT ledger, seq, visit, answer, tapped_at, superseded, hash FROM taps ORDER BY ledger, seq"


@pytest.fixture
def target(place, tmp_path, postgres):
    """An empty database of the other kind."""
    if place == tmp_path / "headoffice.sqlite3":
        return read_place(postgres.new(template="template0"), option="test")
    return tmp_path / "target.sqlite3"


def cursor_of(office):
    with office.database.read() as connection:
        return feed.write_cursor(feed.position(connection))


def test_everything_is_there_and_goes_on(office, target, tmp_path):
    """From either database to the other: same taps and tallies, cursors stay good, what comes is new."""
    fill(office)
    taps, cursor = office.rows(TAPS), cursor_of(office)
    said = []
    office.database.close()
    rows = move(office.path, target, say=said.append)
    assert rows > len(taps)
    assert "taps: 360 of 360" in said
    there = Office.__new__(Office)
    there.path, there.database, there.site = target, open_database(target), office.site
    assert there.rows(TAPS) == taps
    assert not there.wrong()
    fill(there, ledgers=1, taps=20, seed=9)
    with there.database.read() as connection:
        news, _, _ = feed.page(connection, feed.read_cursor(connection, cursor), 1000)
    assert len(news) == 20
    assert not there.wrong()
    with pytest.raises(DataUnusable, match="holds data already"):
        move(office.path, target, say=said.append)
    there.close()
    office.database = open_database(office.path)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_row_that_gets_lost_on_the_way_is_noticed(office, target):
    """Counts and sums are compared before the commit: where they differ the target stays empty."""
    fill(office, ledgers=1)
    office.database.close()
    prepared = open_database(target)
    move_nothing = "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    schema.migrate(prepared)
    with prepared.write() as connection:
        driver(connection).execute(move_nothing)
        driver(connection).execute(
            "CREATE TRIGGER lose BEFORE INSERT ON tallies_hour FOR EACH ROW "
            "WHEN (new.n > 0 AND new.hour = 9) EXECUTE FUNCTION lose()"
        )
    with pytest.raises(DataUnusable, match="tallies_hour"):
        move(office.path, target, say=str)
    with prepared.read() as connection:
        assert driver(connection).execute("SELECT count(*) FROM taps").fetchone() == (0,)
    prepared.close()
    office.database = open_database(office.path)


def test_nothing_is_copied_while_it_is_served(office, target):
    """A database that is being served is not copied: what came meanwhile would be missing."""
    held = office.database.claim()
    with pytest.raises(InUse, match="being served"):
        move(office.path, target, say=str)
    held.close()
