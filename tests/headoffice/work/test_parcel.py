"""What goes to the process that writes, and what comes back."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from headoffice.problems import Busy, Forked, Gap, KeyRevoked, KeyUnknown, StoreFailed, SurveyWanted
from headoffice.store.postgres import read_server
from headoffice.work import parcel
from headoffice.work.batch import read_batch
from headoffice.work.group import Groups, Outcome
from headoffice.work.ingest import Decision, Ingest, Taking
from headoffice.work.parcel import WriterAtFault
from headoffice.work.secrets import hash_key
from tests.headoffice.kiosk_side import batch, new_id, tap

INGEST = Ingest()
ANSWERS = [
    "happy",
    None,
    7,
    ["price", "staff"],
    'ありがとう 😊 \\ " \t',
    {"a": [1.5, True, None]},
    2**63,
    -(2**63),
]


def taking(*taps, **changes):
    body = json.dumps(batch(new_id(), list(taps), **changes)).encode()
    return Taking(INGEST, read_batch(body), b"k" * 32, 1_795_250_000_000)


def test_a_batch_comes_out_of_its_parcel_as_it_went_in():
    """Whatever was answered, withheld or said of the kiosk's health, in the same words."""
    taps = [tap(seq, answer=answer) for seq, answer in enumerate(ANSWERS, 1)]
    health = {"version": "1", "pending": 3, "free_bytes": 2**40, "programme": "e", "problems": ["a", "b"]}
    before = taking(*taps, {"seq": len(taps) + 1, "withheld": "corrupt"}, health=health)
    assert parcel.pack(before).opened() == before
    assert parcel.read_group(INGEST, parcel.write_group([parcel.pack(before)] * 2)) == [before] * 2
    assert [each.as_sent() for each in before.batch.items[:-1]] == [
        json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in taps
    ]


def test_what_cannot_be_a_parcel_is_none():
    """A number that MessagePack has no room for stays in the server, where it is told to fit no question."""
    assert parcel.pack(taking(tap(1, answer=10**30))) is None


def test_a_parcel_that_cannot_be_read_harms_no_other(office):
    """Among sound ones in a group it alone fails, here and in the process that writes."""
    office.publish()
    key, ingest = hash_key(office.key()), Ingest()
    sound = [parcel.pack(taking(tap(1))) for _ in range(2)]
    sound = [parcel.pack(replace(each.opened(), key=key)) for each in sound]
    written = parcel.write_group([sound[0], parcel.Parcel(ingest, b"\x93junk"), sound[1]])
    first, odd, last = Groups(office.database, ingest).commit(parcel.read_group(ingest, written))
    assert (first.value.through, last.value.through, odd.value) == (1, 1, None)
    assert isinstance(odd.error, ValueError)
    assert office.value("SELECT count(*) FROM taps") == 2


def test_a_decision_comes_back_as_it_was():
    """With what was rejected and why, and with the picture somebody waits for."""
    decisions = [Decision(7, [(3, 'no "q9"'), (4, "ね")], "abc", 1_795_250_000_123), Decision(8, [], "none")]
    told = parcel.read_outcomes(parcel.write_outcomes([Outcome(each) for each in decisions]))
    assert told == [Outcome(each) for each in decisions]


@pytest.mark.parametrize(
    "error",
    [
        *(Gap(4), Forked(2), SurveyWanted(["aaa", "bbb"]), Busy(3)),
        *(KeyUnknown("unknown key"), KeyRevoked("taken back"), StoreFailed("the disk is full")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_back_as_itself(error):
    """Of the same kind, with the same words and the same numbers: it becomes the same answer."""
    ((value, told),) = parcel.read_outcomes(parcel.write_outcomes([Outcome(error=error)]))
    assert value is None
    assert type(told) is type(error)
    assert (str(told), vars(told)) == (str(error), vars(error))


def test_a_fault_of_ours_comes_back_with_its_traceback():
    """What no answer is meant for is told whole, for the log."""
    try:
        {}["nothing"]
    except KeyError as error:
        ((_, told),) = parcel.read_outcomes(parcel.write_outcomes([Outcome(error=error)]))
    assert type(told) is WriterAtFault
    assert "KeyError: 'nothing'" in str(told)
    assert __file__.rsplit("/", 1)[1] in str(told)


@pytest.mark.parametrize(
    "place", [Path("/var/lib/egao/ä b.sqlite3"), "postgresql://egao:s3cret@db:5433/egao"]
)
def test_a_database_is_named_whole(place):
    """Path or server, with its password: both ends are one server's."""
    named = read_server(place, option="test") if isinstance(place, str) else place
    assert parcel.read_place(parcel.write_place(named)) == named


def test_what_is_no_answer_is_no_answer():
    """Bytes that were not written by the other end raise what `writer` expects."""
    with pytest.raises(ValueError):  # noqa: PT011 - its own words
        parcel.read_outcomes(msgspec.msgpack.encode([["a", 3]]))
