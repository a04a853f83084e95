"""Every way in which a network lies, and that the client believes none of it, in little time and memory."""

import gzip
import json
import socket
import struct
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from sync.client import Client
from sync.clocks import Clocks
from sync.contract import Batch, Enrolled, encode_batch
from sync.errors import (
    Busy,
    Closed,
    Forked,
    Gap,
    NotAnAck,
    Offline,
    Refused,
    Revoked,
    ServerTrouble,
    SurveyWanted,
    TooLarge,
    TooSlow,
    Unauthorised,
    Unreachable,
)
from tests.sync.faulty_server import (
    FaultyServer,
    Response,
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
from tests.sync.memory import HEALTH, SENT, tap
from tests.sync.office import KEY
from tests.sync.waiting import until

BATCH = Batch(ledger="ledger-1", first=1, sent=SENT, taps=(tap(1), tap(2)), health=HEALTH)
GRACE_S = 2.0
ACK = b'{"ledger":"ledger-1","batch":"00","through":2,"rejected":[],"programme":null,"now":1}'


def send(client, batch=BATCH):
    return client.send(encode_batch(batch), ledger=batch.ledger, first=batch.first, last=batch.last)


@cache
def gzipped(size_bytes: int) -> bytes:
    """So many blanks in one gzip stream: one packed piece of it again and again, which takes no time."""
    piece, packer, check = b" " * (1 << 20), zlib.compressobj(9, wbits=-zlib.MAX_WBITS), 0
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(size_bytes >> 20):
        check = zlib.crc32(piece, check)
    ends = packer.flush() + struct.pack("<II", check, size_bytes)
    return gzip.compress(b"")[:10] + packed * (size_bytes >> 20) + ends


def test_batch_goes_up_packed_with_its_key_and_the_ack_is_read(client, server, office):
    """A batch is sent as packed JSON under the kiosk's key, and head office's ack comes back as a value."""
    ack = send(client)
    assert (ack.through, ack.rejected, ack.programme) == (2, (), "etag-0")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/kiosk/v1/taps")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-encoding"] == "zstd"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(request.decoded)["taps"][0]["answer"] == "happy"
    assert len(office.ledgers["ledger-1"]) == 2


def test_head_office_that_knows_no_zstd_is_sent_gzip(client, server, office):
    """A 415 is answered with the same batch in the older packing, now and from then on."""

    def old(request):
        return Response(415) if request.headers["content-encoding"] == "zstd" else office(request)

    server.plan(*[served(old)] * 3)
    assert send(client).through == 2
    assert send(client).through == 2
    assert [request.headers["content-encoding"] for request in server.requests] == ["zstd", "gzip", "gzip"]
    assert len(office.ledgers["ledger-1"]) == 2


def test_place_that_refuses_every_packing_is_no_head_office(client, server):
    """It is asked twice, not for ever."""
    server.plan(*[answer(415)] * 5)
    for count in (2, 3):
        with pytest.raises(NotAnAck):
            send(client)
        assert len(server.requests) == count


def test_packed_ack_is_read(client, server, office):
    """Head office may pack its answer."""

    def pack(request):
        plain = office(request)
        return Response(200, gzip.compress(plain.body), {"Content-Encoding": "gzip"})

    server.plan(served(pack))
    assert send(client).through == 2


