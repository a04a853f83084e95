import gzip
import json
import os
import random
import socket
import uuid
import zlib

import httpx
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headoffice.problems import Invalid
from headoffice.store.sqlite import SqliteDatabase
from headoffice.work.batch import is_language, is_ledger, read_batch
from headoffice.work.secrets import hash_key
from sync.contract import MAX_BODY_BYTES, MAX_TAPS
from tests.headoffice.kiosk_side import batch, new_id, refused, tap
from tests.headoffice.running import RunningOffice, wait_for

LEDGER = new_id()
TORTURE = "EGAO_TORTURE" in os.environ


def stored(office):
    """Everything a batch could leave behind, counted."""
    tables = (
        "taps",
        "rejected",
        "withheld",
        "ledgers",
        "ledger_heads",
        "tallies_day",
        "tallies_hour",
        "surveys",
    )
    return [office.value(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608 - names of ours


def with_tap(**changes):
    return batch(LEDGER, [tap(1), tap(2, **changes)])


def without(name):
    whole = batch(LEDGER, [tap(1)])
    del whole[name]
    return whole


def without_in_tap(name):
    whole = batch(LEDGER, [tap(1)])
    del whole["taps"][0][name]
    return whole


WRONG = {
    "no ledger": (without("ledger"), ["ledger"]),
    "no first": (without("first"), ["first"]),
    "no sent": (without("sent"), ["sent"]),
    "no taps": (without("taps"), ["taps"]),
    "ledger is no id": (batch("L1", [tap(1)]), ["ledger"]),
    "ledger is a number": (batch(5, [tap(1)]), ["ledger"]),
    "first is zero": (batch(LEDGER, [], first=None) | {"first": 0}, ["first"]),
    "first is a text": (batch(LEDGER, [tap(1)]) | {"first": "1"}, ["first"]),
    "first is a fraction": (batch(LEDGER, [tap(1)]) | {"first": 1.0}, ["first"]),
    "first is true": (batch(LEDGER, [tap(1)]) | {"first": True}, ["first"]),
    "first is beyond 64 bits": (batch(LEDGER, []) | {"first": 1 << 63}, ["first"]),
    "numbers lead beyond 64 bits": (
        batch(LEDGER, [tap((1 << 63) - 1), tap(1)], first=(1 << 63) - 1),
        ["first"],
    ),
    "taps is an object": (batch(LEDGER, [tap(1)]) | {"taps": {}}, ["taps"]),
    "a tap is null": (batch(LEDGER, [tap(1)]) | {"taps": [None]}, ["taps[0]"]),
    "a tap is a list": (batch(LEDGER, [tap(1)]) | {"taps": [tap(1), []]}, ["taps[1]"]),
    "numbers leave one out": (batch(LEDGER, [tap(1), tap(3)]), ["taps[1].seq"]),
    "a number comes twice": (batch(LEDGER, [tap(1), tap(1)]), ["taps[1].seq"]),
    "taps begin elsewhere": (batch(LEDGER, [tap(2)], first=1), ["taps[0].seq"]),
    "sent is a list": (batch(LEDGER, [tap(1)], sent=[]), ["sent"]),
    "sent has no boot": (batch(LEDGER, [tap(1)], sent={"at": 1, "uptime": 1}), ["sent.boot"]),
    "sent before 1970": (batch(LEDGER, [tap(1)], sent={"at": -1, "uptime": 1, "boot": "b"}), ["sent.at"]),
    "health is a text": (batch(LEDGER, [tap(1)], health="fine"), ["health"]),
    "health counts in words": (batch(LEDGER, [tap(1)], health={"pending": "many"}), ["health.pending"]),
    "visit is no id": (with_tap(visit="v1"), ["taps[1].visit"]),
    "survey is null": (with_tap(survey=None), ["taps[1].survey"]),
    "survey is endless": (with_tap(survey="a" * 65), ["taps[1].survey"]),
    "question is empty": (with_tap(question=""), ["taps[1].question"]),
    "language is no tag": (with_tap(language="Japanese!"), ["taps[1].language"]),
    "language ends in a newline": (with_tap(language="ja\n"), ["taps[1].language"]),
    "at is after the year 9999": (with_tap(at=253_402_300_800_000), ["taps[1].at"]),
    "uptime is negative": (with_tap(uptime=-1), ["taps[1].uptime"]),
    "took is huge": (with_tap(took=10**40), ["taps[1].took"]),
    "synced_clock is a number": (with_tap(synced_clock=1), ["taps[1].synced_clock"]),
    "withheld is empty": (batch(LEDGER, [{"seq": 1, "withheld": ""}]), ["taps[0].withheld"]),
    "withheld is long": (batch(LEDGER, [{"seq": 1, "withheld": "x" * 41}]), ["taps[0].withheld"]),
    "withheld holds a bell": (batch(LEDGER, [{"seq": 1, "withheld": "a\x07"}]), ["taps[0].withheld"]),
    "all sorts at once": (
        batch(LEDGER, [tap(1, took=None), tap(2, language=5), tap(9)]) | {"sent": None, "first": 1},
        ["sent", "taps[0].took", "taps[1].language", "taps[2].seq"],
    ),
    **{f"tap without {name}": (without_in_tap(name), [f"taps[0].{name}"]) for name in tap(1)},
}


@pytest.mark.parametrize("name", WRONG)
def test_every_fault_is_named_with_its_place(office, kiosk, name):
    """A batch that is wrong gets 400 with the place of each fault, counted from 0, and nothing is stored."""
    wrong, places = WRONG[name]
    before = stored(office)
    told = refused(kiosk.post(json.dumps(wrong).encode()), 400, "invalid")
    assert [fault["place"] for fault in told["faults"]] == places
    assert all(fault["message"] for fault in told["faults"])
    assert stored(office) == before


NOT_JSON = {
    "nothing": b"",
    "blank": b"  ",
    "cut short": json.dumps(batch(LEDGER, [tap(1)])).encode()[:-1],
    "two documents": b"{}{}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"first": NaN}',
    "a number beyond all": b'{"first": 1e999999}',
    "a number without end": b'{"first": 1' + b"0" * 10_000 + b"}",
    "not UTF-8": b'{"ledger": "\xff\xfe"}',
    "half a surrogate": b'{"ledger": "\\ud800"}',
    "a bare control character": b'{"ledger": "\x00"}',
    "nested without end": b'{"taps": ' + b"[" * 200_000,
    "nested in an answer": json.dumps(with_tap(answer="@")).replace('"@"', "[" * 5000 + "]" * 5000).encode(),
    "form fields": b"ledger=1&first=1",
    "markup": b"<html></html>",
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_no_json_object_is_refused(office, kiosk, name):
    """Whatever is not a JSON object gets 400, never a 5xx, and nothing is stored."""
    before = stored(office)
    refused(kiosk.post(NOT_JSON[name]), 400, "invalid")
    assert stored(office) == before


def test_of_a_doubled_key_the_last_one_speaks(kiosk):
    """A key that stands twice is read as JSON readers do: the last one."""
    body = json.dumps(batch(kiosk.ledger, [tap(1)])).replace('"first": 1', '"first": 7, "first": 1')
    assert kiosk.post(body.encode()).status_code == 200


def padded(size_bytes):
    """A batch with a single tap whose answer makes it exactly so large."""
    empty = json.dumps(batch(new_id(), [tap(1, answer="")])).encode()
    return empty.replace(b'"answer": ""', b'"answer": "' + b"x" * (size_bytes - len(empty)) + b'"')


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_a_mebibyte_is_the_most(office, kiosk, encoding):
    """One MiB unpacked is read (and its endless answer rejected); a byte more is 413 with nothing stored."""
    pack = {"identity": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}[encoding]
    fits = kiosk.post(pack(padded(MAX_BODY_BYTES)), **{"content-encoding": encoding})
    assert fits.status_code == 200, fits.text
    assert len(fits.json()["rejected"]) == 1
    before = stored(office)
    refused(kiosk.post(pack(padded(MAX_BODY_BYTES + 1)), **{"content-encoding": encoding}), 413, "too_large")
    assert stored(office) == before


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_not_unpacked(kiosk, encoding):
    """A small body that would unpack to hundreds of mebibytes is refused at the first byte beyond one."""
    piece = b" " * (1 << 20)
    if encoding == "gzip":
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packer.compress(piece) for _ in range(100)) + packer.flush()
    else:
        bomb = zstandard.compress(piece * 100) * 2
    assert len(bomb) <= MAX_BODY_BYTES
    refused(kiosk.post(bomb, **{"content-encoding": encoding}), 413, "too_large")


def test_too_many_taps_are_too_large(kiosk):
    """More taps than a batch may have are refused like too many bytes, so that the kiosk halves it."""
    taps = [{"seq": seq, "withheld": "x"} for seq in range(1, MAX_TAPS + 2)]
    refused(kiosk.send(taps), 413, "too_large")
    assert kiosk.acked(taps[:MAX_TAPS])["through"] == MAX_TAPS


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"{}"),
        ("gzip", gzip.compress(b"{}" * 500, mtime=0)[:-9]),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"more"),
        ("gzip", b""),
        ("zstd", b"{}"),
        ("zstd", zstandard.compress(b"{}" * 500)[:5]),
        ("zstd", b"\x28\xb5\x2f\xfd\x00\xff" + b"\x00" * 20),
    ],
)
def test_what_cannot_be_unpacked_is_refused(office, kiosk, encoding, body):
    """Damaged, cut or wrongly labelled compression gets 400."""
    before = stored(office)
    refused(kiosk.post(body, **{"content-encoding": encoding}), 400, "invalid")
    assert stored(office) == before


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "whatever"])
def test_an_unknown_encoding_is_refused(kiosk, encoding):
    """A Content-Encoding that is not understood gets 415 and is told which ones are."""
    answer = kiosk.post(b"{}", **{"content-encoding": encoding})
    refused(answer, 415, "unsupported")
    assert answer.headers["accept-encoding"] == "gzip, zstd"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "taps", 405), ("DELETE", "programme", 405), ("GET", "nothing", 404)],
)
def test_other_methods_and_paths_are_refused_in_the_same_shape(kiosk, method, path, status):
    """What there is not is told as problem+json too."""
    answer = kiosk.client.request(method, f"/kiosk/v1/{path}")
    refused(answer, status, {404: "not_found", 405: "method_not_allowed"}[status])


