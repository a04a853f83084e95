"""The spoken screen: the right words reach the real engine, and nothing it does disturbs a shopper."""

import os
import shutil
import threading
import time
import tomllib
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import Screen, wait_for
from kiosk.settings.file import load
from kiosk.ui.speech import PROGRAM, Speaker, find
from kiosk.ui.voices import VOICES, readable, voice_of
from survey.parse import loads_toml
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk

ROOT = Path(__file__).parents[2]
LANGUAGES = ROOT / "assets" / "languages"
SILENT = {"fil", "th", "he"}
REAL = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="eSpeak NG is not installed here")
ENGINE = """#!/bin/sh
voice=""
for argument in "$@"; do voice="$argument"; done
text="$(cat)"
printf '%s\\t%s\\t%s\\n' "$$" "$voice" "$(printf '%s' "$text" | tr '\\n' '|')" >> {heard}
{then}
"""


def engine(folder: Path, then: str = "") -> Path:
    """A program on the PATH that writes what it is to say, and then does this; returns what it writes."""
    folder.mkdir()
    program, heard = folder / PROGRAM, folder / "heard"
    program.write_text(ENGINE.format(heard=heard, then=then), encoding="utf-8")
    program.chmod(0o755)
    heard.touch()
    return heard


def heard_by(file: Path) -> list[tuple[int, str, str]]:
    """Process, voice and text of everything that was said."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [(int(number), voice, text) for number, voice, text in (line.split("\t") for line in lines)]


def lives(number: int) -> bool:
    """Whether a process is there, be it as a zombie."""
    return Path(f"/proc/{number}").exists()


@contextmanager
def speaking(command: tuple[str, ...], **more: float) -> Iterator[Speaker]:
    """A speaker that is ended, whatever happens."""
    speaker = Speaker(command, **more)
    try:
        yield speaker
    finally:
        speaker.close()


@REAL
@pytest.mark.parametrize("voice", sorted(set(VOICES.values())))
def test_the_real_engine_has_each_voice(tmp_path: Path, voice: str):
    """Every voice that is named speaks: more than half a second of sound that is not silence."""
    out = tmp_path / "said.wav"
    with speaking((PROGRAM, "-w", str(out), "--stdin", "-b", "1", "-v")) as speaker:
        speaker.say(voice, "1 2 3, 4 5")
        wait_for(lambda: not speaker.busy, "the end of the text")
    with wave.open(str(out)) as sound:
        frames = sound.readframes(sound.getnframes())
        assert len(frames) / 2 / sound.getframerate() > 0.5
    assert max(frames) > 0


@REAL
def test_the_command_for_the_shop_is_understood_by_the_real_engine(tmp_path: Path):
    """The command line that the kiosk uses, with its sound written to a file, says a Japanese question."""
    command = find()
    assert command is not None
    out = tmp_path / "said.wav"
    with speaking((*command[:-1], "-w", str(out), "-v")) as speaker:
        speaker.say("ja", readable("本日のお買い物はいかがでしたか?", "ja"))
        wait_for(lambda: not speaker.busy, "the end of the text")
    with wave.open(str(out)) as sound:
        assert sound.getnframes() / sound.getframerate() > 1


@pytest.mark.parametrize("tag", sorted(file.stem for file in LANGUAGES.glob("*.toml")))
def test_each_language_is_spoken_or_known_to_be_silent(tag: str):
    """Twelve of fifteen languages have a voice, and it can read every word that the kiosk itself says."""
    assert (voice_of(tag) is None) == (tag in SILENT)
    if tag not in SILENT:
        words = tomllib.loads((LANGUAGES / f"{tag}.toml").read_text("utf-8"))
        del words["writing"]["left"]  # a number on the screen, never said
        texts = [text for table in words.values() if isinstance(table, dict) for text in table.values()]
        flat = [line for text in texts for line in (text if isinstance(text, list) else [text])]
        assert [text for text in flat if not readable(text, tag)] == []  # mend: a line in kiosk/ui/voices.py


def test_japanese_is_read_by_its_furigana_or_not_at_all():
    """The voice gets kana; a text with a kanji that has no reading is not spoken: it would be spelled."""
    assert readable("{野菜|やさい}は{新鮮|しんせん}でしたか?", "ja") == "やさいわしんせんでしたか?"
    assert readable("野菜は新鮮でしたか?", "ja") == ""
    assert readable("不満足", "ja") == ""
    assert readable("お名前はうかがいません", "ja") == "おなまえわうかがいません"
    assert readable("お店に届くのは回答だけです", "ja") == "おみせにとどくのわかいとうだけです"
    assert readable("はい", "ja") == "はい"
    assert readable("Wie war's?", "de") == "Wie war's?"
    assert readable("Kumusta?", "fil") == ""


def test_the_shipped_surveys_are_spoken_whole():
    """No text of config.toml and of the ready-made survey is left out by a voice that there is."""
    ready = loads_toml((ROOT / "assets" / "surveys" / "checkout.toml").read_text("utf-8"))
    for survey in (*load(ROOT / "config.toml").programme.surveys, *ready.surveys):
        for question in survey.questions:
            own = (question.text, question.help, question.low, question.high)
            for text in filter(None, (*own, *(option.text for option in question.options))):
                heard = {tag: readable(words, tag) for tag, words in text.items() if tag not in SILENT}
                assert all(heard.values()), heard


def test_a_new_text_cuts_off_the_old_one_at_once(tmp_path: Path):
    """The old process has ended, without a zombie, within half a second, and the caller never waits."""
    heard = engine(tmp_path / "bin", "exec sleep 60")
    with speaking((str(tmp_path / "bin" / PROGRAM),)) as speaker:
        speaker.say("ja", "ひとつ")
        ((first, *_),) = wait_for(lambda: heard_by(heard), "the first text")
        began = time.monotonic()
        speaker.say("en", "two")
        returned = time.monotonic() - began
        wait_for(lambda: not lives(first), "the end of the first text", patience_s=0.5 + 5 * loaded())
        wait_for(lambda: len(heard_by(heard)) == 2, "the second text")
        assert [said[1:] for said in heard_by(heard)] == [("ja", "ひとつ"), ("en", "two")]
        assert returned < 0.05
        speaker.hush()
        wait_for(lambda: not lives(heard_by(heard)[1][0]), "silence")
        assert not speaker.busy


def loaded() -> bool:
    """Whether this machine has more to do than it has processors."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def test_an_engine_that_hangs_is_ended(tmp_path: Path):
    """After its deadline it is killed, deaf or not, with what it started, and the next text is said."""
    heard = engine(tmp_path / "bin", "trap '' TERM INT\nsleep 60 & wait")
    with speaking((str(tmp_path / "bin" / PROGRAM),), start_s=0.2) as speaker:
        speaker.say("en", "a")
        ((number, *_),) = wait_for(lambda: heard_by(heard), "the text")
        wait_for(lambda: not lives(number), "the end of what hangs")
        speaker.say("en", "b")
        wait_for(lambda: len(heard_by(heard)) == 2, "the next text")


