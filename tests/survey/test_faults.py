"""Every mistake in a survey document is told once, with its place and its mend, and all of them together."""

import re
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.parse import loads_json, loads_toml, parse_programme, parse_survey
from survey.problems import Fault, InvalidSurvey
from tests.survey.samples import MISSING, both, changed, checkout

MANY_OPTIONS = [{"id": f"o{number}", "text": both("x")} for number in range(13)]
MANY_QUESTIONS = [{"id": f"q{number}", "type": "notice", "text": both("x")} for number in range(51)]
MANY_LANGUAGES = {f"aa-{number:02}": "x" for number in range(21)}
SPANS = "question/2/next"
KINDS = "in_the_moment, transactional, relationship"

# What is changed in the sample, the place that is named, and words of the message.
MISTAKES = [
    # The survey's own keys
    ("id", MISSING, "id", 'is missing; write id = "checkout"'),
    ("id", "Checkout", "id", 'is "Checkout"; an id is up to 40 of a-z'),
    ("id", "a" * 41, "id", "an id is up to 40"),
    ("id", "end", "id", "take another id"),
    ("id", 7, "id", "is 7; an id is"),
    ("kind", MISSING, "kind", "is missing; write kind"),
    ("kind", "transaction", "kind", 'did you mean "transactional"?'),
    ("kind", "xyz", "kind", f"it is one of {KINDS}"),
    ("title", MISSING, "title", "is missing; write title ="),
    ("title", "Checkout", "title", 'is "Checkout"; it needs one text a language'),
    ("title", {}, "title", "is a table; it needs one text a language"),
    ("title/en", "x" * 61, "title.en", "has 61 characters; at most 60 fit"),
    ("question", MISSING, "question", "is missing; write a [[survey.question]]"),
    ("question", [], "question", "has 0 questions; it needs 1 to 50"),
    ("question", {}, "question", "is a table; it needs a list"),
    ("question", MANY_QUESTIONS, "question", "has 51 questions; it needs 1 to 50"),
    # Keys nobody knows
    ("titel", {}, "titel", "unknown key; did you mean title?"),
    ("xyzzy", 1, "xyzzy", "unknown key; take it out"),
    ("y" * 60, 1, f'"{"y" * 39}…"', "unknown key; take it out"),
    ("question/0/nxt", "end", "question[0].nxt", "unknown key; did you mean next?"),
    ("question/1/options/0/ikon", "x", "question[1].options[0].ikon", "unknown key; did you mean icon?"),
    ("question/2/labels/hihg", both("x"), "question[2].labels.hihg", "unknown key; did you mean high?"),
    ("when/hour", "09:00-10:00", "when.hour", "unknown key; did you mean hours?"),
    ("when/two words", 1, 'when."two words"', "unknown key; take it out"),
    # Schedules
    ("when", "always", "when", 'is "always"; it needs a table with weekdays, hours, from, to'),
    ("when/weekdays", "mo-fri", "when.weekdays", 'names "mo", no day of mon, tue, wed, thu, fri, sat, sun'),
    ("when/weekdays", "monday", "when.weekdays", 'did you mean "mon"?'),
    ("when/weekdays", "Mon", "when.weekdays", 'names "Mon"'),
    ("when/weekdays", "mon-tue-wed", "when.weekdays", 'names "tue-wed"'),
    ("when/weekdays", "mon,", "when.weekdays", 'names ""'),
    ("when/weekdays", ["mon"], "when.weekdays", "is a list; it needs days"),
    ("when/hours", "9-22", "when.hours", 'is "9-22"; it needs hours such as'),
    ("when/hours", "09:00–22:00", "when.hours", "it needs hours such as"),  # an en dash
    ("when/hours", "09:60-10:00", "when.hours", "a day goes from 00:00 to 24:00"),
    ("when/hours", "09:00-24:01", "when.hours", "a day goes from 00:00 to 24:00"),
    ("when/hours", "24:00-02:00", "when.hours", "a day goes from 00:00 to 24:00"),
    ("when/hours", "09:00-09:00", "when.hours", 'for the whole day write "00:00-24:00"'),
    ("when/hours", time(9), "when.hours", "is a time; it needs hours"),
    ("when/from", "2026-02-30", "when.from", "is 2026-02-30; there is no such day"),
    ("when/from", "20261201", "when.from", "it needs a date such as 2026-12-01"),
    ("when/from", datetime(2026, 12, 1, tzinfo=UTC), "when.from", "is a datetime; it needs a date"),
    ("when/to", "2026-11-30", "when.to", "is 2026-11-30, before from (2026-12-01)"),
    # Any question
    ("question/3", "words", "question[3]", 'is "words"; it needs a table with id, type'),
    ("question/3/id", MISSING, "question[3].id", "is missing; write id ="),
    ("question/3/id", 4, "question[3].id", "is 4; an id is"),
    ("question/6/id", "rating", "question[6].id", 'is "rating", as question[0] is; take another id'),
    ("question/6/id", "All", "question[6].id", 'is "All"; an id is'),
    ("question/0/type", MISSING, "question[0].type", 'is missing; write type = "faces"'),
    ("question/0/type", "face", "question[0].type", 'is "face"; did you mean "faces"?'),
    ("question/0/type", None, "question[0].type", "is null; it is one of faces"),
    ("question/0/text", MISSING, "question[0].text", "is missing; write text ="),
    ("question/0/text/en", "x" * 121, "question[0].text.en", "has 121 characters; at most 120 fit"),
    ("question/0/text/en", " \u3000", "question[0].text.en", "is blank; write what"),
    ("question/0/text/en", "two\nlines", "question[0].text.en", "holds a line break"),
    ("question/0/text/en", "\ud800", "question[0].text.en", "another control character"),
    ("question/0/text/en", ["x"], "question[0].text.en", "is a list; it needs a text"),
    ("question/1/help/ja", "x" * 121, "question[1].help.ja", "at most 120 fit"),
    ("question/1/ask", 0, "question[1].ask", "is 0; it needs a number above 0, up to 1"),
    ("question/1/ask", 1.5, "question[1].ask", "is 1.5; it needs a number above 0"),
    ("question/1/ask", True, "question[1].ask", "is true; it needs a number"),
    ("question/1/ask", float("nan"), "question[1].ask", "is nan; it needs a number"),
    ("question/0/ask", 0.5, "question[0].ask", "the first question, which is always asked; take it out"),
    ("question/0/ask", "often", "question[0].ask", "take it out"),
    # What belongs to a type
    ("question/0/options", [], "question[0].options", "does not go with type = faces; that needs"),
    ("question/0/type", "text", "question[0].metric", "is csat, which text cannot measure; it needs"),
    ("question/6/type", "scale", "question[6].options", "does not go with type = scale (nor many)"),
    ("question/1/min", 2, "question[1].min", "does not go with type = choice; that needs type = scale"),
    ("question/7/metric", "csat", "question[7].metric", "is csat, which notice cannot measure"),
    ("question/0/metric", "cast", "question[0].metric", 'is "cast"; did you mean "csat"?'),
    ("question/2/metric", "npps", "question[2].metric", 'is "npps"; did you mean "nps"?'),
    ("question/5/metric", "ces", "question[5].metric", "from 1 to 7; here they go from 1 to 4"),
    ("question/4/metric", "nps", "question[4].metric", "which stars cannot measure; it needs type = scale"),
    ("question/2/metric", "csat", "question[2].next", "no key that is an answer; 0-6 is not within 1 to 5"),
    # Scales and stars
    ("question/2/metric", MISSING, "question[2].min", "is missing; a scale without a metric"),
    ("question/5/min", MISSING, "question[5].min", "needs min"),
    ("question/5/max", MISSING, "question[5].max", "needs max"),
    ("question/5/min", -1, "question[5].min", "is -1; it needs a whole number from 0 to 100"),
    ("question/5/min", True, "question[5].min", "is true; it needs a whole number"),
    ("question/5/min", 0.5, "question[5].min", "is 0.5; it needs a whole number"),
    ("question/5/max", 10**5000, "question[5].max", "is a huge number; it needs a whole number"),
    ("question/5/max", float("inf"), "question[5].max", "is inf; it needs a whole number"),
    ("question/5/max", 1, "question[5].max", "is 1; it needs to be above min (1)"),
    ("question/5/max", 12, "question[5].max", "is 12; 12 values, at most 11 fit"),
    ("question/4/max", 11, "question[4].max", "is 11; 2 to 10 stars fit"),
    ("question/4/max", 1, "question[4].max", "is 1; 2 to 10 stars fit"),
    ("question/2/labels", {}, "question[2].labels", "is empty; write low, high or both"),
    ("question/2/labels", "no…yes", "question[2].labels", "it needs a table with low, high"),
    ("question/2/labels/low/en", "x" * 41, "question[2].labels.low.en", "at most 40 fit"),
    # Choices
    ("question/6/options", MISSING, "question[6].options", "is missing; write options ="),
    ("question/6/options", "a, b", "question[6].options", "it needs a list"),
    ("question/6/options", MANY_OPTIONS[:1], "question[6].options", "has 1; 2 to 12 options fit"),
    ("question/6/options", MANY_OPTIONS, "question[6].options", "has 13; 2 to 12 options fit"),
    ("question/6/options/1", 5, "question[6].options[1]", "is 5; it needs a table with id, text, icon"),
    ("question/6/options/1/id", MISSING, "question[6].options[1].id", "is missing; write id ="),
    ("question/6/options/1/id", "skip", "question[6].options[1].id", "has a meaning of its own"),
    ("question/6/options/1/id", "a", "question[6].options[1].id", 'is "a" again'),
    ("question/6/options/1/text", MISSING, "question[6].options[1].text", "is missing; write text ="),
    ("question/6/options/1/text/ja", "x" * 41, "question[6].options[1].text.ja", "at most 40 fit"),
    ("question/6/options/1/icon", "Uhr!", "question[6].options[1].icon", "a name is up to 40"),
    ("question/6/many", "yes", "question[6].many", 'is "yes"; it needs true or false'),
    ("question/1/shuffle", 1, "question[1].shuffle", "is 1; it needs true or false"),
    # Written answers
    ("question/3/max_length", 0, "question[3].max_length", "it needs a whole number from 1 to 1000"),
    ("question/3/keyboard", "kanna", "question[3].keyboard", 'did you mean "kana"?'),
    # Languages
    ("title/en", MISSING, "title.en", "is missing; this survey speaks ja, en"),
    ("title/fr", "Caisse", "title.fr", "(ja, en); write it in every text or in none"),
    ("question/1/text/en", MISSING, "question[1].text.en", "is missing; this survey speaks ja, en"),
    ("question/1/help/en", MISSING, "question[1].help.en", "is missing"),
    ("question/1/options/1/text/ja", MISSING, "question[1].options[1].text.ja", "is missing"),
    ("question/2/labels/high/ja", MISSING, "question[2].labels.high.ja", "is missing"),
    ("question/1/text/fr", "x", "question[1].text.fr", "is no language of this survey (ja, en)"),
    ("question/1/text", {"ja": "x", "eng": "x"}, "question[1].text.eng", 'did you mean "en"?'),
    ("title", {"ja": "x", "eng": "x"}, "title.eng", 'did you mean "en"?'),
    ("title", MANY_LANGUAGES, "title", "has 21 languages; at most 20"),
    # Branching
    ("question/0/next/sad", "reason", "question[0].next.sad", '"reason"; did you mean "reasons"?'),
    ("question/4/next", "q9", "question[4].next", 'no question "q9"'),
    ("question/4/next", "End", "question[4].next", 'no question "End"; did you mean "end"?'),
    ("question/4/next", 5, "question[4].next", "is 5; it needs a question's id"),
    ("question/0/next/sad", None, "question[0].next.sad", "is null; it needs a question's id or end"),
    ("question/0/next/sad", MISSING, "question[0].next", "has no way for sad; add one"),
    ("question/0/next", {}, "question[0].next", "has no way for sad, neutral, happy; add one"),
    ("question/0/next/hapy", "end", "question[0].next.hapy", 'did you mean "happy"?'),
    ("question/0/next", {"0-6": "end", "7": "end"}, "question[0].next", "has no key that is an answer"),
    ("question/1/next/staff", MISSING, "question[1].next", "has no way for staff"),
    ("question/1/next/other", "end", "question[1].next.other", "is none of the answers queue, staff"),
    ("question/6/next", {"a": "end"}, "question[6].next", "a choice of many cannot be branched on"),
    ("question/3/next", {"a": "end"}, "question[3].next", "a text cannot be branched on"),
    ("question/7/next", {"true": "end"}, "question[7].next", "a notice cannot be branched on"),
    ("question/5/next", {"0-2": "several", "3-4": "end"}, "question[5].next.0-2", "is not within 1 to 4"),
    (f"{SPANS}/7-8", MISSING, "question[2].next", "has no way for 7, 8"),
    (f"{SPANS}/8", "end", "question[2].next", "has two ways for 8; leave one"),
    (f"{SPANS}/9-11", "end", "question[2].next.9-11", "is not within 0 to 10"),
    (f"{SPANS}/8-7", "end", "question[2].next.8-7", 'runs backwards; write "7-8"'),
    (f"{SPANS}/07-8", "end", "question[2].next.07-8", "is no value or span of values"),
    (f"{SPANS}/7–8", "end", 'question[2].next."7–8"', "is no value or span of values"),
    ("question/7/next", "goodbye", "question[7].next", 'leads round in a ring: "goodbye" → "goodbye"'),
    (
        "question/4/next",
        "rating",
        "question[4].next",
        'ring: "rating" → "reasons" → "stars" → "rating"; let one of them lead on or end',
    ),
    ("question/5/next", "end", "question[6]", 'no way leads to "several"; name it in a next'),
]  # fmt: skip


