"""P2: through a line that breaks, lies and repeats, and kills of both sides, each tap counts exactly once."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from random import Random

import pytest

from bench.faulty_line import FAULTS, FaultyLine
from headoffice.store.audit import By
from headoffice.store.engine import open_database
from headoffice.store.sites import find_site
from headoffice.work.enrol import make_code
from kiosk.bootstrap import shipped, writing
from kiosk.settings.file import load
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.export import export
from sync.client import Client
from tests.e2e.fleet import ROOT, HeadOffice, command
from tests.torture import scale

SITE, PATIENCE_S = "Shibuya", 900.0


class Street:
    """Kiosks enrolled at one head office, with the faulty line between them."""

    def __init__(self, folder, *, kiosks, share, seed):
        self.folder, self.seed = folder, seed
        self.office = HeadOffice(folder / "office")
        self.office.run("add-site", SITE, "--timezone", "Asia/Tokyo")
        self.token = self.office.run("token", "test", "--scope", "admin")
        self.line = FaultyLine(self.office.port, share=share, seed=seed)
        self.said = folder / "said"
        self.log = folder / "log"
        self._enrol(kiosks)

    def _enrol(self, kiosks):
        config = load(shipped("config.toml"))
        for number, code in enumerate(self._codes(kiosks)):
            with writing(self.folder / "kiosks" / f"{number:03}", config) as opened:
                client = Client(f"http://127.0.0.1:{self.office.port}")
                given = vars(client.enrol(code, f"kiosk {number}"))
                client.close()
                with opened.store.database.write() as writer:
                    server = f"http://127.0.0.1:{self.line.port}"
                    keep_enrolment(writer, Enrolment(server=server, **given))

    def _codes(self, count):
        by = By("test", time.time_ns() // 1_000_000)
        file = self.folder / "office" / "headoffice.sqlite3"
        with closing(open_database(file)) as database, database.write() as connection:
            site = find_site(connection, SITE)
            return [make_code(connection, site=site, touchpoint="checkout", by=by) for _ in range(count)]

    def open(self, taps, life):
        """The kiosks' process, in one of its lives."""
        words = [self.folder / "kiosks", taps, f"{self.seed}/{life}"]
        with self.said.open("ab") as said, self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.torture.drivers.street", *map(str, words)],
                cwd=ROOT,
                stdout=said,
                stderr=log,
            )

    def live(self, *, taps, kills, every):
        """Let shoppers tap and the kiosks talk to the end, and kill one side or the other meanwhile."""
        chance = Random(f"kills {self.seed}")  # noqa: S311 - a run can be repeated
        kiosks = self.open(taps, 0)
        try:
            for life in range(1, kills + 1):
                self.line.carry(chance.randint(every // 2, every), beside=kiosks)
                if life % 2:
                    self.office.stop(signal.SIGKILL)
                    self.office.start()
                else:
                    kiosks.kill()
                    kiosks.wait()
                    kiosks = self.open(taps, life)
            assert kiosks.wait(PATIENCE_S) == 0, self.log.read_text()[-3000:]
        finally:
            kiosks.kill()
            kiosks.wait()

    def ledgers(self):
        """All taps that the kiosks hold."""
        complaints = []
        for place in sorted((self.folder / "kiosks").iterdir()):
            yield from (json.loads(tap.line()) for tap in export(place, complaints.append))
        assert complaints == []


@pytest.fixture
def open_street(workshop):
    opened = []

    def make(**options):
        opened.append(Street(workshop, **options))
        return opened[0]

    yield make
    for street in opened:
        street.office.process.kill()
        street.office.process.communicate()


def content(tap):
    """What a tap says, as both ends have it."""
    names = ("ledger", "seq", "visit", "survey", "question", "language")
    return (*(tap[name] for name in names), json.dumps(tap["answer"], ensure_ascii=False))


def whole_lines(file):
    return [json.loads(line) for line in file.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


@pytest.mark.timeout(scale.TIMEOUT_S)
@pytest.mark.parametrize("share", scale.FAULTY_SHARES)
def test_every_tap_counts_exactly_once(open_street, count, share):
    """The feed is the union of the ledgers as multisets, tallies equal a recount, nothing is missing."""
    street = open_street(kiosks=scale.KIOSKS, share=share, seed=f"street {share}")
    with street.line:
        street.live(taps=scale.TAPS_EACH, kills=scale.KILLS, every=scale.KIOSKS * 4)
    ledgers = Counter(map(content, street.ledgers()))
    feed = Counter(map(content, street.office.feed(street.token)))
    thanked = Counter(map(content, whole_lines(street.said)))
    line = f"at {share:.0%} faults"
    count(f"{line}: kiosks", scale.KIOSKS)
    count(f"{line}: kills of either side", scale.KILLS)
    count(f"{line}: requests", street.line.requests)
    count(f"{line}: … with a fault", street.line.suffered.total())
    count(f"{line}: taps thanked for", thanked.total())
    count(f"{line}: … lost", (thanked - feed).total())
    count(f"{line}: … doubled", (feed - ledgers).total())

    assert feed == ledgers
    assert max(feed.values()) == 1
    assert thanked <= ledgers, "a tap that was thanked for is lost"
    assert len(ledgers) >= scale.KIOSKS * scale.TAPS_EACH
    holdings = street.office.get("/api/v1/completeness", street.token)["completeness"]
    assert len(holdings) == scale.KIOSKS
    assert [row["missing"] for row in holdings] == [0] * scale.KIOSKS
    assert sum(row["held"] for row in holdings) == len(feed)
    recount = command("headoffice", "rebuild", "--check", "--data", street.folder / "office", check=False)
    assert recount.returncode == 0, recount.stderr
    assert set(street.line.suffered) == {fault.__name__ for fault in FAULTS}, "each fault was really met"
