"""Talks to Mozc, Debian's kana-to-kanji converter, over the stdin of its Emacs helper.

Called by kiosk.ui.conversion, on its thread. Starts and ends two processes; their home is removed.
Nothing is ever committed to Mozc, so it learns nothing of what shoppers write.

    Exception
    └── MozcGone   it does not start, does not answer, or has died
"""

import os
import re
import select
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HELPER = Path("/usr/bin/mozc_emacs_helper")
SERVER = Path("/usr/lib/mozc/mozc_server")
NOBODY = 65534  # Mozc refuses to work for root
START_S, ANSWER_S = 10.0, 2.0
SERVER_S, LOOK_S = 1.0, 0.01  # how long the server is waited for, how often it is looked for
SERVER_SIGN = ".config/mozc/.session.ipc"  # the server listens when this is there
HOMES = "egao-kana-"  # then the process number of the kiosk, and letters that nobody guesses
STRING = r'"((?:[^"\\]|\\.)*)"'
SEGMENT = re.compile(rf"\(annotation \. \w+\)\(value \. {STRING}\)\(value-length \. \d+\)\(key \. {STRING}\)")
WORDS = re.compile(rf"\(value \. {STRING}\)")
WRITABLE = re.compile(r"[ぁ-ゖァ-ヺー一-鿿々〆〇、。・「」！？…〜]+")


class MozcGone(Exception):  # noqa: N818 - it says what happened
    """There is no conversion any more."""


@dataclass(frozen=True)
class Candidate:
    """Words that may stand in the place of the first `length` kana of a reading."""

    words: str
    length: int


@dataclass(frozen=True)
class Tools:
    """The two programs, and how to start them.

    `prefix` is put before each, so that they end with whoever started them; `user` is who they run as.
    """

    helper: Path = HELPER
    server: Path = SERVER
    prefix: tuple[str, ...] = ()
    user: int | None = None


def find() -> Tools | None:
    """The programs, if both are installed."""
    if not (os.access(HELPER, os.X_OK) and os.access(SERVER, os.X_OK)):
        return None
    setpriv = shutil.which("setpriv")
    prefix = (setpriv, "--pdeathsig", "KILL") if setpriv else ()
    return Tools(prefix=prefix, user=NOBODY if os.geteuid() == 0 else None)


class Mozc:
    """One conversation with Mozc. Belongs to one thread, which must live as long as the processes."""

    def __init__(self, tools: Tools) -> None:
        """Start both; raises MozcGone."""
        _sweep()
        self._home = Path(tempfile.mkdtemp(prefix=f"{HOMES}{os.getpid()}-"))
        (self._home / ".config").mkdir()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._unread = b""
        self._count = 0
        try:
            self._start(tools)
            self._ask("CreateSession")
        except (OSError, MozcGone) as problem:
            self.close()
            raise MozcGone(str(problem)) from problem

    def convert(self, reading: str) -> tuple[Candidate, ...]:
        """What the reading may become, the best first; raises MozcGone."""
        quoted = reading.replace("\\", "\\\\").replace('"', '\\"')
        self._ask(f'SendKey 1 "{quoted}"')
        answer = self._ask("SendKey 1 space")
        for _ in ("conversion", "reading"):  # out of both; never `enter`, from which it would learn
            self._ask("SendKey 1 escape")
        return read_candidates(answer, reading)

    def close(self) -> None:
        """End both programs and remove what they wrote."""
        for process in reversed(self._processes):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, 9)  # it leads a group of its own; there is nothing it should save
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self, tools: Tools) -> None:
        user = tools.user
        if user is not None:
            for place in (self._home, self._home / ".config"):
                os.chown(place, user, user)
        for program in (tools.server, tools.helper):
            if self._processes:
                self._wait_for_server()  # the helper would start another one, which nobody would end
            self._processes.append(
                subprocess.Popen(  # noqa: S603 - two programs of the distribution, by their full paths
                    [*tools.prefix, str(program)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={"HOME": str(self._home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                    cwd="/",
                    start_new_session=True,
                    user=user,
                    group=user,
                    extra_groups=None if user is None else [],
                )
            )
        self._line(START_S)  # the greeting

    def _wait_for_server(self) -> None:
        deadline = time.monotonic() + SERVER_S
        while not (self._home / SERVER_SIGN).exists() and time.monotonic() < deadline:
            time.sleep(LOOK_S)

    def _ask(self, command: str) -> str:
        self._count += 1
        stdin = self._processes[-1].stdin
        assert stdin is not None  # noqa: S101 - it was asked for
        try:
            stdin.write(f"({self._count} {command})\n".encode())
            stdin.flush()
        except OSError as problem:
            raise MozcGone(str(problem)) from problem
        answer = self._line(START_S if self._count <= 2 else ANSWER_S)  # noqa: PLR2004 - it loads its dictionary
        if f"(emacs-event-id . {self._count})" not in answer:
            raise MozcGone(answer.strip())
        return answer

    def _line(self, patience_s: float) -> str:
        stdout = self._processes[-1].stdout
        assert stdout is not None  # noqa: S101 - it was asked for
        deadline = time.monotonic() + patience_s
        while b"\n" not in self._unread:
            ready, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(stdout.fileno(), 1 << 16) if ready else b""
            if not piece:
                raise MozcGone("it has ended" if ready else f"no answer within {patience_s:g} s")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("utf-8", "replace")


def read_candidates(answer: str, reading: str) -> tuple[Candidate, ...]:
    """The whole reading converted, then what its first phrase alone may become."""
    before, _, after = answer.partition("(all-candidate-words")
    phrases = [(_plain(words), _plain(key)) for words, key in SEGMENT.findall(before)]
    if sum(len(key) for _, key in phrases) != len(reading):  # signs come back in their other width
        return ()
    whole = Candidate("".join(words for words, _ in phrases), len(reading))
    first = [Candidate(_plain(words), len(phrases[0][1])) for words in WORDS.findall(after)]
    found = dict.fromkeys([whole, *first])
    return tuple(each for each in found if WRITABLE.fullmatch(each.words) and _has_glyphs(each.words))


def _sweep() -> None:
    """Remove the homes of kiosks that were killed."""
    for home in Path(tempfile.gettempdir()).glob(f"{HOMES}[0-9]*-*"):
        number = home.name.removeprefix(HOMES).partition("-")[0]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(home, ignore_errors=True)


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _has_glyphs(words: str) -> bool:
    """Whether the kiosk's font has it all: it holds what Japanese double-byte text can hold."""
    try:
        words.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
