"""One shopper's run: checked, saved, and only then moved on."""

import pytest

from kiosk.visit import NotSaved, Thanks, Visit
from survey.parse import parse_survey
from survey.problems import InvalidAnswer

BOTH = {"ja": "はい", "en": "Yes"}
SURVEY = parse_survey(
    {
        "id": "checkout",
        "kind": "in_the_moment",
        "title": BOTH,
        "question": [
            {
                "id": "rating",
                "type": "faces",
                "text": BOTH,
                "next": {"sad": "why", "neutral": "end", "happy": "recommend"},
            },
            {
                "id": "why",
                "type": "choice",
                "many": True,
                "text": BOTH,
                "options": [{"id": "queue", "text": BOTH}, {"id": "price", "text": BOTH}],
                "next": "remark",
            },
            {"id": "recommend", "type": "scale", "metric": "nps", "ask": 0.5, "text": BOTH, "next": "remark"},
            {"id": "remark", "type": "text", "text": BOTH},
        ],
    }
)
ASKED_RECOMMEND = "visit-1"  # draws below 0.5 for recommend,
NOT_ASKED_RECOMMEND = "visit-0"  # and this one above: see the first test


class Desk:
    """A visit with hands: what it saved, and the time it goes by."""

    def __init__(self, survey=SURVEY, language="ja", visit_id=ASKED_RECOMMEND):
        self.saved, self.now_ms, self.fails, self.ids = [], 1000, None, []
        self.on_save = lambda: None
        self.visit = Visit(
            survey,
            language=language,
            save=self._save,
            monotonic_ms=lambda: self.now_ms,
            new_id=lambda: self.ids.append(visit_id) or visit_id,
        )

    def _save(self, answered):
        if self.fails:
            raise self.fails
        self.on_save()
        self.saved.append(answered)

    @property
    def shown(self):
        return self.visit.step.question.id


@pytest.fixture
def desk():
    return Desk()


def test_the_two_ids_draw_as_their_names_say():
    """The sampled question is asked in one of the two visits and passed over in the other."""
    for visit_id, after_happy in ((ASKED_RECOMMEND, "recommend"), (NOT_ASKED_RECOMMEND, "remark")):
        assert Desk(visit_id=visit_id).visit.answer("happy").question.id == after_happy


def test_the_next_step_comes_only_after_the_save_returned(desk):
    """P1: while the tap is being stored, the visit still stands at its question."""
    shown = []
    desk.on_save = lambda: shown.append(desk.shown)
    desk.visit.answer("sad")
    assert shown == ["rating"]
    assert desk.shown == "why"


def test_a_tap_that_was_not_saved_leaves_the_visit_where_it_is(desk):
    """The shopper may tap again, and the second tap is the same visit's."""
    desk.fails = NotSaved("the disk is full")
    with pytest.raises(NotSaved):
        desk.visit.answer("sad")
    assert (desk.shown, desk.visit.started) == ("rating", False)
    desk.fails = None
    desk.visit.answer("sad")
    assert desk.shown == "why"
    assert desk.ids == [ASKED_RECOMMEND]


@pytest.mark.parametrize("answer", ["angry", 3, True, ["happy"], ""])
def test_an_impossible_answer_is_refused_and_not_saved(desk, answer):
    """Nothing reaches the ledger that the survey does not know."""
    with pytest.raises(InvalidAnswer):
        desk.visit.answer(answer)
    assert (desk.saved, desk.shown) == ([], "rating")


def test_what_is_saved_says_who_was_asked_what_and_how_long_it_took(desk):
    """A tap names visit, survey version, question, language and the time from question shown to tap."""
    desk.now_ms += 1240
    desk.visit.answer("sad")
    desk.now_ms += 700
    desk.visit.speak("en")
    desk.now_ms += 300
    desk.visit.answer(["price", "queue"])
    first, second = desk.saved
    assert first.visit == second.visit == ASKED_RECOMMEND
    assert first.survey == SURVEY.version
    assert (first.question, first.answer, first.language, first.took_ms) == ("rating", "sad", "ja", 1240)
    assert (second.question, second.answer, second.language, second.took_ms) == (
        "why",
        ["queue", "price"],
        "en",
        1000,
    )


