"""A shopper's way through a survey as an address says it: what was answered, and what is asked now.

Called by publishing/preview.py. Pure functions of values: touches nothing, stores nothing.
An answer is written `question:value`: a face, a number, an option's id, several with commas, nothing for a
skipped one, `*` for words and for a notice that was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from survey.answers import Answer
from survey.branching import after, longest
from survey.model import END, FACES, Question, Survey
from survey.problems import InvalidAnswer

MOST_ANSWERS = 60
READ = "*"


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How far it went: each answer as written, the question now (None: thanks), its place of how many."""

    given: tuple[str, ...]
    now: Question | None
    position: int
    of: int


def walk(survey: Survey, written: Sequence[str]) -> Walk:
    """Go as far as the answers lead; from the first that does not fit on, they are forgotten.

    A question that only some visits are asked is asked here: the preview is there to see it.
    """
    given: list[str] = []
    here = survey.first.id
    for each in written[:MOST_ANSWERS]:
        name, _, value = each.partition(":")
        if here == END or name != here:
            break
        try:
            here = after(survey, here, _answer(survey.question(here), value))
        except (InvalidAnswer, ValueError):
            break
        given.append(each)
    left = longest(survey, here)
    now = None if here == END else survey.question(here)
    return Walk(given=tuple(given), now=now, position=len(given) + 1, of=len(given) + left)


def chosen(question: Question, written: str) -> tuple[str, ...]:
    """The values that are chosen and not confirmed yet, those only that the question has."""
    values = list(dict.fromkeys(written.split(",")))
    if question.type in {"scale", "stars"}:
        known = [str(value) for value in range(question.lowest, question.highest + 1)]
        values = values[:1]
    else:
        known = [option.id for option in question.options]
    return tuple(value for value in known if value in values)


def toggled(question: Question, now: Sequence[str], value: str) -> str:
    """What is chosen after a touch: of many, one more or one less; else this one."""
    if not question.many:
        return value
    wanted = {*now} ^ {value}
    return ",".join(option.id for option in question.options if option.id in wanted)


def _answer(question: Question, value: str) -> Answer:
    """Read an answer; raises ValueError for what the question cannot have."""
    if value == "":
        return None
    match question.type:
        case "faces" if value in FACES:
            return value
        case "scale" | "stars" if value.isascii() and value.isdigit() and len(value) < 4:  # noqa: PLR2004
            if question.lowest <= int(value) <= question.highest:
                return int(value)
        case "choice":
            ids = value.split(",")
            if {*ids} <= {option.id for option in question.options}:
                return ids if question.many else ids[0]
        case "text" | "notice" if value == READ:
            return value
    raise ValueError(value)
