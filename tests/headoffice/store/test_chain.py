"""What readers keep of sites and kiosks is what stands, after every change of them, on both databases."""

import re
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert

import headoffice
from headoffice.problems import Invalid
from headoffice.store import chain, kiosks, schema, sight, sites
from headoffice.store.engine import driver, open_database
from headoffice.store.kept import Kept
from headoffice.store.lists import all_kiosks, all_sites, heard_kiosks
from headoffice.store.tables import ledger_heads, ledgers

WRITES = r"(?:insert|update|delete)\((?:sites|site_tags|kiosks|placements)\)"
WRITES_SQL = r"(?:INSERT INTO|UPDATE|DELETE FROM) (?:sites|site_tags|kiosks|placements)\b"


def add(connection):
    sites.add_site(connection, name="Shibuya", timezone="Asia/Tokyo", tags={"region": "Kanto"}, now=1)


def enrol(connection):
    place = kiosks.Place(1, "checkout", "Asia/Tokyo")
    kiosks.add_kiosk(connection, name="kiosk", place=place, key=b"0" * 32, now=1)


def call(connection):
    sites.change_site(connection, sites.Site(1, "Shibuya", "Asia/Tokyo"), sites.Site(1, "渋谷", "Asia/Seoul"))


def tag(connection):
    sites.put_tags(connection, 1, {"region": "関東", "size": "L"})


def rename(connection):
    assert kiosks.rename(connection, 1, "入口")


def move(connection):
    assert kiosks.place(connection, 1, site=2, touchpoint="exit", now=2)


def twice(connection):
    add(connection)
    add(connection)


def add_second(connection):
    sites.add_site(connection, name="Osaka", timezone="Asia/Tokyo", tags={}, now=1)


def enrol_second(connection):
    place = kiosks.Place(1, "exit", "Asia/Tokyo")
    kiosks.add_kiosk(connection, name="second", place=place, key=b"1" * 32, now=1)


LEDGERS = ((1, 1, 20, 1), (2, 1, 10, 2), (3, 1, 30, 3), (4, 2, 20, 4), (5, 2, 20, 5), (6, 2, 10, 6))
CHANGES = (add, enrol, call, tag, rename, add_second, move)


def test_every_change_is_seen(place):
    """A reader that keeps what it read sees each change at once, and reads nothing again until the next."""
    kept = Kept()
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        before = told(database, kept)
        for change in CHANGES:
            with database.write() as connection:
                change(connection)
            now = told(database, kept)
            assert now != before, change
            assert now == told(database, None)
            assert told(database, kept, bare=True) == now[:1]  # nothing of it was read for that
            before = now


def test_of_several_ledgers_the_last_one_speaks(place):
    """A kiosk whose card was changed is known by the ledger heard of last; of two at once by the newer."""
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        with database.write() as connection:
            for change in (add, enrol, enrol_second):
                change(connection)
            for ledger, kiosk, heard_at, pending in LEDGERS:
                own = {"id": ledger, "uuid": bytes([ledger]) * 16, "kiosk": kiosk, "opened_at": 1}
                connection.execute(insert(ledgers).values(own))
                head = dict.fromkeys(("through", "held", "rejected", "withheld"), 0)
                head |= {"ledger": ledger, "heard_at": heard_at, "pending": pending}
                connection.execute(insert(ledger_heads).values(head))
        _, kiosks, heard = told(database, None)
        assert [(each.heard_at, each.pending) for each in kiosks] == [(30, 3), (20, 5)]
        assert [(each.heard_at, each.pending) for each in heard] == [(30, 3), (20, 5)]


def test_a_change_that_fails_is_none(place):
    """What is rolled back is not seen, and what comes after it is."""
    kept = Kept()
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        told(database, kept)
        with pytest.raises(Invalid), database.write() as connection:
            twice(connection)
        assert told(database, kept) == told(database, None)
        with database.write() as connection:
            add_second(connection)
        assert told(database, kept) == told(database, None)
        assert [site.name for site in told(database, kept)[0]] == ["Osaka"]


def test_a_restored_database_is_another(place):
    """In another life of the database nothing counts that was kept of the one before."""
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        with database.read() as connection:
            before = chain.state(connection)
        with database.write() as connection:
            driver(connection).execute("UPDATE settings SET value = 'another' WHERE name = 'epoch'")
        with database.read() as connection:
            assert chain.state(connection) != before


def test_nobody_else_changes_the_chain():
    """Sites, their tags, kiosks and where they stand are written by two modules, which note it."""
    folder = Path(headoffice.__file__).parent
    writing = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if "migrations" not in path.parts and re.search(f"{WRITES}|{WRITES_SQL}", path.read_text())
    }
    assert writing == {"store/kiosks.py", "store/sites.py"}


def told(database, kept, *, bare=False):
    """All that is told of the chain; `bare`: of its sites, without reading them."""
    with sight.reading(database, None, kept) as connection:
        if bare:
            state = chain.state(connection)
            unread = partial(pytest.fail, "read again")
            return (kept.get(("sites", state), unread, len),)
        return all_sites(connection), all_kiosks(connection), heard_kiosks(connection)
