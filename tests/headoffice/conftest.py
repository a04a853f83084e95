import os

import pytest

from headoffice.store.engine import read_place
from tests.headoffice.postgres import serving, skip_without


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The PostgreSQL server of this test run."""
    skip_without()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    base = tmp_path_factory.getbasetemp()
    with serving(base if worker == "main" else base.parent, worker) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where a head office keeps its database: once a file, once on a server."""
    if request.param == "sqlite":
        return tmp_path / "headoffice.sqlite3"
    return read_place(request.getfixturevalue("postgres").new(), option="test")
