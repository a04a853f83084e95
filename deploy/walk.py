"""Walks through a page of the docs: runs each `$ command` of its console blocks in a folder of its own.

`python -m deploy.walk docs/tutorial.md` writes below each what it really said, where that is new; a test
compares. I start a shell and, where the page says `serve`, a server on a free port, and end both.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8400"  # as pages write it
SECRET = re.compile(r"\b(?:[A-Z0-9]{5}(?:-[A-Z0-9]{5})+|egao_[\w-]+)")  # made anew each time
CHANGES = (  # what is another at each walk, and what stands for it
    (re.compile(r"[\d,]+ MiB free"), "N MiB free"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b"), "ID"),
    (re.compile(r"\b\d+\.\d+\.\d+\b(?!\.)|\b[0-9a-f]{12}\b"), "VERSION"),
    (re.compile(r"(?:[\w.~…/-]*/)(?=egao(?:-headoffice)?\b)"), "…/"),
)
PATIENCE_S = 60.0
DONE = "--done--"


@dataclass(frozen=True)
class Step:
    """A command as it stands on a page, what the page says it says, and what it said."""

    command: str
    written: tuple[str, ...]
    said: tuple[str, ...]
    exit_code: int | None

    def differs(self) -> bool:
        """Whether the page says something else; `…` alone stands for what each machine says."""
        if self.written == ("…",):
            return False
        return sorted(map(alike, self.written)) != sorted(map(alike, self.said))


def alike(line: str) -> str:
    """Take out of a line what is another at each walk."""
    for changing, name in (*CHANGES, (SECRET, "SECRET")):
        line = changing.sub(name, line)
    return line.rstrip()


def steps(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Give the commands of a page in order, each with the lines below it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *said = part.rstrip("\n").split("\n")
            found.append((command, tuple(said)))
    return found


class Walker:
    """A shell in a folder with what a checkout has, and the server that a page starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "config.toml", folder)
        self.secrets: dict[str, str] = {}
        self.address = ADDRESS
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EGAO_", "XDG_"))}
        self._env = kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "PYTHONPATH": str(ROOT),
            "XDG_DATA_HOME": str(folder / "data"),
            "EGAO_HEADOFFICE_PORT": "0",
        }
        self._running: list[subprocess.Popen[str]] = []
        self._shell = self._start("bash", "--norc")

    def walk(self, command: str, written: tuple[str, ...]) -> Step:
        """Run a command of the page; codes and tokens that the page names are those that were given here."""
        real = command.replace(ADDRESS, self.address)
        for on_page, given in self.secrets.items():
            real = real.replace(on_page, given)
        if real.endswith(" serve"):
            line = output(self._start(*real.split())).readline().rstrip("\n")
            self.address = line.rsplit(" ", 1)[-1]
            said, exit_code = [line], None
        else:
            said, exit_code = self._ask(real)
        given = [each.replace(self.address, ADDRESS) for each in said]
        pairs = zip(SECRET.findall("\n".join(written)), SECRET.findall("\n".join(given)), strict=False)
        self.secrets |= dict(pairs)
        return Step(command, written, tuple(given), exit_code)

    def close(self) -> None:
        """End what was started, the last first."""
        for process in reversed(self._running):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def _start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            words,
            cwd=self.folder,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        return process

    def _ask(self, command: str) -> tuple[list[str], int]:
        shell = self._shell
        late = threading.Timer(PATIENCE_S, shell.kill)
        late.start()
        try:
            print(f"{command}\nprintf '\\n{DONE} %s\\n' $?", file=shell.stdin, flush=True)
            said: list[str] = []
            for line in output(shell):
                if line.startswith(DONE):
                    return said[:-1] if said[-1:] == [""] else said, int(line.split()[1])
                said.append(line.rstrip("\n"))
        finally:
            late.cancel()
        raise AssertionError(f"{command}: did not end within {PATIENCE_S:g} s; it said {said}")


def output(process: subprocess.Popen[str]) -> IO[str]:
    """Give what a process of ours says."""
    if process.stdout is None:
        raise AssertionError("it was started with a pipe")
    return process.stdout


def walked(page: str) -> Iterator[Step]:
    """Walk through a page in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="egao-walk-") as folder, contextlib.ExitStack() as ending:
        walker = Walker(Path(folder))
        ending.callback(walker.close)
        for command, written in steps(page):
            yield walker.walk(command, written)


def main() -> int:
    """Write into a page what its commands say."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.walk", description="Run a page's commands and write what they say."
    )
    parser.add_argument("page", type=Path)
    path = parser.parse_args().page
    page, at = path.read_text("utf-8"), 0
    for step in walked(page):
        print(f"$ {step.command}", *step.said, f"[{step.exit_code}]", sep="\n")
        before = "\n".join((f"$ {step.command}", *step.written)) + "\n"
        at = page.index(before, at)
        after = before
        if step.differs():
            said = [re.sub(r"\S*/(?=egao(?:-headoffice)?\b)", "…/", line) for line in step.said]
            after = "\n".join((f"$ {step.command}", *said)) + "\n"
        page = page[:at] + after + page[at + len(before) :]
        at += len(after)
    path.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
