"""The ready-made surveys: every way through each of them, without a window."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import commands
from kiosk.settings.file import load
from survey.branching import after
from survey.edit import Editing
from survey.model import END, FACES, Question, Survey
from survey.parse import loads_toml

ROOT = Path(__file__).parents[2]
LIBRARY = {path.stem: path for path in sorted((ROOT / "assets/surveys").glob("*.toml"))}
MEASURED = {  # what each of them counts for; all of them ask for reasons
    "checkout": {"csat", "nps"},
    "staff": {"csat"},
    "product_range": {"csat"},
    "price": {"csat"},
    "cleanliness": {"csat"},
    "signage": {"csat"},
    "waiting_time": {"csat"},
    "fitting_room": {"csat"},
    "returns_and_complaints": {"csat"},
    "relationship_nps": {"nps"},
    "effort_ces": {"ces"},
}
MOST_ON_A_WAY = 4  # nobody at a shop's door answers more


def read(name: str) -> Survey:
    (survey,) = loads_toml(LIBRARY[name].read_text("utf-8")).surveys
    return survey


def answers(question: Question) -> Iterator[object]:
    yield None  # passed over
    match question.type:
        case "faces":
            yield from FACES
        case "scale" | "stars":
            yield from range(question.lowest, question.highest + 1)
        case "choice":
            yield from ([option.id] if question.many else option.id for option in question.options)
        case "text":
            yield "…"


def ways(survey: Survey, here: str) -> Iterator[tuple[str, ...]]:
    """Every way from a question to the end, by all answers."""
    if here == END:
        yield ()
        return
    targets = {after(survey, here, answer) for answer in answers(survey.question(here))}
    for target in targets:
        for rest in ways(survey, target):
            yield (here, *rest)


def test_the_library_has_what_a_store_asks_about():
    """One survey for each matter, and none that this test does not know."""
    assert LIBRARY.keys() == MEASURED.keys()


@pytest.mark.parametrize("name", MEASURED)
def test_each_is_accepted_by_check_as_it_is(name, capsys):
    """`python -m kiosk check` finds no fault: branching, icons, letters, languages."""
    commands.check(Namespace(config=LIBRARY[name]))
    assert f"{LIBRARY[name].name}: no faults" in capsys.readouterr().err


@pytest.mark.parametrize("name", MEASURED)
def test_each_speaks_japanese_and_english_and_measures_its_matter(name):
    """Named as its file, in both languages, with a metric and the reasons behind it."""
    survey = read(name)
    assert survey.id == name
    assert {"ja", "en"} <= set(survey.languages)
    assert {question.metric for question in survey.questions} - {None, "reasons"} == MEASURED[name]
    assert any(question.metric == "reasons" for question in survey.questions)
    for question in survey.questions:
        for texts in (question.text, *(option.text for option in question.options)):
            assert texts["ja"] != texts["en"]
        assert question.text["ja"].endswith(("？", "ください")), question.id


@pytest.mark.parametrize("name", MEASURED)
def test_each_way_is_short_and_every_question_is_on_one(name):
    """Whatever is answered or passed over, a visit ends after a few questions."""
    survey = read(name)
    found = list(ways(survey, survey.first.id))
    assert max(map(len, found)) <= MOST_ON_A_WAY
    assert {asked for way in found for asked in way} == {question.id for question in survey.questions}


@pytest.mark.parametrize("name", MEASURED)
def test_other_stands_last(name):
    """Who finds nothing that fits looks for it at the end."""
    for question in read(name).questions:
        ids = [option.id for option in question.options]
        assert "other" not in ids[:-1]


def test_all_of_them_go_into_one_file():
    """A store may take several: put beside the shipped one, they have no fault together."""
    editing = Editing.of(load(ROOT / "config.toml").programme)
    for name in MEASURED:
        document = read(name).document()
        if name != "checkout":  # the shipped one, in more languages
            editing = editing.add_survey(len(editing.documents), document)
    assert len(editing.documents) == len(MEASURED)
    assert editing.faults() == ()
