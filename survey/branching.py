"""Which question comes after which answer.

Called by the kiosk's visit, and by head office to recompute who reached a question.
Pure functions: chance comes from the visit's id, so both sides draw the same lot.
"""

import hashlib
from collections.abc import Mapping

from survey.answers import Answer
from survey.model import END, SKIP, Question, Survey
from survey.problems import InvalidAnswer, shown
from survey.values import frozen_named

DRAW_BITS = 53  # what a float holds exactly


@frozen_named
class Path:
    """How far a visit has come: the questions asked and answered, in order, and the one to ask now."""

    asked: tuple[str, ...]
    next: str | None  # None: the visit is at its end


def draw(visit: str, question: str) -> float:
    """Draw the lot of a question in a visit: at least 0, below 1, the same on every machine."""
    seed = f"{visit}\0{question}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(hashlib.sha256(seed).digest()[:8]) >> (64 - DRAW_BITS)) / (1 << DRAW_BITS)


def asked(question: Question, visit: str) -> bool:
    """Tell whether a visit that comes by is asked this question."""
    return question.ask is None or draw(visit, question.id) < question.ask


def after(survey: Survey, question_id: str, answer: Answer) -> str:
    """Name the question that follows an answer, or `end`; whether it is asked at all is not looked at.

    Raises KeyError for a question the survey does not have, and InvalidAnswer for an answer that the
    question's `next` does not know.
    """
    question = survey.question(question_id)
    if question.next is None:
        return survey.following(question_id)
    if isinstance(question.next, str):
        return question.next
    if answer is None:
        return question.next.get(SKIP, END)
    for key, target in question.next.items():
        if key != SKIP and _covers(key, answer):
            return target
    raise InvalidAnswer(f'question "{question_id}" has no way for {shown(answer)}')


def path(survey: Survey, answers: Mapping[str, Answer], visit: str) -> Path:
    """Walk a visit from the start along its checked answers.

    A question that the visit's lot passes over is left by its `skip` way.
    Raises InvalidAnswer for an answer that a `next` on the way does not know.
    """
    done: list[str] = []
    here = survey.first.id
    while here != END:
        if not asked(survey.question(here), visit):
            here = after(survey, here, None)
        elif here in answers:
            done.append(here)
            here = after(survey, here, answers[here])
        else:
            return Path(asked=tuple(done), next=here)
    return Path(asked=tuple(done), next=None)


def longest(survey: Survey, question_id: str) -> int:
    """Count the questions of the longest way from here to the end, this one included; 0 at `end`."""
    return _longest(survey, question_id, known={END: 0})


def _longest(survey: Survey, question_id: str, *, known: dict[str, int]) -> int:
    if question_id not in known:
        ways = targets(survey, survey.question(question_id))
        known[question_id] = 1 + max(_longest(survey, way, known=known) for way in ways)
    return known[question_id]


def targets(survey: Survey, question: Question) -> frozenset[str]:
    """Name every question that can follow this one, and `end` where it can be the last."""
    if question.next is None:
        return frozenset({survey.following(question.id)})
    if isinstance(question.next, str):
        return frozenset({question.next})
    return frozenset({*question.next.values(), question.next.get(SKIP, END)})


def _covers(key: str, answer: Answer) -> bool:
    if isinstance(answer, str):
        return key == answer
    if isinstance(answer, bool) or not isinstance(answer, int):
        return False
    low, _, high = key.partition("-")
    return int(low) <= answer <= int(high or low)
