"""The library of the question editor: whatever is taken from it can be published as it is."""

import pytest

from kiosk.ui.shown import beyond_us
from survey.edit import Editing
from survey.library import read_library
from survey.parse import parse_programme
from survey.shape import in_languages
from tests.kiosk.test_settings import SHIPPED

ASSETS = SHIPPED.parent / "assets"


@pytest.fixture(scope="module")
def library():
    return read_library(ASSETS)


def test_each_question_stands_alone(library):
    """Put into a survey, each is sound, legible, and in Japanese and English."""
    for question in library.questions:
        survey = {"id": "s", "kind": "in_the_moment", "title": {"ja": "あ", "en": "a"}}
        editing = Editing(({**survey, "question": [in_languages(question, ("ja", "en"))]},))
        assert editing.faults() == (), question["id"]
        assert beyond_us(parse_programme(list(editing.documents)), fonts=ASSETS / "fonts") == ()
    assert len({question["id"] for question in library.questions}) == len(library.questions)
    assert {question["type"] for question in library.questions} == {
        *("faces", "scale", "stars", "choice", "text", "notice")
    }


def test_each_stop_of_a_journey_has_its_survey(library):
    """Every place is named in both languages and leads to a survey; every survey has its place."""
    for journey in library.journeys:
        for texts in (journey.title, *(stop.place for stop in journey.stops)):
            assert texts["ja"] != texts["en"]
    led_to = {stop.survey for journey in library.journeys for stop in journey.stops}
    assert led_to == library.surveys.keys()
