"""`python -m bench.year`: fill an empty head office with a year of a made-up chain.

Called by people, by the benchmark `dashboard` and by tests. I write the database that is named.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.town import Town
from bench.year import copied, tallied, tapped
from bench.year.opened import open_shops
from headoffice.store import schema
from headoffice.store.engine import FILE_NAME, Database, open_database, place_of
from headoffice.store.lists import all_sites

LIVELY = 170.0  # visits a day at a kiosk: with 2,000 of them a year of 200 million taps
DAY_MS = 24 * 3600 * 1000
EXAMPLE = (
    "example: python -m bench.year --data /tmp/chain --sites 12 --kiosks 30 --days 90 --visits 25 --taps"
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How large a chain, over which days, how lively; with `taps` every tap, else tallies only."""

    sites: int
    kiosks: int
    days: int
    visits: float = LIVELY
    seed: int = 1
    taps: bool = False
    until: date | None = None  # the last day; None: today, as far as it has come

    @property
    def town(self) -> Town:
        """The chain."""
        last = self.until or datetime.now(UTC).date()
        begins = last - timedelta(days=self.days - 1)
        return Town(
            seed=str(self.seed),
            sites=self.sites,
            kiosks=self.kiosks,
            begins=begins,
            days=self.days,
            visits_a_day=self.visits,
        )


def fill(database: Database, wanted: Wanted, *, told: Callable[[str], None]) -> int:
    """Fill a head office that has no site yet; returns the number of taps, told or tallied."""
    town, now = wanted.town, time.time_ns() // 1_000_000
    with database.write() as connection:
        if all_sites(connection):
            raise RuntimeError(f"{database.name} has sites: name an empty one")
        opened = open_shops(connection, town, now=now - wanted.days * DAY_MS)
    fill_by = tapped.fill if wanted.taps else tallied.fill
    return fill_by(database, town, opened, seed=wanted.seed, told=told)


def main() -> int:
    """Fill the database that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench.year", description=__doc__, epilog=EXAMPLE)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, help="head office's data directory; made if it is not there")
    where.add_argument("--database", help="its database URL")
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--kiosks", type=int, default=2000, help="of all sites together")
    parser.add_argument("--days", type=int, default=365, help="to today")
    parser.add_argument("--visits", type=float, default=LIVELY, help="a day, at an average kiosk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--taps", action="store_true", help="store every tap by the usual ingest (some 10,000 a second)"
    )
    parser.add_argument(
        "--times",
        type=int,
        default=1,
        help="so many kiosks for each, with the same taps: rows of the file itself, not counted in tallies",
    )
    options = vars(parser.parse_args())
    data, url, times = options.pop("data"), options.pop("database"), options.pop("times")
    if times > 1 and not (data and options["taps"]):
        parser.error("--times goes with --data and --taps")
    begin = time.monotonic()
    with closing(open_database(place_of(data, url))) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        taps = fill(database, Wanted(**options), told=_say)
    if times > 1:
        taps = copied.multiply(data / FILE_NAME, times, told=_say)
    _say(f"{taps:,} taps in {time.monotonic() - begin:.0f} s")
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
