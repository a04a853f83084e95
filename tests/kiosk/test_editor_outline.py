"""What the question editor's pages show, as values: texts, trees, ways and faults in words."""

import pytest

from kiosk.settings.file import parse
from kiosk.ui.words import Words
from survey.edit import Editing
from survey.faults import WORDS, Place, place_of, within, words_of
from survey.outline import (
    Branch,
    Span,
    lacking,
    lacking_in_survey,
    possible,
    said,
    spans,
    table_of,
    tree,
    unfolded_ways,
)
from survey.problems import Fault
from tests.kiosk.test_settings import SHIPPED

STAFF = Words(SHIPPED.parent / "assets/languages/staff")


@pytest.fixture
def editing():
    return Editing.of(parse(SHIPPED.read_bytes()).programme)


@pytest.fixture
def survey(editing):
    return editing.documents[0]


def told(fault, language="en"):
    def say(key, **values):
        return STAFF.say(language, key).format(**values)

    return words_of(fault, say, lambda tag: {"en": "English"}.get(tag, tag))


def test_a_text_is_said_in_the_language_or_in_any():
    """A page shows something wherever there is something."""
    assert said({"ja": "あ", "en": "a"}, "en") == "a"
    assert said({"ja": "あ", "en": ""}, "en") == "あ"
    assert said({}, "en") == said(None, "en") == ""
    assert lacking({"ja": "あ", "en": " "}, ("ja", "en", "fr")) == ("en", "fr")


def test_what_lacks_anywhere_lacks_in_the_survey(editing):
    """One option without English is enough."""
    assert lacking_in_survey(editing.documents[0]) == ()
    without = editing.set_option(0, 1, 2, "text", {"ja": "人"})
    assert lacking_in_survey(without.documents[0]) == ("en",)


def test_the_tree_shows_which_answer_leads_where(survey):
    """From the first question, each follow-up below the answers that lead to it, unfolded once."""
    assert [(line.depth, line.answers, line.question) for line in tree(survey)] == [
        (0, (), 0),
        (1, ("sad",), 1),
        (1, ("neutral",), 2),
        (1, ("happy",), 3),
        (2, ("0-6",), 4),
        (2, ("7-10",), None),
    ]


def test_a_ring_and_a_second_way_end_the_tree():
    """Half finished surveys have trees too."""
    ask = {"type": "faces", "text": {}}
    round_about = {"question": [{"id": "a", **ask, "next": "b"}, {"id": "b", **ask, "next": "a"}]}
    assert [line.question for line in tree(round_about)] == [0, 1, 0]
    assert tree(round_about)[-1] == Branch(depth=2, answers=(), question=0, again=True)
    assert tree({"question": []}) == ()


def test_only_what_leads_round_cannot_follow(survey):
    """Nobody can be sent in a ring by choosing from what is offered."""
    assert possible(survey, 0) == ("why_sad", "improve", "recommend", "nps_why", "end")
    assert possible(survey, 3) == ("why_sad", "improve", "nps_why", "end")
    assert possible(survey, 4) == ("why_sad", "improve", "end")


def test_a_scale_parts_into_spans_and_back(survey):
    """Every value has its way, neighbours that lead the same way are one."""
    asked = survey["question"][3]
    assert spans(asked) == (Span(low=0, high=6, target="nps_why"), Span(low=7, high=10, target="end"))
    assert table_of(spans(asked)) == asked["next"]
    half = asked | {"next": {"0-2": "nps_why"}}
    assert table_of(spans(half)) == {"0-2": "nps_why", "3-10": "end"}
    same = {"question": [asked | {"next": "end"}]}
    assert unfolded_ways(same, 0, scale=[(0, 6), (7, 10)]) == {"0-6": "end", "7-10": "end"}


def test_faults_are_found_at_their_place(editing):
    """A language that lacks is told at the survey, its question, its text; nowhere else."""
    faults = editing.set_question(0, 1, "text", {"ja": "何?"}).faults()
    place = place_of(faults[0])
    assert place == Place(0, 1, -1, "text", "en")
    for holder in (Place(0), Place(0, 1), Place(0, 1, key="text")):
        assert within(faults, holder) == faults
    for other in (Place(1), Place(0, 2), Place(0, 1, key="help"), Place(0, 1, 0)):
        assert within(faults, other) == ()
    label = Fault("survey[0].question[3].labels.low.en", "is blank")
    assert place_of(label) == Place(0, 3, -1, "labels.low", "en")


@pytest.mark.parametrize("language", STAFF.languages)
def test_faults_are_told_in_staffs_words(editing, language):
    """Whatever can be made wrong here has words of its own in each language, not the checks' English."""
    ring = editing.set_question(0, 4, "next", "recommend")
    wrong = (
        editing.set_question(0, 1, "text", {"ja": "何?"}),
        editing.set_question(0, 0, "next", {"sad": "why_sad"}),
        editing.set_question(0, 0, "next", "nowhere"),
        ring,
        editing.set_question(0, 3, "next", "end"),
        editing.set_question(0, 1, "options", []),
        editing.set_question(0, 0, "text", {"ja": "あ" * 121, "en": "a"}),
        editing.set_question(0, 3, "max", 20).set_question(0, 3, "metric", None),
        editing.set_question(0, 3, "max", 9),
        editing.set_question(0, 1, "id", "rating"),
        editing.set_question(0, 0, "ask", 0.5),
        editing.set_survey(0, "when", {"from": "2026-12-02", "to": "2026-12-01"}),
        editing.delete_survey(0),
        editing.set_survey(0, "question", []),
    )
    for each in wrong:
        faults = each.faults()
        assert faults
        for fault in faults:
            assert fault.message not in told(fault, language), fault
    assert told(wrong[0].faults()[0]) == "Not written yet in English"
    assert "…" in told(Fault("x", "…"))


def test_every_fault_has_words():
    """No key is missing, and none is there for nothing."""
    keys = {key.removeprefix("faults.") for key in STAFF.keys("ja") if key.startswith("faults.")}
    assert keys == {*WORDS.values()} | {"empty_in", "other"}
