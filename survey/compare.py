"""What changed from one version of a survey to the next, place by place, for people.

Used by head office where it lists versions, and by the kiosk's editor before it publishes.
Pure functions of documents: touches nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.canonical import plain
from survey.problems import at, shown

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One change: `place` names questions and options by their ids; None stands for what was not there."""

    place: str
    before: object
    after: object

    def __str__(self) -> str:
        match self.before, self.after:
            case None, dict() | list():
                return f"{self.place}: added"
            case None, after:
                return f"{self.place}: added, {shown(after)}"
            case _, None:
                return f"{self.place}: taken out"
            case list(), list():
                return f"{self.place}: now in the order {', '.join(map(str, self.after))}"
            case before, after:
                return f"{self.place}: {shown(before)} → {shown(after)}"


def differences(before: Document | None, after: Document) -> tuple[Difference, ...]:
    """Give every change from one document to another; without a first, the survey was made anew."""
    if before is None:
        return (Difference("survey", None, plain(after)),)
    return tuple(_compared("", plain(before), plain(after)))


def _compared(place: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _compared(at(place, key), before.get(key), after.get(key))
    elif _has_ids(before) and _has_ids(after):
        yield from _compared_lists(place, before, after)
    else:
        yield Difference(place, before, after)


def _compared_lists(
    place: str, before: Sequence[Document], after: Sequence[Document]
) -> Iterator[Difference]:
    old, new = {each["id"]: each for each in before}, {each["id"]: each for each in after}
    for each in dict.fromkeys([*old, *new]):
        yield from _compared(f"{place} {shown(each)}", old.get(each), new.get(each))
    stayed = [each for each in new if each in old]
    if stayed != [each for each in old if each in new]:
        yield Difference(place, list(old), list(new))


def _has_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) and "id" in each for each in value)
