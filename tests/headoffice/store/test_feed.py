import os
import threading
import time
from functools import partial

import pytest

from headoffice.problems import Invalid
from headoffice.store import feed
from headoffice.store.audit import By
from headoffice.store.sight import reading
from headoffice.work import access
from tests.headoffice.running import Office
from tests.headoffice.work.test_rebuild import fill

TAPS_EACH = 30


@pytest.fixture
def office(tmp_path, place):
    """A head office that is not served, with the survey published."""
    office = Office(tmp_path, place=place)
    office.publish()
    yield office
    office.close()


def read_all(office, cursor="", limit=7):
    """Every row after a cursor, page by page, and the cursor at the end."""
    rows, more = [], True
    while more:
        with office.database.read() as connection:
            page, position, more = feed.page(connection, feed.read_cursor(connection, cursor), limit)
        rows += page
        cursor = feed.write_cursor(position)
    return rows, cursor


def test_pages_hold_every_tap_once_in_order(office):
    """Read in pages of any size the feed gives each tap once, with its names and its site's zone."""
    fill(office, ledgers=2, taps=60)
    rows, _ = read_all(office)
    assert len(rows) == len({(row.ledger, row.seq) for row in rows}) == 120
    assert {(row.site, row.timezone, row.touchpoint) for row in rows} == {(1, "Asia/Tokyo", "checkout")}
    for ledger in {row.ledger for row in rows}:
        assert [row.seq for row in rows if row.ledger == ledger] == list(range(1, 61))


def test_a_cursor_gives_only_what_came_after(office):
    """Whoever comes again with the last cursor gets just what is new."""
    fill(office, ledgers=1, taps=20, seed=1)
    _, cursor = read_all(office)
    assert read_all(office, cursor)[0] == []
    fill(office, ledgers=1, taps=20, seed=2)
    rows, _ = read_all(office, cursor)
    assert len(rows) == 20


def test_a_reader_beside_writers_misses_nothing_and_sees_nothing_twice(office):
    """A reader that polls while sixteen others write ends with each tap exactly once."""
    end = time.monotonic() + (60 if os.environ.get("EGAO_TORTURE") else 0)

    def write(seed):
        fill(office, ledgers=1, taps=TAPS_EACH, seed=seed)
        while time.monotonic() < end:
            fill(office, ledgers=1, taps=TAPS_EACH, seed=seed)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(16)]
    for writer in writers:
        writer.start()
    rows, cursor = [], ""
    while any(writer.is_alive() for writer in writers):
        page, cursor = read_all(office, cursor, limit=50)
        rows += page
    page, cursor = read_all(office, cursor)
    rows += page
    assert (
        len(rows) == len({(row.ledger, row.seq) for row in rows}) == office.value("SELECT count(*) FROM taps")
    )
    assert len(rows) >= 16 * TAPS_EACH
    assert not office.wrong()


def test_who_sees_some_sites_is_given_the_last_taps_of_these(office):
    """The newest taps of a few sites are theirs alone, in the order they came, whatever came elsewhere."""
    add = partial(access.add_site, name="Umeda", timezone="Asia/Tokyo", tags={}, by=By("test", 1))
    umeda = office.change(add)
    fill(office, ledgers=2, taps=30, seed=1, site=umeda)
    fill(office, ledgers=3, taps=60, seed=2)

    def newest(sites, count):
        with reading(office.database, sites) as connection:
            return [(row.site, row.ledger, row.seq) for row in feed.newest(connection, count)]

    every, _ = read_all(office)
    own = [row for row in every if row.site == umeda]
    arrived = sorted(own, key=lambda row: (row.received_at, row.ledger, row.seq))
    assert newest(None, 1000) != newest(frozenset({umeda}), 1000)
    assert sorted(newest(frozenset({umeda}), 1000)) == sorted((r.site, r.ledger, r.seq) for r in own)
    found = newest(frozenset({umeda}), 8)
    assert {site for site, *_ in found} == {umeda}
    assert {seq for *_, seq in found} <= {row.seq for row in arrived[-16:]}
    assert newest(frozenset(), 8) == []


@pytest.mark.parametrize(
    "cursor", ["!", "abc", "bnVsbA", "W10", "WzFd", "WyJ4IiwgMV0", "WyJ4IixbIngiLDFdXQ", "é", "a" * 5000]
)
def test_what_is_no_cursor_is_refused(office, cursor):
    """Anything that was never a cursor is the reader's fault, said with the mend."""

    def read(connection):
        return feed.page(connection, feed.read_cursor(connection, cursor), 10)

    with office.database.read() as connection, pytest.raises(Invalid) as caught:
        read(connection)
    assert caught.value.faults[0].place == "after"
