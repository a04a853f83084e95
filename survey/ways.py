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

SPAN = re.compile(r"(0|[1-9][0-9]{0,2})(?:-(0|[1-9][0-9]{0,2}))?")


def check_ways(table: Table, question: Question) -> None:
    """Note keys that are no answer of the question, answers with two ways, and answers with none."""
    if not isinstance(question.next, Mapping):
        return
    answers = _answers(question)
    if answers is None:
        table.fault(
            "next",
            f"is a table, but {_named(question)} cannot be branched on; write one question's id or end",
        )
        return
    ways: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    for key in question.next:
        try:
            ways.update(() if key == SKIP else _covered(key, question, answers=answers))
        except ReadingError as fault:
            wrong[key] = str(fault)
    if wrong:
        _note_wrong(table, question.next, wrong=wrong)
    elif twice := [answer for answer in answers if ways[answer] > 1]:
        table.fault("next", f"has two ways for {', '.join(twice)}; leave one")
    elif without := [answer for answer in answers if not ways[answer]]:
        table.fault("next", f"has no way for {', '.join(without)}; add one")


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
    return "a choice of many" if question.type == "choice" else f"a {question.type}"


def _covered(key: str, question: Question, *, answers: Sequence[str]) -> Sequence[str]:
    """The answers that a key of the table stands for."""
    if question.type not in {"scale", "stars"}:
        if key not in answers:
            raise ReadingError(f"is none of the answers {', '.join(answers)}{did_you_mean(key, answers)}")
        return [key]
    found = SPAN.fullmatch(key)
    if not found:
        raise ReadingError('is no value or span of values such as "5" or "0-6"')
    low, high = int(found[1]), int(found[2] or found[1])
    if high < low:
        raise ReadingError(f'runs backwards; write "{high}-{low}"')
    if low < question.lowest or high > question.highest:
        raise ReadingError(f"is not within {question.lowest} to {question.highest}")
    return [str(value) for value in range(low, high + 1)]


def _note_wrong(table: Table, keys: Mapping[str, str], *, wrong: Mapping[str, str]) -> None:
    """Keys that are all wrong are one mistake: the table was made for another type of question."""
    table.broken.add("next")
    place = table.at("next")
    answers = [key for key in keys if key != SKIP]
    if len(wrong) == len(answers) > 1:
        table.notes.fault(place, f"has no key that is an answer; {at('', answers[0])} {wrong[answers[0]]}")
        return
    for key, message in wrong.items():
        table.notes.fault(at(place, key), message)
