"""Real processes for the end-to-end tests: one head office, and kiosks enrolled at it.

Everything is started as a person would start it, through the commands, on loopback and free ports.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def wait_for(probe: Callable[[], T], *, within_s: float = 30.0, what: str = "it") -> T:
    """Ask again until `probe` gives something true; `within_s` only bounds a failure."""
    end = time.monotonic() + within_s
    while not (found := probe()):
        assert time.monotonic() < end, f"{what} did not happen within {within_s} s"
        time.sleep(0.02)
    return found


def command(*words: object, check: bool = True, **extra: Any) -> subprocess.CompletedProcess[str]:
    """Run `python -m …` to its end, as a person would."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **extra,
    )
    assert not check or done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class HeadOffice:
    """`python -m headoffice` on one data directory; can be killed and started again on the same port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "headoffice", "serve", "--port", str(self.port), "--data", str(self.data)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1])
        self.port = int(line.strip().rsplit(":", 1)[1])

    def run(self, *words: object) -> str:
        """An administrative command beside the running server; what a program would read comes back."""
        return command("headoffice", *words, "--data", self.data).stdout.strip()

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(signal_number)
        self.process.communicate(timeout=20)
        return self.process.returncode

    def get(self, path: str, token: str) -> Any:
        """GET of the results API as JSON."""
        request = urllib.request.Request(  # loopback only
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)

    def feed(self, token: str, *, limit: int = 1000) -> list[dict[str, Any]]:
        """Every tap of the feed, page by page, from the beginning."""
        taps: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self.get(f"/api/v1/taps?limit={limit}" + (f"&after={after}" if after else ""), token)
            taps += page["taps"]
            after = page["next"]
            if not page["more"]:
                return taps


class Kiosk:
    """One device: its data directory and the commands that are run on it."""

    def __init__(self, data: Path, config: Path | None = None) -> None:
        self.data = data
        self.started: list[subprocess.Popen[str]] = []
        self._where = ["--data", str(data), *(["--config", str(config)] if config else [])]

    def run(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        return command("kiosk", *words, *self._where, check=check)

    def start(self, *words: object, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """A command that goes on running."""
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", *map(str, words), *self._where],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        """End whatever a failed test left running."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            if process.stdout and not process.stdout.closed:
                process.communicate()

    def taps(self) -> list[dict[str, Any]]:
        """The ledger as `export` gives it."""
        return [json.loads(line) for line in self.run("export").stdout.splitlines()]


def end(process: "subprocess.Popen[str]", signal_number: int = signal.SIGTERM) -> tuple[int, list[str]]:
    """End a process we started; its exit code and the whole lines it still had to say."""
    process.send_signal(signal_number)
    said, _ = process.communicate(timeout=20)
    return process.returncode, [line for line in said.splitlines(keepends=True) if line.endswith("\n")]


def identities(taps: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """(ledger, seq) of each tap, sorted: a multiset that can be compared."""
    return sorted((tap["ledger"], tap["seq"]) for tap in taps)
