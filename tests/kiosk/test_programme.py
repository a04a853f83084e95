"""Which survey is shown: head office's programme, the store's own, and the hours of the site."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import in_force
from kiosk.in_force import InForce, follow, peek
from kiosk.settings.file import load, parse
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.problems import LedgerTooNew
from kiosk.store.programme import PROGRAMMES_KEPT
from survey.canonical import version_of

SHIPPED = Path(__file__).parents[2] / "config.toml"
SAID = {"ja": "はい", "en": "Yes"}


def survey(name="central", **more):
    question = {"id": "only", "type": "faces", "text": SAID}
    return {"id": name, "kind": "in_the_moment", "title": SAID, "question": [question], **more}


def enrolment(timezone="Asia/Tokyo"):
    return Enrolment(server="https://o", key="k", kiosk="k", site="s", touchpoint="t", timezone=timezone)


def in_force_now(till, config=None):
    """What a kiosk that starts now puts in force before its first frame."""
    chosen = InForce(config or load(SHIPPED))
    peek(till.folder, chosen)
    return chosen


def ids(chosen):
    return [each.id for each in chosen.programme.surveys]


def test_without_head_office_the_stores_own_config_is_in_force(till):
    """A kiosk that never ran, and one that was never enrolled, ask what config.toml says."""
    assert ids(in_force_now(till)) == ["checkout"]
    till.open()
    assert ids(in_force_now(till)) == ["checkout"]


def test_head_offices_programme_is_there_before_the_first_frame(till):
    """What head office last said is in force from the first frame on, offline too."""
    store = till.open()
    store.shelf.put("etag-1", [survey()])
    assert store.shelf.etag() == "etag-1"
    assert till.programmes == [[survey()]]
    store.close()
    assert ids(in_force_now(till)) == ["central"]


def test_an_empty_programme_means_the_stores_own(till):
    """Head office can hand a store back its own questions."""
    store = till.open()
    store.shelf.put("etag-1", [survey()])
    store.shelf.put("etag-2", [])
    assert store.shelf.etag() == "etag-2"
    assert ids(in_force_now(till)) == ["checkout"]


def test_a_programme_that_this_version_cannot_read_leaves_the_stores_own(till, caplog):
    """P7: whatever was kept, something sound is shown."""
    store = till.open()
    store.shelf.put("etag-1", [{**survey(), "kind": "from the future"}])
    assert ids(in_force_now(till)) == ["checkout"]
    assert "cannot be used" in caplog.text


def test_a_new_programme_replaces_the_one_in_force(till):
    """What the agent brings is shown from the next visit on."""
    chosen = in_force_now(till)
    chosen.hear([survey("new")])
    assert ids(chosen) == ["new"]
    assert chosen.survey_now().id == "new"
    chosen.hear([])
    assert ids(chosen) == ["checkout"]


def test_every_survey_version_stays_on_the_shelf(till):
    """A tap may name any version that was ever shown; head office can be given each of them."""
    store = till.open()
    own, old, new = survey("own"), survey("old"), survey("new")
    store.shelve([own])
    store.shelf.put("etag-1", [old])
    store.shelf.put("etag-2", [new])
    store.close()
    store = till.open()
    for document in (own, old, new):
        assert store.shelf.document(version_of(document)) == document
    assert store.shelf.document("000000000000") is None


def test_old_programmes_are_kept_in_bounds(till):
    """The last ones stay for looking back; the ledger does not grow with every publication."""
    store = till.open()
    for number in range(PROGRAMMES_KEPT + 5):
        store.shelf.put(f"etag-{number}", [survey()])
    with store.database.read() as reader:
        found = [etag for (etag,) in reader.execute("SELECT etag FROM programmes ORDER BY number")]
    assert found == [f"etag-{number}" for number in range(5, PROGRAMMES_KEPT + 5)]


def test_a_survey_is_shown_at_the_hours_of_the_site(till, monkeypatch):
    """Local time is that of config.toml, else head office's, whatever the machine's own is set to."""
    at_noon_in_tokyo = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    monkeypatch.setattr(in_force, "datetime", clock_at(at_noon_in_tokyo))
    text = SHIPPED.read_text("utf-8").replace(
        'kind = "in_the_moment"', 'kind = "in_the_moment"\nwhen = { hours = "11:00-13:00" }', 1
    )
    chosen = InForce(parse(text))
    chosen.stand_in(enrolment("Asia/Tokyo"))
    assert chosen.survey_now().id == "checkout"
    chosen.stand_in(enrolment("Asia/Kolkata"))
    assert chosen.survey_now() is None
    own = InForce(parse(text.replace("# timezone", "timezone")))
    own.stand_in(enrolment("Asia/Kolkata"))
    assert own.survey_now().id == "checkout"


def clock_at(moment):
    class Clock(datetime):
        @classmethod
        def now(cls, zone):
            return moment.astimezone(zone)

    return Clock


def test_a_time_zone_that_this_machine_does_not_know_is_no_reason_to_stop(till):
    """Head office may know zones that an old kiosk does not: it goes by its own clock then."""
    chosen = InForce(load(SHIPPED))
    chosen.stand_in(enrolment("Mars/Olympus_Mons"))
    assert chosen.survey_now().id == "checkout"


def test_the_first_frame_does_not_wait_for_a_damaged_ledger(till):
    """Damage is left to the store: the store's own questions are shown meanwhile."""
    till.open().close()
    till.file.write_bytes(b"x" * 9000)
    assert ids(in_force_now(till)) == ["checkout"]


def test_a_newer_programs_ledger_is_refused_before_the_window_opens(till):
    """Nobody taps on a kiosk that could not store it."""
    store = till.open()
    with store.database.write() as writer:
        writer.execute("DELETE FROM settings")
        writer.execute("PRAGMA user_version = 9")
    store.close()
    with pytest.raises(LedgerTooNew):
        in_force_now(till)


def test_what_head_office_said_is_followed(till):
    """Enrolment and programme are read together."""
    store = till.open()
    with store.database.write() as writer:
        keep_enrolment(writer, enrolment())
    store.shelf.put("etag-1", [survey()])
    chosen = InForce(load(SHIPPED))
    with store.database.read() as reader:
        assert follow(reader, chosen) == enrolment()
    assert ids(chosen) == ["central"]
    assert json.dumps(chosen.programme.surveys[0].document())