@pytest.mark.parametrize("then", ["exit 1", "kill -9 $$"])
def test_an_engine_that_dies_costs_a_text_and_nothing_else(tmp_path: Path, then: str):
    """Fifty deaths leave no zombie, no thread and no open file behind, and it is tried again each time."""
    heard = engine(tmp_path / "bin", then)
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    with speaking((str(tmp_path / "bin" / PROGRAM),)) as speaker:
        for times in range(1, 51):
            speaker.say("en", "x")
            wait_for(lambda: len(heard_by(heard)) == times and not speaker.busy, "the text")  # noqa: B023
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == files
    assert not any(lives(number) for number, *_ in heard_by(heard))


def test_a_program_that_is_gone_is_silence(tmp_path: Path):
    """What cannot be started is not spoken, and asking goes on to return at once."""
    with speaking((str(tmp_path / "nothing"),)) as speaker:
        for _ in range(3):
            speaker.say("en", "x")
        wait_for(lambda: not speaker.busy, "silence")
        assert speaker._thread is not None
        assert speaker._thread.is_alive()


def config(*more: str) -> str:
    """The tests' survey, spoken."""
    spoken = SURVEY.replace("[kiosk]", "\n".join(["[kiosk]", "spoken = true", *more]))
    return spoken.replace("idle_s = 8", "idle_s = 60")


@contextmanager
def spoken_kiosk(screen: Screen, folder: Path, then: str, *more: str) -> Iterator[tuple[Desk, Path]]:
    """A kiosk that speaks through an engine of ours on its PATH."""
    heard = engine(folder / "bin", then)
    with Desk(screen, folder / "desk", config(*more)) as desk:
        desk.start(extra={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}).screen.still()
        yield desk, heard


def test_a_question_is_spoken_and_a_touch_ends_it(screen: Screen, places: Places, tmp_path: Path):
    """At rest there is silence; the speaker button has question and answers read; a finger hushes at once."""
    with spoken_kiosk(screen, tmp_path, "exec sleep 60") as (desk, heard):
        assert heard_by(heard) == []
        screen.tap(*places.aid(1))
        ((number, voice, text),) = wait_for(lambda: heard_by(heard), "the question")
        assert voice == "ja"
        assert text == "ほんじつのおかいものわいかがでしたか?||ふまん||ふつう||まんぞく"
        screen.press(*places.face("happy"))
        wait_for(lambda: not lives(number), "silence")
        screen.lift()
        wait_for(lambda: desk.taps() == [("rating", "happy")], "the answer")
        wait_for(lambda: not any(lives(each) for each, *_ in heard_by(heard)[:-1]), "no other voice")
        assert desk.errors() == ""
        assert desk.stop() == 0
    wait_for(lambda: not any(lives(each) for each, *_ in heard_by(heard)), "silence after the kiosk")