def faults_of(document):
    with pytest.raises(InvalidSurvey) as caught:
        parse_programme([document])
    return caught.value.faults


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    MISTAKES,
    ids=[f"{row[2]}-{number}" for number, row in enumerate(MISTAKES)],
)
def test_one_mistake_is_one_fault(path, value, place, words):
    """A single mistake is named once, at its place, with its mend, and causes no further faults."""
    (fault,) = faults_of(changed(checkout(), path, value))
    assert fault.place == f"survey[0].{place}"
    assert words in fault.message


def area(row):
    """The part of the document that a mistake is in: one question, or one key of the survey."""
    top, *rest = row[0].split("/")
    return f"{top}/{rest[0]}" if top == "question" and rest else top


# Not those that may explain another one: what takes away a question, a type, a language or a way.
INDEPENDENT = [
    row
    for row in MISTAKES
    if not row[0].endswith(("/type", "/metric", "/id"))
    and "/next" not in row[0]
    and row[0] not in {"title", "title/en", "title/fr", "titel", "question", "question/3"}
]


@given(st.lists(st.sampled_from(INDEPENDENT), min_size=5, max_size=5, unique_by=area))
def test_five_mistakes_are_five_faults(rows):
    """Five mistakes at five places are five faults, no more and no fewer, in the order of the questions."""
    document = checkout()
    for path, value, _, _ in rows:
        document = changed(document, path, value)
    places = [fault.place for fault in faults_of(document)]
    assert sorted(places) == sorted(f"survey[0].{place}" for _, _, place, _ in rows)
    numbers = [int(number) for place in places for number in re.findall(r"question\[(\d+)\]", place)]
    assert numbers == sorted(numbers)


