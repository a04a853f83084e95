"""Surveys under edit, as pages show them: texts, languages that lack, which answer leads where.

Called by both editors' pages, the kiosk's and head office's. Pure: documents in, values out.
A document may be half finished.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.model import END, FACES, SCALE_OF_METRIC

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A line of the tree: the answers that lead here, and the question; None at the end of a visit."""

    depth: int
    answers: tuple[str, ...]  # keys of `next`; empty where every answer leads here
    question: int | None
    again: bool = False  # what follows stands further up already


@dataclass(frozen=True, kw_only=True)
class Span:
    """The values of a scale that lead to the same question."""

    low: int
    high: int
    target: str

    @property
    def key(self) -> str:
        """How `next` writes it."""
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


def said(text: object, language: str) -> str:
    """A text in a language, or in the first that has one."""
    if not isinstance(text, Mapping):
        return ""
    first = next((words for words in text.values() if isinstance(words, str) and words.strip()), "")
    return str(text.get(language) or first)


def languages(survey: Document) -> tuple[str, ...]:
    """Those a survey speaks."""
    title = survey.get("title")
    return tuple(title) if isinstance(title, Mapping) else ()


def lacking(text: object, tags: Sequence[str]) -> tuple[str, ...]:
    """The languages in which a text is not written yet."""
    written = text if isinstance(text, Mapping) else {}
    return tuple(tag for tag in tags if not str(written.get(tag, "")).strip())


def texts_of(question: Document) -> Iterator[object]:
    """Every text of a question."""
    yield question.get("text")
    yield from (question[key] for key in ("help",) if key in question)
    yield from question.get("labels", {}).values()
    yield from (option.get("text") for option in question.get("options", ()))


def lacking_in_survey(survey: Document) -> tuple[str, ...]:
    """The languages in which any text of a survey is not written yet."""
    tags = languages(survey)
    texts = [survey.get("title"), *(text for each in survey["question"] for text in texts_of(each))]
    without = {tag for text in texts for tag in lacking(text, tags)}
    return tuple(tag for tag in tags if tag in without)


def bounds(question: Document) -> tuple[int, int]:
    """The smallest and the greatest value of a scale, or of stars."""
    low, high = SCALE_OF_METRIC.get(question.get("metric", ""), (1, 5))
    return question.get("min", low), question.get("max", high)


def answers(question: Document) -> tuple[str, ...]:
    """The answers that can each lead elsewhere; none where a question has only one way on."""
    match question.get("type"):
        case "faces":
            return FACES
        case "scale" | "stars":
            low, high = bounds(question)
            return tuple(str(value) for value in range(low, high + 1))
        case "choice" if not question.get("many"):
            return tuple(str(option.get("id", "")) for option in question.get("options", ()))
    return ()


def below(survey: Document, question: int) -> str:
    """The id of the question that stands below, or the end."""
    asked = survey["question"]
    return str(asked[question + 1].get("id", END)) if question + 1 < len(asked) else END


def ways(survey: Document, question: int) -> dict[str, str]:
    """Every answer's way, by the key of `next`; the empty key where all go the same way."""
    way = survey["question"][question].get("next")
    if isinstance(way, Mapping):
        return {str(key): str(target) for key, target in way.items()}
    return {"": below(survey, question) if way is None else str(way)}


def tree(survey: Document) -> tuple[Branch, ...]:
    """Which answer leads to which question, from the first one on; a question is unfolded once."""
    numbers = _numbers(survey)
    lines: list[Branch] = []
    unfolded: set[int] = set()

    def grow(number: int, led: tuple[str, ...], depth: int, above: frozenset[int]) -> None:
        again = number in unfolded
        lines.append(Branch(depth=depth, answers=led, question=number, again=again))
        unfolded.add(number)
        if again or number in above:
            return
        for target, keys in grouped(ways(survey, number)).items():
            if target in numbers:
                grow(numbers[target], keys, depth + 1, above | {number})
            elif keys:
                lines.append(Branch(depth=depth + 1, answers=keys, question=None))

    if survey["question"]:
        grow(0, (), 0, frozenset())
    return tuple(lines)


def grouped(led: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The same, by where the answers lead."""
    groups: dict[str, list[str]] = {}
    for key, target in led.items():
        groups.setdefault(target, []).extend([key] if key else [])
    return {target: tuple(keys) for target, keys in groups.items()}


def possible(survey: Document, question: int) -> tuple[str, ...]:
    """The questions that may follow without leading round in a ring, in their order, and the end."""
    numbers = _numbers(survey)
    before = {question}
    while (
        more := {
            number
            for number in range(len(survey["question"]))
            if {numbers.get(target) for target in ways(survey, number).values()} & before
        }
        - before
    ):
        before |= more
    return (*(name for name, number in numbers.items() if number not in before), END)


def spans(question: Document) -> tuple[Span, ...]:
    """A scale's ways in the order of its values, whole: what is not covered leads to the end."""
    low, high = bounds(question)
    way = question.get("next")
    found: list[Span] = []
    free = low
    for key, target in sorted(_pairs(way if isinstance(way, Mapping) else {}, low, high)):
        if key[0] > free:
            found.append(Span(low=free, high=key[0] - 1, target=END))
        if key[0] >= free:
            found.append(Span(low=key[0], high=key[1], target=target))
            free = key[1] + 1
    return (*found, Span(low=free, high=high, target=END)) if free <= high else tuple(found)


def _pairs(way: Mapping[str, str], low: int, high: int) -> Iterator[tuple[tuple[int, int], str]]:
    for key, target in way.items():
        first, _, last = key.partition("-")
        if (
            first.isdecimal()
            and (last or first).isdecimal()
            and low <= int(first) <= int(last or first) <= high
        ):
            yield (int(first), int(last or first)), target


def table_of(led: Sequence[Span]) -> dict[str, str]:
    """Ways of a scale as `next` writes them."""
    return {span.key: span.target for span in led}


def unfolded_ways(
    survey: Document, question: int, *, scale: Sequence[tuple[int, int]] = ()
) -> dict[str, str]:
    """A table in which every answer has a way of its own: that which all of them had."""
    asked = survey["question"][question]
    (target,) = ways(survey, question).values()
    keys = [f"{low}-{high}" if low < high else str(low) for low, high in scale] or answers(asked)
    return dict.fromkeys(keys, target)


def _numbers(survey: Document) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, asked in enumerate(survey["question"]):
        numbers.setdefault(str(asked.get("id", "")), number)
    return numbers
