"""What is wrong with surveys under edit: at which of their parts, and in the words of those who edit.

Called by both editors' pages, the kiosk's and head office's. Pure: faults in, values out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from survey.problems import Fault
from survey.told import Told

Say = Callable[..., str]
PLACE = re.compile(
    r"survey\[(?P<survey>\d+)\](?:\.question\[(?P<question>\d+)\](?:\.options\[(?P<option>\d+)\])?)?\.?(?P<rest>.*)"
)
WORDS: Mapping[str, str] = MappingProxyType(  # what the checks tell, and the key of staff's words for it
    {
        "is missing; this survey speaks {spoken}": "empty",
        "is blank; write what the shopper is to read": "empty",
        "has {length} characters; at most {most} fit the smallest screen": "long",
        "holds a line break or another control character; take it out": "unseen",
        "has no way for {answers}; add one": "no_way",
        "has two ways for {answers}; leave one": "two_ways",
        "no question {target}{hint}": "no_question",
        "leads round in a ring: {ring}; let one of them lead on or end": "ring",
        "no way leads to {lost_id}; name it in a next or take it out": "lost",
        "has {count}; {fewest} to {most} options fit the smallest screen": "options",
        "has {count} questions; it needs 1 to {most_questions}": "questions",
        "is {highest}; it needs to be above min ({lowest})": "bounds",
        "is {highest}; {values} values, at most {most_values} fit the smallest screen": "bounds",
        "is {highest}; {fewest_values} to {most_stars} stars fit the smallest screen": "bounds",
        "is {metric}, which {kind} cannot measure; it needs type = {needs}": "metric",
        "is {metric}, which needs values from {allowed}; here they go from {values}": "metric",
        "is a table, but {question} cannot be branched on; write one question's id or end": "ways",
        "has no key that is an answer; {key} {wrong}": "ways",
        "is none of the answers {answers}{hint}": "ways",
        "is not within {lowest} to {highest}": "ways",
        "is {id}, as {taken} is; take another id": "twice",
        'is "{id}" again; each option needs an id of its own': "twice",
        "is {last}, before from ({first}); both days are included": "dates",
        "is at the first question, which is always asked; take it out": "first_asked",
        "is {value}; it needs a list of surveys": "no_survey",
        "is missing; write {needs}": "missing",
        "has a brace that belongs to no furigana; write {{店|みせ}}, or take it out": "letters",
        "no font of this kiosk has {named}{more}; write it in another way": "letters",
        "is head office's, and locked{who}": "office",
        "is head office's{who}": "office",
        "has {count} of the store's own; there are {places} places": "office",
        "has head office's questions first, all and in their order{who}": "office",
        "is head office's; only its ways to the end may lead on{who}": "office",
    }
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


def words_of(fault: Fault, say: Say, named: Callable[[str], str], told: Callable[[object], str] = str) -> str:
    """A fault in staff's words; `named` gives the name of a language, `told` says what has no words here."""
    message, language = fault.message, place_of(fault).language
    key = WORDS.get(message.template, "") if isinstance(message, Told) else ""
    if not isinstance(message, Told) or not key:
        return say("faults.other", why=told(message))
    if key == "empty" and language:
        return say("faults.empty_in", language=named(language))
    return say(f"faults.{key}", **message.values)
