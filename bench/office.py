"""A real head office for a benchmark, and kiosks enrolled at it by the commands a person would use.

Used by the benchmarks that sync. I start `python -m headoffice` on loopback and a free port, and end it.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import command, first_line, running
from headoffice.store.audit import By
from headoffice.store.engine import FILE_NAME, open_database
from headoffice.store.sites import find_site
from headoffice.work.enrol import make_code


@dataclass(frozen=True)
class Office:
    """A running head office: its address, its data directory, its one site and its process."""

    address: str
    data: Path
    site: str
    pid: int


@contextmanager
def head_office(folder: Path) -> Iterator[Office]:
    """Give a head office on a fresh embedded database in `folder`, with one site."""
    data, log = folder / "headoffice", folder / "headoffice.log"
    site = command("headoffice", "add-site", "Bench", "--timezone", "Asia/Tokyo", "--data", str(data))
    words = [sys.executable, "-m", "headoffice", "serve", "--port", "0", "--data", str(data)]
    with running(words, log=log) as process:
        yield Office(first_line(process, log).rsplit(" ", 1)[1], data, site, process.pid)


def enrol_codes(office: Office, count: int) -> list[str]:
    """Make one-time codes, as the command `enrol-code` does, beside the running server."""
    by = By("bench", time.time_ns() // 1_000_000)
    database = open_database(office.data / FILE_NAME)
    with closing(database), database.write() as connection:
        site = find_site(connection, office.site)
        return [make_code(connection, site=site, touchpoint="checkout", by=by) for _ in range(count)]


def enrol(office: Office, data: Path, *, config: Path, address: str | None = None) -> list[str]:
    """Enrol a kiosk, by another address if one is given; give the options that name its files."""
    where = ["--data", str(data), "--config", str(config)]
    command("kiosk", "enrol", address or office.address, enrol_codes(office, 1)[0], *where)
    return where
