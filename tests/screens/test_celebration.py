"""An answer is celebrated so that nobody who stands by learns which one it was: one motion, one sound."""

import re
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from deploy.places import FACES, Places
from deploy.screen import Screen, wait_for
from tests.screens.conftest import SURVEY
from tests.screens.desk import ROOT, Desk

SOUNDING = SURVEY.replace("[screen]", "[screen]\nsound = true").replace("idle_s = 8", "idle_s = 99")
SOUNDS = ROOT / "assets/sounds"
SILENCE = re.compile(rb"\0{20000,}")  # a ninth of a second and more
SEAL = (480, 276, 800, 277)  # a row through the middle of the thanks' mark
FULL = 120


def seal_width(picture: Image.Image) -> int:
    """How wide the mark of the thanks is, however far it has come through the paper; 0 before it is there."""
    row = picture.crop(SEAL)
    box = ImageChops.difference(row, Image.new("RGB", row.size, picture.getpixel((2, 2)))).getbbox()
    return box[2] - box[0] if box else 0


def samples(file: Path) -> list[int]:
    """A sound's values, up to 32768."""
    with wave.open(str(file)) as opened:
        return memoryview(opened.readframes(opened.getnframes())).cast("h").tolist()


def bursts(file: Path) -> list[bytes]:
    """What sounded so far, between silences; the last one only when it is over."""
    heard = file.read_bytes() if file.exists() else b""
    ended = heard[: heard.rfind(bytes(20000))] if SILENCE.search(heard[-40000:]) else b""
    return [burst.strip(b"\0") for burst in SILENCE.split(ended) if burst.strip(b"\0")]


def test_one_sound_for_all_three_faces_and_for_the_thanks(screen: Screen, places: Places, tmp_path: Path):
    """Each of the faces and the end of the visit sound once, and sample by sample the same."""
    heard = []
    for answer in FACES:
        file = tmp_path / f"{answer}.raw"
        with Desk(screen, tmp_path / answer, SOUNDING) as desk:
            desk.start(extra={"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(file)})
            screen.still()
            wait_for(lambda file=file: file.exists() and file.stat().st_size > 99999, "a sound device")
            screen.turn(*places.face(answer))
            heard += wait_for(lambda file=file: bursts(file), "the sound")
            if answer == "sad":
                screen.turn(*places.skip)
                screen.tap(*places.face("happy"))
                heard += wait_for(lambda file=file: bursts(file)[1:], "the sound of the thanks")
    assert len(heard) == 4
    assert len(heard[0]) > 100_000
    assert len(set(heard)) == 1


def test_the_sound_is_soft_and_as_the_script_makes_it(tmp_path: Path):
    """What is shipped is what the script writes, never louder than a fifth of what a file can hold."""
    script = tmp_path / "make_chime.py"
    script.write_bytes((SOUNDS / "make_chime.py").read_bytes())
    subprocess.run([sys.executable, script], check=True)
    made, shipped = samples(tmp_path / "chime.wav"), samples(SOUNDS / "chime.wav")
    assert max(abs(one - other) for one, other in zip(made, shipped, strict=True)) <= 1
    assert len(shipped) < 22050
    assert max(map(abs, shipped)) < 0.2 * 32768
    assert shipped[0] == 0
    assert abs(shipped[-1]) < 10


def test_a_kiosk_without_a_sound_device_is_silent_and_works(screen: Screen, places: Places, tmp_path: Path):
    """The log says so once; answers are stored and thanked for as ever."""
    with Desk(screen, tmp_path, SOUNDING) as desk:
        desk.start(extra={"SDL_AUDIODRIVER": "there_is_none"}).screen.still()
        wait_for(lambda: "there will be no sound" in desk.errors(), "the log")
        screen.turn(*places.face("sad"))
        assert desk.taps() == [("rating", "sad")]
        assert "Traceback" not in desk.errors()
        assert desk.stop() == 0


@pytest.mark.parametrize("motion", ["true", "false"])
def test_the_thanks_come_up_in_one_way_whatever_was_answered(
    screen: Screen, places: Places, tmp_path: Path, motion: str
):
    """The mark springs to its size after a frown and after a smile; without motion it is there at once."""
    ends = []
    for answer in FACES[::2]:
        config = SURVEY.replace("[screen]", f"[screen]\nmotion = {motion}").replace(
            "thanks_s = 1", "thanks_s = 9"
        )
        with Desk(screen, tmp_path / answer, config) as desk:
            desk.start().screen.still()
            screen.turn(*places.face("sad"))
            screen.turn(*places.skip)
            screen.tap(*places.face(answer))
            widths = []

            def is_full(widths=widths) -> bool:
                widths.append(seal_width(screen.look()))
                return widths[-1] == FULL and len(set(widths[-9:])) == 1 and len(widths) > 9

            wait_for(is_full, "the thanks")
            small = [width for width in widths if 60 <= width < FULL - 6]
            assert bool(small) == (motion == "true")
            ends.append(screen.still().tobytes())
    assert ends[0] == ends[1]
