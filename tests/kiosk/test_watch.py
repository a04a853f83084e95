"""config.toml changed by hand while the kiosk runs."""

import os

import pytest

from kiosk.bootstrap import Kiosk
from kiosk.in_force import InForce
from kiosk.settings import watch
from kiosk.settings.file import InvalidConfig, load, parse
from kiosk.settings.watch import GOOD_FILE, Watch
from kiosk.store.edits import Edit
from kiosk.visit import Ask, Thanks
from survey.terms import Terms

TOML = """
[kiosk]
store = "A"
idle_s = 20
[screen]
theme = "light"
[[survey]]
id = "short"
kind = "in_the_moment"
title = { ja = "短い", en = "Short" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "いかがでしたか", en = "How was it?" }
"""
ANOTHER = TOML.replace("How was it?", "And how was it?")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(TOML)
    return path


@pytest.fixture
def at_work(till, file):
    till.folder.mkdir()
    watch = Watch(file, till.folder)
    in_force = InForce(watch.config)
    kiosk = Kiosk(till.folder, watch.config, in_force, watch=watch)
    kiosk.open()
    kiosk.look_at_config()
    yield kiosk, watch, in_force
    kiosk.close()


def change(file, text):
    """Another file of another time, as any editor leaves it."""
    file.write_text(text)
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000_000))


def asks(in_force):
    return in_force.survey_now().first.text["en"]


def test_a_good_change_is_in_force_with_the_next_visit_and_never_inside_one(at_work, file, till):
    """A visit ends with the survey it began with; the next one has the new survey, which is on the shelf."""
    kiosk, watch, in_force = at_work
    before = in_force.survey_now()
    visit = kiosk.begin(before, "en")
    text = ANOTHER.replace("idle_s = 20", "idle_s = 30").replace("light", "contrast")
    change(file, text)
    kiosk.look_at_config()
    assert isinstance(visit.step, Ask)
    assert visit.step.question.text["en"] == "How was it?"
    assert visit.answer("happy") == Thanks("en")
    assert asks(in_force) == "And how was it?"
    assert kiosk.begin(in_force.survey_now(), "en").answer("sad") == Thanks("en")
    settings = watch.settings_now()
    assert (settings.kiosk.idle_s, settings.screen.theme) == (30, "light")
    assert watch.standing.words("config.toml") == ("config.toml: with the next start: screen.theme",)
    kiosk.close()
    store = till.open()
    versions = [item.survey for item in store.outbox.read(store.ledger.id, 1, 9)]
    assert versions == [before.version, in_force.survey_now().version]
    assert all(store.shelf.document(version) for version in versions)


@pytest.mark.parametrize("spoilt", [TOML.replace("faces", "smileys"), "[[survey]", None])
def test_a_change_with_faults_leaves_the_last_good_one_and_is_told(at_work, file, till, spoilt):
    """P7: whatever stands in the file, the kiosk asks on, after a restart too; mended, nothing is told."""
    kiosk, watch, in_force = at_work
    change(file, ANOTHER)
    kiosk.look_at_config()
    if spoilt is None:
        file.unlink()
    else:
        change(file, spoilt)
    kiosk.look_at_config()
    assert asks(in_force) == "And how was it?"
    assert watch.standing.faults
    assert all("config.toml is not in force" in line for line in watch.standing.words("config.toml"))
    again = Watch(file, till.folder)
    assert again.config == watch.config
    assert again.standing.faults == watch.standing.faults
    change(file, TOML) if spoilt else file.write_text(TOML)
    kiosk.look_at_config()
    assert asks(in_force) == "How was it?"
    assert watch.standing.words("config.toml") == ()


