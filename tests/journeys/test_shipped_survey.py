"""Every way through the survey that is shipped, as a shopper goes it: a list of steps, without a window."""

from pathlib import Path

import pytest

from kiosk.settings.file import load
from kiosk.visit import Ask, Thanks, Visit
from survey.branching import asked
from survey.model import FACES, Survey

SURVEY: Survey = load(Path(__file__).parents[2] / "config.toml").programme.surveys[0]
REASONS = ("waiting", "range", "staff", "price", "cleanliness", "other")


def visit_ids():
    """One visit whose lot is to be asked whether they recommend the store, and one whose lot is not."""
    ids = [f"visit-{number}" for number in range(100)]
    lot = {asked(SURVEY.question("recommend"), visit): visit for visit in ids}
    return lot[True], lot[False]


ASKED, NOT_ASKED = visit_ids()
THANKS = "thanks"

# Each journey: the visit's lot, then what is on screen and what the shopper does, until the thanks.
JOURNEYS = {
    "sad, for several reasons": (
        NOT_ASKED,
        [("rating", "sad"), ("why_sad", ["waiting", "price"]), THANKS],
    ),
    "sad, and one reason is enough": (NOT_ASKED, [("rating", "sad"), ("why_sad", ["staff"]), THANKS]),
    "sad, and says no more": (NOT_ASKED, [("rating", "sad"), ("why_sad", None), THANKS]),
    "neutral, with one thing to improve": (
        NOT_ASKED,
        [("rating", "neutral"), ("improve", "cleanliness"), THANKS],
    ),
    "neutral, and says no more": (NOT_ASKED, [("rating", "neutral"), ("improve", None), THANKS]),
    "happy, and not asked more": (NOT_ASKED, [("rating", "happy"), THANKS]),
    "happy, and skips the recommendation": (ASKED, [("rating", "happy"), ("recommend", None), THANKS]),
    "happy, would hardly recommend, says why": (
        ASKED,
        [("rating", "happy"), ("recommend", 6), ("nps_why", ["range"]), THANKS],
    ),
    "happy, would not recommend, keeps why": (
        ASKED,
        [("rating", "happy"), ("recommend", 0), ("nps_why", None), THANKS],
    ),
    "skips the faces": (ASKED, [("rating", None), THANKS]),
    **{
        f"happy, recommends with {number}": (ASKED, [("rating", "happy"), ("recommend", number), THANKS])
        for number in (7, 8, 9, 10)
    },
    **{
        f"sad because of {reason}": (NOT_ASKED, [("rating", "sad"), ("why_sad", [reason]), THANKS])
        for reason in REASONS
    },
    **{
        f"neutral, would improve {reason}": (
            NOT_ASKED,
            [("rating", "neutral"), ("improve", reason), THANKS],
        )
        for reason in REASONS
    },
}


def begin(visit_id, language="ja"):
    saved = []
    visit = Visit(
        SURVEY, language=language, save=saved.append, monotonic_ms=lambda: 0, new_id=lambda: visit_id
    )
    return visit, saved


def shown(step):
    return step.question.id if isinstance(step, Ask) else THANKS


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", JOURNEYS)
def test_journey(name, language):
    """Each answer leads where the survey says, in either language, and every tap is kept."""
    visit_id, steps = JOURNEYS[name]
    visit, saved = begin(visit_id, language)
    *answers, end = steps
    for question, answer in answers:
        step = visit.step
        assert shown(step) == question
        assert step.question.text[language]
        visit.skip() if answer is None else visit.answer(answer)
    assert visit.step == Thanks(language)
    assert end == THANKS
    assert [(tap.question, tap.answer) for tap in saved] == answers


def test_the_journeys_cover_every_question_and_every_way_out_of_it():
    """No path through the shipped survey is left without a journey."""
    walked = {
        (steps[number][0], _way(steps[number][1]))
        for _, steps in JOURNEYS.values()
        for number in range(len(steps) - 1)
    }
    many = {("why_sad", True), ("why_sad", None), ("nps_why", True), ("nps_why", None)}
    faces = {("rating", face) for face in (*FACES, None)}
    improve = {("improve", reason) for reason in (*REASONS, None)}
    scale = {("recommend", way) for way in ("0-6", "7-10", None)}
    assert walked == many | faces | improve | scale


def _way(answer):
    if isinstance(answer, list):
        return True
    return answer if not isinstance(answer, int) else "0-6" if answer <= 6 else "7-10"


def test_a_shopper_who_taps_the_wrong_face_goes_back_and_the_last_tap_counts():
    """Sad → back → happy → recommend → back twice → neutral → improve → thanks."""
    visit, saved = begin(ASKED)
    seen = [shown(visit.answer("sad")), shown(visit.back()), shown(visit.answer("happy"))]
    seen += [shown(visit.answer(4)), shown(visit.back()), shown(visit.back())]
    assert visit.step.answer == "happy"
    seen += [shown(visit.answer("neutral")), shown(visit.answer("price"))]
    assert seen == [
        *("why_sad", "rating", "recommend", "nps_why", "recommend", "rating", "improve"),
        THANKS,
    ]
    last = {tap.question: tap.answer for tap in saved}
    assert last["rating"] == "neutral"
    assert len({tap.visit for tap in saved}) == 1


def test_a_shopper_who_changes_the_language_halfway_is_answered_in_it():
    """The question stays, its words change, and each tap says in which language it was given."""
    visit, saved = begin(NOT_ASKED)
    visit.answer("sad")
    step = visit.speak("en")
    assert (shown(step), step.language) == ("why_sad", "en")
    assert visit.answer(["waiting"]) == Thanks("en")
    assert [tap.language for tap in saved] == ["ja", "en"]


def test_a_shopper_who_walks_away_has_been_heard():
    """What was tapped before leaving is kept; the next shopper's visit is another one."""
    first, kept = begin("one")
    first.answer("sad")
    second, others = begin("two")
    second.answer("happy")
    assert [tap.visit for tap in (*kept, *others)] == ["one", "two"]


def test_dots_never_grow_on_the_way():
    """On no way does the visit come to more questions than its dots announced."""
    for visit_id, steps in JOURNEYS.values():
        visit, _ = begin(visit_id)
        announced = visit.step.of
        for number, (_, answer) in enumerate(steps[:-1], 1):
            assert visit.step.position == number
            assert visit.step.of <= announced
            announced = visit.step.of
            visit.skip() if answer is None else visit.answer(answer)
