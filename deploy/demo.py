"""The whole of Egao in one command: a head office, a kiosk enrolled at it, and both on a screen.

`make demo`, `make demo-once` and `make demo-chain` call me. I start real processes with the commands a person
would use, keep all they write in `.demo/`, and end only what I started.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import webbrowser
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from deploy import browser, shopper
from deploy.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / ".demo"
PERSON = "owner@demo.example"
SITE, TIMEZONE = "渋谷店", "Asia/Tokyo"
ROUNDING = 0.0005  # half a tenth of a per cent
CHAIN = ("--kiosks", "8", "--sites", "4", "--days", "14", "--visits", "15", "--faults", "0.3")


def say(words: str) -> None:
    """Tell the person who watches."""
    print(words, flush=True)


def run(*words: str) -> str:
    """A command of ours to its end; its stdout. Its own words are shown where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise SystemExit(f"demo: {' '.join(words[:2])} failed:\n{done.stderr}")
    return done.stdout.strip()


@contextlib.contextmanager
def started(*words: str, log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command of ours that goes on running; ended politely, then firmly, when the block is left."""
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # Ctrl-C reaches the demo alone, which then ends these in order
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            process.kill()
            process.wait()


def first_line(process: subprocess.Popen[str], log: Path) -> str:
    """What a process announces on stdout when it is up."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SystemExit(f"demo: {' '.join(map(str, process.args))} did not start:\n{log.read_text('utf-8')}")  # type: ignore[union-attr,arg-type]
    return line.strip()


@dataclass(frozen=True)
class Office:
    """A running head office: its address, and a token to read its results with."""

    address: str
    token: str
    site: str


def simulate_chain() -> None:
    """Let a small chain live through two weeks up to yesterday; its head office becomes the demo's."""
    say("A chain of four shops lives through two weeks, on a network that fails three requests in ten …")
    folder = DEMO / "chain"
    words = [sys.executable, "-m", "bench.fleet", *CHAIN, "--folder", str(folder)]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"demo: the chain lost or doubled something:\n{done.stdout}")
    for line in done.stdout.splitlines():
        if line.startswith("| taps "):
            what, count = (cell.strip() for cell in line.split("|")[1:3])
            say(f"  {what:40} {count}")
    (folder / "headoffice").rename(DEMO / "headoffice")


@contextlib.contextmanager
def head_office() -> Iterator[Office]:
    """Head office, on a fresh embedded database or beside a chain's past, with a site for this kiosk."""
    data = ["--data", str(DEMO / "headoffice")]
    site = run("headoffice", "add-site", SITE, "--timezone", TIMEZONE, "--tag", "region=関東", *data)
    token = run("headoffice", "token", "demo", "--scope", "admin", *data)
    log = DEMO / "headoffice.log"
    with started("headoffice", "serve", "--port", "0", *data, log=log) as process:
        yield Office(first_line(process, log).rsplit(" ", 1)[1], token, site)


def sign_in_code() -> str:
    """A one-time code that opens the dashboard; made anew each time it is needed."""
    return run("headoffice", "add-person", PERSON, "--role", "admin", "--data", str(DEMO / "headoffice"))


def enrol(office: Office) -> list[str]:
    """A kiosk enrolled at head office; the words that say where it keeps its things."""
    config = DEMO / "config.toml"
    shipped = (ROOT / "config.toml").read_text("utf-8")
    config.write_text(
        shipped.replace("every_s = 30 ", "every_s = 5 "), "utf-8"
    )  # nobody likes to wait in a demo
    where = ["--data", str(DEMO / "kiosk"), "--config", str(config)]
    code = run(
        "headoffice",
        "enrol-code",
        office.site,
        "--touchpoint",
        "checkout",
        "--data",
        str(DEMO / "headoffice"),
    )
    run("kiosk", "enrol", office.address, code, *where)
    return where


def ledger(where: list[str]) -> list[dict[str, Any]]:
    """What the kiosk has kept, as its own export says it."""
    return [json.loads(line) for line in run("kiosk", "export", *where).splitlines()]


def taps_kept() -> int:
    """Count what the kiosk has committed so far: a look into its database, cheaper than an export."""
    [database] = (DEMO / "kiosk").glob("*.sqlite3")
    with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reader:
        [[count]] = reader.execute("SELECT COUNT(*) FROM taps")
        return int(count)