def test_the_next_question_is_spoken_in_the_language_on_the_screen(
    screen: Screen, places: Places, tmp_path: Path
):
    """In English the English voice reads the question with its help and options, then the thanks."""
    with spoken_kiosk(screen, tmp_path, "") as (_, heard):
        screen.turn(*places.language)
        screen.turn(*places.tongue(1, 2))
        screen.turn(*places.face("sad"))
        wait_for(lambda: len(heard_by(heard)) >= 2, "the question")
        voice, text = heard_by(heard)[-1][1:]
        assert voice == "en"
        assert text.startswith("What went wrong?||Choose as many as you like||Waiting time||Range||")
        assert text.endswith("Something else")


def test_keys_speak_what_they_move_to_and_zero_repeats(screen: Screen, tmp_path: Path):
    """Each arrow names what has the focus, a choice says that it was made, 0 and * read the screen again."""
    with spoken_kiosk(screen, tmp_path, "", "keypad = true") as (desk, heard):

        def said(key: str) -> str:
            count = len(heard_by(heard))
            screen.key(key)
            return wait_for(lambda: heard_by(heard)[count:], f"words after {key}")[0][2]

        assert said("Right") == "ふまん"
        assert said("Right") == "ふつう"
        assert said("0").endswith("||1. ふまん||2. ふつう||3. まんぞく")
        assert said("KP_Multiply").startswith("ほんじつ")
        question = said("1")
        assert question.startswith("なにがごふまんでしたか?||いくつでもえらべます||1. レジのまちじかん")
        screen.still()
        assert said("2") == "しょうひんのしなぞろえ||えらびました"
        assert desk.taps() == [("rating", "sad")]


def test_one_switch_waits_until_what_it_came_to_was_heard(screen: Screen, tmp_path: Path):
    """The focus does not move on while something is being said."""
    with spoken_kiosk(screen, tmp_path, "exec sleep 60", "keypad = true", "scan_s = 1") as (_, heard):
        screen.key("space")
        wait_for(lambda: heard_by(heard), "the first item")
        focused = screen.still().tobytes()
        time.sleep(2.5)  # two and a half of its steps
        assert screen.look().tobytes() == focused
        assert len(heard_by(heard)) == 1


def test_a_hanging_engine_never_disturbs(screen: Screen, places: Places, tmp_path: Path):
    """Deaf and endless, it costs no answer, no zombie and no process: a whole visit goes its way."""
    with spoken_kiosk(screen, tmp_path, "trap '' TERM\nsleep 60 & wait") as (desk, heard):
        screen.turn(*places.face("happy"))
        screen.choose(*places.cell(9))
        screen.turn(*places.onward)
        screen.turn(*places.face("happy"))
        assert desk.taps() == [("rating", "happy"), ("recommend", 9), ("again", "happy")]
        wait_for(lambda: sum(lives(each) for each, *_ in heard_by(heard)) <= 1, "at most one voice")
        assert desk.stop() == 0
    wait_for(lambda: not any(lives(each) for each, *_ in heard_by(heard)), "silence")


def test_a_killed_kiosk_leaves_no_voice_behind(screen: Screen, places: Places, tmp_path: Path):
    """The voice ends with the kiosk even if that is killed."""
    with spoken_kiosk(screen, tmp_path, "exec sleep 60") as (desk, heard):
        screen.tap(*places.aid(1))
        ((number, *_),) = wait_for(lambda: heard_by(heard), "the question")
        os.kill(desk.pid, 9)
        wait_for(lambda: not lives(number), "silence")


def test_without_the_setting_or_the_engine_nothing_is_spoken(screen: Screen, places: Places, tmp_path: Path):
    """Off by default no engine starts; where none is installed the log says so once, and no button shows."""
    heard = engine(tmp_path / "bin")
    path = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    with Desk(screen, tmp_path / "off", SURVEY) as desk:
        silent = desk.start(extra=path).screen.still()
        screen.turn(*places.face("happy"))
        assert heard_by(heard) == []
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    with Desk(screen, tmp_path / "none", config()) as desk:
        assert desk.start(extra={"PATH": str(nowhere)}).screen.still().tobytes() == silent.tobytes()
        assert desk.errors().count("espeak-ng is not installed") == 1
