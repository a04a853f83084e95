import json
import os
import subprocess
import sys
from pathlib import Path

from kiosk.ui.window import KIVY_KEEPS_TO_ITSELF

LEFT_OUT = {
    "asyncio",
    "ctypes.util",
    "decimal",
    "filetype",
    "kivy.lib.mtdev",
    "kivy.input.providers.hidinput",
}
PROGRAM = """
import json, sys
from kiosk.ui.spare import import_sparingly
import_sparingly()
loaded = sorted(sys.modules)
import asyncio, ctypes.util
from kivy.core import image
had = hasattr(asyncio, "run"), ctypes.util.find_library("c"), image.guess_extension(sys.argv[1])
print(json.dumps([loaded, *had]))
"""


def test_what_kivy_needs_not_is_left_out_and_can_be_had_afterwards(tmp_path: Path):
    """The start imports nothing that no kiosk uses; whoever wants it later gets the real module."""
    picture = tmp_path / "picture"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, picture],
        env=os.environ | KIVY_KEEPS_TO_ITSELF,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded, has_run, library, extension = json.loads(done.stdout.splitlines()[-1])
    assert "kivy.core.image" in loaded
    assert not LEFT_OUT & set(loaded)
    assert has_run
    assert library
    assert extension == "png"