@pytest.mark.parametrize("half", [TOML, "[[survey]"])
def test_a_file_that_an_editor_is_still_writing_is_judged_when_it_is_whole(file, tmp_path, monkeypatch, half):
    """What changed while it was read is neither put in force nor called faulty, but looked at again."""
    seen, taken = Watch(file, tmp_path), []
    change(file, f"{half}# half")

    def read_while_written(path):
        try:
            return load(path)
        finally:
            change(file, ANOTHER)

    monkeypatch.setattr(watch, "load", read_while_written)
    seen.look(taken.append)
    assert (taken, seen.standing.faults) == ([], ())
    monkeypatch.undo()
    seen.look(taken.append)
    assert [each.programme.surveys[0].first.text["en"] for each in taken] == ["And how was it?"]


def test_a_disk_that_keeps_no_copy_stops_no_kiosk(at_work, file, till):
    """P7 is not bought with P1: where the good file cannot be kept, everything else goes on."""
    kiosk, watch, in_force = at_work
    (till.folder / GOOD_FILE).unlink()
    (till.folder / GOOD_FILE).mkdir()
    change(file, ANOTHER)
    kiosk.look_at_config()
    assert asks(in_force) == "And how was it?"
    assert watch.standing.faults == ()


def test_without_a_good_one_a_start_names_the_faults(file, tmp_path):
    """A kiosk that never had a good file does not run on a guess, and a spoilt copy is none."""
    change(file, TOML.replace("faces", "smileys"))
    (tmp_path / GOOD_FILE).write_text("[[survey]")
    with pytest.raises(InvalidConfig, match="smileys"):
        Watch(file, tmp_path)


def test_a_change_below_head_offices_programme_waits(file):
    """What head office sent is in force over config.toml before and after it changes."""
    in_force = InForce(load(file))
    (sent,) = load(file).programme.surveys
    in_force.hear([sent.document() | {"id": "from_head_office"}])
    change(file, ANOTHER)
    in_force.take(load(file))
    assert in_force.survey_now().id == "from_head_office"
    in_force.hear([])
    assert asks(in_force) == "And how was it?"


def test_a_change_by_hand_is_told_with_who_and_when_and_from_what(at_work, file, till):
    """What came into config.toml waits for the next sync with role, time and base, also if made while off."""
    kiosk, _, in_force = at_work
    first = in_force.survey_now().version
    change(file, ANOTHER)
    kiosk.look_at_config()
    second = in_force.survey_now().version
    kiosk.close()
    change(file, TOML.replace("How was it?", "How?"))
    watch = Watch(file, till.folder)
    again = Kiosk(till.folder, watch.config, InForce(watch.config), watch=watch)
    again.open()
    again.look_at_config()
    again.close()
    store = till.open()
    (one, made), (another, then) = store.shelf.untold()
    assert (one, made.author, made.base) == (second, "hand", first)
    assert (another, then.base) == (watch.config.programme.surveys[0].version, second)
    assert then.at == file.stat().st_mtime_ns // 1_000_000
    store.shelf.told(one, made)
    store.shelf.told(another, made)  # the word about another time it was made
    assert store.shelf.untold() == [(another, then)]


@pytest.mark.parametrize(
    ("terms", "from_newest", "wins"),
    [
        ([Terms(locked=False)], True, "store"),
        ([Terms(locked=False)], False, "office"),
        ([Terms(locked=True, ask="extension 210")], True, "office"),
        ([Terms(locked=True, places=1)], True, "office"),
        ([], True, "office"),
    ],
)
def test_a_stores_version_stands_where_it_may_and_head_office_said_nothing_newer(terms, from_newest, wins):
    """Who wins goes by terms and content hashes alone, no clock: docs/who-wins.md."""
    own, office = parse(TOML), parse(ANOTHER).programme
    (mine,), (theirs,) = own.programme.surveys, office.surveys
    base = theirs.version if from_newest else "0123456789ab"
    edit = Edit(survey="short", version=mine.version, base=base, office=base, role="staff", at=1)
    in_force = InForce(own)
    in_force.hear([theirs.document()], terms, {edit.version: edit})
    assert in_force.survey_now() == (mine if wins == "store" else theirs)
    assert in_force.passed_over == (() if wins == "store" else ("short",))
    assert bool(in_force.may_publish([mine.document()])) == (not terms or terms[0].locked)
