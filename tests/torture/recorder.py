"""Starts a program so that everything it does to one folder is recorded, and so that its disk can fail.

Used by the proofs in this folder; compiles recorder.c with the compiler of the machine.
May touch the folder it is given; says in NoCompiler why it cannot work.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.torture.trace import Event, read_trace

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("recorder.c")
FLAGS = ("-std=gnu11", "-O1", "-U_FORTIFY_SOURCE", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror")
TO_THE_END = 1 << 40


class NoCompiler(Exception):  # noqa: N818 - it is told to people, and named as they would
    """This machine cannot compile the recorder; the message says why."""


@dataclass(frozen=True)
class Fault:
    """Calls number `first` to `last` (from 0) of a kind, "write" or "sync", fail with this errno."""

    kind: str
    first: int
    last: int
    error: int

    def __str__(self) -> str:
        return f"{self.kind} {self.first} {self.last} {self.error}"


@dataclass(frozen=True)
class Run:
    """A recorded run: how it ended, what it said on stderr, what it and those before did to the disk."""

    exit_code: int
    stderr: str
    events: tuple[Event, ...]
    root: Path
    trace: Path


def compile_recorder(folder: Path) -> Path:
    """The preload library, made inside `folder`. Raises NoCompiler."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None or not sys.platform.startswith("linux"):
        raise NoCompiler("recording needs Linux and a C compiler (cc, gcc or clang): install gcc")
    library = folder / "recorder.so"
    command = [compiler, *FLAGS, "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise NoCompiler(f"recorder.c does not compile here: {made.stderr}")
    return library


class Recorder:
    """Runs programs of this repository under the recorder, each with its own trace."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def run(self, *words: object, root: Path, trace: Path, fault: Fault | None = None) -> Run:
        """Run `python WORDS…` to its end; `root` is the disk it works on, `trace` may hold earlier runs."""
        environment = {
            **os.environ,
            "LD_PRELOAD": str(self._library),
            "EGAO_RECORD_ROOT": str(root.resolve()),
            "EGAO_RECORD_TRACE": str(trace),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if fault is not None:
            environment["EGAO_FAULT"] = str(fault)
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Run(done.returncode, done.stderr, tuple(read_trace(trace)), root, trace)
