"""A real head office for a benchmark, and kiosks enrolled at it by the commands a person would use.

Used by the benchmarks that sync. I start `python -m headoffice` on loopback and a free port, and end it.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import command, first_line, running
from headoffice.store.audit import By
from headoffice.store.engine import Place, open_database, place_of
from headoffice.store.sites import find_site
from headoffice.work.access import add_site
from headoffice.work.enrol import make_code


@dataclass(frozen=True)
class Office:
    """A running head office: its address, its data directory, its one site and its process."""

    address: str
    data: Path
    site: str
    pid: int
    url: str | None = None  # of its database, where that is not in the data directory

    @property
    def place(self) -> Place:
        """Its database."""
        return place_of(self.data, self.url)


@contextmanager
def head_office(
    folder: Path, *sites: tuple[str, str, Mapping[str, str]], url: str | None = None
) -> Iterator[Office]:
    """Give a head office on a fresh database, embedded in `folder` or at a URL, with these sites, else one.

    A site is its name, its time zone and its tags; the first one is the office's own.
    """
    data = folder / "headoffice"
    where = ["--data", str(data), *(["--database", url] if url else [])]
    command("headoffice", "migrate", *where)
    site, *_ = _add_sites(place_of(data, url), sites or (("Bench", "Asia/Tokyo", {}),))
    with served(folder, data, site=site, url=url) as office:
        yield office


@contextmanager
def served(folder: Path, data: Path, *, site: str, url: str | None = None) -> Iterator[Office]:
    """Give a head office on a database that is there."""
    log = folder / "headoffice.log"
    words = [sys.executable, "-m", "headoffice", "serve", "--port", "0", "--data", str(data)]
    with running([*words, *(["--database", url] if url else [])], log=log) as process:
        yield Office(first_line(process, log).rsplit(" ", 1)[1], data, site, process.pid, url)


def enrol_codes(office: Office, count: int) -> list[str]:
    """Make one-time codes, as the command `enrol-code` does, beside the running server."""
    return codes_for(office, [(office.site, "checkout")] * count)


def codes_for(office: Office, places: Sequence[tuple[str, str]]) -> list[str]:
    """Make a one-time code for each pair of a site and a touchpoint there."""
    database = open_database(office.place)
    with closing(database), database.write() as connection:
        return [
            make_code(connection, site=find_site(connection, site), touchpoint=touchpoint, by=_by())
            for site, touchpoint in places
        ]


def enrol(office: Office, data: Path, *, config: Path, address: str | None = None) -> list[str]:
    """Enrol a kiosk, by another address if one is given; give the options that name its files."""
    where = ["--data", str(data), "--config", str(config)]
    command("kiosk", "enrol", address or office.address, enrol_codes(office, 1)[0], *where)
    return where


def _add_sites(place: Place, sites: Sequence[tuple[str, str, Mapping[str, str]]]) -> list[str]:
    database = open_database(place)
    with closing(database), database.write() as connection:
        for name, timezone, tags in sites:
            add_site(connection, name=name, timezone=timezone, tags=tags, by=_by())
    return [name for name, *_ in sites]


def _by() -> By:
    return By("bench", time.time_ns() // 1_000_000)
