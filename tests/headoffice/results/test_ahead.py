"""What takes long is made one ahead."""

import asyncio
import threading

import pytest
from starlette.requests import ClientDisconnect, Request

from headoffice.web.ahead import ahead
from headoffice.web.negotiate import Answer, Format, Wanted, pour
from headoffice.web.strands import Own


def test_the_next_is_made_while_the_one_before_is_used():
    """Before a thing is done with, the next is under way; all come in order, and their thread ends."""
    begun = [threading.Event() for _ in range(4)]

    def things():
        for number, event in enumerate(begun[:3]):
            event.set()
            yield number
        begun[3].set()

    found = []
    for thing in ahead(things()):
        assert begun[thing + 1].wait(10)
        found.append(thing)
    assert found == [0, 1, 2]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_an_error_comes_where_the_thing_is_asked_for():
    """What was made before an error is given out, then the error is raised, and no thread is left behind."""

    def things():
        yield 1
        raise OSError("the disk is gone")

    coming = ahead(things())
    assert next(coming) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(coming)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_who_goes_away_leaves_no_thread_behind():
    """An iterator that is closed half way, as a client's that has gone, ends its thread."""
    coming = ahead(iter(range(1, 100)))
    assert next(coming) == 1
    coming.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


@pytest.mark.parametrize("form", list(Format))
def test_a_client_that_goes_away_ends_what_was_being_made(form):
    """When sending fails half way, what makes the export has ended, though the answer is still held."""
    ended, sent, kept = [], [], []

    def stretches():
        try:
            for number in range(100):
                yield [Own("seq", range(number, number + 500))]
        finally:
            ended.append(True)

    async def send(message):
        sent.append(len(message.get("body", b"")))
        if sum(map(bool, sent)) > 1:
            raise OSError("gone")

    async def receive():
        await asyncio.Event().wait()

    async def answered():
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}
        answer = Answer(name="taps", rows=(), columns=["seq"])
        response = pour(Request(scope), answer, ahead(stretches()), Wanted(form))
        kept.append(response)
        with pytest.raises(ClientDisconnect):
            await response(scope, receive, send)

    asyncio.run(answered())
    assert ended == [True]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_a_server_whose_time_to_stop_is_over_waits_for_no_part():
    """Cancelled while a part is made, sending ends as it is told to, and with no other error."""
    begun, let_go = threading.Event(), threading.Event()

    def stretches():
        yield [Own("seq", range(5))]
        begun.set()
        let_go.wait(10)
        yield [Own("seq", range(5))]

    async def send(_message): ...

    async def receive():
        await asyncio.Event().wait()

    async def stopped():
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}
        answer = Answer(name="taps", rows=(), columns=["seq"])
        response = pour(Request(scope), answer, stretches(), Wanted(Format.CSV))
        sending = asyncio.create_task(response(scope, receive, send))
        assert await asyncio.to_thread(begun.wait, 10)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        let_go.set()

    asyncio.run(stopped())