def test_five_mistakes_of_five_kinds():
    """An id, a key, a schedule, a language and a way that are all wrong are told together."""
    document = checkout()
    for path, value in [
        ("id", "Check out"),
        ("knd", "in_the_moment"),
        ("when/hours", "9 to 5"),
        ("question/1/text/en", MISSING),
        ("question/4/next", "q9"),
    ]:
        document = changed(document, path, value)
    document.pop("kind")
    assert {fault.place for fault in faults_of(document)} == {
        "survey[0].id",
        "survey[0].knd",
        "survey[0].when.hours",
        "survey[0].question[1].text.en",
        "survey[0].question[4].next",
    }


def test_a_mistyped_key_is_not_missing_too():
    """A key that must be there and is mistyped is one fault: the mistyping."""
    document = checkout()
    document["question"][0]["txet"] = document["question"][0].pop("text")
    assert faults_of(document) == (Fault("survey[0].question[0].txet", "unknown key; did you mean text?"),)


def test_a_slip_in_the_title_is_not_told_at_every_text():
    """Where nearly all texts agree against the title, the title is at fault, and so is the odd text."""
    document = changed(changed(checkout(), "title/en", MISSING), "question/1/help/en", MISSING)
    assert [fault.place for fault in faults_of(document)] == [
        "survey[0].title.en",
        "survey[0].question[1].help.en",
    ]
    document = changed(changed(checkout(), "title/fr", "Caisse"), "question/1/help/fr", "x")
    assert [fault.place for fault in faults_of(document)] == [
        "survey[0].title.fr",
        "survey[0].question[1].help.fr",
    ]