def test_a_stranger_cannot_send_a_body(office):
    """Without a valid key the answer comes before the body has: strangers fill no memory."""
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as line:
        request = b"POST /kiosk/v1/taps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nobodys-key\r\n"
        line.sendall(request + b"Content-Length: 1000000\r\n\r\n{")
        assert line.recv(100).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("known", [False, True], ids=["a new kiosk", "one that was let in a moment ago"])
def test_a_body_that_drips_is_cut_off(tmp_path, known):
    """A body that does not arrive in time gets 408 and its connection is closed."""
    office = RunningOffice(tmp_path, body_timeout_s=1)
    key = office.key()
    if known:
        office.context.gate.let_through(hash_key(key))
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as line:
        request = f"POST /kiosk/v1/taps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        line.sendall(request.encode() + b"Content-Length: 100\r\n\r\n{")
        said = b""
        while piece := line.recv(4096):
            said += piece
    assert said.startswith(b"HTTP/1.1 408")
    office.close()


def test_a_body_that_came_in_time_is_not_late_because_its_commit_is(tmp_path):
    """While somebody else holds the database longer than a body may take, a batch waits, and is acked."""
    office = RunningOffice(tmp_path, body_timeout_s=1)
    office.publish()
    kiosk, outsider = office.sender(), SqliteDatabase(office.path)
    kiosk.acked([tap(1)])
    body = json.dumps(batch(kiosk.ledger, [tap(2)])).encode()
    head = f"POST /kiosk/v1/taps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kiosk.key}\r\n"
    with outsider.alone(), socket.create_connection(("127.0.0.1", office.port), timeout=10) as line:
        line.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
        wait_for(lambda: office.context.bodies._left < 64 << 20)
        line.sendall(body[5:])
        line.settimeout(1.5)
        with pytest.raises(TimeoutError):
            line.recv(1)
    outsider.close()
    wait_for(lambda: office.value("SELECT count(*) FROM taps") == 2)
    kiosk.close()
    office.close()


def test_a_connection_cut_in_the_middle_leaves_nothing(office, kiosk):
    """A body that ends too early stores nothing and disturbs nobody."""
    before = stored(office)
    body = json.dumps(batch(kiosk.ledger, [tap(1)])).encode()
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as line:
        request = f"POST /kiosk/v1/taps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kiosk.key}\r\n"
        line.sendall(request.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:-5])
    assert kiosk.acked([])["through"] == 0
    assert stored(office)[0] == before[0]


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [-1, 0, 1 << 63, -(1 << 63) - 1, 10**50, "", "0" * 5000, "\ud800", "\x00", 1e308, "ja"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places_in(document, path=()):
    yield path
    inside = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in inside:
        yield from places_in(value, (*path, key))


def put_in(document, path, value):
    if not path:
        return value
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return document


@pytest.mark.timeout(3600 if TORTURE else 180)
@given(seed=st.integers(0, 1 << 32), junk=st.lists(JUNK, min_size=1, max_size=3), flips=st.integers(0, 2))
@settings(
    max_examples=20_000 if TORTURE else 300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_mutated_batch_brings_the_server_down(office, kiosk, seed, junk, flips):
    """However a batch is mangled, the answer is an ack or a 4xx problem, and the counts stay right."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ledger = new_id()
    document = batch(
        ledger, [tap(1), tap(2, question="which", answer=["price"]), {"seq": 3, "withheld": "x"}, tap(4)]
    )
    for value in junk:
        document = put_in(document, chance.choice(list(places_in(document))), value)
    body = bytearray(json.dumps(document).encode("utf-8", "surrogatepass"))
    for _ in range(flips):
        body[chance.randrange(len(body))] = chance.randrange(256)
    answer = kiosk.post(bytes(body))
    assert answer.status_code in {200, 400, 409, 413}, answer.text
    assert answer.headers["content-type"].startswith("application/")
    if answer.status_code != 200:
        assert answer.json()["problem"] in {"invalid", "gap", "forked", "survey_wanted", "too_large"}
        rows = office.rows("SELECT 1 FROM ledgers WHERE uuid = ?", uuid.UUID(ledger).bytes)
        assert rows == [], "a refused batch leaves nothing"


def test_after_all_that_the_counts_are_right(office):
    """After every batch of this file a recount finds nothing wrong."""
    assert not office.wrong()
    answer = httpx.get(f"{office.url}/healthz", trust_env=False)
    assert answer.status_code == 200


def test_long_names_are_not_remembered():
    """A kiosk that sends ledgers and languages of any length is refused, and fills no memory with them."""
    before = [each.cache_info().currsize for each in (is_ledger, is_language)]
    for changes in ({"ledger": "a" * 40}, {"taps": [tap(1, language="ja-" + "a" * 40)]}):
        with pytest.raises(Invalid):
            read_batch(json.dumps(batch(new_id(), [tap(1)]) | changes).encode())
    assert [each.cache_info().currsize for each in (is_ledger, is_language)] == before
