"""A visit always ends, and everyone who recomputes its way finds the same one."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.answers import check_answer
from survey.branching import Path, after, asked, draw, longest, path, targets
from survey.model import END
from survey.parse import parse_survey
from survey.problems import InvalidAnswer
from tests.survey.samples import changed, checkout
from tests.survey.strategies import VISITS, answers_to, surveys


@given(surveys(), VISITS, st.data())
def test_any_valid_survey_ends_from_any_answers(survey, visit, data):
    """Whatever is answered, skipped or not sampled, each question comes at most once and then the end."""
    answers = {}
    steps = [path(survey, answers, visit)]
    while steps[-1].next is not None:
        question = survey.question(steps[-1].next)
        assert question.id not in answers
        assert asked(question, visit)
        answers[question.id] = check_answer(question, data.draw(answers_to(question)))
        steps.append(path(survey, answers, visit))
        assert steps[-1].asked == (*steps[-2].asked, question.id)
        assert len(answers) + longest(survey, steps[-1].next or END) <= longest(survey, survey.first.id)
    assert steps[0] == Path(asked=(), next=survey.first.id)
    assert list(steps[-1].asked) == list(answers)


@given(surveys(), st.data())
def test_every_answer_leads_to_a_known_question(survey, data):
    """After any answer comes one of the question's targets, and it has fewer questions to come."""
    for question in survey.questions:
        target = after(survey, question.id, data.draw(answers_to(question)))
        assert target in targets(survey, question)
        assert longest(survey, target) < longest(survey, question.id)
        assert target == END or survey.question(target).id == target


@given(surveys(), VISITS, st.data())
def test_changed_answers_leave_no_trace(survey, visit, data):
    """Answers to questions that a changed answer has taken off the way change nothing."""
    answers = {question.id: data.draw(answers_to(question)) for question in survey.questions}
    way = path(survey, answers, visit)
    assert way.next is None
    on_the_way = {question_id: answers[question_id] for question_id in way.asked}
    assert path(survey, on_the_way, visit) == way


@given(VISITS, st.text())
@example("\ud800", "recommend")
def test_a_lot_is_a_pure_function_of_visit_and_question(visit, question):
    """Kiosk and head office draw the same lot: at least 0, below 1, from SHA-256 of both names."""
    lot = draw(visit, question)
    assert 0 <= lot < 1
    assert lot == draw(visit, question)
    digest = hashlib.sha256(f"{visit}\0{question}".encode("utf-8", "surrogatepass")).digest()
    assert abs(lot - int.from_bytes(digest) / 2**256) < 2**-52


def test_the_lot_is_fixed_for_all_time():
    """A new release draws the lots that the old one drew, or old visits could not be recomputed."""
    assert draw("0198c0de-0000-7000-8000-000000000000", "recommend") == 0.6174432953344501


def test_a_share_of_visits_is_asked():
    """`ask` 0.25 asks a quarter of the visits, and each question draws its own lot."""
    question = parse_survey(checkout()).question("recommend")
    visits = [f"visit-{number}" for number in range(4000)]
    chosen = [asked(question, visit) for visit in visits]
    assert 0.23 < sum(chosen) / len(visits) < 0.27
    assert chosen == [draw(visit, "recommend") < 0.25 for visit in visits]
    other = [draw(visit, "words") < 0.25 for visit in visits]
    assert 0.04 < sum(a and b for a, b in zip(chosen, other, strict=True)) / len(visits) < 0.09


def visits_that(*, are_asked):
    """Visits of the sample survey whose lot at `recommend` is as wanted."""
    question = parse_survey(checkout()).question("recommend")
    return [visit for visit in map(str, range(100)) if asked(question, visit) is are_asked]


def test_a_visit_that_is_not_sampled_goes_the_way_of_a_skip():
    """A question that is passed over leads on by its `skip`, and a table without one leads to the end."""
    (visit, *_) = visits_that(are_asked=False)
    answers = {"rating": "happy"}
    assert path(parse_survey(checkout()), answers, visit) == Path(asked=("rating",), next=None)
    with_skip = changed(checkout(), "question/2/next/skip", "words")
    assert path(parse_survey(with_skip), answers, visit) == Path(asked=("rating",), next="words")
    (visit, *_) = visits_that(are_asked=True)
    assert path(parse_survey(with_skip), answers, visit) == Path(asked=("rating",), next="recommend")


@pytest.mark.parametrize(
    ("question", "answer", "target"),
    [
        ("rating", "sad", "reasons"),
        ("rating", "happy", "recommend"),
        ("rating", None, END),
        ("reasons", "queue", "words"),
        ("reasons", "staff", "stars"),
        ("reasons", None, END),
        ("recommend", 0, "words"),
        ("recommend", 6, "words"),
        ("recommend", 7, END),
        ("recommend", 9, "stars"),
        ("recommend", 10, "stars"),
        ("words", "今日は", "stars"),
        ("words", None, "stars"),
        ("stars", 3, "ease"),
        ("several", ["a", "c"], "goodbye"),
        ("goodbye", True, END),
        ("goodbye", None, END),
    ],
)
def test_ways_of_the_sample(question, answer, target):
    """Faces, options and spans go their own ways; an absent `next` is the question below, or the end."""
    assert after(parse_survey(checkout()), question, answer) == target


@pytest.mark.parametrize(
    ("question", "answer"), [("rating", "furious"), ("recommend", 11), ("recommend", True)]
)
def test_an_answer_without_a_way_is_refused(question, answer):
    """An answer that was never checked raises InvalidAnswer and does not fall through to some question."""
    with pytest.raises(InvalidAnswer, match=f'question "{question}" has no way for'):
        after(parse_survey(checkout()), question, answer)


def test_an_unknown_question_has_no_way():
    """A question of another version is a KeyError, not a guess."""
    with pytest.raises(KeyError):
        after(parse_survey(checkout()), "q9", None)


def test_the_longest_way_counts_this_question():
    """The dots of progress count every question that may still come, sampled or not."""
    survey = parse_survey(checkout())
    assert longest(survey, "goodbye") == 1
    assert longest(survey, "words") == 5
    assert longest(survey, "rating") == 7
    assert longest(survey, END) == 0


def test_the_longest_way_is_found_at_once_among_very_many():
    """Fifty questions of which each leads to the next two have billions of ways, and none is walked twice."""
    faces = {"type": "faces", "text": {"en": "x"}}
    questions = [
        {"id": f"q{n}", "next": {"sad": f"q{n + 1}", "neutral": f"q{n + 2}", "happy": "end"}} | faces
        for n in range(48)
    ]
    rest = [{"id": f"q{n}"} | faces for n in (48, 49)]
    document = {"id": "wide", "kind": "transactional", "title": {"en": "x"}, "question": [*questions, *rest]}
    assert longest(parse_survey(document), "q0") == 50