def test_a_language_that_some_texts_lack_is_missing_there():
    """The title offers a language, and each text without it is named."""
    document = checkout()
    places = ["question/0/text", "question/1/text", "question/2/text", "question/3/text", "question/4/text"]
    for place in places:
        document = changed(document, f"{place}/en", MISSING)
    assert len(faults_of(document)) == len(places)
    assert {fault.message for fault in faults_of(document)} == {"is missing; this survey speaks ja, en"}


@pytest.mark.parametrize("tag", ["EN", "english", "e", "en_GB", "en-", "日本", "en-" + "x" * 40])
def test_a_language_under_a_wrong_tag_is_told_once(tag):
    """A tag that is no language tag is told at the title, not at every text that follows it."""
    document = {
        "id": "small",
        "kind": "transactional",
        "title": {tag: "Title"},
        "question": [{"id": f"q{number}", "type": "notice", "text": {tag: "x"}} for number in range(3)],
    }
    (fault,) = faults_of(document)
    assert fault.place.startswith("survey[0].title.")
    assert fault.message == 'is no language tag such as "ja", "en" or "pt-BR"'


def test_two_rings_are_two_faults():
    """Each way back that closes a ring of its own is named."""
    document = changed(changed(checkout(), "question/3/next", "words"), "question/7/next", "stars")
    faults = faults_of(document)
    assert [fault.place for fault in faults] == ["survey[0].question[3].next", "survey[0].question[7].next"]
    assert '"words" → "words"' in faults[0].message
    assert '"stars" → "ease" → "several" → "goodbye" → "stars"' in faults[1].message


