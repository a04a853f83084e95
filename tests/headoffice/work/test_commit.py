import asyncio
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import event

from headoffice.problems import Busy, Gap, StoreFailed
from headoffice.store.engine import driver
from headoffice.store.sqlite import SqliteDatabase
from headoffice.work.commit import Committer
from headoffice.work.group import Outcome
from headoffice.work.ingest import Ingest
from headoffice.work.parcel import Parcel


def put(name):
    """A change that writes one row."""

    def change(connection):
        driver(connection).execute("INSERT INTO settings (name, value) VALUES (?, 'x')", (name,))
        return name

    return change


def names(office):
    return {name for (name,) in office.rows("SELECT name FROM settings WHERE value = 'x'")}


def together(office, *changes, most_waiting=100):
    """Make changes that all wait at once, so that they are one group; returns each result or error."""

    async def run():
        committer = Committer(office.database, most_waiting=most_waiting)
        waiting = [asyncio.ensure_future(committer.do(change)) for change in changes]
        await asyncio.sleep(0)  # each stands in the queue before the first is taken
        committer.start()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        await committer.stop()
        return outcomes

    return asyncio.run(run())


@contextmanager
def one_commit(office):
    """See that the database is committed to once."""
    seen = []
    event.listen(office.database._writer, "commit", seen.append)
    yield
    assert len(seen) == 1


def test_all_that_waits_is_one_transaction(office):
    """Changes that wait together see each other and are committed together."""
    seen = []

    def count(connection):
        seen.append(
            connection.exec_driver_sql("SELECT count(*) FROM settings WHERE value = 'x'").scalar_one()
        )

    with one_commit(office):
        together(office, put("a"), count, put("b"), count)
    assert seen == [1, 2]


def test_a_poisonous_change_harms_no_other(office):
    """A change that fails takes nobody with it: the others are committed as one, it alone gets its error."""

    def poison(connection):
        put("half")(connection)
        raise ZeroDivisionError

    with one_commit(office):
        first, error, last = together(office, put("a"), poison, put("b"))
    assert (first, last) == ("a", "b")
    assert isinstance(error, ZeroDivisionError)
    assert names(office) == {"a", "b"}


def test_a_refusal_before_any_write_costs_the_group_nothing(office):
    """A change refused before it wrote leaves the group as it is: one commit."""

    def refuse(_connection):
        raise Gap(3)

    with one_commit(office):
        outcomes = together(office, put("a"), refuse, put("b"))
    assert isinstance(outcomes[1], Gap)
    assert names(office) == {"a", "b"}


def test_a_refusal_after_a_write_leaves_nothing(office):
    """What a change wrote before it was refused is undone."""

    def refuse_late(connection):
        put("half")(connection)
        raise Gap(3)

    together(office, put("a"), refuse_late, put("b"))
    assert names(office) == {"a", "b"}


def test_a_result_is_given_after_the_commit(office):
    """Whoever gets a result can read what was written from anywhere else."""

    async def run():
        committer = Committer(office.database, most_waiting=10)
        committer.start()
        for number in range(20):
            await committer.do(put(f"n{number}"))
            assert f"n{number}" in names(office)
        await committer.stop()

    asyncio.run(run())


def test_beyond_the_bound_nobody_waits(office):
    """The queue takes so many and no more; those beyond get Busy at once."""
    outcomes = together(office, *(put(f"n{number}") for number in range(5)), most_waiting=3)
    assert [isinstance(outcome, Busy) for outcome in outcomes] == [False] * 3 + [True] * 2
    assert names(office) == {"n0", "n1", "n2"}


def test_stopping_finishes_what_waits(office):
    """Everything that was accepted before the stop is committed before it returns."""

    async def run():
        committer = Committer(office.database, most_waiting=100)
        committer.start()
        waiting = [asyncio.ensure_future(committer.do(put(f"n{number}"))) for number in range(50)]
        await asyncio.sleep(0)
        await committer.stop()
        return await asyncio.gather(*waiting)

    assert len(asyncio.run(run())) == 50
    assert len(names(office)) == 50


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)  # SQLite has one writer
def test_a_group_is_written_while_another_waits(office):
    """Where the database takes several writers, a change that takes long keeps no other from its commit."""
    begun, came = asyncio.Event(), threading.Event()

    def slow(connection, loop):
        put("slow")(connection)
        loop.call_soon_threadsafe(begun.set)
        return came.wait(60)

    async def run():
        committer = Committer(office.database, most_waiting=10)
        committer.start()
        waits = asyncio.ensure_future(committer.do(partial(slow, loop=asyncio.get_running_loop())))
        await begun.wait()
        await committer.do(put("quick"))
        seen = names(office)
        came.set()
        return seen, await waits, await committer.stop()

    assert asyncio.run(run())[:2] == ({"quick"}, True)
    assert names(office) == {"slow", "quick"}