def test_connection_is_kept_during_a_drain_and_not_beyond(server):
    """Batches that follow each other share a connection; one that lay idle is not trusted."""
    now_s = 0.0
    client = Client(server.address, KEY, deadline_s=5, clocks=Clocks(monotonic_s=lambda: now_s))
    send(client)
    send(client)
    now_s = 60.0
    send(client)
    client.close()
    first, second, third = (request.port for request in server.requests)
    assert first == second != third


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        pytest.param(hang_up, Unreachable, id="hangs up"),
        pytest.param(reset, Unreachable, id="reset"),
        pytest.param(answer(204), NotAnAck, id="204"),
        pytest.param(answer(200), NotAnAck, id="empty 200"),
        pytest.param(answer(200, b"<html>Sign in!</html>"), NotAnAck, id="captive portal, HTML"),
        pytest.param(answer(200, b'{"ok": true}'), NotAnAck, id="captive portal, JSON"),
        pytest.param(answer(511, b"<html>"), NotAnAck, id="captive portal, 511"),
        pytest.param(answer(200, b"[1, 2]"), NotAnAck, id="another JSON"),
        pytest.param(answer(200, b'{"ledger": "ledger-1"'), NotAnAck, id="half a JSON"),
        pytest.param(answer(200, b"[" * 100_000), NotAnAck, id="deep JSON"),
        pytest.param(answer(200, b'{"through": ' + b"9" * 10_000 + b"}"), NotAnAck, id="huge number"),
        pytest.param(answer(200, b"\xff\xfe{}"), NotAnAck, id="not UTF-8"),
        pytest.param(answer(200, b"{}", Content_Encoding="gzip"), NotAnAck, id="not gzip"),
        pytest.param(answer(200, gzip.compress(ACK)[:-9], Content_Encoding="gzip"), NotAnAck, id="cut gzip"),
        pytest.param(answer(200, ACK, Content_Encoding="br"), NotAnAck, id="unasked encoding"),
        pytest.param(answer(301, Location="/elsewhere"), NotAnAck, id="301"),
        pytest.param(answer(307, Location="/kiosk/v1/taps"), NotAnAck, id="307"),
        pytest.param(answer(304), NotAnAck, id="304"),
        pytest.param(answer(404, b"not here"), NotAnAck, id="404"),
        pytest.param(answer(400), Refused, id="400"),
        pytest.param(answer(422, b"{}"), Refused, id="422"),
        pytest.param(answer(413), TooLarge, id="413"),
        pytest.param(answer(401), Unauthorised, id="401"),
        pytest.param(answer(403), Revoked, id="403"),
        pytest.param(answer(500), ServerTrouble, id="500"),
        pytest.param(answer(502, b"<html>"), ServerTrouble, id="502"),
        pytest.param(answer(429), Busy, id="429"),
        pytest.param(answer(503), Busy, id="503"),
        pytest.param(answer(409), NotAnAck, id="409 without words"),
        pytest.param(answer(409, b'{"problem":"gap"}'), NotAnAck, id="gap without number"),
        pytest.param(answer(409, b'{"problem":"gap","through":true}'), NotAnAck, id="gap with a truth"),
        pytest.param(answer(409, b'{"problem":"survey_wanted","surveys":[]}'), NotAnAck, id="wants nothing"),
        pytest.param(answer(409, b'{"problem":"gap","through":97}'), Gap, id="gap"),
        pytest.param(answer(409, b'{"problem":"forked","same":100}'), Forked, id="fork"),
        pytest.param(answer(409, b'{"problem":"survey_wanted","surveys":["3f"]}'), SurveyWanted, id="survey"),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.2\r\n"), Unreachable, id="no HTTP"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"), Unreachable, id="cut body"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), Unreachable, id="bad chunk"
        ),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Le"), NotAnAck, id="cut headers"),
    ],
)
def test_nothing_but_the_word_of_head_office_is_believed(client, server, behaviour, expected):
    """Whatever is no ack of this batch is an error of the right kind; the next exchange works again."""
    server.plan(behaviour)
    with pytest.raises(expected) as caught:
        send(client)
    assert type(caught.value) is expected
    assert str(caught.value)
    assert len(server.requests) == 1, "nothing is repeated or followed behind the agent's back"
    assert send(client).through == 2


