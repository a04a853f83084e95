"""Misuse rules: what they flag, and that flags and counts are the same however the taps came."""

import json
from functools import partial

import pytest

from headoffice.problems import Invalid
from headoffice.store.audit import By
from headoffice.store.misuse import Place
from headoffice.store.taps import StoredTap
from headoffice.work import flag
from headoffice.work.batch import read_batch
from headoffice.work.ingest import Ingest
from headoffice.work.misuse import Judge, read_rules
from headoffice.work.secrets import hash_key
from tests.headoffice.kiosk_side import batch, new_id, tap

NOON_MS = 1_795_229_999_000  # 2026-11-21 11:59:59 in Tokyo
EVERYTHING = read_rules(
    {"too_soon": {}, "same_answers": {}, "burst": {}, "outside_hours": {"hours": "09:00-22:00"}}
)


def stored(seq, at_s, *, visit=None, answer='"happy"', **changes):
    """A kept tap, some seconds after noon."""
    row = dict.fromkeys(StoredTap._fields, 0)
    row |= {
        "seq": seq,
        "visit": visit or f"v{seq}",
        "answer": answer,
        "tapped_at": NOON_MS + int(at_s * 1000),
    }
    return StoredTap(**{**row, "flag": None, **changes})


def flags(rules, taps, *, hours=None):
    judge = Judge(read_rules(rules), {0: Place(1, "Asia/Tokyo", hours)})
    return [judge.flag(each) for each in taps]


def test_a_visit_right_after_the_last_one_is_flagged_whole():
    """Within 5 s of the last visit's end is too soon, for every tap of the visit; 5 s is not."""
    taps = [stored(1, 0), stored(2, 4.9, visit="b"), stored(3, 9, visit="b"), stored(4, 14, visit="c")]

    assert flags({"too_soon": {}}, taps) == [None, "too_soon", "too_soon", None]
    assert flags({"too_soon": {"seconds": 10}}, taps) == [None, "too_soon", "too_soon", "too_soon"]
    assert flags({}, taps) == [None] * 4


def test_a_run_at_one_cadence_is_flagged_from_its_fifth_on():
    """Five times the same at one beat is nobody's opinion; another answer or another beat is."""
    steady = [stored(seq, seq * 10) for seq in range(1, 8)]
    uneven = [stored(seq, seq * 10 + (3 if seq % 2 else 0)) for seq in range(1, 8)]
    mixed = [stored(seq, seq * 10, answer='"sad"' if seq == 4 else '"happy"') for seq in range(1, 8)]

    assert flags({"same_answers": {}}, steady) == [None] * 4 + ["same_answers"] * 3
    assert set(flags({"same_answers": {}}, uneven)) == {None}
    assert set(flags({"same_answers": {}}, mixed)) == {None}


def test_bursts_and_hours():
    """The tenth visit within a minute is a burst; outside a site's own or the usual hours is flagged."""
    many = [stored(seq, seq * 6, answer=str(seq)) for seq in range(1, 12)]
    assert flags({"burst": {}}, many) == [None] * 9 + ["burst"] * 2
    rule = {"outside_hours": {"hours": "12:00-22:00"}}
    assert flags(rule, [stored(1, 0), stored(2, 1)]) == ["outside_hours", None]
    assert flags(rule, [stored(1, 0)], hours="09:00-22:00") == [None]
    assert flags({"outside_hours": {"hours": "22:00-02:00"}}, [stored(1, 0)]) == ["outside_hours"]
    assert flags({"outside_hours": {}}, [stored(1, 0)]) == [None]


def test_faults_of_rules_are_told_at_once():
    """Each wrong rule and number is named with its place."""
    with pytest.raises(Invalid) as refusal:
        read_rules({"to_soon": {}, "burst": {"visits": 2.5, "second": 1}, "too_soon": {"seconds": True}})

    assert {fault.place for fault in refusal.value.faults} == {
        "rules.to_soon",
        "rules.burst.visits",
        "rules.burst.second",
        "rules.too_soon.seconds",
    }


def send(office, ingest, key, ledger, first):
    """Thirteen taps: visits of two taps each, one after the other."""
    gap_ms, count = 2000, 13
    taps = []
    for seq in range(first, first + count):
        visit = f"00000000-0000-4000-8000-{seq // 2:012x}"
        asked = "words" if seq % 6 == 1 else "rating"
        at = NOON_MS + (seq // 2) * 2 * gap_ms + (seq % 2) * 500 * (seq % 5)
        said = "happy" if asked == "rating" else "a word"
        taps.append(tap(seq, visit=visit, question=asked, answer=said, at=at, boot="long ago"))
    read = read_batch(json.dumps(batch(ledger, taps)).encode())
    office.change(partial(ingest.take, batch=read, key=key, received_at=NOON_MS))


def judged(office):
    while office.change(flag.step):
        pass


def test_flags_and_counts_are_the_same_however_the_taps_came(office, monkeypatch):
    """Judged as they come, in small steps, or all again: the same flags; counts are always a recount's."""
    monkeypatch.setattr(flag, "AT_ONCE", 7)
    ingest, key, ledger = Ingest(), hash_key(office.key()), new_id()
    tight = read_rules({"too_soon": {"seconds": 4}, "same_answers": {"seconds": 20, "jitter": 0}})
    office.change(partial(flag.change_rules, rules=tight, by=By("test", 1)))
    for first in range(1, 80, 13):
        send(office, ingest, key, ledger, first)
        judged(office)
        assert not office.wrong()
    as_they_came = office.rows("SELECT seq, flag FROM taps ORDER BY seq")
    assert len({reason for _, reason in as_they_came}) == 3

    with office.database.read() as connection:
        effect = flag.dry_run(connection, EVERYTHING)
    before = office.rows("SELECT flag, count(*) FROM taps WHERE flag IS NOT NULL GROUP BY flag")
    assert dict(effect.now) == dict(before)
    office.change(partial(flag.change_rules, rules=EVERYTHING, by=By("test", 2)))
    judged(office)
    after = office.rows("SELECT flag, count(*) FROM taps WHERE flag IS NOT NULL GROUP BY flag")
    assert dict(effect.then) == dict(after)
    assert not office.wrong()

    office.change(partial(flag.change_rules, rules=tight, by=By("test", 3)))
    judged(office)
    assert office.rows("SELECT seq, flag FROM taps ORDER BY seq") == as_they_came
    office.change(partial(flag.change_rules, rules={}, by=By("test", 4)))
    judged(office)
    assert office.value("SELECT count(*) FROM taps WHERE flag IS NOT NULL") == 0
    assert not office.wrong()
    assert (
        office.value("SELECT count(*) FROM tallies_day WHERE counted = 0 AND (n <> 0 OR skipped <> 0)") == 0
    )
