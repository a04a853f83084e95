"""What a dashboard asks, over a year of a whole chain, on both databases, and over a tenth of its taps.

Called by `__main__`. I fill databases of my own (bench.year), roll them up, serve them and ask over HTTP.
"""

import gc
import http.client
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.figures import Figure, Goal, Report, Scale, p95
from bench.machine import scratch
from bench.processes import first_line, running
from bench.year.__main__ import Wanted, fill
from bench.year.kept import year
from headoffice.store import people, schema
from headoffice.store.audit import By
from headoffice.store.engine import Database, Place, open_database, place_of
from headoffice.store.kept import Kept
from headoffice.store.sight import reading
from headoffice.work import access, alert, roll, sign_in

SIZES = {Scale.QUICK: (12, 30, 60), Scale.USUAL: (50, 200, 365), Scale.FULL: (500, 2000, 365)}
ROUNDS = {Scale.QUICK: 2, Scale.USUAL: 21, Scale.FULL: 21}
SLOWEST = 6  # questions of the first round that are named
SOON = Goal("at most", 100, "figure")  # ms
MS_A_DAY = 24 * 3600 * 1000
PATIENCE_S = 120
Asked = Mapping[str, Sequence[str]]  # paths by what they show


@dataclass(frozen=True)
class Reader:
    """Who asks: an admin's token and session, and a token that may not see small cells."""

    admin: str
    cookie: str
    plain: str


@dataclass(frozen=True)
class Served:
    """A database that is filled and rolled up."""

    name: str
    place: Place
    option: Sequence[str]  # how `serve` is told of it


def measure(scale: Scale, *, folder: Path | None = None) -> Report:
    """Ask everything of both databases, filled with a year and with a tenth of its taps.

    They are kept in a folder, if one is given, and found there the next time.
    """
    sites, kiosks, days = SIZES[scale]
    wanted = Wanted(sites=sites, kiosks=kiosks, days=days)
    with (
        scratch() if folder is None else nullcontext(folder) as place,
        year(place / scale, wanted, told=_say) as places,
    ):
        waits = {
            (name, part): asked(served_at(name, at), place / "log", rounds=ROUNDS[scale], days=days)
            for (name, part), at in places.items()
        }
    return report(waits, SIZES[scale])


