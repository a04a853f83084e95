"""Whole exports over HTTP beside SQLite's own rows written by csv.writer: rows a second, the server's memory.

Called by `__main__`. I start a head office on loopback, fill its database by bench.year, and throw away what
it sends.
"""

import csv
import http.client
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from bench.figures import Figure, Goal, Report, Scale
from bench.machine import scratch
from bench.office import Office, served
from bench.processes import command, peak_mb
from headoffice.store.engine import FILE_NAME

VISITS_A_DAY = 60
KIOSKS = {Scale.QUICK: 30, Scale.USUAL: 30, Scale.FULL: 500}
DAYS = {Scale.QUICK: 20, Scale.USUAL: 300, Scale.FULL: 350}  # full: ten million visits
FORMATS = ("csv", "parquet", "ndjson")
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
"""


def measure(scale: Scale) -> Report:
    """Export everything in each format, and weigh the server."""
    with scratch() as folder:
        data = folder / "headoffice"
        _fill(data, scale)
        taps, visits = _counts(data / FILE_NAME)
        token = command("headoffice", "token", "bench", "--scope", "results", "--data", str(data))
        with served(folder, data, site="") as office:
            limit = taps / _raw(data / FILE_NAME, folder / "raw.csv")
            figures = [
                Figure(
                    f"{name} as {form}, rows/s", rows / _export(office, token, name, form), limit, AT_LEAST
                )
                for name, rows in (("taps", taps), ("visits", visits))
                for form in FORMATS
            ]
            memory = peak_mb(office.pid)
    return Report(
        title="Exports over HTTP beside SQLite's own rows",
        peer="raw SELECT → csv",
        figures=(
            *figures,
            Figure("memory of head office, at its most, MB", memory, goal=Goal("at most", 300, "figure")),
        ),
        notes=(
            f"{taps:,} taps of {visits:,} visits of {KIOSKS[scale]} kiosks, one round, not packed.",
            "The peer is a SELECT of the taps with the same columns as they are stored, by csv.writer.",
            "A row of visits has two taps and more; its peer is the taps' too.",
        ),
    )


AT_LEAST = Goal("at least", 100_000, "figure")


def _fill(data: Path, scale: Scale) -> None:
    words = ["--data", str(data), "--sites", "12", "--kiosks", str(KIOSKS[scale])]
    command("bench.year", *words, "--days", str(DAYS[scale]), "--visits", str(VISITS_A_DAY), "--taps")


def _counts(file: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT count(*), count(DISTINCT visit) FROM taps"
        taps, visits = connection.execute(query).fetchone()
        return int(taps), int(visits)


def _raw(file: Path, target: Path) -> float:
    """Give the seconds that the rows take without us."""
    begin = time.perf_counter()
    with closing(sqlite3.connect(file)) as connection, target.open("w", encoding="utf-8") as out:
        found, writer = connection.execute(RAW), csv.writer(out)
        while rows := found.fetchmany(AT_ONCE):
            writer.writerows(rows)
    return time.perf_counter() - begin


def _export(office: Office, token: str, name: str, form: str) -> float:
    """Give the seconds until the last byte has come."""
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(office.address).netloc, timeout=PATIENCE_S)
    with closing(connection):
        path = f"/api/v1/{name}?limit=all&format={form}"
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status} {answer.read(500)!r}")
        while answer.read(PIECE_BYTES):
            pass
    return time.perf_counter() - begin
