"""Says texts aloud with eSpeak NG, a program beside the kiosk: the newest one, what it says now is cut off.

Used by kiosk.ui.narration, from any thread; nothing here ever waits for the program but a thread of its own.
May touch threads and the process it starts: a new one for each text, killed when it is not done in time.
"""

import logging
import os
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue

PROGRAM = "espeak-ng"
WORDS_A_MINUTE = "150"  # a little slower than it speaks by itself
LONGEST_TEXT = 2000  # characters; a pipe takes them at one go
START_S, CHARACTER_S = 10.0, 0.4  # a text that takes longer than this hangs
LOOK_S = 0.03  # how soon a text that is said is cut off by the next
CLOSING_S = 3.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Saying:
    """A text and the voice for it; without a text there is silence."""

    voice: str = ""
    text: str = ""


def find() -> tuple[str, ...] | None:
    """The command line that speaks what it reads, up to the voice's name; None where it is not installed."""
    program, setpriv = shutil.which(PROGRAM), shutil.which("setpriv")
    if program is None:
        return None
    with_us = (setpriv, "--pdeathsig", "KILL") if setpriv else ()  # it ends with the kiosk, however that ends
    return (*with_us, program, "-s", WORDS_A_MINUTE, "--stdin", "-b", "1", "-v")


class Speaker:
    """Says one text at a time, beside the screens. The thread and the processes start with the first text."""

    def __init__(self, command: tuple[str, ...], *, start_s: float = START_S) -> None:
        self._command, self._start_s = command, start_s
        self._wanted: SimpleQueue[Saying | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._saying = False

    @property
    def busy(self) -> bool:
        """Whether something is being said, or is about to be."""
        return self._saying or not self._wanted.empty()

    def say(self, voice: str, text: str) -> None:
        """Say this now; what was being said is cut off."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="egao-voice", daemon=True)
            self._thread.start()
        self._wanted.put(Saying(voice, text[:LONGEST_TEXT]))

    def hush(self) -> None:
        """Be silent at once."""
        if self.busy:
            self._wanted.put(Saying())

    def close(self) -> None:
        """Be silent for ever: the process and the thread have ended when this returns."""
        if self._thread is not None:
            self._wanted.put(None)
            self._thread.join(CLOSING_S)

    def _work(self) -> None:
        while (saying := self._latest()) is not None:
            if saying.text:
                self._say(saying)
            self._saying = False

    def _latest(self) -> Saying | None:
        """The newest of what waits; None ends the work."""
        saying = self._wanted.get()
        while saying is not None and not self._wanted.empty():
            saying = self._wanted.get()
        self._saying = bool(saying and saying.text)
        return saying

    def _say(self, saying: Saying) -> None:
        """Have the program say it, until it has, or something else is wanted, or it takes too long."""
        try:
            process = subprocess.Popen(  # noqa: S603 - a program of the distribution, found on the PATH
                [*self._command, saying.voice],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        except OSError as problem:
            log.warning("nothing is spoken: %s", problem)
            return
        try:
            self._hand_over(process, saying.text)
            self._wait_for(process, time.monotonic() + self._start_s + CHARACTER_S * len(saying.text))
        finally:
            if process.returncode is None:  # until it is waited for, its number is nobody else's
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, 9)  # it leads a group of its own; there is nothing it should save
            process.wait()

    def _hand_over(self, process: "subprocess.Popen[bytes]", text: str) -> None:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        with suppress(OSError), process.stdin as stdin:  # it may have died already
            stdin.write(text.encode())

    def _wait_for(self, process: "subprocess.Popen[bytes]", deadline: float) -> None:
        while self._wanted.empty() and process.poll() is None:
            if time.monotonic() > deadline:
                log.warning("the voice hung, and was ended")
                return
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_S)