def prepared(name: str, place: Path | str, wanted: Wanted) -> Served:
    """Fill a database and roll it up, as the clock would have done night by night."""
    served = served_at(name, place)
    with closing(open_database(served.place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        fill(database, wanted, told=lambda _words: None)
        roll.roll_up(database, now_ms=time.time_ns() // 1_000_000)
    return served


def served_at(name: str, place: Path | str) -> Served:
    """Name a database: a data directory, or a PostgreSQL's URL."""
    if isinstance(place, Path):
        return Served(name, place_of(place, None), ["--data", str(place)])
    return Served(name, place_of(Path(), place), ["--database", place])


def asked(served: Served, log: Path, *, rounds: int, days: int) -> dict[str, list[float]]:
    """Ask everything so often; returns by what was asked how long each answer took, ms."""
    with closing(open_database(served.place)) as database:
        reader = _reader(database)
        kept = Kept()
        gc.collect()
        gc.freeze()  # as a server does when it has started: what the benchmarks loaded is not gone through
        waits = {"alerts, looked for by the clock": [_alerts(database, kept) for _ in range(rounds)]}
    words = [sys.executable, "-m", "headoffice", "serve", "--port", "0", *served.option]
    with running(words, log=log) as process:
        address = first_line(process, log).rsplit(" ", 1)[1]
        with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_S)) as line:
            for _ in range(rounds):
                for what, path, headers in _questions(reader, days):
                    waits.setdefault(what, []).append(_ask(line, path, headers))
    return waits


def report(
    waits: Mapping[tuple[str, str], Mapping[str, Sequence[float]]], size: tuple[int, int, int]
) -> Report:
    """Put the year beside its tenth."""
    figures = [
        Figure(f"{name}: {what}, p95 ms", p95(times), p95(waits[name, "tenth"][what]), SOON)
        for name in ("SQLite", "PostgreSQL")
        for what, times in waits[name, "whole"].items()
    ]
    sites, kiosks, days = size
    slow = sorted(
        ((times[0], f"{what} ({name})") for (name, _), each in waits.items() for what, times in each.items()),
        reverse=True,
    )
    firsts = ", ".join(f"{what} {first:,.0f} ms" for first, what in slow[:SLOWEST])
    rounds = len(next(iter(next(iter(waits.values())).values())))
    return Report(
        title="What a dashboard asks, over a year of a whole chain",
        peer="a tenth of the taps",
        figures=tuple(figures),
        notes=(
            f"{sites} sites with {kiosks:,} kiosks over {days} days; a tenth: the same with fewer visits.",
            "`--full` has 2,000 kiosks and fills four databases first; `--folder` keeps them.",
            "Tallies only. What reads taps (causes of NPS+, the funnel) is left out.",
            f"Over HTTP on loopback, one question after the other, read to the end; {rounds} rounds.",
            f"The first round, after the start, is among them; in it took longest: {firsts}.",
            "Days that are over are rolled up, as the clock does by itself.",
        ),
    )


def _reader(database: Database) -> Reader:
    by = By("bench", time.time_ns() // 1_000_000)
    email = f"bench{by.at}@example.com"
    with database.write() as connection:
        admin = access.make_token(connection, name="bench", scope="admin", by=by)
        plain = access.make_token(connection, name="bench", scope="aggregates", by=by)
        access.add_person(connection, email=email, role="admin", by=by)
        person = people.person_by_email(connection, email)
        assert person is not None
        cookie = sign_in.open_session(connection, person=person.id, now=by.at, how="password")
    return Reader(admin, cookie, plain)


def _alerts(database: Database, kept: Kept) -> float:
    now = time.time_ns() // 1_000_000
    begin = time.perf_counter()
    with reading(database, None, kept) as connection:
        alert.look(connection, now_ms=now, silent_after_ms=MS_A_DAY)
    return (time.perf_counter() - begin) * 1000


def _questions(reader: Reader, days: int) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Give what is asked: in words, where, and by whom."""
    token = {"Authorization": f"Bearer {reader.admin}"}
    yield "the overview", "/", {"Cookie": f"egao_session={reader.cookie}"}
    long, short = f"{days} days", f"{min(28, days)} days"
    for what, by in (
        *((name, name) for name in ("site", "kiosk", "touchpoint", "language", "hour", "weekday")),
        *(("day", "day"), ("week", "week"), ("month", "month"), ("region", "tag.region"), ("all in one", "")),
    ):
        for shown, past in ((long, days), (short, min(28, days))):
            yield f"metrics by {what}, {shown}", _metrics(past, by=by), token
    one = partial(_metrics, days, site="1")
    yield f"one site by hour and weekday, {long}", one(by="hour,weekday"), token
    yield f"one site by day, {long}", one(by="day"), token
    plain = {"Authorization": f"Bearer {reader.plain}"}
    yield f"one site for who sees no small cells, {long}", one(), plain
    yield f"sites against others, {long}", _metrics(days, by="site", compare="others"), token
    before = _metrics(28, metric="nps", by="site", compare="previous")
    yield f"NPS by site, {short}, and before", before, token
    for path in ("sites", "kiosks", "completeness", "alerts"):
        yield path, f"/api/v1/{path}", token


def _metrics(days: int, **asked: str) -> str:
    end = datetime.now(UTC).date() + timedelta(days=1)
    period = {"from": (end - timedelta(days=days)).isoformat(), "to": end.isoformat()}
    given = {"metric": "csat", **period, **{name: value for name, value in asked.items() if value}}
    return f"/api/v1/metrics?{urlencode(given)}"


def _ask(line: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> float:
    begin = time.perf_counter()
    line.request("GET", path, headers=dict(headers))
    answer = line.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:500]!r}")
    return (time.perf_counter() - begin) * 1000


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
