"""config.toml: every setting, every fault, the shipped file."""

import re
import tomllib
from pathlib import Path

import pytest

from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import InvalidConfig, load, parse
from kiosk.settings.model import Settings
from kiosk.settings.readers import Line, Number, OrZero
from kiosk.settings.texts import TextsOf
from survey.problems import InvalidSurvey
from survey.reading import OneOf, Whole

SHIPPED = Path(__file__).parents[2] / "config.toml"
SURVEY = """
[[survey]]
id = "checkout"
kind = "in_the_moment"
title = { ja = "レジ", en = "Checkout" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "いかがでしたか?", en = "How was it?" }
"""


def faults(text):
    with pytest.raises(InvalidSurvey) as caught:
        parse(text)
    return [str(fault) for fault in caught.value.faults]


def test_the_shipped_config_has_no_fault_and_holds_every_setting():
    """What is shipped works as it is, and names every setting, so that nobody needs a manual to find one."""
    load(SHIPPED)
    text = SHIPPED.read_text("utf-8")
    optional = "|".join(setting.key for setting in SETTINGS if not setting.default)
    written = tomllib.loads(re.sub(rf"^# ({optional}) = ", r"\1 = ", text, flags=re.MULTILINE))
    tables = {setting.table for setting in SETTINGS}
    named = {f"{table}.{key}" for table in tables for key in written[table]}
    assert named == {setting.path for setting in SETTINGS}


def test_what_the_shipped_config_says_are_the_defaults():
    """A setting that is taken out of the file keeps its meaning; only the store's name is the store's own."""
    shipped = load(SHIPPED).settings
    without = parse(SURVEY).settings
    assert without == Settings()
    assert shipped.screen == without.screen
    assert shipped.sync == without.sync
    assert {**vars(shipped.kiosk), "store": ""} == vars(without.kiosk)


def test_every_setting_is_explained_in_both_languages():
    """One row for each setting drives loader, editor and docs: label and help in Japanese and English."""
    for setting in SETTINGS:
        assert setting.label.keys() == setting.help.keys() == {"ja", "en"}, setting.path
        assert all(setting.label.values()), setting.path
        assert all(setting.help.values()), setting.path
        assert hasattr(getattr(Settings(), setting.table), setting.key)


def test_every_bound_is_a_value_and_stands_in_the_docs():
    """What the docs say a setting holds is what its reader holds it to, and a page can draw it from that."""
    for setting in SETTINGS:
        match setting.read:
            case Whole(low, high) | OrZero(Whole(low, high)) | Number(low, high):
                bounds = [low, high]
            case Line(longest) | TextsOf(longest):
                bounds = [longest]
            case OneOf(allowed):
                assert setting.holds == " or ".join(allowed), setting.path
                continue
            case _:
                continue
        assert re.findall(r"[0-9]+", setting.holds.removeprefix("0, or "))[: len(bounds)] == [
            f"{bound:g}" for bound in bounds
        ], setting.path


