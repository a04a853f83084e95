"""Nothing that can be written down makes the reader of surveys fail in any way but the one it promises."""

import copy
import json
from datetime import date, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.canonical import plain
from survey.parse import (
    canonical,
    loads_json,
    loads_toml,
    parse_programme,
    parse_survey,
    render,
    version_of,
)
from survey.problems import InvalidSurvey
from survey.questions import ALL_KEYS
from tests.survey.samples import checkout
from tests.survey.strategies import documents

WILD_TEXT = st.text(st.characters(exclude_categories=[]), max_size=50)  # lone surrogates and all
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([18, 63, 400, 5000]).map(lambda digits: 10**digits)
    | st.floats()
    | WILD_TEXT
    | st.sampled_from(["end", "skip", "rating", "faces", "scale", "0-6", "mon-sun", "09:00-22:00", "nps"])
    | st.sampled_from([date(1, 1, 1), datetime(2026, 1, 1), time(9)])  # noqa: DTZ001 - TOML has local times
)  # fmt: skip
KEYS = st.sampled_from([*ALL_KEYS, "title", "kind", "when", "question", "from", "ja", "low"]) | WILD_TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)
QUESTIONS = st.lists(st.dictionaries(KEYS, VALUES))
SURVEY_KEYS = {"id": VALUES, "kind": VALUES, "title": VALUES, "when": VALUES, "question": QUESTIONS}
SURVEY_LIKE = st.fixed_dictionaries({}, optional=SURVEY_KEYS)


def endless():
    """A value that holds itself."""
    table: dict[str, object] = {}
    table["question"] = [table]
    table["title"] = table["next"] = table
    return table


def deep(levels):
    """A list in a list in a list …, as deep as told."""
    value: object = []
    for _ in range(levels):
        value = [value]
    return value


def survives(read, document):
    """Read a document; whatever is wrong with it, every fault is one line that can be sent and printed."""
    try:
        return read(document)
    except InvalidSurvey as error:
        faults = error.faults
    assert faults
    assert len(set(faults)) == len(faults)
    for fault in faults:
        assert fault.place
        assert fault.message
        assert str(fault).isprintable()
        assert len(str(fault)) < 1000
    return None


@given(VALUES | SURVEY_LIKE)
def test_any_value_is_a_survey_or_invalid(value):
    """Whatever JSON or TOML can hold is read as a survey or refused with faults."""
    survives(parse_survey, value)
    survives(parse_programme, value)
    survives(parse_programme, [value])
    survives(version_of, value)


@pytest.mark.parametrize("value", [endless(), deep(100_000)], ids=["endless", "deep"])
def test_a_bottomless_value_is_invalid(value):
    """A value that holds itself, or that is nested far beyond Python's own limit, is refused with faults."""
    for document in (value, {"title": value, "when": value, "question": [value]}):
        assert survives(parse_survey, document) is None
        assert survives(parse_programme, [document]) is None
        assert survives(version_of, document) is None


def containers(value):
    """Every table and list of a document, outermost first."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


@st.composite
def mangled(draw):
    """A valid document in which one to three places were overwritten, taken out or moved."""
    document = copy.deepcopy(draw(documents() | st.builds(checkout)))
    for _ in range(draw(st.integers(1, 3))):
        target = draw(st.sampled_from([each for each in containers(document) if each] or [document]))
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = draw(st.sampled_from(keys)) if keys else "id"
        match draw(st.sampled_from(["overwrite", "remove", "swap", "add"])):
            case "remove" if keys:
                del target[key]
            case "swap" if keys:
                other = draw(st.sampled_from(keys))
                target[key], target[other] = target[other], target[key]
            case "add" if isinstance(target, dict):
                target[draw(KEYS)] = draw(VALUES)
            case _:
                target[key] = draw(VALUES)
    return document


@given(mangled())
def test_a_mangled_survey_is_a_survey_or_invalid(document):
    """A valid document with wrong values, keys gone or places swapped is read without loss, or refused."""
    survey = survives(parse_survey, document)
    if survey is not None:
        assert render(survey) == plain(document)
        assert survey.version == version_of(document)
        assert parse_survey(json.loads(canonical(survey))) == survey


@given(st.text(st.characters(exclude_categories=[])) | st.binary())
@example("[" * 100_000)
@example("a = " + "[" * 100_000)
@example("a" + ".a" * 2_000 + " = 1")
@example("a = " + "{ b = " * 5_000)
@example(f"a = {'9' * 10_000}")
@example(f"a = 1e{'9' * 10_000}")
@example(f"a = 0x{'f' * 10_000}")
@example("a = 2026-13-45")
@example("a = 25:00:00")
@example('a = "\\ud800"')
@example("\ud800 = 1")
@example(b"\xff\xfe[\x00]\x00")
@example(b"\x00")
def test_any_text_is_toml_or_invalid(text):
    """Text or bytes of any kind, handed in as TOML, is a programme or is refused with faults."""
    survives(loads_toml, text)


@given(st.text(st.characters(exclude_categories=[])) | st.binary())
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example("9" * 10_000)
@example("1e999")
@example("-Infinity")
@example('"\\ud800"')
@example('{"survey": [{"id": "\\ud800", "\\udfff": 1}]}')
@example("\ufeff{}")
@example(b"\xef\xbb\xbf{}")
@example("{}".encode("utf-16"))
@example(b"\xff")
def test_any_text_is_json_or_invalid(text):
    """Text or bytes of any kind, handed in as JSON, is a programme or is refused with faults."""
    survives(loads_json, text)


@given(st.data())
def test_a_mangled_file_is_a_programme_or_invalid(data):
    """A valid JSON file with any stretch of it cut out or overwritten is read or refused."""
    text = json.dumps({"survey": [render(parse_survey(checkout()))]}, ensure_ascii=False)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 20, len(text))))
    survives(loads_json, text[:start] + data.draw(st.text(max_size=5)) + text[end:])


@pytest.mark.parametrize("count", [51, 5_000])
def test_a_flood_of_questions_is_refused_at_once(count):
    """Thousands of questions that name thousands of others are refused without comparing each with each."""
    questions = [
        {"id": f"q{n}", "type": "notice", "text": {"en": "x"}, "next": f"x{n}"} for n in range(count)
    ]
    document = {"id": "flood", "kind": "transactional", "title": {"en": "x"}, "question": questions}
    with pytest.raises(InvalidSurvey) as caught:
        parse_survey(document)
    assert [fault.place for fault in caught.value.faults] == ["survey.question"]