def test_a_ring_that_runs_back_twice_is_one_fault():
    """A ring is named once, however the document's order cuts it up."""
    ways = {"q0": "q1", "q1": "q3", "q2": "q1", "q3": "q2"}
    document = {
        "id": "ring",
        "kind": "transactional",
        "title": {"en": "x"},
        "question": [
            {"id": each, "type": "notice", "text": {"en": "x"}, "next": ways[each]} for each in ways
        ],
    }
    (fault,) = faults_of(document)
    assert fault.place == "survey[0].question[2].next"
    assert '"q1" → "q3" → "q2" → "q1"' in fault.message


def test_keys_of_another_type_are_one_fault():
    """Several keys that the type does not have are one mistake, whatever their values: the type."""
    document = changed(changed(checkout(), "question/0/min", "x"), "question/0/max", "y")
    (fault,) = faults_of(document)
    assert (
        str(fault)
        == "survey[0].question[0].min: does not go with type = faces (nor max); that needs type = scale"
    )


def test_only_the_head_of_a_lost_chain_is_told():
    """Questions that only a lost question leads to are not lost a second time."""
    document = changed(checkout(), "question/4/next", "goodbye")
    assert [fault.place for fault in faults_of(document)] == ["survey[0].question[5]"]


def test_keys_in_hundreds_are_summed_up():
    """A table that is no survey at all does not bury its reader under a line for every key."""
    faults = faults_of(checkout() | {f"key number {number}": 1 for number in range(500)})
    assert len(faults) == 21
    assert faults[-1] == Fault("survey[0]", "has 480 more unknown keys; take them out")


