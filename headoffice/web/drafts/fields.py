"""The form of one question, as values for its template: texts side by side, options, values, ways on.

Called by drafts/pages.py with a document that is fit to be edited. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headoffice.web.drafts.steps import seen
from headoffice.web.drafts.told import Faults, Wrong, field_of, said
from headoffice.web.words import Words
from survey.faults import Place
from survey.measures import TYPES_OF_METRIC
from survey.model import DEFAULT_TEXT_CHARACTERS, END, FACES, KEYBOARDS, METRICS, SKIP, TYPES
from survey.outline import answers, below, bounds, possible, spans
from survey.questions import (
    FEWEST_OPTIONS,
    HELP_CHARACTERS,
    LABEL_CHARACTERS,
    MOST_OPTIONS,
    OPTION_CHARACTERS,
    QUESTION_CHARACTERS,
)

Document = Mapping[str, Any]
FIXED = ("nps", "ces")  # their values follow from the metric
RIGHT_TO_LEFT = ("ar", "he")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A text in one language, and what is wrong with it."""

    tag: str
    language: str
    name: str
    value: str
    wrong: list[str]
    rtl: bool


@dataclass(frozen=True, kw_only=True)
class TextRow:
    """A text in the languages that are shown, and how many characters fit."""

    label: str
    cells: tuple[Cell, ...]
    limit: int


@dataclass(frozen=True, kw_only=True)
class Option:
    """A choice."""

    number: int
    id: str
    icon: str
    row: TextRow
    wrong: list[str]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something to choose, and whether it is."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Way:
    """An answer's way: a face, an option or a span of numbers; `high` is a border that can be moved."""

    name: str
    label: str
    face: str
    high: int | None
    least: int
    most: int
    targets: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Where a question leads: `each` answer its own way or all the same."""

    may_part: bool
    each: bool
    same: tuple[Choice, ...]
    led: tuple[Way, ...]
    is_scale: bool
    wrong: list[str]


@dataclass(frozen=True, kw_only=True)
class QuestionForm:
    """Everything that the form shows."""

    number: int
    count: int
    id: str
    seen: str
    title: str
    type: str
    types: tuple[Choice, ...]
    metrics: tuple[Choice, ...]
    rows: tuple[TextRow, ...]
    options: tuple[Option, ...]
    labels: tuple[TextRow, ...]
    values: tuple[int, int] | None
    values_fixed: bool
    many: bool
    shuffle: bool
    ask: int
    may_ask: bool
    keyboards: tuple[Choice, ...]
    longest: int
    ways: Ways
    wrong: list[Wrong]
    may_add: bool
    may_delete: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a form is read from."""

    words: Words
    survey: Document
    faults: Faults
    tags: Sequence[str]  # the languages that stand side by side

    def row(self, label: str, text: object, place: Place, limit: int) -> TextRow:
        """A text's fields."""
        written = text if isinstance(text, Mapping) else {}
        cells = []
        for tag in self.tags:
            at = Place(place.survey, place.question, place.option, place.key, tag)
            cells.append(
                Cell(
                    tag=tag,
                    language=self.words.language_name(tag),
                    name=field_of(at) if place.question >= 0 else f"{place.key}.{tag}",
                    value=str(written.get(tag, "")),
                    wrong=self.faults.at(at),
                    rtl=tag.partition("-")[0] in RIGHT_TO_LEFT,
                )
            )
        return TextRow(label=label, cells=tuple(cells), limit=limit)


def question_form(reading: Reading, number: int) -> QuestionForm:
    """The form of a question."""
    words, asked = reading.words, reading.survey["question"][number]
    kind, options = asked["type"], asked.get("options", ())
    is_scale = kind in ("scale", "stars")
    return QuestionForm(
        number=number,
        count=len(reading.survey["question"]),
        id=asked["id"],
        seen=seen(asked),
        title=said(asked["text"], words.language),
        type=kind,
        types=_choices(TYPES, kind, lambda each: words(f"drafts.type.{each}")),
        metrics=_metrics(words, asked),
        rows=texts_of(reading, number),
        options=tuple(_option(reading, number, at, each) for at, each in enumerate(options)),
        labels=_labels(reading, number) if is_scale else (),
        values=bounds(asked) if is_scale else None,
        values_fixed=asked.get("metric") in FIXED,
        many=bool(asked.get("many")),
        shuffle=bool(asked.get("shuffle")),
        ask=round(asked.get("ask", 1) * 100),
        may_ask=number > 0 or "ask" in asked,
        keyboards=_choices(
            ("", *KEYBOARDS),
            asked.get("keyboard", ""),
            lambda each: words(f"drafts.keyboard.{each or 'own'}"),
        ),
        longest=asked.get("max_length", DEFAULT_TEXT_CHARACTERS),
        ways=_ways(reading, number),
        wrong=reading.faults.of_question(number),
        may_add=len(options) < MOST_OPTIONS,
        may_delete=len(options) > FEWEST_OPTIONS,
    )


