"""A kiosk on a virtual screen, as a tester sits at it: touches, types, looks, reads its ledger from outside.

Used by tests/screens and by whoever else wants to tap through the real window.
Starts and ends only what it started itself; nothing in the kiosk knows that it is being watched.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from deploy.screen import PATIENCE_S, Screen, read_line, wait_for

ROOT = Path(__file__).parents[2]


class Desk:
    """A kiosk process on a screen, with its own home, data directory and config."""

    def __init__(self, screen: Screen, folder: Path, config: str) -> None:
        self.screen = screen
        self.home, self.data, self.config = folder / "home", folder / "data", folder / "config.toml"
        self.home.mkdir(parents=True)
        self.config.write_text(config, encoding="utf-8")
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def command(self, *arguments: str) -> list[str]:
        """The command line of a kiosk command on this desk's config and data."""
        own = ["--config", str(self.config), "--data", str(self.data)]
        return [sys.executable, "-m", "kiosk", *arguments, *own]

    def environment(self, extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """This machine's environment with a home of its own and this screen; None in `extra` takes away."""
        private = {"HOME": str(self.home), "DISPLAY": self.screen.name, "PYTHONWARNINGS": "default"}
        xdg = {name: None for name in os.environ if name.startswith(("XDG_", "SDL_", "KIVY_", "WAYLAND_"))}
        merged = {**os.environ, **xdg, **private, **(extra or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def start(self, *arguments: str, extra: Mapping[str, str | None] | None = None) -> Self:
        """Start the kiosk and return when it says that it is ready for a finger."""
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()  # of the one that was stopped before
        errors = self.config.with_suffix(".stderr").open("w", encoding="utf-8")
        with errors:
            self._process = subprocess.Popen(
                self.command("run", *arguments),
                cwd=ROOT,
                env=self.environment(extra),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        line = read_line(self._process.stdout.fileno(), PATIENCE_S)
        assert line, f"not ready: {self.errors()}"
        assert json.loads(line)["ready"]
        return self

    @property
    def running(self) -> bool:
        """Whether the kiosk is still there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the kiosk's process."""
        assert self._process is not None
        return self._process.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the kiosk by a signal; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(PATIENCE_S)

    def processor_s(self) -> float:
        """How long processors have worked for the kiosk, in seconds."""
        assert self._process is not None
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Keep the kiosk from running for as long as this lasts."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def errors(self) -> str:
        """What the kiosk wrote on stderr."""
        return self.config.with_suffix(".stderr").read_text(encoding="utf-8")

    def taps(self) -> list[tuple[str, object]]:
        """The ledger's (question, answer) in order."""
        return [
            (str(question), json.loads(str(answer))) for question, answer in self.rows("question, answer")
        ]

    def visits(self) -> int:
        """How many different visits the ledger holds."""
        return len(set(self.rows("visit")))

    def rows(self, columns: str) -> list[tuple[object, ...]]:
        """Columns of the taps in order, read by standard means; none before there is a ledger."""
        file = self.data / "ledger.sqlite3"
        if not file.exists():
            return []
        ledger = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return ledger.execute(f"SELECT {columns} FROM taps ORDER BY ledger, seq").fetchall()  # noqa: S608
        finally:
            ledger.close()

    def wait_for_taps(self, count: int) -> list[tuple[str, object]]:
        """Wait until the ledger holds so many taps; returns all."""
        return wait_for(lambda: taps if len(taps := self.taps()) >= count else [], f"{count} taps")
