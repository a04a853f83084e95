"""Kana to kanji beside the screens: what Mozc says is read rightly, and nothing it does can hold them up."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.screen import wait_for
from kiosk.ui.conversion import STARTS, Conversion
from kiosk.ui.mozc import Candidate, Mozc, MozcGone, Tools, find, read_candidates

SAID = (
    "((emacs-event-id . 3)(emacs-session-id . 1)(output . ((preedit . ((cursor . 12)"
    '(segment ((annotation . highlight)(value . "レジの")(value-length . 3)(key . "れじの"))'
    '((annotation . underline)(value . "列")(value-length . 1)(key . "れつ")))(highlighted-position . 0)))'
    "(all-candidate-words . ((focused-index . 0)(candidates "
    '((id . 0)(index . 0)(key . "れじ")(value . "レジの")(num-segments-in-candidate . 1))'
    '((id . 2)(index . 1)(value . "れじの")(annotation . ((description . "ひらがな"))))'
    '((id . 3)(index . 2)(value . "(≧▽≦)"))'
    '((id . 4)(index . 3)(value . "🉑"))((id . 5)(index . 4)(value . "ﾚｼﾞ"))'
    ")(category . conversion)))))"
)
GREETING = "echo '((mozc-emacs-helper . t))'"
CONVERTED = (
    '((annotation . highlight)(value . "木")(value-length . 1)(key . "き"))'
    '(all-candidate-words . ((value . "木")(value . "気")))'
)
ANSWERING = f"""#!/bin/sh
{GREETING}
n=0
while read line; do
  n=$((n + 1))
  case "$line" in
    *space*) echo '((emacs-event-id . '$n'){CONVERTED})' ;;
    *) echo "((emacs-event-id . $n)(output . ()))" ;;
  esac
done
"""
TREE = (Candidate("木", 1), Candidate("気", 1))


def tools(folder: Path, script: str) -> Tools:
    """A converter that behaves like this, and a server that only waits."""
    helper, server = folder / "helper", folder / "server"
    helper.write_text(script, encoding="utf-8")
    server.write_text(
        "#!/bin/sh\nmkdir $HOME/.config/mozc\ntouch $HOME/.config/mozc/.session.ipc\nexec sleep 60\n",
        encoding="utf-8",
    )
    for file in (helper, server):
        file.chmod(0o755)
    return Tools(helper=helper, server=server)


class Listener:
    """Hears what is delivered, on whatever thread."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Candidate, ...]]] = []
        self.threads: set[int] = set()

    def __call__(self, reading: str, candidates: tuple[Candidate, ...]) -> None:
        self.threads.add(threading.get_ident())
        self.heard.append((reading, candidates))


@contextmanager
def converting(with_tools: Tools) -> Iterator[tuple[Conversion, Listener]]:
    """A conversion that is ended, whatever happens."""
    listener = Listener()
    conversion = Conversion(with_tools, listener)
    try:
        yield conversion, listener
    finally:
        conversion.close()


def test_candidates_are_the_whole_reading_and_then_its_first_phrase():
    """Each says how many kana it stands for; what the fonts or a calm screen lack is left out."""
    assert read_candidates(SAID, "れじのれつ") == (
        Candidate("レジの列", 5),
        Candidate("レジの", 3),
        Candidate("れじの", 3),
    )


def test_an_answer_to_another_reading_is_none():
    """Phrases that do not cover the reading would replace the wrong kana."""
    assert read_candidates(SAID, "れじ") == ()
    assert read_candidates("((error . session-error))", "れじ") == ()


def test_readings_are_answered_beside_the_asker(tmp_path: Path):
    """Asking returns at once; the answer comes on another thread."""
    with converting(tools(tmp_path, ANSWERING)) as (conversion, listener):
        conversion.ask("き")
        wait_for(lambda: listener.heard, "candidates")
        assert listener.heard == [("き", TREE)]
        assert threading.get_ident() not in listener.threads


def test_a_converter_that_dies_is_started_again_but_not_for_ever(tmp_path: Path):
    """Each death costs one answer; after the last start kana stay kana, and asking still returns at once."""
    dying = f"#!/bin/sh\n{GREETING}\nread line\necho '((emacs-event-id . 1))'\nread line\n"
    with converting(tools(tmp_path, dying)) as (conversion, listener):
        for _ in range(STARTS):
            conversion.ask("き")
            time.sleep(0.05)
        wait_for(lambda: conversion.ask("き") or not conversion.alive, "the end of the starts")
        conversion.ask("き")
        assert listener.heard == []


@pytest.mark.parametrize(
    "script", ["#!/bin/sh\nexit 1\n", f"#!/bin/sh\n{GREETING}\nread line\necho '((error . no))'\n"]
)
def test_a_converter_that_does_not_work_is_given_up(tmp_path: Path, script: str):
    """One that ends or refuses at the start is not tried for ever."""
    with converting(tools(tmp_path, script)) as (conversion, listener):
        conversion.warm()
        wait_for(lambda: not conversion.alive, "the conversion to be given up")
        assert listener.heard == []


def test_closing_ends_both_programs_and_leaves_no_file(tmp_path: Path):
    """After the kiosk nothing runs on, and nothing of what was written is left on the disk."""
    mozc = Mozc(tools(tmp_path, ANSWERING))
    numbers, home = [process.pid for process in mozc._processes], mozc._home
    there, candidates = home.is_dir(), mozc.convert("き")
    mozc.close()
    assert there
    assert candidates == TREE
    assert not home.exists()
    assert not any(Path(f"/proc/{number}").exists() for number in numbers)


def test_what_a_killed_kiosk_left_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The home of a kiosk that is no more goes with the next start; that of a living one stays."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen(["true"])
    gone.wait()
    left, kept = tmp_path / f"egao-kana-{gone.pid}-abc", tmp_path / f"egao-kana-{os.getpid()}-abc"
    left.mkdir()
    kept.mkdir()
    Mozc(tools(tmp_path, ANSWERING)).close()
    assert not left.exists()
    assert kept.exists()


def test_what_is_missing_is_told(tmp_path: Path):
    """Programs that are not there raise MozcGone, and no home is left behind."""
    with pytest.raises(MozcGone):
        Mozc(Tools(helper=tmp_path / "none", server=tmp_path / "none"))


@pytest.mark.skipif(find() is None, reason="Mozc is not installed here")
def test_the_real_mozc_converts_and_learns_nothing():
    """The installed converter gives kanji, and keeps no history of what it was asked."""
    installed = find()
    assert installed is not None
    mozc = Mozc(installed)
    try:
        for reading in ("れじのまちじかんがながかった", "へやがきたなかった。", "まちじかん！"):
            candidates = mozc.convert(reading)
            assert candidates[0].length == len(reading)
            assert candidates[0].words != reading
        names = {file.name for file in mozc._home.rglob("*")}
        assert not any("history" in name for name in names)
        assert all(file.stat().st_uid == (installed.user or os.geteuid()) for file in mozc._home.rglob("*"))
    finally:
        mozc.close()