def held_of(office: Office, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What head office's feed tells of this kiosk's ledgers, and of no other's."""
    ours = {tap["ledger"] for tap in kept}
    held, after = [], ""
    while True:
        page = browser.ask(office.address, f"/api/v1/taps?limit=1000{after}", office.token)
        held += [tap for tap in page["taps"] if tap["ledger"] in ours]
        if not page["more"]:
            return held
        after = f"&after={quote(page['next'])}"


def scores(office: Office) -> tuple[float, float]:
    """CSAT of this kiosk's site, and of all sites over the dashboard's seven days, by the API."""
    today = datetime.now(ZoneInfo(TIMEZONE)).date()
    period = f"from={today - timedelta(days=6)}&to={today + timedelta(days=1)}"
    asked = (f"site={quote(office.site)}", period)
    answers = [
        browser.ask(office.address, f"/api/v1/metrics?metric=csat&{each}", office.token) for each in asked
    ]
    of_site, of_all = (answer["rows"][0]["value"] for answer in answers)
    return of_site, of_all


def compare(office: Office, where: list[str], shown: browser.Shown) -> bool:
    """Every number along the way side by side; true if and only if all agree."""
    kept = ledger(where)
    held = held_of(office, kept)
    csat, shown_as = scores(office)
    all_shops = "" if csat == shown_as else ", all shops"
    faces = {face: sum(visit[0] == face for visit in shopper.VISITS) for face in ("sad", "neutral", "happy")}
    on_kiosk = {
        face: sum(tap["question"] == "rating" and tap["answer"] == face for tap in kept) for face in faces
    }
    share = faces["happy"] / len(shopper.VISITS)
    same_taps = [(tap["ledger"], tap["seq"]) for tap in kept] == sorted(
        (tap["ledger"], tap["seq"]) for tap in held
    )
    rows = [
        ("faces the shopper tapped", faces, True),
        ("faces in the kiosk's ledger", on_kiosk, on_kiosk == faces),
        ("faces on the dashboard", shown.faces, shown.faces == faces),
        ("taps in the kiosk's ledger", len(kept), len(kept) >= len(shopper.VISITS)),
        ("taps at head office, each once", len(held), same_taps),
        ("CSAT by hand", f"{share:.1%}", True),
        ("CSAT by the API", f"{csat:.1%}", abs(csat - share) < ROUNDING),
        (f"CSAT on the dashboard{all_shops}", f"{shown.csat:.1%}", abs(shown.csat - shown_as) < ROUNDING),
    ]
    for name, value, right in rows:
        say(f"  {'✓' if right else '✗'} {name:32} {value}")
    return all(right for *_, right in rows)


def scripted(office: Office, where: list[str]) -> bool:
    """No display: a virtual screen, a shopper who taps through the real window, screenshots of both ends."""
    with Screen() as screen:
        log = DEMO / "kiosk.log"
        with started("kiosk", "run", *where, log=log, env={"DISPLAY": screen.name}) as kiosk:
            first_line(kiosk, log)
            say("A kiosk stands on a virtual screen. A scripted shopper taps through its window …")
            screen.still().save(DEMO / "kiosk.png", optimize=True)
            shopper.shop(screen, taps_kept)
            say("… and the dashboard is watched until it shows the result.")
            shown = browser.watch(
                office.address, sign_in_code(), visits=len(shopper.VISITS), picture=DEMO / "dashboard.png"
            )
            screen.look().save(DEMO / "kiosk-after.png", optimize=True)
            return compare(office, where, shown)


def by_hand(office: Office, where: list[str]) -> None:
    """A display: the kiosk in a window and the dashboard in the browser, for a person to tap."""
    page = browser.opening_page(office.address, sign_in_code(), DEMO / "open-dashboard.html")
    log = DEMO / "kiosk.log"
    with started("kiosk", "run", "--windowed", *where, log=log) as kiosk:
        first_line(kiosk, log)
        say(f"The dashboard opens in your browser; if it does not, open {page}")
        say("Tap a face in the kiosk's window: the dashboard follows within seconds.")
        say("Ctrl-C here ends both.")
        webbrowser.open(page.as_uri())
        with contextlib.suppress(KeyboardInterrupt):
            kiosk.wait()


def main() -> int:
    """Run the demo; 0 when all went well, and with `--once` only when every number matches."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--once", action="store_true", help="end by itself; exit 0 if and only if the numbers match"
    )
    parser.add_argument(
        "--chain", action="store_true", help="beside a chain of shops that lived through two weeks before"
    )
    asked = parser.parse_args()
    once = asked.once
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir(mode=0o700)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    visible = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if asked.chain:
        simulate_chain()
    with contextlib.suppress(KeyboardInterrupt), head_office() as office:
        where = enrol(office)
        say(f"Head office is up: {office.address}")
        if visible and not once:
            by_hand(office, where)
            return 0
        matches = scripted(office, where)
        say(f"Screenshots: {DEMO / 'kiosk.png'} and {DEMO / 'dashboard.png'}")
        say("Every number matches." if matches else "The numbers do NOT match: see the lines marked ✗.")
        if once or not matches:
            return 0 if matches else 1
        say(f"Head office goes on at {office.address} until Ctrl-C.")
        say(f"Sign in there as {PERSON} with this one-time code: {sign_in_code()}")
        while True:
            time.sleep(3600)
    return 0


if __name__ == "__main__":
    sys.exit(main())
