"""Whole exports over HTTP beside SQLite's own rows written by csv.writer: rows a second, the server's memory.

Called by `__main__`. I start a head office on loopback, over a chain that bench.year makes, and throw away
what it sends.
"""

import csv
import http.client
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.figures import Figure, Goal, Report, Scale
from bench.machine import scratch
from bench.office import Office, served
from bench.processes import command, cpu_s, peak_mb, pss_mb, tree
from headoffice.store import feed
from headoffice.store.engine import FILE_NAME, open_database, place_of

CHAIN = "EGAO_BENCH_CHAIN"  # the variable that names a data directory filled before, as below, for --full
YEARS: dict[Scale, Sequence[str]] = {  # what bench.year is asked for
    Scale.QUICK: ("--sites", "12", "--kiosks", "30", "--days", "20"),
    Scale.USUAL: ("--sites", "12", "--kiosks", "30", "--days", "300"),
    Scale.FULL: ("--sites", "6", "--kiosks", "16", "--days", "250", "--times", "38"),  # ten million visits
}
VISITS_A_DAY = "60"
FORMATS = dict.fromkeys(Scale, ("csv", "parquet", "ndjson")) | {Scale.FULL: ("csv", "parquet")}
MOST_TAPS = 3_000_000  # the newest, where there are more; all visits are sent
PIECE_BYTES = 1 << 18
AT_ONCE = 5000
PATIENCE_S = 600
RAW = """
    SELECT ledgers.uuid, taps.seq, taps.visit, placements.kiosk, placements.site, placements.touchpoint,
           surveys.version, questions.question, taps.answer, taps.language, taps.tapped_at, taps.received_at,
           taps.estimated, taps.flag
      FROM feed
      JOIN taps       ON taps.ledger   = feed.ledger AND taps.seq BETWEEN feed.first AND feed.last
      JOIN ledgers    ON ledgers.id    = taps.ledger
      JOIN placements ON placements.id = taps.placement
      JOIN questions  ON questions.id  = taps.question
      JOIN surveys    ON surveys.id    = questions.survey
     ORDER BY feed.lane, feed.n, taps.seq
     LIMIT ?
"""


@dataclass(frozen=True)
class Sent:
    """What came of one export."""

    rows: int
    seconds: float
    spent_s: float = 0.0  # of the server's processor


def measure(scale: Scale) -> Report:
    """Export everything in each format, and weigh the server."""
    filled = os.environ.get(CHAIN) if scale is Scale.FULL else None
    with scratch() as folder:
        data = Path(filled) if filled else folder / "headoffice"
        if not filled:
            words = ("--data", str(data), *YEARS[scale], "--visits", VISITS_A_DAY, "--taps")
            command("bench.year", *words)
        command("headoffice", "migrate", "--data", str(data))
        after = _after(data)
        token = command("headoffice", "token", "bench", "--scope", "results", "--data", str(data))
        with served(folder, data, site="") as office:
            raw = _raw(data / FILE_NAME, folder / "raw.csv")
            figures, notes = list[Figure](), list[str]()
            for name, asked in (("visits", {}), ("taps", {"after": after})):
                sent = {
                    form: _export(office, token, name, asked | {"format": form}) for form in FORMATS[scale]
                }
                figures += _figures(name, sent, raw.rows / raw.seconds)
                notes.append(f"{sent['csv'].rows:,} {name} were sent in each format, one round, not packed.")
            memory = peak_mb(office.pid)
            beside = pss_mb(tree(office.pid)[1:])
    return Report(
        title="Exports over HTTP beside SQLite's own rows",
        peer="raw SELECT → csv",
        figures=(
            *figures,
            Figure("memory of head office, at its most, MB", memory, goal=Goal("at most", 300, "figure")),
        ),
        notes=(
            *notes,
            f"The peer is a SELECT of {raw.rows:,} taps with the same columns, by csv.writer.",
            "A row of visits has two taps and more; its peer is the taps' too.",
            f"Memory is the server's; the process that takes batches in has {beside:.0f} MB besides.",
        ),
    )


AT_LEAST = Goal("at least", 100_000, "figure")


def _figures(name: str, sent: Mapping[str, Sent], limit: float) -> list[Figure]:
    rows = sent["csv"].rows  # which has a row a line
    return [
        figure
        for form, each in sent.items()
        for figure in (
            Figure(f"{name} as {form}, rows/s", rows / each.seconds, limit, AT_LEAST),
            Figure(f"{name} as {form}, the server's processor, µs a row", each.spent_s / rows * 1e6),
        )
    ]


def _after(data: Path) -> str:
    """Give the cursor before the newest taps."""
    with closing(open_database(place_of(data, None))) as database, database.read() as connection:
        now = feed.position(connection)
        lanes = {lane: max(0, n - MOST_TAPS) for lane, n in now.lanes.items()}
        return feed.write_cursor(feed.Cursor(now.epoch, lanes))


def _raw(file: Path, target: Path) -> Sent:
    """Write the rows without us."""
    begin, count = time.perf_counter(), 0
    with closing(sqlite3.connect(file)) as connection, target.open("w", encoding="utf-8") as out:
        found, writer = connection.execute(RAW, (MOST_TAPS,)), csv.writer(out)
        while rows := found.fetchmany(AT_ONCE):
            writer.writerows(rows)
            count += len(rows)
    target.unlink()
    return Sent(count, time.perf_counter() - begin)


def _export(office: Office, token: str, name: str, asked: Mapping[str, str]) -> Sent:
    """Take an export to its last byte; the lines of CSV after its header are the rows."""
    path = f"/api/v1/{name}?{urlencode({'limit': 'all', **asked})}"
    begin, spent, lines = time.perf_counter(), cpu_s([office.pid]), 0
    connection = http.client.HTTPConnection(urlsplit(office.address).netloc, timeout=PATIENCE_S)
    with closing(connection):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status} {answer.read(500)!r}")
        while piece := answer.read(PIECE_BYTES):
            lines += piece.count(b"\n")
    return Sent(lines - 1, time.perf_counter() - begin, cpu_s([office.pid]) - spent)
