"""A backlog on its way: `kiosk sync --once` drains a ledger to a real head office on loopback.

Called by `__main__`. I start both processes, weigh them while they run, and count the bytes between them.
"""

import gzip
import json
import sqlite3
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.backlog import fill
from bench.figures import FLAT, Figure, Goal, Report, Scale, halves
from bench.machine import scratch
from bench.office import Office, enrol, head_office
from bench.processes import pss_mb, running
from bench.relay import Relay
from bench.shoppers import CONFIG
from kiosk.store.folder import LEDGER_FILE

BATCH_TAPS = 500
WEIGHED_EVERY_S = 0.1
METERED_TAPS = 20_000
PATIENCE_S = 1800
AT_LEAST_TAPS_PER_S = Goal("at least", 10_000, "figure")

TAPS = {Scale.QUICK: 10_000, Scale.USUAL: 100_000, Scale.FULL: 1_000_000}


@dataclass
class Drain:
    """One drain: how long it took, and PSS in MB of kiosk and head office again and again meanwhile."""

    seconds: float = 0.0
    kiosk_mb: list[float] = field(default_factory=list)
    office_mb: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Wire:
    """Bytes a tap, each way."""

    up: float
    down: float


def measure(scale: Scale) -> Report:
    """Drain a backlog for its speed, then a smaller one through a meter for its bytes."""
    taps = TAPS[scale]
    with scratch() as folder, head_office(folder) as office:
        where = enrol(office, folder / "kiosk", config=CONFIG)
        fill(folder / "kiosk", taps)
        bare_s = bare(folder / "kiosk" / LEDGER_FILE)
        drained = drain(where, folder, office)
        wire = meter(folder, office, min(taps, METERED_TAPS))
    return report(taps, drained, bare_s, wire)


def meter(folder: Path, office: Office, taps: int) -> Wire:
    """Drain through a relay that counts."""
    with Relay(urlsplit(office.address).port or 80) as relay:
        where = enrol(office, folder / "metered", config=CONFIG, address=relay.address)
        fill(folder / "metered", taps, seed=2)
        up, down = relay.up, relay.down
        drain(where, folder, office)
        return Wire((relay.up - up) / taps, (relay.down - down) / taps)


def bare(ledger: Path) -> float:
    """Read the rows, write them as JSON, compress, batch by batch: the least a sender does. Gives seconds."""
    begin = time.perf_counter()
    with closing(sqlite3.connect(ledger)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM taps ORDER BY ledger, seq")
        while batch := rows.fetchmany(BATCH_TAPS):
            body = json.dumps([dict(row) for row in batch], ensure_ascii=False, separators=(",", ":"))
            gzip.compress(body.encode(), compresslevel=6)
    return time.perf_counter() - begin


def drain(where: list[str], folder: Path, office: Office) -> Drain:
    """Run the sync until all is settled; the program's own start is part of the time."""
    words = [sys.executable, "-m", "kiosk", "sync", "--once", *where]
    log, drained = folder / "sync.log", Drain()
    begin = time.perf_counter()
    with running(words, log=log) as process:
        ended = threading.Event()
        scale = threading.Thread(target=weigh, args=(process.pid, office.pid, drained, ended))
        scale.start()
        try:
            code = process.wait(timeout=PATIENCE_S)
        finally:
            drained.seconds = time.perf_counter() - begin
            ended.set()
            scale.join()
    if code:
        raise RuntimeError(f"the drain ended with {code}:\n{log.read_text('utf-8')[-2000:]}")
    return drained


def weigh(kiosk: int, office: int, drained: Drain, ended: threading.Event) -> None:
    """Weigh both again and again until the drain has ended."""
    while not ended.wait(WEIGHED_EVERY_S):
        if mb := pss_mb([kiosk]):
            drained.kiosk_mb.append(mb)
            drained.office_mb.append(pss_mb([office]))


def report(taps: int, drained: Drain, bare_s: float, wire: Wire) -> Report:
    """Put the figures into a table."""
    return Report(
        title="A backlog draining from one kiosk to head office on loopback",
        peer="limit",
        figures=(
            Figure("taps/s on one connection", taps / drained.seconds, taps / bare_s, AT_LEAST_TAPS_PER_S),
            Figure("bytes a tap on the wire, up", wire.up, goal=Goal("at most", 30, "figure")),
            Figure("bytes a tap on the wire, down", wire.down),
            Figure(
                "kiosk's memory, second half and first, PSS MB",
                *halves(drained.kiosk_mb),
                FLAT,
            ),
            Figure("head office's memory, the same", *halves(drained.office_mb), FLAT),
        ),
        notes=(
            f"{taps:,} taps in batches of {BATCH_TAPS} by `kiosk sync --once`, its start included.",
            "The limit reads the same rows, writes them as JSON and compresses them; it sends nothing.",
            "Bytes are TCP's payload, HTTP headers and the first exchange included.",
        ),
    )
