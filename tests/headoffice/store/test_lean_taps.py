"""The step to lean taps, on a database that an earlier version filled."""

from importlib.resources import as_file, files

import pytest
from alembic import command
from alembic.config import Config

from headoffice.store import feed, schema
from headoffice.store.engine import driver, open_database
from tests.headoffice.kiosk_side import new_id

VISITS = sorted(new_id().replace("-", "") for _ in range(3))
# Two ledgers whose batches came in turn, a number that was rejected, a visit that goes on in a later batch.
OLD_TAPS = [
    (1, 1, VISITS[0], 1),
    (1, 2, VISITS[0], 2),
    (2, 1, VISITS[1], 3),
    (1, 4, VISITS[2], 4),
    (1, 5, VISITS[2], 5),
]


def upgrade(connection, to):
    with as_file(files("headoffice.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


@pytest.fixture
def old(tmp_path):
    """A database as version 0003 left it, with some taps."""
    database = open_database(tmp_path / "office.sqlite3")
    with database.write() as connection:
        upgrade(connection, "0003")
        bare = driver(connection)
        bare.execute("INSERT INTO sites VALUES (1, 'Shibuya', 'Asia/Tokyo', 1)")
        bare.execute("INSERT INTO kiosks VALUES (1, 'one', 1, 1)")
        bare.execute("INSERT INTO placements VALUES (1, 1, 1, 'checkout', 1)")
        bare.execute("INSERT INTO surveys VALUES (1, 'v', 's', 'in_the_moment', '{}', NULL, 1)")
        bare.execute("INSERT INTO questions VALUES (1, 1, 'rating', 0, 'faces', 'csat', 0, 3)")
        for ledger in (1, 2):
            bare.execute("INSERT INTO ledgers VALUES (?, ?, 1, 1)", (ledger, bytes([ledger]) * 16))
            bare.execute(
                "INSERT INTO ledger_heads (ledger, through, held, rejected, withheld, heard_at) "
                "VALUES (?, 9, 9, 0, 0, 1)",
                (ledger,),
            )
        for ledger, seq, visit, n in OLD_TAPS:
            bare.execute(
                "INSERT INTO taps VALUES (?, ?, ?, 1, 1, '\"sad\"', 'ja', 5, 6, 0, 0, NULL, 0, ?, 7)",
                (ledger, seq, bytes.fromhex(visit), n),
            )
        bare.execute("UPDATE feed_lanes SET n = 5")
    yield database
    database.close()


def test_a_reader_goes_on_where_it_was(old):
    """Every tap keeps its number in the feed, so that cursors given before the step stay good."""
    schema.migrate(old)
    with old.read() as connection:
        life = feed.epoch(connection)
        for after in range(6):
            rows, cursor, more = feed.page(connection, feed.Cursor(life, {0: after}), 100)
            assert [(int(row.ledger[:2], 16), row.seq) for row in rows] == [
                (ledger, seq) for ledger, seq, _, n in OLD_TAPS if n > after
            ]
            assert (cursor.lanes, more) == ({0: 5}, False)


def test_the_newest_visit_is_known(old):
    """The heads remember the highest visit held and where it began."""
    schema.migrate(old)
    with old.read() as connection:
        heads = driver(connection).execute("SELECT ledger, newest, newest_from FROM ledger_heads").fetchall()
    assert heads == [(1, bytes.fromhex(VISITS[2]), 4), (2, bytes.fromhex(VISITS[1]), 1)]
