"""The wire's shapes: what is written can be read, and nothing else can."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import contract
from sync.contract import (
    Ack,
    Batch,
    Enrolled,
    Health,
    Published,
    Rejected,
    Withheld,
    digest,
    encode_ack,
    encode_batch,
    encode_enrolled,
    read_ack,
    read_enrolled,
    read_problem,
    read_published,
    size_bytes,
)
from sync.errors import NotAnAck
from tests.sync.memory import HEALTH, SENT, tap

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ACK_KEYS = ("ledger", "batch", "through", "rejected", "programme", "now")


def test_batch_is_written_as_the_design_says():
    """The request body has the design's keys, names and nothing more, in UTF-8 without spaces."""
    batch = Batch("ledger-1", 101, SENT, (tap(101, answer="混雑"), Withheld(102, "unreadable")), HEALTH)
    body = encode_batch(batch)
    assert "混雑".encode() in body
    assert b": " not in body
    assert json.loads(body) == {
        "ledger": "ledger-1",
        "first": 101,
        "sent": {"at": 1795250000123, "uptime": 86400123, "boot": "b3f1"},
        "taps": [
            {
                "seq": 101,
                "visit": "0198c0de-0000-7000-8000-000000000101",
                "survey": "3fa9c1d2e4b5",
                "question": "rating",
                "answer": "混雑",
                "language": "ja",
                "at": 1795249999101,
                "uptime": 86399101,
                "boot": "b3f1",
                "took": 1240,
                "synced_clock": True,
            },
            {"seq": 102, "withheld": "unreadable"},
        ],
        "health": {
            "version": "0.1.0",
            "pending": 0,
            "rejected": 0,
            "free_bytes": 1,
            "programme": None,
            "problems": [],
        },
    }


def test_paths_and_limits_are_the_design_s():
    """The numbers both sides are built on."""
    assert (contract.ENROL, contract.TAPS) == ("/kiosk/v1/enrol", "/kiosk/v1/taps")
    assert (contract.PROGRAMME, contract.SURVEYS) == ("/kiosk/v1/programme", "/kiosk/v1/surveys")
    assert contract.MAX_BODY_BYTES == contract.MAX_ANSWER_BYTES == 1_048_576


@given(st.lists(JSON, max_size=5))
def test_size_of_a_batch_is_the_sum_of_its_parts(answers):
    """What a batch will weigh can be told from its taps, so that it can be cut to fit without trying."""
    taps = tuple(tap(number, answer=answer) for number, answer in enumerate(answers, 1))
    empty = len(encode_batch(Batch("l", 1, SENT, (), HEALTH)))
    commas = max(0, len(taps) - 1)
    assert len(encode_batch(Batch("l", 1, SENT, taps, HEALTH))) == empty + sum(map(size_bytes, taps)) + commas


def test_ack_that_is_written_can_be_read():
    """Head office's ack comes back as the value it was."""
    ack = Ack("ledger-1", "b" * 64, 7, (Rejected(5, 'no question "q9"'),), "etag", 1795250000999)
    assert read_ack(encode_ack(ack), ledger="ledger-1", batch="b" * 64, first=1, last=7) == ack


@pytest.mark.parametrize("name", ["1795250000123", "../enrol", "a b", "", "x" * 41, 7, None, ["1"], "ä"])
def test_a_picture_that_is_asked_for_has_a_harmless_name(name):
    """An ack may name a picture; a name that is none asks for nothing, and the ack counts all the same."""
    body = json.loads(encode_ack(Ack("l", "b", 0, (), None, 1)))
    assert "picture" not in body
    read = read_ack(json.dumps(body | {"picture": name}).encode(), ledger="l", batch="b", first=1, last=0)
    assert read.picture == (name if name == "1795250000123" else None)
    assert read_ack(encode_ack(read), ledger="l", batch="b", first=1, last=0) == read


def test_ack_may_hold_more_than_this_version_knows():
    """A newer head office may say more."""
    body = json.loads(encode_ack(Ack("l", "b", 0, (), None, 1))) | {"weather": "fine"}
    assert read_ack(json.dumps(body).encode(), ledger="l", batch="b", first=1, last=0).through == 0


@given(JSON)
def test_no_json_is_taken_for_an_ack_by_mistake(document):
    """Any other JSON is NotAnAck, and nothing worse."""
    body = json.dumps(document).encode("utf-8", "surrogatepass")
    with pytest.raises(NotAnAck):
        read_ack(body, ledger="ledger-1", batch="b" * 64, first=1, last=7)


@given(st.sampled_from(ACK_KEYS), JSON)
def test_ack_with_one_part_replaced_is_either_sound_or_none(key, value):
    """Whatever stands in one part, an ack that is believed decides only what was sent."""
    document = json.loads(encode_ack(Ack("ledger-1", "b" * 64, 7, (), "etag", 1))) | {key: value}
    body = json.dumps(document).encode("utf-8", "surrogatepass")
    try:
        ack = read_ack(body, ledger="ledger-1", batch="b" * 64, first=3, last=7)
    except NotAnAck:
        return
    assert type(ack.through) is int
    assert 2 <= ack.through <= 7
    assert all(3 <= rejected.seq <= ack.through for rejected in ack.rejected)
    assert ack.programme is None or ack.programme.isascii()


@given(st.binary(max_size=200))
def test_no_bytes_break_a_reader(body):
    """Every reader of answers takes any bytes and raises nothing but NotAnAck."""
    for reader in (read_enrolled, read_published):
        with pytest.raises(NotAnAck):
            reader(body)
    read_problem(body)


@given(JSON)
def test_no_problem_breaks_its_reader(document):
    """A problem's numbers are numbers, or missing."""
    keyed = dict.fromkeys(("problem", "detail", "through", "same", "surveys"), document)
    for candidate in (document, keyed, keyed | {"problem": "gap"}):
        problem = read_problem(json.dumps(candidate).encode("utf-8", "surrogatepass"))
        if problem is not None:
            assert problem.through is None or type(problem.through) is int
            assert all(isinstance(survey, str) for survey in problem.surveys)


def test_enrolment_and_programme_that_are_written_can_be_read():
    """What head office writes with the contract's words, the kiosk reads."""
    enrolled = Enrolled("k", "key", "s", "checkout", "Asia/Tokyo")
    assert read_enrolled(encode_enrolled(enrolled)) == enrolled
    published = b'{"etag": "7", "surveys": [{"id": "checkout"}]}'
    assert read_published(published) == Published("7", ({"id": "checkout"},))


def test_health_tells_its_problems():
    """Problems of the kiosk go up in words."""
    health = Health("0.1.0", 1, 2, 3, "etag", ("disk is full",))
    document = json.loads(encode_batch(Batch("l", 1, SENT, (), health)))
    assert document["health"]["problems"] == ["disk is full"]


def test_digest_is_sha256_of_the_decoded_body():
    """The name of a batch can be worked out by anybody."""
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_contract_and_protocols_load_without_any_library():
    """Head office and the kiosk's store import these before anything heavy, and stay light."""
    script = (
        "import sys, sync.contract, sync.push, sync.standing;"
        "print(sorted({'requests', 'urllib3', 'apscheduler', 'ssl', 'survey'} & set(sys.modules)))"
    )
    listed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"