@pytest.mark.parametrize(
    "change",
    [
        {"ledger": "another"},
        {"batch": "0" * 64},
        {"batch": None},
        {"through": 3},
        {"through": -1},
        {"through": True},
        {"through": 1.0},
        {"through": "2"},
        {"rejected": {}},
        {"rejected": [{"seq": 3, "problem": "beyond"}]},
        {"rejected": [{"seq": 1}]},
        {"rejected": ["1"]},
        {"programme": 7},
        {"programme": 'a"\r\nX: y'},
        {"now": "soon"},
    ],
    ids=str,
)
def test_ack_counts_only_if_it_echoes_and_decides_what_was_sent(client, server, office, change):
    """An ack with any part wrong (stale, cached, of another ledger, beyond what was sent) is not believed."""

    def mangled(request):
        document = json.loads(office(request).body) | change
        return Response(200, json.dumps(document).encode())

    server.plan(served(mangled))
    with pytest.raises(NotAnAck):
        send(client)


def test_stale_ack_is_not_believed(client, server, office):
    """The ack of the batch before, sent again by a cache, says nothing about this one."""
    kept = []
    server.plan(served(lambda request: kept.append(office(request)) or kept[0]), served(lambda _: kept[0]))
    assert send(client).through == 2
    more = Batch(ledger="ledger-1", first=1, sent=SENT, taps=(tap(1), tap(2), tap(3)), health=HEALTH)
    with pytest.raises(NotAnAck):
        send(client, more)


@pytest.mark.parametrize("fault", [lost, cut])
def test_answer_lost_after_the_commit_is_an_error(client, server, office, fault):
    """When head office has the taps but its answer does not arrive, the kiosk does not take them as sent."""
    server.plan(fault(office))
    with pytest.raises(Offline):
        send(client)
    assert len(office.ledgers["ledger-1"]) == 2
    assert send(client).through == 2
    assert len(office.ledgers["ledger-1"]) == 2


def test_request_delivered_twice_counts_once(client, server, office):
    """A network that repeats a request changes nothing."""
    server.plan(twice(office))
    assert send(client).through == 2
    assert len(office.ledgers["ledger-1"]) == 2


def test_refused_connection_is_said_in_words():
    """With nothing at the address the error says so."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="nothing listens"):
        send(Client(f"http://127.0.0.1:{port}", KEY, deadline_s=5))


@pytest.mark.parametrize(
    "address", ["", "nonsense", "ftp://127.0.0.1/", "http://", "http://[::1", "http://a b/", "http://x:99999"]
)
def test_impossible_address_is_an_error_like_any_other(address):
    """An address that is none makes the kiosk offline, not broken."""
    with pytest.raises(Unreachable):
        send(Client(address, KEY, deadline_s=5))


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(silence, id="black hole"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-A: b\r\n" + b"X-B: c\r\n" * 90), id="dripping headers"),
        pytest.param(drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 500), id="dripping continues"),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b" " * 999, 0.004), id="dripping body"
        ),
    ],
)
def test_whole_exchange_ends_at_its_deadline(hasty, server, behaviour):
    """However slowly bytes come, the exchange ends at its deadline, and so does its thread and connection."""
    server.plan(behaviour)
    before = set(threading.enumerate())
    started = time.monotonic()
    with pytest.raises(TooSlow):
        send(hasty)
    assert time.monotonic() - started < 0.4 + GRACE_S
    until(lambda: not any(t.name == "egao-exchange" for t in set(threading.enumerate()) - before))
    assert send(hasty).through == 2


def test_full_backlog_ends_at_the_deadline():
    """An address that swallows connection attempts, as a black hole does, ends at the deadline too."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}", KEY, deadline_s=0.4)
        started = time.monotonic()
        with pytest.raises((TooSlow, Unreachable)):
            send(client)
        assert time.monotonic() - started < 0.4 + GRACE_S
        for filler in fillers:
            filler.close()


