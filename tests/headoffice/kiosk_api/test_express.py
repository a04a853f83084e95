"""Batches that go the short way: the same answers, the same bounds, nothing kept that has changed."""

import gc
import json
import socket
import weakref
from contextlib import closing

import pytest
import zstandard

from headoffice.store.engine import driver, open_database
from headoffice.web.express import Errand
from headoffice.web.throttle import GATE_MS
from tests.headoffice.kiosk_side import batch, refused, tap
from tests.headoffice.running import wait_for

pytestmark = pytest.mark.parametrize("served", ["sqlite", "postgresql"], indirect=True, scope="module")
ORDINARY = "/kiosk/v1/taps?"  # a query makes a request unusual


@pytest.fixture
def express(kiosk, monkeypatch):
    """A kiosk that was let in a moment ago, and how many batches have gone the short way since."""
    kiosk.acked([tap(1, answer="sad")])
    went, go = [], Errand._go
    monkeypatch.setattr(Errand, "_go", lambda errand: (went.append(1), go(errand))[1])
    return kiosk, went


def encoded(kiosk, *taps, **changes):
    return json.dumps(batch(kiosk.ledger, list(taps), **changes)).encode()


BATCHES = {
    "an ack": lambda kiosk: (encoded(kiosk, tap(1, answer="sad")), {}),
    "an ack with a long list": lambda kiosk: (
        encoded(kiosk, *(tap(2 + n, question=f"q{n}") for n in range(40))),
        {},
    ),
    "no gzip": lambda _: (b"no gzip", {"Content-Encoding": "gzip"}),
    "zstd": lambda kiosk: (
        zstandard.compress(encoded(kiosk, tap(1, answer="sad"))),
        {"Content-Encoding": "zstd"},
    ),
    "a bomb": lambda _: (zstandard.compress(bytes(1 << 22)), {"Content-Encoding": "zstd"}),
    "no JSON": lambda _: (b"{", {}),
    "many faults": lambda kiosk: (encoded(kiosk, {"seq": "1"}, {"withheld": 3}, first=1), {}),
    "a hole": lambda kiosk: (encoded(kiosk, tap(1000)), {}),
    "a fork": lambda kiosk: (encoded(kiosk, tap(1, answer="happy", language="en")), {}),
    "an unknown survey": lambda kiosk: (encoded(kiosk, tap(2, survey="0123456789ab")), {}),
    "over https": lambda kiosk: (encoded(kiosk), {"X-Forwarded-Proto": "https"}),
}


@pytest.mark.parametrize("name", BATCHES)
def test_both_ways_give_the_same_answer(express, name):
    """Whatever a kiosk sends, status, headers and body are those of the ordinary way."""
    kiosk, went = express
    body, headers = BATCHES[name](kiosk)
    short = kiosk.post(body, **headers)
    assert went == [1]
    ordinary = kiosk.client.post(ORDINARY, content=body, headers=headers)
    assert went == [1]
    assert short.status_code == ordinary.status_code
    heads = [dict(each.headers) for each in (short, ordinary)]
    for head in heads:  # the digits of a clock make an answer longer or shorter when it is packed
        del head["date"], head["content-length"]
    assert heads[0] == heads[1]
    told = [each.json() | {"now": 0} for each in (short, ordinary)]
    assert told[0] == told[1]


def test_batches_sent_on_without_waiting_are_answered_in_their_order(office, express):
    """Two batches and a question in one piece get three answers, in turn."""
    kiosk, went = express
    head = f"Host: x\r\nAuthorization: Bearer {kiosk.key}\r\n"
    sent = b""
    for seq in (2, 3):
        body = encoded(kiosk, tap(seq))
        sent += f"POST /kiosk/v1/taps HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    sent += f"GET /kiosk/v1/programme HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode()
    with closing(socket.create_connection(("127.0.0.1", office.port), timeout=10)) as line:
        line.sendall(sent)
        said = b""
        while piece := line.recv(65536):
            said += piece
    answers = said.split(b"HTTP/1.1 200 OK\r\n")
    marks = (b"", b'"through":2', b'"through":3', b'"surveys"')
    assert all(mark in answer for mark, answer in zip(marks, answers, strict=True))
    assert went == [1]  # what comes while another is under way goes the ordinary way


def test_a_body_cut_off_gives_its_room_back(office, express):
    """A connection that ends amid its body leaves no bytes taken, and its batch is not stored."""
    kiosk, went = express
    free = office.context.bodies._left
    body = encoded(kiosk, tap(2))
    request = f"POST /kiosk/v1/taps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kiosk.key}\r\n"
    with closing(socket.create_connection(("127.0.0.1", office.port), timeout=10)) as line:
        line.sendall(request.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:-5])
        wait_for(lambda: office.context.bodies._left < free)
    wait_for(lambda: office.context.bodies._left == free)
    assert went == []
    assert kiosk.acked([], first=2)["through"] == 1


def test_a_batch_that_was_answered_is_let_go(express, monkeypatch):
    """With the next batch the last is gone: a ring would keep thousands of taps for one long pause."""
    kiosk, _ = express
    errands, go = [], Errand._go
    monkeypatch.setattr(Errand, "_go", lambda errand: (errands.append(weakref.ref(errand)), go(errand))[1])
    gc.disable()
    try:
        for seq in (2, 3):
            kiosk.acked([tap(seq)])
        assert len(errands) == 2
        wait_for(lambda: errands[0]() is None)
    finally:
        gc.enable()


def test_a_kiosk_that_calls_again_and_again_goes_the_short_way(office, express, monkeypatch):
    """Each batch taken keeps the short way open for the next, however long the kiosk has been calling."""
    kiosk, went = express
    gate, later_ms = office.context.gate, 0
    now_ms = gate._now_ms
    monkeypatch.setattr(gate, "_now_ms", lambda: now_ms() + later_ms)
    for seq in (2, 3, 4):
        later_ms += GATE_MS - 60_000
        kiosk.acked([tap(seq)])
    assert len(went) == 3
    later_ms += GATE_MS
    kiosk.acked([tap(5)])
    assert len(went) == 3  # a key not seen for so long is looked at before its body is taken


def test_what_another_process_changes_is_seen_with_the_next_batch(office, express):
    """A key taken back over another connection to the database is refused at once."""
    kiosk, went = express
    kiosk.acked([tap(2)])
    with closing(open_database(office.path)) as other, other.write() as connection:
        driver(connection).execute(
            "UPDATE kiosk_keys SET revoked_at = 1 WHERE kiosk = (SELECT max(id) FROM kiosks)"
        )
    refused(kiosk.send([tap(3)]), 403, "revoked")
    assert went == [1, 1]


@pytest.mark.parametrize("path", ["/kiosk/v1/taps", ORDINARY])
def test_after_a_key_was_refused_its_bodies_are_not_read(office, express, path):
    """Whichever way a key that was taken back is refused first, what it sends then is not even looked at."""
    kiosk, went = express
    office.change(
        lambda connection: connection.exec_driver_sql(
            "UPDATE kiosk_keys SET revoked_at = 1 WHERE kiosk = (SELECT max(id) FROM kiosks)"
        )
    )
    refused(kiosk.client.post(path, content=encoded(kiosk, tap(2))), 403, "revoked")
    gone = len(went)
    refused(kiosk.client.post("/kiosk/v1/taps", content=b"no JSON"), 403, "revoked")
    assert len(went) == gone
