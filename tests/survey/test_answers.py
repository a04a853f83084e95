"""An answer is stored only if its question can have it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.answers import check_answer
from survey.parse import parse_survey
from survey.problems import InvalidAnswer
from tests.survey.samples import checkout
from tests.survey.strategies import answers_to, surveys

SURVEY = parse_survey(checkout())
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(surveys(), st.data())
def test_every_valid_answer_comes_back_as_it_is(survey, data):
    """What fits is given back unchanged, so that kiosk and head office hold the same."""
    for question in survey.questions:
        answer = data.draw(answers_to(question))
        assert check_answer(question, answer) == answer
        assert check_answer(question, json.loads(json.dumps(answer))) == answer


@given(surveys(), JSON_VALUES)
def test_any_value_fits_or_is_refused(survey, value):
    """Whatever JSON holds, the only error is InvalidAnswer, and its message can be sent."""
    for question in survey.questions:
        try:
            kept = check_answer(question, value)
        except InvalidAnswer as error:
            message = error.message
        else:
            message = ""
            assert check_answer(question, kept) == kept
        assert message.isprintable()


@pytest.mark.parametrize(
    ("question", "answer", "kept"),
    [
        ("rating", "neutral", "neutral"),
        ("recommend", 0, 0),
        ("recommend", 10, 10),
        ("stars", 1, 1),
        ("stars", 7, 7),
        ("ease", 4, 4),
        ("reasons", "queue", "queue"),
        ("several", ["c", "a"], ["a", "c"]),
        ("several", [], None),
        ("words", "とても良い", "とても良い"),
        ("words", "x" * 80, "x" * 80),
        ("goodbye", True, True),
    ],
)
def test_what_fits(question, answer, kept):
    """Bounds are included, options come back in the question's order, no option at all is a skip."""
    assert check_answer(SURVEY.question(question), answer) == kept


@pytest.mark.parametrize("question", [question.id for question in SURVEY.questions])
def test_a_skip_fits_everywhere(question):
    """Null is a skipped question, of whatever type."""
    assert check_answer(SURVEY.question(question), None) is None


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        ("rating", "Happy", '"Happy" is none of sad, neutral, happy'),
        ("rating", 2, "2 is none of sad, neutral, happy"),
        ("rating", ["sad"], "a list is none of"),
        ("recommend", -1, "-1 is not within 0 to 10"),
        ("recommend", 11, "11 is not within 0 to 10"),
        ("recommend", 5.0, "5.0 is no whole number"),
        ("recommend", float("nan"), "nan is no whole number"),
        ("recommend", True, "true is no whole number"),
        ("recommend", False, "false is no whole number"),
        ("recommend", "5", '"5" is no whole number'),
        ("recommend", 10**18, "a huge number is not within 0 to 10"),
        ("ease", 0, "0 is not within 1 to 4"),
        ("stars", 0, "0 is not within 1 to 7"),
        ("stars", 8, "8 is not within 1 to 7"),
        ("stars", True, "true is no whole number"),
        ("reasons", "price", '"price" is none of queue, staff'),
        ("reasons", ["queue"], "a list is none of queue, staff"),
        ("several", "a", '"a" is no list of option ids'),
        ("several", ["a", "a"], "an option is chosen twice"),
        ("several", ["a", "z"], '"z" is none of a, b, c'),
        ("several", ["a", ["b"]], "a list is none of a, b, c"),
        ("several", {"a": True}, "a table is no list"),
        ("words", "", "the text is blank"),
        ("words", " \u3000", "the text is blank"),
        ("words", "x" * 81, "the text has 81 characters; at most 80 fit"),
        ("words", "a\x00b", "the text holds a control character"),
        ("words", "a\nb", "the text holds a control character"),
        ("words", "a\x7fb", "the text holds a control character"),
        ("words", "a\ud800b", "the text holds a control character"),
        ("words", 5, "5 is no text"),
        ("goodbye", False, "false is no answer to a notice"),
        ("goodbye", 1, "1 is no answer to a notice"),
        ("goodbye", "true", '"true" is no answer to a notice'),
    ],
)
def test_what_does_not_fit(question, answer, message):
    """A value of another type, out of bounds, chosen twice, too long or unprintable is refused with why."""
    with pytest.raises(InvalidAnswer) as caught:
        check_answer(SURVEY.question(question), answer)
    assert caught.value.message.startswith(message)