def texts_of(reading: Reading, number: int) -> tuple[TextRow, ...]:
    """A question's own two texts."""
    words, asked = reading.words, reading.survey["question"][number]
    return (
        reading.row(words("drafts.text"), asked["text"], Place(0, number, key="text"), QUESTION_CHARACTERS),
        reading.row(words("drafts.help"), asked.get("help"), Place(0, number, key="help"), HELP_CHARACTERS),
    )


def every_text(reading: Reading, number: int) -> tuple[TextRow, ...]:
    """All texts of a question that are there."""
    asked = reading.survey["question"][number]
    own, aid = texts_of(reading, number)
    rows = (own, aid) if "help" in asked else (own,)
    options = enumerate(asked.get("options", ()))
    labels = _labels(reading, number) if asked.get("labels") else ()
    return (*rows, *(_option(reading, number, at, each).row for at, each in options), *labels)


def _labels(reading: Reading, number: int) -> tuple[TextRow, ...]:
    labels = reading.survey["question"][number].get("labels", {})
    return tuple(
        reading.row(
            reading.words(f"drafts.label.{side}"),
            labels.get(side),
            Place(0, number, key=f"labels.{side}"),
            LABEL_CHARACTERS,
        )
        for side in ("low", "high")
    )


def _option(reading: Reading, number: int, at: int, option: Document) -> Option:
    label, place = reading.words("drafts.option", n=at + 1), Place(0, number, at, "text")
    wrong = [
        each.what
        for each in reading.faults.of_question(number)
        if each.place.option == at and each.place.key != "text"
    ]
    return Option(
        number=at,
        id=option["id"],
        icon=option.get("icon", ""),
        row=reading.row(label, option["text"], place, OPTION_CHARACTERS),
        wrong=wrong,
    )


def _metrics(words: Words, asked: Document) -> tuple[Choice, ...]:
    fitting = [metric for metric in METRICS if asked["type"] in TYPES_OF_METRIC[metric]]
    return _choices(
        ("", *fitting), asked.get("metric", ""), lambda each: words(f"drafts.metric.{each or 'none'}")
    )


def _ways(reading: Reading, number: int) -> Ways:
    asked = reading.survey["question"][number]
    now = asked.get("next")
    each = isinstance(now, Mapping)
    is_scale = asked["type"] in ("scale", "stars")
    return Ways(
        may_part=bool(answers(asked)) or each,
        each=each,
        same=() if each else _targets(reading, number, now or "", falls=True),
        led=_led(reading, number, asked) if each else (),
        is_scale=is_scale,
        wrong=reading.faults.at(Place(0, number, key="next")),
    )


def _led(reading: Reading, number: int, asked: Document) -> tuple[Way, ...]:
    words, now = reading.words, asked["next"]
    led = []
    if asked["type"] in ("scale", "stars"):
        parted = spans(asked)
        for at, span in enumerate(parted):
            last = at == len(parted) - 1
            led.append(
                Way(
                    name=f"way.{at}",
                    label=span.key.replace("-", "–"),
                    face="",
                    high=None if last else span.high,
                    least=span.low,
                    most=parted[-1].high,
                    targets=_targets(reading, number, span.target),
                )
            )
    else:
        labels = {
            option["id"]: said(option["text"], words.language) for option in asked.get("options", ())
        } | {face: words(f"faces.{face}") for face in FACES if asked["type"] == "faces"}
        led = [
            Way(
                name=f"way.{at}",
                label=labels.get(key) or key,
                face=key if key in FACES and asked["type"] == "faces" else "",
                high=None,
                least=0,
                most=0,
                targets=_targets(reading, number, now.get(key, END)),
            )
            for at, key in enumerate(answers(asked))
        ]
    skip = Way(
        name="way.skip",
        label=words("drafts.skipped"),
        face="",
        high=None,
        least=0,
        most=0,
        targets=_targets(reading, number, now.get(SKIP, END)),
    )
    return (*led, skip)


def _targets(reading: Reading, number: int, now: str, *, falls: bool = False) -> tuple[Choice, ...]:
    """Where a way may lead without going round; what is written now is among them, whatever it is."""
    words, survey = reading.words, reading.survey
    known = list(possible(survey, number))
    if falls:
        known.insert(0, "")
    if now not in known:
        known.append(now)
    return _choices(known, now, lambda each: target_words(words, survey, each or below(survey, number), each))


def target_words(words: Words, survey: Document, target: str, written: str) -> str:
    """A question by its number and text, or the end; `written` nothing: it follows by itself."""
    named = words("drafts.unknown", name=target) if target != END else words("drafts.end")
    for place, asked in enumerate(survey["question"]):
        if asked["id"] == target:
            named = f"{words('drafts.numbered', n=place + 1)} {said(asked['text'], words.language)}"
            break
    return named if written else words("drafts.follows", to=named)


def _choices(values: Sequence[str], now: str, label: Any) -> tuple[Choice, ...]:
    return tuple(Choice(value=each, label=label(each), chosen=each == now) for each in values)