def test_whoever_left_is_not_waited_for(office):
    """A request that was given up while it waited harms neither the group nor those after it."""

    async def run():
        committer = Committer(office.database, most_waiting=10)
        left = asyncio.ensure_future(committer.do(put("left")))
        await asyncio.sleep(0)
        left.cancel()
        committer.start()
        return await committer.do(put("stayed")), await committer.stop()

    assert asyncio.run(run())[0] == "stayed"
    assert "stayed" in names(office)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_database_that_cannot_be_written_is_said_and_survived(office):
    """While the disk gives errors every change fails with StoreFailed; afterwards they work again."""

    def full(connection):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000) AS x")

    (error,) = together(office, full)
    assert isinstance(error, StoreFailed)
    assert "full" in str(error)
    (done,) = together(office, lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1073741823").scalar_one())
    assert done
    assert together(office, put("after")) == ["after"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_two_processes_never_commit_at_once(office):
    """While another process holds the shared lock, even outside a transaction, nobody begins to write."""
    other = SqliteDatabase(office.path)
    waiting = threading.Thread(target=office.change, args=[put("second")])
    with other.alone():
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        assert names(office) == set()
    waiting.join(10)
    other.close()
    assert names(office) == {"second"}


@pytest.mark.parametrize("count", [1, 1000])
def test_large_crowds_are_served_in_order(office, count):
    """However many wait, each gets its own result."""
    outcomes = together(office, *(put(f"n{number}") for number in range(count)), most_waiting=count)
    assert outcomes == [f"n{number}" for number in range(count)]


class Odd:
    """Who should write beside, and fails in a way that nobody has thought of."""

    is_up = True

    def start(self):
        """It is."""

    async def stop(self):
        """At once."""

    async def commit(self, _parcels):
        raise RuntimeError("odd")


def test_what_fails_beside_fails_alone(office):
    """Whoever waited is told of the fault, and the next group has its turn all the same."""

    async def run():
        committer = Committer(office.database, most_waiting=10, beside=[Odd()])
        committer.start()
        failed = [committer.submit(Parcel(Ingest(), b"")) for _ in range(3)]
        outcomes = await asyncio.gather(*failed, return_exceptions=True)
        return outcomes, await committer.do(put("next")), await committer.stop()

    outcomes, done, _ = asyncio.run(run())
    assert [str(each) for each in outcomes] == ["odd"] * 3
    assert done == "next"


def test_others_in_a_group_of_parcels_are_done_here(office):
    """A change that is no parcel is committed by the server, and each has its own answer, in its order."""

    class Beside(Odd):
        async def commit(self, parcels):
            return [Outcome(parcel.content) for parcel in parcels]

    async def run():
        committer = Committer(office.database, most_waiting=10, beside=[Beside()])
        waiting = [
            committer.submit(change)
            for change in (Parcel(None, b"1"), put("a"), Parcel(None, b"2"), put("b"), Parcel(None, b"3"))
        ]
        committer.start()
        outcomes = await asyncio.gather(*waiting)
        await committer.stop()
        return outcomes

    assert asyncio.run(run()) == [b"1", "a", b"2", "b", b"3"]
    assert names(office) == {"a", "b"}


def test_who_cannot_be_told_keeps_it_from_nobody_else(office):
    """An error of who is called back is logged; the others of its group are told, and the next group too."""
    told = []

    def cannot(_outcome):
        raise RuntimeError("gone")

    async def run():
        committer = Committer(office.database, most_waiting=10)
        committer.take_for(put("first"), cannot)
        committer.take_for(put("second"), told.append)
        committer.start()
        return await committer.do(put("next")), await committer.stop()

    assert asyncio.run(asyncio.wait_for(run(), 10))[0] == "next"
    assert [outcome.value for outcome in told] == ["second"]


def test_after_a_stop_nothing_is_taken(office):
    """Who comes too late is told so at once, and does not wait for ever."""

    async def run():
        committer = Committer(office.database, most_waiting=10)
        committer.start()
        await committer.stop()
        with pytest.raises(Busy):
            await committer.do(put("late"))

    asyncio.run(asyncio.wait_for(run(), 10))
    assert "late" not in names(office)
