"""Hypothesis strategies for survey documents, surveys, programmes, visits and answers, all of them valid.

Imported by any test that wants more surveys than one can think of.
Touches nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from survey.model import FACES, KEYBOARDS, KINDS, TYPES, WEEKDAYS, Programme, Question, Survey
from survey.parse import parse_programme, parse_survey

if TYPE_CHECKING:
    from survey.answers import Answer

Document = dict[str, Any]

IDS = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True).filter(lambda word: word not in {"end", "skip"})
TAGS = st.sampled_from(["ja", "en", "zh-Hans", "pt-BR", "fil", "ko"])
LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
VISITS = st.uuids().map(str) | st.text(st.characters(exclude_categories=[]))  # any id a body may carry
MOST_QUESTIONS = 6
SCALES = {"nps": [(0, 10)], "ces": [(1, 7)], "csat": [(1, 5), (1, 7)]}


@cache  # a strategy that is made again is checked again
def lines(longest: int) -> st.SearchStrategy[str]:
    """One line of text that is not blank."""
    return st.text(LETTERS, min_size=1, max_size=min(longest, 12)).filter(str.strip)


@cache
def texts(tags: tuple[str, ...], longest: int = 40) -> st.SearchStrategy[Document]:
    """One text in each of these languages."""
    return st.fixed_dictionaries({tag: lines(longest) for tag in tags})


@st.composite
def whens(draw: st.DrawFn) -> Document:
    """A schedule, in any of the ways of writing one."""
    when: Document = {}
    if draw(st.booleans()):
        day = st.sampled_from(WEEKDAYS)
        spans = st.lists(st.builds("{}-{}".format, day, day) | day, min_size=1, max_size=3)
        when["weekdays"] = draw(st.sampled_from([",", ", "])).join(draw(spans))
    if draw(st.booleans()):
        opens, closes = draw(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2, unique=True))
        when["hours"] = f"{_clock(opens)}-{_clock(closes or 24 * 60)}"
    first, last = sorted(draw(st.tuples(st.dates(), st.dates())))
    if draw(st.booleans()):
        when["from"] = draw(st.sampled_from([first, first.isoformat()]))
    if draw(st.booleans()):
        when["to"] = draw(st.sampled_from([last, last.isoformat()]))
    return when


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def documents(draw: st.DrawFn, ids: st.SearchStrategy[str] = IDS) -> Document:
    """A valid survey document: any types, any branching without a ring, in any order of writing."""
    tags = tuple(draw(st.lists(TAGS, min_size=1, max_size=3, unique=True)))
    names = draw(st.lists(IDS, min_size=1, max_size=MOST_QUESTIONS, unique=True))
    questions = [draw(_questions(name, tags)) for name in names]
    document: Document = {
        "id": draw(ids),
        "kind": draw(st.sampled_from(KINDS)),
        "title": draw(texts(tags)),
        "question": draw(_branched(questions)),
    }
    if draw(st.booleans()):
        document["when"] = draw(whens())
    return document


def surveys() -> st.SearchStrategy[Survey]:
    """A valid survey."""
    return documents().map(parse_survey)


def programmes() -> st.SearchStrategy[Programme]:
    """A valid programme of one to three surveys."""
    ids = st.lists(IDS, min_size=1, max_size=3, unique=True)
    many = ids.flatmap(lambda names: st.tuples(*(documents(st.just(name)) for name in names)))
    return many.map(list).map(parse_programme)


def answers_to(question: Question) -> st.SearchStrategy[Answer]:
    """Any answer that fits a question, as it would be stored; None is a skipped one."""
    options = [option.id for option in question.options]
    some = {
        "faces": st.sampled_from(FACES),
        "scale": st.integers(question.lowest, question.highest),
        "stars": st.integers(question.lowest, question.highest),
        "choice": st.sampled_from(options or [""]),
        "text": lines(question.longest_text),
        "notice": st.just(True),
    }[question.type]
    if question.many:
        chosen = st.lists(st.sampled_from(options), min_size=1, unique=True)
        some = chosen.map(lambda ids: sorted(ids, key=options.index))
    return st.none() | some


@st.composite
def _questions(draw: st.DrawFn, name: str, tags: tuple[str, ...]) -> Document:
    """One question without its branching."""
    kind = draw(st.sampled_from(TYPES))
    question: Document = {"id": name, "type": kind, "text": draw(texts(tags, 120))}
    if draw(st.booleans()):
        question["help"] = draw(texts(tags, 120))
    if kind in {"scale", "stars"} and draw(st.booleans()):
        ends = draw(st.sampled_from([("low",), ("high",), ("low", "high")]))
        question["labels"] = {end: draw(texts(tags)) for end in ends}
    return question | draw(OF_TYPE[kind](tags))


@st.composite
def _of_faces(draw: st.DrawFn, _tags: tuple[str, ...]) -> Document:
    return draw(st.sampled_from([{}, {"metric": "csat"}]))


@st.composite
def _of_scale(draw: st.DrawFn, _tags: tuple[str, ...]) -> Document:
    metric = draw(st.sampled_from([None, *SCALES]))
    if metric is None:
        low = draw(st.integers(0, 90))
        return {"min": low, "max": low + draw(st.integers(1, 10))}
    low, high = draw(st.sampled_from(SCALES[metric]))
    implied = draw(st.booleans()) and high != SCALES["csat"][1][1]
    return {"metric": metric} if implied else {"metric": metric, "min": low, "max": high}


@st.composite
def _of_stars(draw: st.DrawFn, _tags: tuple[str, ...]) -> Document:
    any_number = st.integers(2, 10).map(lambda stars: {"max": stars})
    rated = st.sampled_from(
        [{"metric": "csat", "max": 7}, {"metric": "csat", "max": 5}, {"metric": "csat"}, {}]
    )
    return draw(any_number | rated)


@st.composite
def _of_choice(draw: st.DrawFn, tags: tuple[str, ...]) -> Document:
    ids = draw(st.lists(IDS, min_size=2, max_size=5, unique=True))
    icons = st.sampled_from([{}, {"icon": "clock"}])
    question: Document = {"options": [{"id": each, "text": draw(texts(tags))} | draw(icons) for each in ids]}
    optional = {"metric": st.just("reasons"), "many": st.booleans(), "shuffle": st.booleans()}
    return question | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def _of_text(draw: st.DrawFn, _tags: tuple[str, ...]) -> Document:
    optional = {
        "metric": st.just("expectation"),
        "max_length": st.integers(1, 1000),
        "keyboard": st.sampled_from(KEYBOARDS),
    }
    return draw(st.fixed_dictionaries({}, optional=optional))


def _of_notice(_tags: tuple[str, ...]) -> st.SearchStrategy[Document]:
    return st.just({})


OF_TYPE = {
    "faces": _of_faces,
    "scale": _of_scale,
    "stars": _of_stars,
    "choice": _of_choice,
    "text": _of_text,
    "notice": _of_notice,
}


@st.composite
def _branched(draw: st.DrawFn, questions: list[Document]) -> list[Document]:
    """The questions with ways on: each is led to by an earlier one, none leads back; written in any order."""
    ways = [draw(_keys(question)) for question in questions]
    led: list[dict[str, str]] = [{} for _ in questions]
    for number, question in enumerate(questions[1:], start=1):
        free = [each for each in range(number) if len(led[each]) < len(ways[each])]
        source = draw(st.sampled_from(free))
        led[source][ways[source][len(led[source])]] = question["id"]
    order = [0, *draw(st.permutations(range(1, len(questions))))]
    for number, question in enumerate(questions):
        later = ["end", *(each["id"] for each in questions[number + 1 :])]
        targets = {key: led[number].get(key) or draw(st.sampled_from(later)) for key in ways[number]}
        follower = order[order.index(number) + 1 :][:1]
        falls_to = questions[follower[0]]["id"] if follower else "end"
        if "" not in targets:
            question["next"] = dict(draw(st.permutations(list(targets.items()))))
        elif targets[""] != falls_to or draw(st.booleans()):
            question["next"] = targets[""]
        if number and draw(st.booleans()):
            question["ask"] = draw(st.floats(0, 1, exclude_min=True))
    return [questions[number] for number in order]


@st.composite
def _keys(draw: st.DrawFn, question: Document) -> list[str]:
    """The keys of a `next` table that covers every answer; one empty key for a plain `next`."""
    keys = draw(_answer_keys(question))
    if not keys or draw(st.booleans()):
        return [""]
    return [*draw(st.permutations(keys)), *draw(st.sampled_from([[], ["skip"]]))]


@st.composite
def _answer_keys(draw: st.DrawFn, question: Document) -> list[str]:
    if question["type"] == "faces":
        return list(FACES)
    if question["type"] == "choice" and not question.get("many"):
        return [option["id"] for option in question["options"]]
    if question["type"] not in {"scale", "stars"}:
        return []
    low, high = _values(question)
    cuts = sorted(draw(st.sets(st.integers(low + 1, high), max_size=4)))
    spans = zip([low, *cuts], [*(cut - 1 for cut in cuts), high], strict=True)
    return [str(first) if first == last else f"{first}-{last}" for first, last in spans]


def _values(question: Document) -> tuple[int, int]:
    if question["type"] == "stars":
        return 1, question.get("max", 5)
    low, high = SCALES.get(question.get("metric", ""), [(0, 0)])[0]
    return question.get("min", low), question.get("max", high)
