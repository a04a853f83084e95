"""Where the proofs work, the recorder they share, and the table of what they counted."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path

import pytest

from bench.machine import describe
from kiosk.store import wal
from tests.torture.figures import MARK, table
from tests.torture.recorder import NoCompiler, Recorder, compile_recorder

MEMORY = Path("/dev/shm")  # noqa: S108 - thousands of disks are rebuilt: in memory where there is such a place


@pytest.fixture(scope="module", autouse=True)
def sums_kept():
    """The log's checksum is remembered: thousands of disks hold the same pages, and it is a pure function."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wal, "_checksum", lru_cache(1 << 14)(wal._checksum))
        yield


@pytest.fixture
def count(record_property):
    """Notes a number for the table at the end; what several tests count under one name is added up."""

    def noted(name: str, number: int) -> None:
        record_property(MARK + name, number)

    return noted


def pytest_terminal_summary(terminalreporter) -> None:
    reports = chain.from_iterable(terminalreporter.getreports(kind) for kind in ("passed", "failed"))
    if lines := table(reports):
        terminalreporter.section("figures to paste", sep="-")
        for line in (f"{describe()}.", "", *lines):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def recorder(tmp_path_factory) -> Recorder:
    try:
        return Recorder(compile_recorder(tmp_path_factory.mktemp("recorder")))
    except NoCompiler as reason:
        pytest.skip(str(reason))


@pytest.fixture
def workshop(tmp_path) -> Iterator[Path]:
    """An empty folder in memory if there is one; else an ordinary one."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="egao-torture-", dir=MEMORY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def root(workshop) -> Path:
    """The folder that stands for the root of the recorded disk."""
    (workshop / "disk").mkdir()
    return workshop / "disk"
