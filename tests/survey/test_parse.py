"""A survey is read and written without loss, and its version follows from its words alone."""

import copy
import hashlib
import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.canonical import plain
from survey.model import Programme
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
from tests.survey.samples import changed, checkout
from tests.survey.strategies import documents, programmes, surveys

TOML = """
[[survey]]
id = "checkout"
kind = "in_the_moment"
title = { ja = "レジ", en = "Checkout" }
when = { weekdays = "mon-sun", from = 2026-12-01 }

  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "いかがでしたか?", en = "How was it?" }
  next = { sad = "ease", neutral = "end", happy = "end" }

  [[survey.question]]
  id = "ease"
  type = "scale"
  min = 1.0
  max = 7
  ask = 1.0
  text = { ja = "簡単でしたか?", en = "Was it easy?" }
"""


def shuffled(value):
    """The same value with the keys of every table in reverse."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


@given(documents())
def test_rendering_gives_the_document_back(document):
    """What was written is what is rendered, but for dates as ISO text and 1.0 as 1."""
    before = copy.deepcopy(document)
    survey = parse_survey(document)
    assert render(survey) == plain(document)
    assert document == before
    assert parse_survey(render(survey)) == survey


@given(documents())
def test_a_version_survives_every_way_a_document_travels(document):
    """Through JSON, rendering, another order of keys or other escapes, a survey keeps its version."""
    version = version_of(document)
    survey = parse_survey(document)
    assert survey.version == version == version_of(render(survey)) == version_of(shuffled(document))
    assert version_of(json.loads(json.dumps(render(survey)))) == version
    assert version_of(json.loads(canonical(survey))) == version
    (again,) = loads_json(json.dumps({"survey": [render(survey)]})).surveys
    assert (again, again.version) == (survey, version)


def test_a_version_is_a_hash_of_the_canonical_json():
    """The version is 12 hex digits of SHA-256 over sorted keys, no spaces, UTF-8: fixed for all time."""
    document = {"b": [1.0, 0.25, True, None], "a": {"ja": "笑顔\u2028", "d": date(2026, 12, 1)}}
    written = '{"a":{"d":"2026-12-01","ja":"笑顔\u2028"},"b":[1,0.25,true,null]}'.encode()
    assert version_of(document) == hashlib.sha256(written).hexdigest()[:12]
    assert parse_survey(checkout()).version == "96fc80f8546b"


@given(surveys(), st.data())
def test_any_other_word_is_another_version(survey, data):
    """A survey that differs in one text, one schedule or one order has another version."""
    document = render(survey)
    language = data.draw(st.sampled_from(survey.languages))
    number = data.draw(st.integers(0, len(survey.questions) - 1))
    other = copy.deepcopy(document)
    other["question"][number]["text"][language] += "!"
    assert version_of(other) != survey.version


def test_toml_and_json_carry_the_same_survey():
    """A survey in config.toml and the same one on the wire are one version."""
    programme = loads_toml(TOML)
    survey = programme.surveys[0]
    assert survey.question("ease").min == 1
    assert survey.question("ease").ask == 1.0
    assert survey.when.first == date(2026, 12, 1)
    assert loads_json(json.dumps({"survey": [render(survey)]})) == programme
    assert loads_toml(TOML.encode("utf-8-sig")) == programme
    assert loads_toml("\ufeff" + TOML) == programme
    assert render(survey)["when"] == {"weekdays": "mon-sun", "from": "2026-12-01"}


def test_absent_keys_have_their_defaults_on_use():
    """What a document leaves out stays out of the model, and means what the manual says."""
    survey = parse_survey(checkout())
    assert survey.languages == ("ja", "en")
    assert survey.first.id == "rating"
    recommend, words, stars = map(survey.question, ("recommend", "words", "stars"))
    assert (recommend.min, recommend.lowest, recommend.max, recommend.highest) == (None, 0, None, 10)
    assert (words.longest_text, stars.lowest, stars.highest) == (80, 1, 7)
    plain_words = changed(checkout(), "question/3", {**checkout()["question"][3], "max_length": 200})
    del plain_words["question"][3]["max_length"]
    assert parse_survey(plain_words).question("words").longest_text == 200
    del plain_words["question"][4]["max"]
    assert parse_survey(plain_words).question("stars").highest == 5


@pytest.mark.parametrize(("metric", "values"), [("nps", (0, 10)), ("ces", (1, 7)), ("csat", (1, 5))])
def test_a_metric_implies_its_scale(metric, values):
    """A scale that names its metric need not name its values."""
    document = changed(checkout(), "question/2/metric", metric)
    document["question"][2]["next"] = "words"
    document["question"][4]["next"] = "ease"
    document["question"][3]["next"] = "stars"
    question = parse_survey(document).question("recommend")
    assert (question.lowest, question.highest) == values


@settings(max_examples=20)
@given(programmes())
def test_a_programme_finds_a_survey_by_its_version(programme):
    """A tap that names a version finds its survey; a strange version finds none."""
    for survey in programme.surveys:
        assert programme.survey(survey.version) is survey
    assert programme.survey("0" * 12) is None


def test_the_first_survey_that_matches_is_in_force():
    """Surveys are tried in order; when none matches, the kiosk is closed."""
    morning = changed(checkout(), "when", {"hours": "09:00-12:00"})
    sunday = changed(changed(checkout(), "when", {"weekdays": "sun"}), "id", "sunday")
    programme = parse_programme([morning, sunday])
    assert programme.in_force(datetime(2026, 11, 22, 10, 0)) is programme.surveys[0]  # noqa: DTZ001 - local time
    assert programme.in_force(datetime(2026, 11, 22, 13, 0)) is programme.surveys[1]  # noqa: DTZ001 - local time
    assert programme.in_force(datetime(2026, 11, 23, 13, 0)) is None  # noqa: DTZ001 - local time
    always = Programme(surveys=(parse_survey({key: morning[key] for key in morning if key != "when"}),))
    assert always.in_force(datetime(1970, 1, 1)) is always.surveys[0]  # noqa: DTZ001 - local time


@pytest.mark.parametrize(
    "document",
    [float("nan"), [float("-inf")], {"a": "\ud800"}, {"\udfff": 1}, {1: 2}, {"a": {1, 2}}, b"x", 10**5000],
    ids=type,
)
def test_what_json_cannot_carry_has_no_version(document):
    """A document that cannot be sent as JSON is refused, not given a version."""
    with pytest.raises(InvalidSurvey):
        version_of(document)


def test_a_bottomless_document_has_no_version():
    """A document nested deeper than any survey is refused before Python's own limit is met."""
    deep = []
    deep.append(deep)
    with pytest.raises(InvalidSurvey, match="levels deep"):
        version_of(deep)
