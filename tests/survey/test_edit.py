"""Surveys while they are edited: pure values, every step taken back."""

import tomllib
from pathlib import Path

import pytest

from survey.edit import Editing

SHIPPED = Path(__file__).parents[2] / "config.toml"

OPTION = {"id": "parking", "text": {"ja": "駐車場", "en": "Parking"}}


@pytest.fixture
def editing():
    return Editing(tuple(tomllib.loads(SHIPPED.read_text("utf-8"))["survey"]))


def questions(editing, survey=0):
    return editing.documents[survey]["question"]


def ids(editing):
    return [each["id"] for each in questions(editing)]


def test_each_step_is_taken_back_and_done_again(editing):
    """Undo gives what was there before, step by step; redo the step; a new step forgets what was undone."""
    first = editing.delete_question(0, 4)
    second = first.set_question(0, 0, "text", {"ja": "いかが?", "en": "Well?"})
    assert second.undo().documents == first.documents
    assert second.undo().undo().documents == editing.documents
    assert second.undo().redo().documents == second.documents
    assert editing.undo() is editing
    assert editing.redo() is editing
    assert second.undo().move_question(0, 1, 2).undone == ()


def test_a_step_leaves_what_was_there_untouched(editing):
    """An earlier value never changes, or undo would give something else."""
    before = repr(editing.documents)
    text = {"ja": "あ", "en": "a"}
    changed = editing.set_question(0, 0, "text", text).set_question(0, 1, "id", "bad")
    text["ja"] = "い"
    assert repr(editing.documents) == before
    assert questions(changed)[0]["text"]["ja"] == "あ"


def test_a_renamed_question_is_found_by_all_that_led_to_it(editing):
    """A new id goes into every next, and the survey stays sound."""
    renamed = editing.set_question(0, 1, "id", "what_was_bad").set_question(0, 4, "id", "missing")
    assert questions(renamed)[0]["next"]["sad"] == "what_was_bad"
    assert questions(renamed)[3]["next"]["0-6"] == "missing"
    assert renamed.faults() == ()


def test_an_id_that_is_there_twice_takes_no_way_with_it(editing):
    """While two questions have one id, renaming one leaves the ways to the other."""
    twice = editing.set_question(0, 2, "id", "why_sad")
    assert twice.faults()
    mended = twice.set_question(0, 2, "id", "better")
    assert questions(mended)[0]["next"] == {"sad": "why_sad", "neutral": "why_sad", "happy": "recommend"}


def test_a_deleted_question_gives_its_way_on(editing):
    """What led to a deleted question leads where it led: here to the end; else to the one below."""
    without = editing.delete_question(0, 1)
    assert questions(without)[0]["next"]["sad"] == "end"
    assert without.faults() == ()
    falling = editing.set_question(0, 1, "next", None).delete_question(0, 1)
    assert questions(falling)[0]["next"]["sad"] == "improve"
    several = editing.delete_question(0, 3)
    assert questions(several)[0]["next"]["happy"] == "end"


def test_questions_are_added_moved_and_duplicated(editing):
    """Each goes where it was put, a copy with an id of its own."""
    assert ids(editing.move_question(0, 4, 1)) == ["rating", "nps_why", "why_sad", "improve", "recommend"]
    assert ids(editing.duplicate_question(0, 0).duplicate_question(0, 0))[:3] == [
        "rating", "rating_3", "rating_2"
    ]  # fmt: skip
    notice = {"id": "rating", "type": "notice", "text": {"ja": "お知らせ", "en": "News"}}
    assert ids(editing.add_question(0, 5, notice))[-1] == "rating_2"


def test_a_long_id_gets_a_number_that_still_fits():
    """A copy's id has 40 characters at most, as every id."""
    survey = {"id": "a" * 40, "question": []}
    copied = Editing((survey,)).duplicate_survey(0)
    assert [each["id"] for each in copied.documents] == ["a" * 40, "a" * 38 + "_2"]


def test_an_option_takes_its_way_with_it(editing):
    """Where each option has its way, a new one leads to the end, a renamed keeps it, a deleted loses it."""
    ways = {each["id"]: "end" for each in questions(editing)[2]["options"]} | {"staff": "recommend"}
    with_ways = editing.set_question(0, 2, "next", ways)
    assert with_ways.faults() == ()
    added = with_ways.add_option(0, 2, 5, OPTION)
    assert questions(added)[2]["next"]["parking"] == "end"
    renamed = added.set_option(0, 2, 2, "id", "people")
    assert questions(renamed)[2]["next"]["people"] == "recommend"
    assert "staff" not in questions(renamed)[2]["next"]
    gone = renamed.delete_option(0, 2, 2)
    assert "people" not in questions(gone)[2]["next"]
    for each in (added, renamed, gone):
        assert each.faults() == ()


def test_options_are_moved_duplicated_and_written(editing):
    """The same for options: order, copy, text, icon."""
    moved = editing.move_option(0, 1, 5, 0).duplicate_option(0, 1, 1).set_option(0, 1, 1, "icon", None)
    options = questions(moved)[1]["options"]
    assert [each["id"] for each in options[:3]] == ["other", "waiting", "waiting_2"]
    assert "icon" not in options[1]
    assert options[2]["icon"] == "clock"
    assert moved.faults() == ()


def test_surveys_are_added_moved_duplicated_and_deleted(editing):
    """The same for whole surveys; the last one cannot be published away."""
    two = editing.duplicate_survey(0).set_survey(1, "when", {"hours": "09:00-12:00"}).move_survey(1, 0)
    assert [each["id"] for each in two.documents] == ["checkout_2", "checkout"]
    assert two.faults() == ()
    assert two.set_survey(0, "when", None).delete_survey(0).documents == editing.documents
    assert editing.delete_survey(0).faults()


def test_faults_stand_at_their_place(editing):
    """What is missing is told while editing, with the place of the field."""
    faults = editing.set_question(0, 1, "text", {"ja": "何?"}).faults()
    assert [fault.place for fault in faults] == ["survey[0].question[1].text.en"]
