"""Where the proofs work, and the recorder they share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.recorder import NoCompiler, Recorder, compile_recorder

MEMORY = Path("/dev/shm")  # noqa: S108 - thousands of disks are rebuilt: in memory where there is such a place


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