def test_hanging_name_service_costs_one_thread_not_many(server, monkeypatch):
    """A look-up that cannot be cut is waited for by one thread; later tries say so, and recover after it."""
    answered = threading.Event()
    looked_up = []
    real = socket.getaddrinfo

    def hanging(*args, **kwargs):
        looked_up.append(args)
        answered.wait()
        return real(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    client = Client(server.address, KEY, deadline_s=0.2)
    with pytest.raises(TooSlow):
        send(client)
    with pytest.raises(Unreachable, match="name service"):
        send(client)
    assert len(looked_up) == 1
    answered.set()
    until(lambda: not any(t.name == "egao-exchange" for t in threading.enumerate()))
    assert send(client).through == 2
    client.close()


def test_black_hole_among_the_addresses_leaves_time_for_the_next(server, monkeypatch):
    """A name whose first address is a black hole (IPv6, often) is still reached through its second."""
    with socket.socket() as listener, socket.socket() as filler:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        hole = listener.getsockname()
        filler.connect(hole)
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in (hole, ("127.0.0.1", server.port))
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
        client = Client(server.address, KEY, deadline_s=1.5)
        assert send(client).through == 2
        client.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(answer(200, gzipped(256 << 20), Content_Encoding="gzip"), id="gzip bomb"),
        pytest.param(
            answer(302, gzipped(256 << 20), Content_Encoding="gzip", Location="/"), id="bomb on a 302"
        ),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n", b"X-Again: and again\r\n" * 100), id="endless headers"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 65536), id="endless header"),
        pytest.param(endless(b"HTTP/1.1 200 ", b"x" * 65536), id="endless status line"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536), id="endless body"),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\n", b" " * 65536),
            id="huge Content-Length",
        ),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"f" * 65536),
            id="endless chunk size",
        ),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"t" * 65536),
            id="endless trailer",
        ),
        pytest.param(
            endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"e" * 65536),
            id="endless chunk extension",
        ),
        pytest.param(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), id="endless continues"),
    ],
)
def test_no_answer_costs_much_memory_or_time(hasty, server, behaviour):
    """An answer without end, or one that unpacks to a quarter of a gigabyte, costs a few megabytes."""
    server.plan(behaviour)
    started = time.monotonic()
    tracemalloc.start()
    before_bytes, _ = tracemalloc.get_traced_memory()
    try:
        with pytest.raises(Offline):
            send(hasty)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 0.4 + GRACE_S
    assert peak_bytes - before_bytes < 8 << 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(client, server, office, status):
    """A redirect, even to a place that would give a perfect ack, is not followed: the key would go along."""
    with FaultyServer(served(office)) as elsewhere:
        server.plan(answer(status, Location=f"{elsewhere.address}/kiosk/v1/taps"))
        with pytest.raises(NotAnAck):
            send(client)
        assert elsewhere.requests == []


