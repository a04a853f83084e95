"""The question editor, by touch, on a real kiosk: edit, try out, publish, answer, roll back."""

import json
import os
import subprocess
import sys

import pytest

from tests.screens.desk import ROOT


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict:
    """What staff's work came to, with real files and a real ledger."""
    data = tmp_path_factory.mktemp("editor") / "data"
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens.editplay", data],
        cwd=ROOT,
        env={**os.environ, "HOME": str(data.parent)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {key: value for line in done.stdout.splitlines() for key, value in json.loads(line).items()}


def test_a_question_is_dragged_and_written_by_touch(told):
    """The second question below the third, as the finger put it; what was typed is in the draft's trial."""
    assert told["order"] == ["rating", "improve", "why_sad", "recommend", "nps_why"]
    assert "How was your visit today?x" in told["trial"]


def test_two_missing_languages_keep_it_from_being_published(told):
    """How many places, each named in words with its part; the first is a touch away, and says so itself."""
    assert "To mend: 58" in told["refused"]
    for language in ("Français", "Deutsch"):
        assert f"Not written yet in {language}" in told["refused"]
    assert "Missing: Français, Deutsch" in told["first"]


def test_a_trial_stores_nothing(told):
    """Staff answered on the shoppers' screens; the ledger has no tap of it."""
    assert told["stored"] == 0


def test_a_draft_is_there_when_staff_come_again(told):
    """The first screen came back by itself in between."""
    assert told["draft_left"] is True


def test_what_is_published_is_answered_by_the_next_shopper(told):
    """Before, the shipped version; after, the published one, by the ledger's own word."""
    assert told["before"] == told["shipped"]
    assert told["after"] == told["published"] != told["shipped"]


def test_an_edit_during_a_visit_does_not_change_that_visit(told):
    """Whoever had begun ends with the version they began with; the next shopper has the new one."""
    began, ended, following = told["during"]
    assert began == ended == told["published"]
    assert following not in (told["published"], told["shipped"])


def test_one_touch_brings_an_earlier_version_back(told):
    """The history says who made each; the oldest is in force again for the next shopper, byte for byte."""
    assert [who for who, _ in told["history"]] == [
        "Published by the technician",
        "Published by staff",
        "Written by hand into the file",
    ]
    assert told["history"][0][1] == "In force"
    assert told["rolled_back"] == told["shipped"]
    assert told["config_is_back"] == 0
