"""The catalogue of network faults: what each may do to a kiosk that sends five taps, and what it may not.

None leads to a false "sent", a hang past the deadline + 2 s, or more than 20 MB of growth; when the fault is
over, every tap is at head office once. The id of a case is the fault's name. What a fault needs beyond that:

    dripping, black hole        test_client.py  test_whole_exchange_ends_at_its_deadline
    400, 413                    test_push.py    test_poison_tap_…, test_too_large_…, test_refusal_of_…
    401, 403                    test_standing.py test_key_that_is_not_accepted_is_tried_hourly
    409 gap, fork, survey       test_push.py    TestGap, TestFork, TestSurveys
    429, 503                    test_backoff.py test_retry_after_…, test_standing.py test_retry_after_…
    TLS                         test_tls.py     test_no_harm_behind_tls, and one test for each
    all of them, kills as well  tests/torture/test_exactly_once.py
"""

import gzip
import json
import socket
import struct
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sync.client import Client
from sync.errors import (
    Busy,
    Forked,
    Gap,
    NotAnAck,
    Refused,
    Revoked,
    ServerTrouble,
    SyncError,
    TooLarge,
    TooSlow,
    Unauthorised,
    Unreachable,
)
from sync.push import Push
from tests.sync.faulty_server import (
    FaultyServer,
    answer,
    cut,
    drip,
    endless,
    hang_up,
    lost,
    raw,
    reset,
    served,
    silence,
    twice,
)
from tests.sync.memory import HEALTH, SENT, MemoryOutbox
from tests.sync.office import KEY, problem
from tests.sync.test_client import gzipped
from tests.sync.test_push import drain, holds_all
from tests.sync.waiting import until

TAPS = 5
DEADLINE_S, GRACE_S = 0.5, 2.0
MOST_GROWTH_BYTES = 20 << 20
DONE = None  # the exchange may succeed all the same

HTML = b"<html><form>Your room number?</form></html>"
HEADERS = b"HTTP/1.1 200 OK\r\nX-A: b\r\n" + b"X-B: c\r\n" * 200
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b" " * 999
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\n"
AN_HOUR = "Sat, 21 Nov 2026 11:00:00 GMT"
DATE = "Sat, 21 Nov 2026 10:00:00 GMT"


def stale(office):
    """The ack of another batch, as a cache would give it."""
    other = {"ledger": "ledger-1", "first": 1, "taps": [], "health": vars(HEALTH), "sent": vars(SENT)}
    body = json.dumps(other).encode()
    return served(lambda _: office.take(body))


def late(office):
    """The request comes to head office when the kiosk has given up and sent it again."""

    def behave(request, wire):
        threading.Timer(0.2, lambda: office(request)).start()
        wire.reset()

    return behave