def test_every_default_is_one_that_may_be_written():
    """The default of each setting passes its own check."""
    for setting in SETTINGS:
        if setting.default not in (None, {}):
            value = list(setting.default) if isinstance(setting.default, tuple) else setting.default
            assert setting.read(value) == setting.default, setting.path


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("[kiosk]\nstore = 3", "kiosk.store: is 3; it needs a text"),
        (f"[kiosk]\nstore = '{'x' * 41}'", "kiosk.store: needs one line of up to 40 characters"),
        ("[kiosk]\nlanguage = 'Japanese'", 'kiosk.language: is "Japanese"; it needs a language tag such as'),
        ("[kiosk]\nlanguage = 'fr'", 'kiosk.language: is "fr", which kiosk.languages (ja, en) lacks'),
        ("[kiosk]\nlanguages = []", "kiosk.languages: is a list; it needs 1 to 20 languages"),
        ("[kiosk]\nlanguages = ['ja', 'ja']", "kiosk.languages: names a language twice"),
        ("[kiosk]\nlanguages = ['ja', 1]", "kiosk.languages: is 1; it needs a language tag"),
        ("[kiosk]\ntimezone = 'Asia/Tokio'", 'no time zone; did you mean "Asia/Tokyo"?'),
        ("[kiosk]\ntimezone = 'Asia'", 'kiosk.timezone: is "Asia", which is no time zone'),
        ("[kiosk]\ntimezone = 9", "kiosk.timezone: is 9; it needs a time zone"),
        ("[kiosk]\ntimezone = '../../etc/passwd'", "which is no time zone"),
        ("[kiosk]\nidle_s = 4", "kiosk.idle_s: is 4; it needs a whole number from 5 to 300"),
        ("[kiosk]\nidle_s = true", "kiosk.idle_s: is true; it needs a whole number"),
        ("[kiosk]\nthanks_s = 61", "kiosk.thanks_s: is 61"),
        ("[kiosk]\nidel_s = 20", "kiosk.idel_s: unknown key; did you mean idle_s?"),
        ("[screen]\ntheme = 'dark'", 'screen.theme: is "dark"; it is one of light, contrast'),
        (
            "[screen]\nwidth = 100\nheight = 800",
            "screen.width: is 100; it needs a whole number from 320 to 7680",
        ),
        ("[screen]\nwidth = 1280", "screen.height: is 0; screen.width is set, and they go together"),
        ("[screen]\ndiagonal_inches = 2", "screen.diagonal_inches: is 2; it needs a number from 3 to 100"),
        ("[screen]\ndiagonal_inches = nan", "screen.diagonal_inches: is nan; it needs a number"),
        ("[screen]\nmotion = 'no'", 'screen.motion: is "no"; it needs true or false'),
        ("[sync]\nevery_s = 1", "sync.every_s: is 1"),
        ("[sync]\nbatch_taps = 0", "sync.batch_taps: is 0"),
        ("[screen]\nhours = '9-22'", 'screen.hours: is "9-22"; it needs hours such as "09:00-22:00"'),
        ("[screen]\nhours = '9:00-25:00'", "screen.hours: is"),
        ("[screen]\nlogo = 1", "screen.logo: is 1; it needs the name of a picture"),
        ("[thanks]\nwords = 'Bye'", 'thanks.words: is "Bye"; it needs one text a language'),
        ("[thanks]\nwords = {}", "thanks.words: is a table; it needs one text a language"),
        ("[thanks]\nwords = { Japan = 'x' }", 'thanks.words: has "Japan", which is no language tag'),
        (
            f"[thanks]\nwords = {{ en = '{'x' * 81}' }}",
            "thanks.words: in en has 81 characters; at most 80 fit the smallest screen",
        ),
        ("[thanks]\nwords = { en = ' ' }", "thanks.words: in en is blank"),
        (
            "[thanks]\nyou_said = { en = 'x', ja = 'x' }\nwe_did = { en = 'x' }",
            "thanks.we_did: is missing in ja; thanks.you_said is there, and they go together",
        ),
        ("[thanks]\nwe_did = { en = 'x' }", "thanks.you_said: is missing in en; thanks.we_did is there"),
        ("[screen]\nwidth = 0.5\nheight = 600", "screen.width: is 0.5"),
        ("[kiosk]\nlanguages = ['de', 1]\nlanguage = 'de'", "kiosk.languages: is 1"),
        ("kiosk = 1", "kiosk: is 1; it needs a table with store, language"),
        ("[srceen]\nmotion = true", "srceen: unknown key; did you mean screen?"),
    ],
)
def test_each_fault_is_one_line_with_its_place(line, fault):
    """A wrong value gives one fault, which names the key and what it needs."""
    (only,) = faults(f"{line}\n{SURVEY}")
    assert fault in only


def test_all_faults_come_at_once_settings_and_survey_alike():
    """Whoever mends a file sees the whole list, not one fault a try."""
    text = f"[kiosk]\nidle_s = 0\n[screen]\ntheme = 'dark'\n{SURVEY.replace('faces', 'smileys')}"
    found = faults(text)
    assert [fault.partition(":")[0] for fault in found] == [
        "kiosk.idle_s",
        "screen.theme",
        "survey[0].question[0].type",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "survey: is missing"),
        ("[survey]\nid = 'x'", "survey: is a table; it needs a list of surveys"),
        ("survey = []", "survey: is empty"),
        ("[kiosk\n", "line 1, column 7"),
        ("\udcff", None),
    ],
)
def test_a_file_that_holds_no_survey_is_at_fault(text, fault):
    """Nothing is shown that was not written."""
    found = faults(text.encode("utf-8", "surrogateescape"))
    assert len(found) == 1
    assert fault is None or fault in found[0]


def test_a_mistyped_survey_is_told_once():
    """[[surveys]] gives the hint alone, not also that survey is missing."""
    assert faults(SURVEY.replace("[[survey]]", "[[surveys]]").replace("[[survey.", "[[surveys.")) == [
        "surveys: unknown key; did you mean survey?"
    ]


def test_one_language_is_enough():
    """A store that offers English alone need not say so twice."""
    assert parse(f"[kiosk]\nlanguages = ['en']\n{SURVEY}").settings.kiosk.language == "en"


def test_a_file_that_cannot_be_read_is_a_fault_with_its_name(tmp_path):
    """The message names the file and what the system says."""
    with pytest.raises(InvalidConfig, match=r"^nowhere\.toml: file: cannot be read: No such file"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(InvalidConfig, match="Is a directory"):
        load(tmp_path)


def test_every_line_of_an_invalid_config_names_the_file(tmp_path):
    """What is printed can be read without knowing which file was meant."""
    file = tmp_path / "shop.toml"
    file.write_text(f"[kiosk]\nidle_s = 0\nthanks_s = 0\n{SURVEY}", "utf-8")
    with pytest.raises(InvalidConfig) as caught:
        load(file)
    assert [line.split(": ")[:2] for line in str(caught.value).splitlines()] == [
        ["shop.toml", "kiosk.idle_s"],
        ["shop.toml", "kiosk.thanks_s"],
    ]
