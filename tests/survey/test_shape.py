"""Questions that become another kind: what still fits stays, and nothing is broken."""

import tomllib
from itertools import product
from pathlib import Path

import pytest

from survey.edit import Editing
from survey.measures import TYPES_OF_METRIC
from survey.model import METRICS, TYPES
from survey.shape import bounded, in_languages, measuring, new_question, new_survey, of_many, retyped

SHIPPED = Path(__file__).parents[2] / "config.toml"

BOTH = ("ja", "en")


@pytest.fixture
def editing():
    return Editing(tuple(tomllib.loads(SHIPPED.read_text("utf-8"))["survey"]))


def places(editing):
    return {fault.place.partition("question")[2] for fault in editing.faults()}


@pytest.mark.parametrize(("number", "kind"), [*product(range(5), TYPES)])
def test_any_question_becomes_any_type(editing, number, kind):
    """Only blank texts, or a question that no way leads to any more, are left to mend."""
    asked = editing.documents[0]["question"][number]
    made = editing.replace_question(0, number, retyped(asked, kind, BOTH))
    for fault in made.faults():
        assert "is blank" in fault.message or "no way leads to" in fault.message, fault
    assert made.documents[0]["question"][number]["text"] == asked["text"]


@pytest.mark.parametrize(
    ("kind", "metric"), [(kind, metric) for metric in METRICS for kind in TYPES_OF_METRIC[metric]]
)
def test_a_metric_brings_the_values_it_needs(kind, metric):
    """Chosen for a question that may measure it, and taken away again, it leaves a sound question."""
    survey = new_survey(BOTH) | {"title": {"ja": "あ", "en": "a"}}
    asked = retyped({"id": "q", "text": {"ja": "あ", "en": "a"}}, kind, BOTH)
    if kind == "choice":
        asked["options"] = [{"id": name, "text": {"ja": name, "en": name}} for name in "ab"]
    for made in (measuring(asked, metric), measuring(measuring(asked, metric), None)):
        assert Editing((survey | {"question": [made]},)).faults() == ()


def test_ways_follow_the_values_of_a_scale(editing):
    """A smaller scale loses ways, a larger one gives its new values the neighbour's."""
    asked = measuring(editing.documents[0]["question"][3], None)
    assert bounded(asked, 1, 5)["next"] == {"1-5": "nps_why"}
    assert bounded(asked, 0, 7)["next"] == {"0-6": "nps_why", "7": "end"}
    assert bounded(asked, 0, 3)["next"] == {"0-3": "nps_why"}
    with_skip = asked | {"next": asked["next"] | {"skip": "nps_why"}}
    assert bounded(with_skip, 5, 9)["next"] == {"5-6": "nps_why", "7-9": "end", "skip": "nps_why"}


def test_a_choice_of_several_has_one_way_on(editing):
    """What each option led to would never be asked."""
    asked = editing.documents[0]["question"][2]
    ways = {option["id"]: "end" for option in asked["options"]}
    assert of_many(asked | {"next": ways}, many=True)["next"] == "end"
    assert of_many(asked | {"many": True}, many=False) == asked


def test_what_comes_from_the_library_speaks_the_surveys_languages():
    """A language that it lacks is a blank to fill in, one that is not wanted is left out."""
    asked = new_question("choice", ("ja", "en")) | {"next": {"a": "end"}}
    made = in_languages(asked, ("en", "fr"))
    assert made["text"] == {"en": "", "fr": ""}
    assert [tuple(option["text"]) for option in made["options"]] == [("en", "fr")] * 2
    assert made["next"] == {"a": "end"}
