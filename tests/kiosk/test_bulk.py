"""Surveys in and out of spreadsheets and files."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kiosk.bulk.files import export_file, import_file
from kiosk.bulk.workbook import read_workbook, write_workbook
from kiosk.cli import main
from kiosk.settings.file import load
from kiosk.settings.write import surveys_toml
from survey import branching
from survey.bulk.sheets import Sheet, read_sheets, sheets_of
from survey.bulk.workbook import MOST_UNPACKED_BYTES, fits
from survey.canonical import plain
from survey.parse import parse_programme
from survey.problems import InvalidSurvey
from survey.terms import Terms
from tests.survey.strategies import lines, programmes

LABELS = ("label::English (en)", "label::日本語 (ja)")
ROOT = Path(__file__).parents[2]
SAID = {"ja": "@名前", "en": "=HYPERLINK(1)"}
CHARGED = {
    "id": "charged",
    "kind": "in_the_moment",
    "title": {"en": "-1", "ja": "'=1"},
    "when": {},
    "question": [
        {
            "id": "rating",
            "type": "faces",
            "text": SAID,
            "next": {"sad": "why", "neutral": "end", "happy": "end"},
        },
        {
            "id": "why",
            "type": "choice",
            "many": False,
            "text": {"ja": " ''+ ", "en": "007"},
            "options": [
                {"id": "a", "text": SAID},
                {"id": "b", "text": {"ja": "１", "en": "true"}, "icon": "yen"},
            ],
        },
    ],
}


def documents(programme):
    return [plain(survey.document()) for survey in programme.surveys]


def back_and_forth(path, programme):
    export_file(path, programme, surveys_toml)
    return import_file(path).programme


@pytest.mark.parametrize("suffix", [".toml", ".json", ".xlsx"])
def test_the_shipped_surveys_and_charged_texts_come_back_as_they_went(tmp_path, suffix):
    """Fifteen languages, branching, schedules and texts like formulas: the same version comes back."""
    shipped = load(ROOT / "assets" / "surveys" / "checkout.toml").programme
    programme = parse_programme([*documents(shipped), CHARGED])
    back = back_and_forth(tmp_path / f"surveys{suffix}", programme)
    assert documents(back) == documents(programme)
    assert [each.version for each in back.surveys] == [each.version for each in programme.surveys]
    assert [each.languages for each in back.surveys] == [each.languages for each in programme.surveys]


@settings(max_examples=60, deadline=None)
@given(programme=programmes())
def test_any_survey_comes_back_from_its_sheets_as_it_went(programme):
    """Whatever can be written in config.toml can be written in three sheets, cell by cell."""
    reading = read_sheets({sheet.name: sheet for sheet in sheets_of(documents(programme))})
    assert reading.faults == []
    back = parse_programme(reading.documents)
    assert documents(back) == documents(programme)
    assert [each.languages for each in back.surveys] == [each.languages for each in programme.surveys]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(lines(12) | st.from_regex(r"'*[=+@'-][a-z=]*", fullmatch=True), min_size=30, max_size=30)
)
def test_any_text_comes_back_from_a_workbook_as_it_went(tmp_path, texts):
    """A cell gives back what was put into it, or is named as one that no workbook can hold."""
    path = tmp_path / "surveys.xlsx"
    sheet = Sheet("translations", ("survey", "en"), tuple(("a", text) for text in texts))
    bad = [f"translations!B{number}" for number, text in enumerate(texts, 2) if not fits(text)]
    if bad:
        with pytest.raises(InvalidSurvey) as told:
            write_workbook(path, [sheet])
        assert [fault.place for fault in told.value.faults] == bad
    else:
        write_workbook(path, [sheet])
        assert read_workbook(path)["translations"] == sheet


def test_no_cell_is_a_formula_to_a_spreadsheet(tmp_path):
    """Who opens an exported workbook runs nothing that a shopper's text or a translator wrote."""
    path = tmp_path / "surveys.xlsx"
    export_file(path, parse_programme([CHARGED]), surveys_toml)
    cells = [cell for page in load_workbook(path) for row in page.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert not any(str(cell.value)[:1] in "=+-@" for cell in cells if cell.value)


def workbook(path, **pages):
    book = Workbook()
    book.remove(book.active)
    for name, rows in pages.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def test_all_faults_are_told_at_once_each_with_its_cell(tmp_path):
    """A translator who left a cell out, and an author who mistyped, read where."""
    path = tmp_path / "surveys.xlsx"
    export_file(path, parse_programme([CHARGED]), surveys_toml)
    book = load_workbook(path)
    book["questions"]["I3"] = "facs"
    book["translations"]["F4"] = None
    book["options"]["D3"] = "No icon!"
    book.save(path)
    with pytest.raises(InvalidSurvey) as told:
        import_file(path)
    assert [fault.place for fault in told.value.faults] == ["questions!I3", "translations!F4", "options!D3"]
    assert "survey[0].question[0].type" in told.value.faults[0].message
    rows = [["survey", "question", "kindd"], ["a", None, "x"], ["b", "q", None], ["a", None, None]]
    lines = [["survey", "question", "option", "what", "en"], ["a", None, None, "titel", "=1+1"]]
    with pytest.raises(InvalidSurvey) as told:
        import_file(workbook(path, questions=rows, translations=lines))
    assert [fault.place for fault in told.value.faults] == ["translations!E2"], "a formula comes first"
    lines[1][4] = "1"
    with pytest.raises(InvalidSurvey) as told:
        import_file(workbook(path, questions=rows, translations=lines))
    places = [fault.place for fault in told.value.faults]
    assert places == ["questions!C1", "options", "questions!A3", "questions!A4", "translations!D2"]


def test_a_simple_xlsform_is_a_survey_and_the_rest_is_listed(tmp_path):
    """select_one, select_multiple, range, bounded integer, text and note come over; the rest is named."""
    form = [
        ["type", "name", *LABELS, "hint::English (en)", "relevant", "parameters", "constraint"],
        ["start", "start", None, None, None, None, None, None],
        ["note", "Hello", "Welcome", "ようこそ", None, None, None, None],
        ["select_one yesno", "clean", "Clean?", "きれい?", None, None, None, None],
        ["select_multiple yesno", "both", "Which?", "どれ?", None, "${age} > 17", None, None],
        ["range", "score", "Score", "点", None, None, "start=0 end=10 step=1", None],
        ["integer", "easy", "Easy?", "楽?", None, None, None, ". >= 1 and . <= 5"],
        ["integer", "age", "Age", "年", None, None, None, None],
        ["text", "words", "Words", "ひとこと", None, None, None, None],
        ["geopoint", "where", "Where", "どこ", None, None, None, None],
    ]  # fmt: skip
    choices = [["list_name", "name", *LABELS]]
    choices += [["yesno", "yes", "Yes", "はい"], ["yesno", "no", "No", "いいえ"]]
    extra = [["form_title", "form_id"], ["Store visit", "store_visit"]]
    found = import_file(workbook(tmp_path / "form.xlsx", survey=form, choices=choices, settings=extra))
    (survey,) = found.programme.surveys
    assert (survey.id, survey.title) == ("store_visit", {"en": "Store visit", "ja": "Store visit"})
    assert [(each.id, each.type, each.many) for each in survey.questions] == [
        ("hello", "notice", None),
        ("clean", "choice", None),
        ("both", "choice", True),
        ("score", "scale", None),
        ("easy", "scale", None),
        ("words", "text", None),
    ]
    assert [(survey.questions[at].min, survey.questions[at].max) for at in (3, 4)] == [(0, 10), (1, 5)]
    assert [line.partition(":")[0] for line in found.left] == ["survey!F5", "survey!A8", "survey!A10"]


RELEVANT = {  # by question: when it is relevant
    "why": "${mood} = 'bad'",
    "other": "selected(${why}, 'queue') or selected(${why}, 'dirt')",
    "score": "",
    "low": "${score} >= 0 and ${score} <= 6",
    "late": "${mood} = 'bad'",
    "both": "selected(${many}, 'bad')",
    "words": "",
}


def test_what_is_relevant_becomes_branching_where_answers_can_lead(tmp_path):
    """Conditions on the answer before, nested ones, spans of numbers; what must be remembered is listed."""
    kinds = {
        "mood": "select_one moods",
        "why": "select_one whys",
        "score": "range",
        "many": "select_multiple moods",
    }
    names = ("mood", "why", "other", "score", "low", "late", "many", "both", "words")
    form = [["type", "name", "label::English (en)", "relevant", "parameters"]]
    form += [[kinds.get(name, "text"), name, name, RELEVANT.get(name), "start=0 end=10"] for name in names]
    choices = [["list_name", "name", "label::English (en)"]]
    choices += [["moods", each, each] for each in ("bad", "good")]
    choices += [["whys", each, each] for each in ("queue", "dirt", "price")]
    found = import_file(workbook(tmp_path / "form.xlsx", survey=form, choices=choices))
    (survey,) = found.programme.surveys

    def walk(**answers):
        return "".join(f" {each}" for each in branching.path(survey, answers, "visit").asked)

    every = dict.fromkeys(("other", "low", "late", "both", "words"), "text") | {"many": ("bad",)}
    end = " late many both words"
    assert walk(**every, mood="good", score=9) == f" mood score{end}"
    assert walk(**every, mood="good", score=6) == f" mood score low{end}"
    assert walk(**every, mood="bad", why="price", score=9) == f" mood why score{end}"
    assert walk(**every, mood="bad", why="dirt", score=0) == f" mood why other score low{end}"
    assert walk(**every, mood=None, score=None) == f" mood score{end}"
    assert [line.partition(":")[0] for line in found.left] == ["survey!D7", "survey!D9"]


def test_head_offices_surveys_are_exported_as_they_were_sent(till, tmp_path, capsys):
    """`--office` writes what this kiosk holds of head office; where that sent nothing it says so."""
    out = str(tmp_path / "office.json")
    asked = ["survey", "export", out, "--office", "--config", str(ROOT / "config.toml")]
    store = till.open()
    store.close()
    assert main([*asked, "--data", str(till.folder)]) == 1
    assert "has sent no surveys" in capsys.readouterr().err
    store = till.open()
    store.shelf.put("etag", [CHARGED], [Terms(ask="extension 210").document()])
    store.close()
    assert main([*asked, "--data", str(till.folder)]) == 0
    (survey,) = json.loads(Path(out).read_text("utf-8"))["survey"]
    assert survey["id"] == CHARGED["id"]


def test_a_workbook_that_is_a_trap_is_refused_before_it_is_read(tmp_path):
    """A zip bomb, entities in any encoding, and what is no workbook at all: one clear fault each."""
    bomb, entities, nothing = (tmp_path / f"{name}.xlsx" for name in ("bomb", "entities", "nothing"))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/a.xml", "w") as part:
        for _ in range((MOST_UNPACKED_BYTES >> 20) + 1):
            part.write(bytes(1 << 20))
    with zipfile.ZipFile(entities, "w") as packed:
        packed.writestr("xl/workbook.xml", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'.encode("utf-16"))
    nothing.write_bytes(b"PK\x03\x04 and no more")
    for path, words in ((bomb, "unpacks to more"), (entities, "declares entities"), (nothing, "no workbook")):
        with pytest.raises(InvalidSurvey, match=words):
            import_file(path)
    with pytest.raises(InvalidSurvey, match=r"none of \.toml, \.json, \.xlsx"):
        import_file(tmp_path / "surveys.ods")


def test_the_command_takes_nothing_into_what_head_office_locked(till, tmp_path, capsys):
    """An import goes no further than staff may: it says who to ask, and writes nothing."""
    (shipped,) = load(ROOT / "config.toml").programme.surveys[:1]
    store = till.open()
    store.shelf.put("etag", [shipped.document()], [Terms(ask="extension 210").document()])
    store.close()
    config, file = tmp_path / "config.toml", tmp_path / "surveys.json"
    config.write_bytes((ROOT / "config.toml").read_bytes())
    file.write_text(json.dumps({"survey": [CHARGED | {"id": shipped.id}]}))
    assert main(["survey", "import", str(file), "--config", str(config), "--data", str(till.folder)]) == 1
    assert "ask extension 210" in capsys.readouterr().err
    assert config.read_bytes() == (ROOT / "config.toml").read_bytes()


def test_the_command_writes_and_takes_in_and_says_what_changed(tmp_path, capsys):
    """Import puts surveys in the place of their ids, keeps the others, and --check writes nothing."""
    config, sheet = tmp_path / "config.toml", tmp_path / "surveys.json"
    config.write_bytes((ROOT / "config.toml").read_bytes())
    places = ["--config", str(config), "--data", str(tmp_path / "data")]
    assert main(["survey", "export", str(sheet), *places]) == 0
    kept = config.read_text()
    said = json.loads(sheet.read_text())
    said["survey"][0]["question"][0]["text"]["en"] = "And today?"
    sheet.write_text(json.dumps({"survey": [said["survey"][0], CHARGED]}))
    capsys.readouterr()
    assert main(["survey", "import", str(sheet), "--check", *places]) == 0
    told = capsys.readouterr().err
    assert '→ "And today?"' in told
    assert "charged: survey: added" in told
    assert config.read_text() == kept
    assert main(["survey", "import", str(sheet), *places]) == 0
    after = load(config).programme.surveys
    assert [each.id for each in after] == [*(each["id"] for each in said["survey"]), "charged"]
    assert after[0].first.text["en"] == "And today?"
    sheet.write_text(json.dumps({"survey": [CHARGED | {"kind": "x"}]}))
    assert main(["survey", "import", str(sheet), *places]) == 1
    assert "surveys.json: survey[0].kind" in capsys.readouterr().err