def test_the_visits_id_is_made_when_the_shopper_comes(desk):
    """An idle screen has no visit: its id, which holds a time, is made with the first tap."""
    assert desk.ids == []
    desk.visit.answer("neutral")
    assert desk.ids == [ASKED_RECOMMEND]


def test_skipping_is_saved_as_null_and_goes_on(desk):
    """A skipped question is told apart from one that was never shown."""
    desk.visit.answer("sad")
    desk.visit.skip()
    assert desk.saved[-1].answer is None
    assert desk.shown == "remark"


def test_choosing_nothing_is_skipping(desk):
    """An empty list of options is stored as null."""
    desk.visit.answer("sad")
    desk.visit.answer([])
    assert desk.saved[-1].answer is None


def test_going_back_shows_what_was_answered_and_the_last_tap_counts(desk):
    """A shopper may change their mind; both taps are kept, and the way follows the last one."""
    desk.visit.answer("sad")
    desk.visit.answer(["queue"])
    step = desk.visit.back()
    assert (step.question.id, step.answer) == ("why", ["queue"])
    step = desk.visit.back()
    assert (step.question.id, step.answer, step.can_go_back) == ("rating", "sad", False)
    step = desk.visit.answer("happy")
    assert step.question.id == "recommend"
    assert [(tap.question, tap.answer) for tap in desk.saved] == [
        ("rating", "sad"),
        ("why", ["queue"]),
        ("rating", "happy"),
    ]


def test_a_question_that_the_lot_passes_over_is_not_in_the_way_back():
    """Back leads to the question that was really shown before."""
    desk = Desk(visit_id=NOT_ASKED_RECOMMEND)
    assert desk.visit.answer("happy").question.id == "remark"
    assert desk.visit.back().question.id == "rating"


def test_back_at_the_first_question_stays(desk):
    """There is nothing before the first question."""
    before = desk.visit.step
    assert desk.visit.back() == before


def test_a_visit_that_is_over_takes_no_more_answers(desk):
    """A late tap on the thanks is refused, and back leads nowhere."""
    assert desk.visit.answer("neutral") == Thanks("ja")
    with pytest.raises(InvalidAnswer):
        desk.visit.answer("happy")
    assert desk.visit.back() == Thanks("ja")
    assert len(desk.saved) == 1


def test_dots_tell_how_far_it_is(desk):
    """Position counts from 1, and `of` is the longest way still open."""
    assert (desk.visit.step.position, desk.visit.step.of) == (1, 3)
    step = desk.visit.answer("sad")
    assert (step.position, step.of) == (2, 3)
    step = desk.visit.skip()
    assert (step.position, step.of) == (3, 3)


def test_changing_the_language_keeps_the_place(desk):
    """Another language shows the same question; one that the survey lacks changes nothing."""
    desk.visit.answer("sad")
    step = desk.visit.speak("en")
    assert (step.question.id, step.language) == ("why", "en")
    assert desk.visit.speak("fr").language == "en"


def test_a_kiosk_whose_language_the_survey_lacks_asks_in_the_surveys_first():
    """A survey from head office may not speak the store's language; it is shown all the same."""
    assert Desk(language="fr").visit.step.language == "ja"


def test_written_words_are_redacted_before_they_are_saved(desk):
    """P6: what could identify a shopper never reaches the disk."""
    desk.visit.answer("sad")
    desk.visit.skip()
    desk.visit.answer("電話は 090-1234-5678 です")
    assert "1234" not in desk.saved[-1].answer
    assert desk.saved[-1].answer.startswith("電話は ")
