"""What kiosks complain of is said in the reader's language, with the mend."""

import ast
from pathlib import Path

import pytest

from headoffice.web.office.complaints import OF_THE_REST, OF_THE_STORE, Complaints
from headoffice.web.shipped import Telling
from headoffice.web.words import read_words
from kiosk.settings.watch import Standing
from kiosk.store.incidents import Incident, Kind
from survey.problems import Fault, InvalidSurvey
from survey.told import told
from sync.pull import _words as cannot_be_used

ROOT = Path(__file__).parents[3]
WORDS = read_words()


@pytest.fixture(scope="module")
def complaints():
    return Complaints(Telling())


def has_kana(text):
    return any("\u3041" <= letter <= "\u30ff" for letter in text)


def test_every_complaint_of_a_kiosks_store_has_words_and_a_mend():
    """No line that the store can tell head office lacks its mend, or its Japanese."""
    told_there = set()
    for name in ("state.py", "incidents.py"):
        tree = ast.parse((ROOT / "kiosk/store" / name).read_text("utf-8"))
        calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call))
        told_there |= {
            ast.literal_eval(call.args[0])
            for call in calls
            if isinstance(call.func, ast.Name) and call.func.id == "told"
        }
    assert told_there - {"an unknown number"} == set(OF_THE_STORE)
    assert set(OF_THE_STORE) <= Telling().known()


def test_a_line_is_understood_as_it_was_sent(complaints):
    """Whatever made it, the values stand in the Japanese words, and a mend behind them."""
    faults = (Fault("screen.theme", told("is {value}; it needs {needs}", value='"red"', needs='"light"')),)
    fault = Fault("kiosk.idle_s", told("is {value}; it needs a text", value="2"))
    lost = Incident(id="i", at=0, kind=Kind.DAMAGED, saved=4, lost=None)
    lines = {
        lost.words(): ("1970-01-01", "4 件", "不明な数"),
        Incident(id="i", at=0, kind=Kind.FORKED, saved=7).words(): ("7 件",),
        Standing((fault,)).words("config.toml")[0]: ("config.toml", "kiosk.idle_s", "2 になっています"),
        Standing(faults * 9).words("config.toml")[-1]: ("config.toml", "か所"),
        Standing(waiting=("screen.theme",)).words("config.toml")[0]: ("screen.theme", "次の起動"),
        cannot_be_used(InvalidSurvey([fault, fault])): ("kiosk.idle_s", "ほか 1 か所"),
    }
    for line, parts in lines.items():
        said = complaints(line, WORDS["ja"])
        assert all(part in said.words for part in parts), (line, said)
        assert has_kana(said.mend), line
        assert complaints(line, WORDS["en"]).mend, line


def test_every_mend_stands_in_both_languages(complaints):
    """Each known line can be said, and its mend, in English and Japanese."""
    for template in (*OF_THE_STORE, *OF_THE_REST):
        line = template.format_map(
            dict.fromkeys(("day", "saved", "lost", "count", "mib"), 3)
            | {"file": "config.toml", "fault": "x: y", "settings": "z"}
        )
        english, japanese = (complaints(line, WORDS[language]) for language in ("en", "ja"))
        assert english.mend != japanese.mend, template
        assert has_kana(japanese.words), (template, japanese)


@pytest.mark.parametrize(
    "line", ["", "tea or coffee", "{count}", "a {0} b: c", "<b>", "x" * 200, ": ; , " * 40]
)
def test_what_nobody_knows_stays_as_it_was_sent(complaints, line):
    """A newer kiosk, or a hostile one, is shown in its own words, and at once."""
    assert vars(complaints(line, WORDS["ja"])) == {"words": line, "mend": ""}
