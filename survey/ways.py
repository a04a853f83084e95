"""Whether the `next` of one question has exactly one way for every answer.

Called by questions.py when it is known what can be answered.
Touches nothing but the Notes behind the table it is given.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from survey.model import FACES, SKIP, Question
from survey.problems import at, did_you_mean
from survey.reading import ReadingError, Table
from survey.told import told

SPAN = re.compile(r"(0|[1-9][0-9]{0,2})(?:-(0|[1-9][0-9]{0,2}))?")


def check_ways(table: Table, question: Question) -> None:
    """Note keys that are no answer of the question, answers with two ways, and answers with none."""
    if not isinstance(question.next, Mapping):
        return
    answers = _answers(question)
    if answers is None:
        table.fault(
            "next",
            told(
                "is a table, but {question} cannot be branched on; write one question's id or end",
                question=_named(question),
            ),
        )
        return
    ways: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    for key in question.next:
        try:
            ways.update(() if key == SKIP else _covered(key, question, answers=answers))
        except ReadingError as fault:
            wrong[key] = fault.args[0]
    if wrong:
        _note_wrong(table, question.next, wrong=wrong)
    elif twice := [answer for answer in answers if ways[answer] > 1]:
        table.fault("next", told("has two ways for {answers}; leave one", answers=", ".join(twice)))
    elif without := [answer for answer in answers if not ways[answer]]:
        table.fault("next", told("has no way for {answers}; add one", answers=", ".join(without)))


def _answers(question: Question) -> Sequence[str] | None:
    """Every answer a table can branch on, as its keys write it."""
    match question.type:
        case "faces":
            return FACES
        case "scale" | "stars":
            return [str(value) for value in range(question.lowest, question.highest + 1)]
        case "choice" if not question.many:
            return [option.id for option in question.options]
    return None


def _named(question: Question) -> str:
    return told("a choice of many") if question.type == "choice" else told("a {type}", type=question.type)


def _covered(key: str, question: Question, *, answers: Sequence[str]) -> Sequence[str]:
    """The answers that a key of the table stands for."""
    if question.type not in {"scale", "stars"}:
        if key not in answers:
            raise ReadingError(
                told(
                    "is none of the answers {answers}{hint}",
                    answers=", ".join(answers),
                    hint=did_you_mean(key, answers),
                )
            )
        return [key]
    found = SPAN.fullmatch(key)
    if not found:
        raise ReadingError(told('is no value or span of values such as "5" or "0-6"'))
    low, high = int(found[1]), int(found[2] or found[1])
    if high < low:
        raise ReadingError(told('runs backwards; write "{high}-{low}"', high=high, low=low))
    if low < question.lowest or high > question.highest:
        raise ReadingError(
            told("is not within {lowest} to {highest}", lowest=question.lowest, highest=question.highest)
        )
    return [str(value) for value in range(low, high + 1)]


def _note_wrong(table: Table, keys: Mapping[str, str], *, wrong: Mapping[str, str]) -> None:
    """Keys that are all wrong are one mistake: the table was made for another type of question."""
    table.broken.add("next")
    place = table.at("next")
    answers = [key for key in keys if key != SKIP]
    if len(wrong) == len(answers) > 1:
        table.notes.fault(
            place,
            told(
                "has no key that is an answer; {key} {wrong}", key=at("", answers[0]), wrong=wrong[answers[0]]
            ),
        )
        return
    for key, message in wrong.items():
        table.notes.fault(at(place, key), message)
