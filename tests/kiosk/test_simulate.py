"""Shoppers who are not there."""

from collections import Counter
from pathlib import Path

from uuid_utils import uuid7

from kiosk.settings.file import load
from kiosk.simulate import Manner, Simulation
from survey.answers import check_answer
from survey.branching import path
from survey.parse import parse_survey

SHIPPED = load(Path(__file__).parents[2] / "config.toml").programme.surveys[0]
SAID = {"ja": "あ", "en": "a"}
EVERYTHING = parse_survey(
    {
        "id": "all",
        "kind": "relationship",
        "title": SAID,
        "question": [
            {"id": "hello", "type": "notice", "text": SAID},
            {"id": "faces", "type": "faces", "text": SAID},
            {"id": "stars", "type": "stars", "text": SAID, "ask": 0.3},
            {"id": "effort", "type": "scale", "metric": "ces", "text": SAID, "ask": 0.6},
            {
                "id": "one",
                "type": "choice",
                "text": SAID,
                "options": [{"id": "a", "text": SAID}, {"id": "b", "text": SAID}],
            },
            {"id": "words", "type": "text", "text": SAID, "max_length": 8},
        ],
    }
)


def simulated(survey=SHIPPED, visits=200, seed="7"):
    saved = []
    simulation = Simulation(survey=survey, seed=seed, save=saved.append, new_id=lambda: str(uuid7()))
    for number in range(visits):
        simulation.visit(number)
    return saved


def heart(taps):
    """What a seed decides: everything but the ids."""
    order = list(dict.fromkeys(tap.visit for tap in taps))
    return [(order.index(tap.visit), tap.question, tap.answer, tap.language, tap.took_ms) for tap in taps]


def test_a_seed_gives_the_same_shoppers_again_in_new_visits():
    """A run can be repeated answer for answer, and yet no visit's id ever comes twice."""
    once, again = simulated(), simulated()
    assert heart(once) == heart(again)
    assert {tap.visit for tap in once}.isdisjoint({tap.visit for tap in again})
    assert heart(once) != heart(simulated(seed="8"))


def test_a_longer_run_begins_like_a_shorter_one():
    """Each shopper depends on the seed and their number alone."""
    assert heart(simulated(visits=40))[: len(heart(simulated(visits=20)))] == heart(simulated(visits=20))


def test_moods_are_those_of_a_store():
    """Most shoppers are happy, some are not; a few skip, go back or walk away."""
    taps = simulated(visits=1500)
    faces = Counter(tap.answer for tap in taps if tap.question == "rating")
    share = {face: faces[face] / faces.total() for face in faces}
    assert 0.55 < share["happy"] < 0.8
    assert 0.12 < share["neutral"] < 0.35
    assert 0.04 < share["sad"] < 0.2
    asked = Counter(tap.question for tap in taps)
    assert 0.2 < asked["recommend"] / faces["happy"] < 0.3, "about every fourth, as the survey says"
    assert any(tap.answer is None for tap in taps)
    assert any(count > 1 for count in Counter((tap.visit, tap.question) for tap in taps).values())
    assert min(tap.took_ms for tap in taps) >= 500
    assert len({tap.language for tap in taps}) == 2


def test_every_kind_of_question_is_answered_as_it_may_be():
    """Simulated answers fit their questions, and each visit's way is one that the survey has."""
    taps = simulated(EVERYTHING, visits=150)
    assert {tap.question for tap in taps} == {question.id for question in EVERYTHING.questions}
    visits = {}
    for tap in taps:
        assert check_answer(EVERYTHING.question(tap.question), tap.answer) == tap.answer
        visits.setdefault(tap.visit, {})[tap.question] = tap.answer
    for visit, answers in visits.items():
        assert set(path(EVERYTHING, answers, visit).asked) == set(answers)


def test_a_manner_decides_what_the_seed_would():
    """A fleet lets sad shops, visitors from abroad and children who hammer come to the same visit code."""
    saved = []
    simulation = Simulation(survey=SHIPPED, seed="7", save=saved.append, new_id=lambda: str(uuid7()))
    for number in range(30):
        simulation.visit(number, Manner(mood=0.1, language="en", most_answers=1, hurried=True))
    assert [tap.question for tap in saved] == ["rating"] * 30
    assert {(tap.answer, tap.language) for tap in saved} == {("sad", "en")}
    assert max(tap.took_ms for tap in saved) <= 1200
    assert heart(simulated()) == heart(simulated()), "without a manner the seed decides, as before"