def test_environment_and_home_directory_are_not_trusted(server, office, monkeypatch, tmp_path):
    """Proxies and passwords that lie about in the environment do not touch the exchange."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with FaultyServer(served(office)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        client = Client(server.address, KEY, deadline_s=5)
        assert send(client).through == 2
        client.close()
        assert proxy.requests == []
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_cookies_are_not_kept(client, server, office):
    """A cookie that something on the way sets is not sent back."""
    server.plan(
        served(lambda request: Response(200, office(request).body, {"Set-Cookie": "portal=1; Path=/"})),
    )
    send(client)
    send(client)
    assert "cookie" not in server.requests[1].headers


def test_retry_after_is_reckoned_from_the_servers_own_date(client, server):
    """A date in Retry-After is compared with the answer's Date: a kiosk's wrong clock does no harm."""
    server.plan(
        answer(503, Date="Sat, 21 Nov 2026 10:00:00 GMT", Retry_After="Sat, 21 Nov 2026 10:02:00 GMT"),
    )
    with pytest.raises(Busy) as caught:
        send(client)
    assert caught.value.retry_after_s == 120


def test_retry_after_without_a_date_uses_the_clock_it_was_given(server):
    """Without a Date header the kiosk's own clock has to do."""
    now = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    client = Client(server.address, KEY, deadline_s=5, clocks=Clocks(now=lambda: now))
    later = (now + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.plan(answer(429, Retry_After=later))
    with pytest.raises(Busy) as caught:
        send(client)
    client.close()
    assert caught.value.retry_after_s == 90


def test_words_of_the_server_are_made_safe_to_show(client, server):
    """A problem's detail is passed on to staff, without control characters and without end."""
    detail = "no\x1b[31m such\nkey" + "!" * 10_000
    server.plan(answer(401, json.dumps({"problem": "unauthorised", "detail": detail}).encode()))
    with pytest.raises(Unauthorised) as caught:
        send(client)
    assert str(caught.value).startswith("no[31m suchkey!!!")
    assert len(str(caught.value)) <= 300


def test_enrol_trades_a_code_for_a_key(server):
    """A one-time code gives the kiosk its key and place; no key goes along."""
    given = {"kiosk": "k1", "key": "secret", "site": "s1", "touchpoint": "checkout", "timezone": "Asia/Tokyo"}
    server.plan(answer(200, json.dumps(given).encode()))
    client = Client(server.address + "/", deadline_s=5)
    assert client.enrol("CODE", "till 1") == Enrolled(**given)
    client.close()
    (request,) = server.requests
    assert request.path == "/kiosk/v1/enrol"
    assert json.loads(request.decoded) == {"code": "CODE", "name": "till 1"}
    assert "authorization" not in request.headers


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"kiosk":"k","key":"","site":"s"}', b"[]"])
def test_enrol_believes_no_portal(server, body):
    """An answer without every part of an enrolment is none."""
    server.plan(answer(200, body))
    client = Client(server.address, deadline_s=5)
    with pytest.raises(NotAnAck):
        client.enrol("CODE", "till 1")
    client.close()


def test_programme_is_fetched_once_and_then_only_asked_about(client, server, office):
    """The programme comes with its etag; with that etag the answer is: still the same."""
    office.programme = ("etag-7", [{"id": "checkout"}])
    published = client.programme(None)
    assert (published.etag, published.surveys) == ("etag-7", ({"id": "checkout"},))
    assert client.programme("etag-7") is None
    assert server.requests[1].headers["if-none-match"] == '"etag-7"'


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"etag":"x"}', b'{"etag":"x","surveys":[1]}', b'{"etag":"","surveys":[]}', b'{"surveys":[]}'],
)
def test_programme_that_is_none_is_not_believed(client, server, body):
    """A page that is no programme does not become one."""
    server.plan(answer(200, body))
    with pytest.raises(NotAnAck):
        client.programme(None)


def test_unchanged_programme_is_believed_only_if_it_was_asked_for(client, server):
    """A 304 to a kiosk that holds no programme is nonsense."""
    server.plan(answer(304))
    with pytest.raises(NotAnAck):
        client.programme(None)


def test_survey_is_put_under_its_version(client, server, office):
    """A survey made on the kiosk goes up as it was written."""
    client.put_survey("3fa9c1d2e4b5", {"id": "checkout", "title": {"ja": "レジ"}})
    assert office.surveys == {"3fa9c1d2e4b5": {"id": "checkout", "title": {"ja": "レジ"}}}
    assert server.requests[0].path == "/kiosk/v1/surveys/3fa9c1d2e4b5"


def test_close_ends_the_exchange_in_flight_and_all_later_ones(server):
    """When the program ends nobody waits for a silent server."""
    client = Client(server.address, KEY, deadline_s=30)
    server.plan(silence)
    errors = []

    def asking():
        try:
            send(client)
        except Closed as error:
            errors.append(error)

    thread = threading.Thread(target=asking)
    thread.start()
    until(lambda: server.requests)
    started = time.monotonic()
    client.close()
    thread.join()
    assert time.monotonic() - started < GRACE_S
    assert len(errors) == 1
    with pytest.raises(Closed):
        send(client)
