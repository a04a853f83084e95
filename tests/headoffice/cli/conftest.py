import contextlib
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headoffice import cli
from tests.headoffice.running import wait_for

ROOT = Path(__file__).parents[3]


class Machine:
    """A machine with a data directory, on which the commands are run as a person would."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.servers: list[subprocess.Popen] = []
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("EGAO_")}

    def run(self, *words, where=True, **environment) -> subprocess.CompletedProcess:
        """Run a command as `python -m headoffice` would, in this process, which is quicker."""
        written = [str(word) for word in (*words, *(["--data", self.data] if where else []))]
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            for name, value in environment.items():
                patch.setenv(name, value)
            code = cli.run(written)
        return subprocess.CompletedProcess(written, code, out.getvalue(), err.getvalue())

    def start(self, *words, **environment) -> subprocess.CompletedProcess:
        """Run a command in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "headoffice", *map(str, words), "--data", self.data],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def told(self, *words) -> str:
        """Run a command that must do; returns what stands alone on its stdout."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")

    def serve(self, *words, port=0) -> tuple[subprocess.Popen, str]:
        """Start the server; returns it and the address that it announced."""
        log = (self.data.parent / f"server-{len(self.servers)}.log").open("wb")
        server = subprocess.Popen(
            [sys.executable, "-m", "headoffice", "serve", "--port", str(port), "--data", self.data, *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        self.servers.append(server)
        line = server.stdout.readline()
        assert line.startswith("Egao head office is listening on http://"), line
        return server, line.split()[-1]

    def stop(self, server: subprocess.Popen, number: int = signal.SIGTERM) -> int:
        server.send_signal(number)
        rest, _ = server.communicate(timeout=30)
        assert not rest, "one line on stdout, no more"
        return server.returncode


@pytest.fixture
def machine(tmp_path):
    """A machine on which nothing has run yet."""
    machine = Machine(tmp_path / "data")
    yield machine
    for server in machine.servers:
        server.kill()
        server.wait(10)
        server.stdout.close()


@pytest.fixture
def until():
    """Wait for a condition."""
    return wait_for