def test_faults_name_the_survey_they_are_in():
    """The second survey's fault counts from 0, and an id may stand only once in a programme."""
    with pytest.raises(InvalidSurvey) as caught:
        parse_programme([checkout(), changed(checkout(), "kind", 5), 5])
    assert [str(fault) for fault in caught.value.faults] == [
        "survey[1].kind: is 5; it is one of in_the_moment, transactional, relationship",
        'survey[1].id: is "checkout", as survey[0] is; take another id',
        "survey[2]: is 5; it needs a table with id, kind, title, when, question",
    ]
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize(
    ("documents", "message"), [([], "is empty; it"), ({}, "is a table; it"), (None, "is null; it")]
)
def test_a_programme_is_a_list_of_surveys(documents, message):
    """A programme without a survey, or of another shape, is refused."""
    with pytest.raises(InvalidSurvey) as caught:
        parse_programme(documents)
    assert caught.value.faults == (Fault("survey", f"{message} needs a list of surveys"),)


def test_a_survey_alone_is_called_survey():
    """Where there is but one survey, its place carries no number unless the caller gives one."""
    with pytest.raises(InvalidSurvey, match=r"^survey\.id: "):
        parse_survey(changed(checkout(), "id", 5))
    with pytest.raises(InvalidSurvey, match=r"^surveys\[3\]\.id: "):
        parse_survey(changed(checkout(), "id", 5), "surveys[3]")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[survey]", "line 1, column 9: no TOML: Expected ']]' at the end of an array declaration"),
        ("a = ", "end of document: no TOML: Invalid value"),
        ("a = 1\na = 2", "end of document: no TOML: Cannot overwrite a value"),
        (f"a = {'9' * 5000}", "document: holds a number too long to be read; take it out"),
        (f"a = {'[' * 5000}", "document: is nested too deep to be read; a survey needs 6 levels"),
        (b"a = '\xff'", "byte 5: is not UTF-8; save the file as UTF-8"),
        ("", "survey: is missing; write [[survey]]"),
        ("survey = 5", "survey: is 5; it needs a list"),
        ("[[survy]]", "survy: unknown key; did you mean survey?"),
        ("survey = []", "survey: is empty; it needs a list of surveys"),
    ],
)
def test_toml_that_cannot_be_read(text, fault):
    """Text that is no TOML, or TOML that holds no survey, is told with the line and column it fails at."""
    with pytest.raises(InvalidSurvey) as caught:
        loads_toml(text)
    assert str(caught.value) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"survey": [}', "line 1, column 13: no JSON: Expecting value"),
        ('{"survey":\n[] 5}', "line 2, column 4: no JSON: Expecting ',' delimiter"),
        (b"\xff", "byte 0: is not UTF-8; save the file as UTF-8"),
        ('{"a": 1, "a": 2}', 'document: has the key "a" twice in one object; leave one'),
        ('{"a": NaN}', "document: holds NaN, which is no number in JSON"),
        (f'{{"a": {"9" * 5000}}}', "document: holds a number too long to be read; take it out"),
        ("[" * 100_000, "document: is nested too deep to be read; a survey needs 6 levels"),
        ("[]", "document: is a list; it needs survey, a list of surveys"),
        ("{}", "survey: is missing; write [[survey]]"),
    ],
)
def test_json_that_cannot_be_read(text, fault):
    """Text that is no JSON, or JSON that holds no survey, is told with the line and column it fails at."""
    with pytest.raises(InvalidSurvey) as caught:
        loads_json(text)
    assert str(caught.value) == fault
