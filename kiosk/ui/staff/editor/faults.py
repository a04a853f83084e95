"""What is wrong with surveys under edit: at which of their parts, and in staff's own words.

Called by the pages beside me. Pure: faults in, values out.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from survey.problems import Fault

Say = Callable[..., str]
PLACE = re.compile(
    r"survey\[(?P<survey>\d+)\](?:\.question\[(?P<question>\d+)\](?:\.options\[(?P<option>\d+)\])?)?\.?(?P<rest>.*)"
)
WORDS = (  # what the checks of `survey` and of kiosk.ui.legible say, and the key of staff's words for it
    (r"is missing; this survey speaks|is blank", "empty"),
    (r"has (?P<length>\d+) characters; at most (?P<most>\d+)", "long"),
    (r"holds a line break", "unseen"),
    (r"has no way for (?P<answers>[^;]+)", "no_way"),
    (r"has two ways for (?P<answers>[^;]+)", "two_ways"),
    (r"no question ", "no_question"),
    (r"leads round in a ring", "ring"),
    (r"no way leads to", "lost"),
    (r"has (?P<count>\d+); .* options fit", "options"),
    (r"has (?P<count>\d+) questions", "questions"),
    (r"it needs to be above min|values, at most|stars fit", "bounds"),
    (r"cannot measure|which needs values from", "metric"),
    (r"cannot be branched on|no key that is an answer|none of the answers|is not within", "ways"),
    (r"take another id|needs an id of its own", "twice"),
    (r"before from", "dates"),
    (r"first question, which is always asked", "first_asked"),
    (r"is empty; it needs a list of surveys", "no_survey"),
    (r"is missing; write", "missing"),
    (r"no font|a brace", "letters"),
    (r"head office's|of the store's own", "office"),
)


@dataclass(frozen=True, order=True)
class Place:
    """A part of the surveys, each counted from 0; -1 where it is the whole above it."""

    survey: int = -1
    question: int = -1
    option: int = -1
    key: str = ""
    language: str = ""

    def holds(self, other: "Place") -> bool:
        """Whether another place is this one, or within it."""
        return all(
            mine in (-1, "") or mine == theirs
            for mine, theirs in (
                (self.survey, other.survey),
                (self.question, other.question),
                (self.option, other.option),
                (self.key, other.key),
                (self.language, other.language),
            )
        )


def place_of(fault: Fault) -> Place:
    """Where a fault stands: `survey[0].question[1].text.en`."""
    found = PLACE.fullmatch(fault.place)
    if not found:
        return Place(key=fault.place)
    numbers = [-1 if found[name] is None else int(found[name]) for name in ("survey", "question", "option")]
    key, _, rest = found["rest"].partition(".")
    if key == "labels":
        side, _, rest = rest.partition(".")
        key = f"labels.{side}" if side else key
    if key.startswith("question"):  # the list of questions itself
        key = "question"
    survey, question, option = numbers
    return Place(survey, question, option, key, rest.strip('"'))


def within(faults: Iterable[Fault], place: Place) -> tuple[Fault, ...]:
    """Those at a place, in their order."""
    return tuple(fault for fault in faults if place.holds(place_of(fault)))


def words_of(fault: Fault, say: Say, named: Callable[[str], str]) -> str:
    """A fault in staff's words; `named` gives the name of a language."""
    for pattern, key in WORDS:
        if found := re.search(pattern, fault.message):
            language = place_of(fault).language
            if key == "empty" and language:
                return say("faults.empty_in", language=named(language))
            return say(f"faults.{key}", **found.groupdict())
    return say("faults.other", why=fault.message)
