"""A draft as its pages show it: questions in order, the tree, languages and what they lack, when it is shown.

Called by drafts/pages.py with a document that is fit to be edited. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headoffice.web.drafts import when
from headoffice.web.drafts.fields import Reading, TextRow
from headoffice.web.drafts.steps import head_of, seen
from headoffice.web.drafts.told import said
from headoffice.web.words import Words
from survey.faults import Place
from survey.model import FACES, KINDS, SKIP, WEEKDAYS
from survey.outline import Branch, lacking, languages, texts_of, tree
from survey.parse import TITLE_CHARACTERS

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A language of the survey, how many texts it lacks, and whether it is beside the first."""

    tag: str
    name: str
    lacks: int
    beside: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question in the list."""

    number: int
    text: str
    type: str
    metric: str
    percent: int | None
    lacks: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What leads somewhere: a face, or words."""

    face: str
    words: str


@dataclass
class Node:
    """A question in the tree; `number` None: the end. `again`: it stands further up already."""

    answers: tuple[Answer, ...]
    number: int | None
    text: str
    again: bool
    below: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Head:
    """All of a survey but its questions."""

    id: str
    kind: str
    kinds: tuple[str, ...]
    title: TextRow
    seen: str
    days: frozenset[int]
    weekdays: tuple[str, ...]
    opens: str
    closes: str
    first: str
    last: str
    wrong: Mapping[str, list[str]]


def spoken(words: Words, survey: Document, beside: str | None) -> tuple[Spoken, ...]:
    """The languages of a survey: the one all others are held against first, as on the pages."""
    tags = languages(survey)
    texts = [survey["title"], *(text for each in survey["question"] for text in texts_of(each))]
    return tuple(
        Spoken(
            tag=tag,
            name=words.language_name(tag),
            lacks=sum(tag in lacking(text, tags) for text in texts),
            beside=tag == beside,
        )
        for tag in sorted(tags, key=lambda tag: tag != first_of(tags))
    )


def first_of(tags: Sequence[str]) -> str:
    """The language that stands at the left: Japanese where it is spoken."""
    return "ja" if "ja" in tags or not tags else tags[0]


def beside_of(words: Words, tags: Sequence[str], wanted: str) -> str | None:
    """The language that stands beside it: the one that is asked for, else the reader's, else the next."""
    others = [tag for tag in tags if tag != first_of(tags)]
    if wanted in others:
        return wanted
    return words.language if words.language in others else next(iter(others), None)


def shown_tags(tags: Sequence[str], beside: str | None) -> tuple[str, ...]:
    """The languages that stand side by side."""
    first = (first_of(tags),) if tags else ()
    return first if beside is None else (*first, beside)


def asked_list(reading: Reading) -> tuple[Asked, ...]:
    """The questions in their order."""
    words, tags = reading.words, languages(reading.survey)
    return tuple(
        Asked(
            number=number,
            text=said(each["text"], words.language),
            type=words(f"drafts.type.{each['type']}"),
            metric=words(f"drafts.metric.{each['metric']}") if each.get("metric") else "",
            percent=round(each["ask"] * 100) if "ask" in each else None,
            lacks=sum(len(lacking(text, tags)) for text in texts_of(each)),
            wrong=len(reading.faults.of_question(number)),
        )
        for number, each in enumerate(reading.survey["question"])
    )


def forest(words: Words, survey: Document) -> list[Node]:
    """The tree. Where every answer leads the same way, what follows stands below, not further in."""
    roots: list[Node] = []
    line: list[tuple[Node, list[Node], Branch]] = []  # from the root to here, and the list each is in
    for branch in tree(survey):
        del line[branch.depth :]
        parent = line[-1] if line else None
        node = Node(
            answers=() if parent is None else _led(words, survey, parent[2], branch),
            number=branch.question,
            text=_named(words, survey, branch.question),
            again=branch.again,
        )
        into = roots if parent is None else parent[0].below if branch.answers else parent[1]
        into.append(node)
        line.append((node, into, branch))
    return roots


def _led(words: Words, survey: Document, parent: Branch, branch: Branch) -> tuple[Answer, ...]:
    asked = survey["question"][parent.question or 0]
    return tuple(answer(words, asked, key) for key in branch.answers)


def _named(words: Words, survey: Document, number: int | None) -> str:
    if number is None:
        return words("drafts.end")
    return said(survey["question"][number]["text"], words.language)


def answer(words: Words, asked: Document, key: str) -> Answer:
    """An answer as people know it."""
    if asked["type"] == "faces" and key in FACES:
        return Answer(face=key, words=words(f"faces.{key}"))
    if key == SKIP:
        return Answer(face="", words=words("drafts.skipped"))
    texts = {option["id"]: said(option["text"], words.language) for option in asked.get("options", ())}
    return Answer(face="", words=texts.get(key) or key.replace("-", "–"))


def when_words(words: Words, written: Mapping[str, Any]) -> str:
    """A schedule in a few words."""
    parts = []
    days = when.days(written)
    if days != when.EVERY_DAY:
        parts.append(words.beside([words.weekday_name(day) for day in sorted(days)]))
    opens, closes = when.times(written)
    if opens or closes:
        parts.append(f"{opens}–{closes}")
    if written.get("from") or written.get("to"):
        parts.append(f"{written.get('from', '')} – {written.get('to', '')}".strip())
    return " · ".join(parts) or words("drafts.always")


def head(reading: Reading) -> Head:
    """The form of the survey itself."""
    words, survey = reading.words, reading.survey
    written = survey.get("when", {})
    opens, closes = when.times(written)
    keys = ("id", "kind", "title", "when")
    return Head(
        id=survey["id"],
        kind=survey["kind"],
        kinds=KINDS,
        title=reading.row(words("drafts.title"), survey["title"], Place(0, key="title"), TITLE_CHARACTERS),
        seen=seen(head_of(survey)),
        days=when.days(written),
        weekdays=tuple(words.weekday_name(day) for day in range(len(WEEKDAYS))),
        opens=opens,
        closes=closes,
        first=str(written.get("from", "")),
        last=str(written.get("to", "")),
        wrong={
            key: [
                each.what for each in reading.faults.all if each.place.question < 0 and each.place.key == key
            ]
            for key in keys
        },
    )
