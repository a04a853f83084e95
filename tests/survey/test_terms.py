"""Who may change what in a survey of head office's, and how a change is told."""

import copy

import pytest

from survey.compare import differences
from survey.parse import parse_survey
from survey.terms import Terms, beyond, read_terms

OFFICE = {
    "id": "checkout",
    "kind": "in_the_moment",
    "title": {"ja": "レジ", "en": "Checkout"},
    "question": [
        {
            "id": "rating",
            "type": "faces",
            "text": {"ja": "いかがでしたか", "en": "How was it?"},
            "next": {"sad": "why", "neutral": "end", "happy": "end"},
        },
        {
            "id": "why",
            "type": "choice",
            "text": {"ja": "なぜ", "en": "Why?"},
            "options": [
                {"id": "queue", "text": {"ja": "待ち時間", "en": "Waiting"}},
                {"id": "price", "text": {"ja": "値段", "en": "Price"}},
            ],
        },
    ],
}
OWN = {"id": "parking", "type": "stars", "text": {"ja": "駐車場", "en": "Parking?"}}


def changed(change):
    document = copy.deepcopy(OFFICE)
    change(document)
    return document


def with_own(document):
    ways = document["question"][0]["next"]
    ways.update(neutral="parking", skip="parking")
    document["question"].append(OWN)


def test_a_locked_survey_is_changed_by_nobody_and_an_open_one_by_all():
    """Locked says who to ask; open says nothing; the same document is no change."""
    other = changed(lambda document: document["title"].update(en="Till"))
    locked = Terms(ask="extension 210")
    assert beyond(Terms(locked=False), OFFICE, other) == ()
    assert beyond(locked, OFFICE, copy.deepcopy(OFFICE)) == ()
    (fault,) = beyond(locked, OFFICE, other)
    assert "ask extension 210" in fault.message


def test_a_store_may_fill_its_places_and_no_more():
    """Its own questions stand at the end, reached by ways that ended; all else of head office's stays."""
    with_its_own = changed(with_own)
    parse_survey(with_its_own)
    assert beyond(Terms(places=1), OFFICE, with_its_own) == ()
    assert beyond(Terms(places=0), OFFICE, with_its_own)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda document: document["title"].update(en="Till"), "title"),
        (lambda document: document["question"][1]["text"].update(en="What for?"), "question[1]"),
        (lambda document: document["question"][0]["next"].update(sad="end"), "question[0]"),
        (lambda document: document["question"].insert(0, OWN), "question"),
        (lambda document: document["question"].pop(1), "question"),
        (lambda document: document["question"].extend([OWN, OWN | {"id": "toilets"}]), "question"),
        (lambda document: document.update(when={"weekdays": "mon"}), "when"),
    ],
)
def test_what_is_head_offices_stays(change, place):
    """Every change beyond the places is named with its place."""
    assert place in [fault.place for fault in beyond(Terms(places=1), OFFICE, changed(change))]


def test_terms_that_are_not_understood_are_the_strictest():
    """A newer head office's terms never let a store change more than it may."""
    for said in (None, {}, {"locked": "no"}, {"locked": 0, "places": True, "ask": 7, "made_at": "x"}):
        assert read_terms(said) == Terms(locked=True, places=0)
    terms = Terms(locked=False, places=2, ask="a", author="person 1", made_at=5)
    assert read_terms(terms.document()) == terms


def test_a_difference_names_its_place_and_both_sides():
    """Head office reads what a store changed, question by question, option by option."""

    def change(document):
        document["title"]["en"] = "Till"
        document["question"][1]["options"].reverse()
        document["question"][1]["options"][0]["icon"] = "tag"
        document["question"][1]["ask"] = 0.5
        del document["question"][0]["next"]
        document["question"].append(OWN)

    assert [str(each) for each in differences(OFFICE, changed(change))] == [
        'title.en: "Checkout" → "Till"',
        'question "rating".next: taken out',
        'question "why".options "price".icon: added, "tag"',
        'question "why".options: now in the order price, queue',
        'question "why".ask: added, 0.5',
        'question "parking": added',
    ]
    assert differences(OFFICE, copy.deepcopy(OFFICE)) == ()
    assert [str(each) for each in differences(None, OFFICE)] == ["survey: added"]