def cut_in_chunk(office):
    """Head office's word in chunks, one of which is shorter than it says."""

    def behave(request, wire):
        body = office(request).body
        wire.send(CHUNKED + f"{len(body) + 9:x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
        wire.close()

    return behave


# Name → what head office's place answers once, and the error that it is; None where the taps may go through.
CATALOGUE = {
    "closed at once": (lambda _: hang_up, Unreachable),
    "reset": (lambda _: reset, Unreachable),
    "reset in the response": (
        lambda office: lambda request, wire: (wire.send(office(request).encode()[:150]), wire.reset()),
        Unreachable,
    ),
    "response lost after commit": (lost, Unreachable),
    "cut response": (cut, Unreachable),
    "request delivered twice": (twice, DONE),
    "request delivered late": (late, Unreachable),
    "black hole after the request": (lambda _: silence, TooSlow),
    "dripping header": (lambda _: drip(HEADERS), TooSlow),
    "dripping body": (lambda _: drip(BODY, 0.004), TooSlow),
    "captive portal, 200 HTML": (lambda _: answer(200, HTML, Content_Type="text/html"), NotAnAck),
    "captive portal, 200 JSON": (lambda _: answer(200, b'{"status":"ok","through":5}'), NotAnAck),
    "captive portal, 302": (lambda _: answer(302, HTML, Location="http://portal.example/"), NotAnAck),
    "captive portal, 511": (lambda _: answer(511, HTML), NotAnAck),
    "204": (lambda _: answer(204), NotAnAck),
    "empty 200": (lambda _: answer(200), NotAnAck),
    "wrong JSON": (lambda _: answer(200, b'{"ledger":"ledger-1","through":"5"'), NotAnAck),
    "stale ack": (stale, NotAnAck),
    "gzip bomb": (lambda _: answer(200, gzipped(256 << 20), Content_Encoding="gzip"), NotAnAck),
    "cut gzip": (lambda _: answer(200, gzip.compress(HTML)[:-9], Content_Encoding="gzip"), NotAnAck),
    "endless headers": (lambda _: endless(b"HTTP/1.1 200 OK\r\n", b"X-Again: yes\r\n" * 100), Unreachable),
    "huge Content-Length": (lambda _: endless(HUGE, b" " * 65536), NotAnAck),
    "bad chunk": (lambda _: raw(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"), Unreachable),
    "short chunk": (cut_in_chunk, Unreachable),
    "400": (lambda _: answer(400), Refused),
    "401": (lambda _: answer(401), Unauthorised),
    "403": (lambda _: answer(403), Revoked),
    "404": (lambda _: answer(404, HTML), NotAnAck),
    "409 gap that is none": (lambda _: served(lambda _: problem(409, "gap", through=99)), Gap),
    "409 fork that is none": (lambda _: served(lambda _: problem(409, "forked", same=99)), Forked),
    "413": (lambda _: answer(413), TooLarge),
    "429, seconds": (lambda _: answer(429, Retry_After="30"), Busy),
    "429, date": (lambda _: answer(429, Date=DATE, Retry_After=AN_HOUR), Busy),
    "429, past": (lambda _: answer(429, Date=AN_HOUR, Retry_After=DATE), Busy),
    "429, huge": (lambda _: answer(429, Retry_After="9" * 400), Busy),
    "429, junk": (lambda _: answer(429, Retry_After="when the moon is full"), Busy),
    "500": (lambda _: answer(500, HTML), ServerTrouble),
    "502": (lambda _: answer(502, HTML), ServerTrouble),
    "503": (lambda _: answer(503), Busy),
}


class Kiosk:
    """Five taps, and the real push and client; measured while it exchanges."""

    def __init__(self, address, surveys=None, deadline_s=DEADLINE_S, ca_file=None):
        self.outbox = MemoryOutbox(TAPS)
        self.deadline_s = deadline_s
        self.client = Client(address, KEY, deadline_s=deadline_s, ca_file=ca_file)
        self.push = Push(self.client, self.outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH)
        self.error = None
        self.took_s = 0.0
        self.grown_bytes = 0

    def exchange(self):
        """Exchange once; keep what it came to, how long it took and what it cost at its worst."""
        Path("/proc/self/clear_refs").write_text("5")  # forget the highest mark
        before = memory("VmRSS")
        started = time.monotonic()
        try:
            self.push.exchange()
        except SyncError as error:
            self.error = error
        self.took_s = time.monotonic() - started
        self.grown_bytes = memory("VmHWM") - before

    def suffers_no_harm(self, *, ledgers=1):
        assert self.took_s < self.deadline_s + GRACE_S
        assert self.grown_bytes < MOST_GROWTH_BYTES
        assert self.outbox.open.withheld == {}
        assert len(self.outbox.ledgers) == ledgers


def memory(name):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) << 10


@pytest.fixture
def kiosk_at(surveys):
    kiosks = []

    def make(address, **options):
        kiosks.append(Kiosk(address, surveys, **options))
        return kiosks[0]

    yield make
    for kiosk in kiosks:
        kiosk.client.close()


@pytest.mark.parametrize("fault", CATALOGUE)
def test_no_false_sent_no_hang_no_growth(kiosk_at, server, office, fault):
    """Whatever the network does: no tap is let go without head office's word, and all arrive once after."""
    behave, expected = CATALOGUE[fault]
    kiosk = kiosk_at(server.address)
    server.plan(behave(office))
    kiosk.exchange()
    kiosk.suffers_no_harm()
    if expected is not DONE:
        assert kiosk.outbox.pending() == TAPS
    drain(kiosk.push)
    until(lambda: not any(isinstance(thread, threading.Timer) for thread in threading.enumerate()))
    assert kiosk.outbox.pending() == 0
    assert holds_all(office, kiosk.outbox)


@pytest.mark.parametrize("fault", CATALOGUE)
def test_each_fault_is_the_error_it_should_be(server, office, fault):
    """Staff read what is wrong: each fault is told apart, and a pause that is named is followed in bounds."""
    behave, expected = CATALOGUE[fault]
    server.plan(behave(office))
    kiosk = Kiosk(server.address)
    batch, body = kiosk.push._next(kiosk.outbox.head())
    if expected is DONE:
        kiosk.push._send(batch, body)
    else:
        with pytest.raises(expected) as caught:
            kiosk.push._send(batch, body)
        assert type(caught.value) is expected
        assert str(caught.value)
        pause_s = getattr(caught.value, "retry_after_s", None)
        assert pause_s is None or 1 <= pause_s <= 900
    kiosk.client.close()


def rude(times, behave):
    """Treat the first connections so, before a byte of HTTP is read."""
    left = [None] * times

    def greet(sock):
        if left:
            left.pop()
            behave(sock)
        return sock

    return greet


def reset_now(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError


def reset_in_request(sock):
    sock.recv(40)
    reset_now(sock)


@pytest.mark.parametrize("behave", [reset_now, reset_in_request])
def test_reset_before_the_request_was_read(kiosk_at, office, behave):
    """A connection that is reset at once, or in the middle of the request, has sent nothing."""
    with FaultyServer(served(office), rude(1, behave)) as server:
        kiosk = kiosk_at(server.address)
        kiosk.exchange()
        kiosk.suffers_no_harm()
        assert isinstance(kiosk.error, Unreachable)
        assert (kiosk.outbox.pending(), office.ledgers) == (TAPS, {})
        drain(kiosk.push)
        assert holds_all(office, kiosk.outbox)


def test_refused(kiosk_at):
    """Nobody listens: said at once."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kiosk = kiosk_at(f"http://127.0.0.1:{port}")
    kiosk.exchange()
    kiosk.suffers_no_harm()
    assert isinstance(kiosk.error, Unreachable)
    assert kiosk.outbox.pending() == TAPS


@pytest.fixture
def black_hole():
    """An address that swallows attempts to connect, as a route that leads nowhere does; IPv6 if there is."""
    family, host = (socket.AF_INET6, "::1") if _has_ipv6() else (socket.AF_INET, "127.0.0.1")
    with socket.socket(family) as listener, socket.socket(family) as filler:
        listener.bind((host, 0))
        listener.listen(0)
        filler.connect(listener.getsockname())
        yield family, listener.getsockname()


def _has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_black_hole(kiosk_at, black_hole):
    """No route: the attempt to connect ends at the deadline."""
    family, place = black_hole
    host = f"[{place[0]}]" if family == socket.AF_INET6 else place[0]
    kiosk = kiosk_at(f"http://{host}:{place[1]}")
    kiosk.exchange()
    kiosk.suffers_no_harm()
    assert isinstance(kiosk.error, TooSlow | Unreachable)
    assert kiosk.outbox.pending() == TAPS


def test_ipv6_black_hole(kiosk_at, server, office, black_hole, monkeypatch):
    """A name whose IPv6 address leads nowhere is reached through its IPv4 address, within the deadline."""
    family, hole = black_hole
    addresses = [
        (family, socket.SOCK_STREAM, 6, "", hole),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    kiosk = kiosk_at(server.address, deadline_s=2)
    kiosk.exchange()
    kiosk.suffers_no_harm()
    assert (kiosk.error, kiosk.outbox.pending()) == (None, 0)
    assert holds_all(office, kiosk.outbox)


def test_dns_hang(kiosk_at, server, office, monkeypatch):
    """A name service that does not answer ends at the deadline, time after time, and is recovered from."""
    answers = threading.Event()
    real = socket.getaddrinfo

    def hanging(*words, **more):
        answers.wait()
        return real(*words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    kiosk = kiosk_at(server.address)
    for _ in range(3):
        kiosk.exchange()
        kiosk.suffers_no_harm()
        assert isinstance(kiosk.error, TooSlow | Unreachable)
        assert kiosk.outbox.pending() == TAPS
    answers.set()
    until(lambda: not any(thread.name == "egao-exchange" for thread in threading.enumerate()))
    drain(kiosk.push)
    assert holds_all(office, kiosk.outbox)


def test_poison_tap(kiosk_at, server, office):
    """400 for one tap alone: it is withheld and told, its neighbours arrive."""
    office.refuses = lambda item: item["seq"] == 3 and "answer" in item
    kiosk = kiosk_at(server.address)
    drain(kiosk.push)
    assert kiosk.outbox.open.withheld == {3: "refused"}
    assert holds_all(office, kiosk.outbox)


def test_gap(kiosk_at, server, office):
    """409 gap: head office has forgotten what it had settled, and is given it again."""
    kiosk = kiosk_at(server.address)
    drain(kiosk.push)
    del office.ledgers["ledger-1"][2:]
    kiosk.outbox.add(1)
    kiosk.exchange()
    kiosk.suffers_no_harm()
    assert kiosk.outbox.pending() == TAPS + 1 - 2
    drain(kiosk.push)
    assert holds_all(office, kiosk.outbox)


def test_fork(kiosk_at, server, office):
    """409 fork: other taps stand under our numbers; ours move to a new ledger, each of them once."""
    kiosk = kiosk_at(server.address)
    theirs = MemoryOutbox(TAPS)
    theirs.open.taps[2:] = [replace(tap, answer="sad") for tap in theirs.open.taps[2:]]
    office.ledgers["ledger-1"] = [vars(tap) for tap in theirs.open.taps]
    ours = [tap.visit for tap in kiosk.outbox.open.taps]
    kiosk.exchange()
    kiosk.suffers_no_harm(ledgers=2)
    assert kiosk.outbox.pending() == TAPS - 2
    drain(kiosk.push)
    assert kiosk.outbox.pending() == 0
    assert office.ledgers["ledger-1"] == [vars(tap) for tap in theirs.open.taps]
    held = [*office.ledgers["ledger-1"][:2], *office.ledgers["ledger-2"]]
    assert [item["visit"] for item in held] == ours
