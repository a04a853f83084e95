"""Live pages: told at once that something came, never more of them than may listen, and never held open."""

from contextlib import contextmanager

import pytest

from headoffice.web import stream
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.pages.conftest import new_office, one_time_code
from tests.headoffice.running import wait_for

EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A head office with one kiosk."""
    office = new_office(tmp_path_factory.mktemp("stream"))
    office.kiosk = office.sender()
    yield office
    office.kiosk.close()
    office.close()


@pytest.fixture
def client(shop, visitor):
    """Somebody who is signed in."""
    client = visitor(shop)
    assert client.post("/sign-in/code", data={"code": one_time_code(shop)}).status_code == 303
    return client


@contextmanager
def listening(client):
    """A stream, and the lines of it that say something."""
    with client.stream("GET", stream.PATH, headers=EVENTS) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line)
        assert next(lines).startswith("retry:")
        yield lines


def test_a_tap_is_told_at_once(shop, client, monkeypatch):
    """What is committed wakes those who listen; without anything they are told now and then all the same."""
    monkeypatch.setattr(stream, "LOOK_AGAIN_S", 60)
    with listening(client) as lines:
        shop.kiosk.acked([tap(1, visit=new_id(), survey=shop.version)])
        assert next(lines) == "data: look"
    monkeypatch.setattr(stream, "LOOK_AGAIN_S", 0.01)
    with listening(client) as lines:
        assert next(lines) == "data: look"


def test_only_so_many_listen(shop, client, monkeypatch):
    """Beyond the bound a page gets 503 and asks instead; who goes makes room; strangers never listen."""
    monkeypatch.setattr(stream, "MOST_LISTENERS", 1)
    monkeypatch.setattr(stream, "LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(stream, "AT_MOST_EVERY_S", 0.01)

    def free():
        return client.get(stream.PATH, headers=EVENTS).status_code == 200

    with listening(client):
        answer = refused_now(client)
        assert answer.headers["Retry-After"]
    monkeypatch.setattr(stream, "LONGEST_S", 0)
    wait_for(free)
    refused(client.get(stream.PATH), 406, "not_acceptable")
    client.cookies.clear()
    assert client.get(stream.PATH, headers=EVENTS).status_code == 303


def refused_now(client):
    answer = client.get(stream.PATH, headers=EVENTS)
    refused(answer, 503, "busy")
    return answer


def test_a_page_asks_where_it_cannot_listen(shop, look, monkeypatch):
    """A page that gets no stream shows what comes all the same, by asking every two seconds."""
    monkeypatch.setattr(stream, "MOST_LISTENERS", 0)
    page = look(shop)
    before = int(page.locator("[data-faces]").get_attribute("data-happy"))
    shop.kiosk.acked([tap(2, visit=new_id(), survey=shop.version, answer="happy")])
    page.wait_for_selector(f'[data-faces][data-happy="{before + 1}"]', timeout=10_000)


def test_a_stop_ends_every_stream(shop, client):
    """The server's end does not wait for pages that listen."""
    with listening(client) as lines:
        shop.context.stopping._loop.call_soon_threadsafe(shop.context.stopping.set)
        assert [line for line in lines if line != "data: look"] == []
    refused_now(client)
