"""The fleet simulator: its kiosks and its head office are real, and so is the count at its end."""

from collections import Counter
from datetime import date
from uuid import uuid4

import pytest

from bench.fleet import NONE, Asked, live, report
from bench.fleet_proof import digest, prove
from bench.town import Town
from kiosk.health import Clocks
from kiosk.store.opened import Store
from kiosk.store.tap import Answered

DAY = date(2026, 6, 4)
SPEED = 20_000  # then a shop that is open for eleven hours is so for two seconds


def test_a_tiny_fleet_loses_nothing_and_doubles_nothing(tmp_path):
    """Six kiosks live a day, at no more than the speed asked for; two in five requests meet a fault."""
    asked = Asked(
        kiosks=6, days=1, visits_a_day=12, faults=0.4, speed=SPEED, processes=2, seed="tiny", last=DAY
    )
    lived = live(asked, tmp_path)
    town = Town(**asked.town() | {"begins": DAY})
    came = sum(len(town.visitors(kiosk, DAY)) for kiosk in town.kiosks)
    assert lived.proof.kept == lived.proof.fed >= came > 40
    assert [figure.value for figure in report(lived).figures if figure.goal is NONE] == [0] * 5
    assert lived.suffered.total() > 0.2 * lived.requests > 1
    assert lived.seconds > 8 * 3600 / SPEED
    assert {row.name for row in (tmp_path / "kiosks").iterdir()} >= {f"{number:05}" for number in range(6)}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A kiosk's folder with five taps, and what its shoppers were thanked for."""
    folder, clocks = tmp_path_factory.mktemp("kiosk"), Clocks()
    store = Store(folder, now=clocks.now, new_id=lambda: str(uuid4()), on_programme=print)
    given = {
        "survey": "3fa9c1d2e4b5",
        "question": "rating",
        "answer": "happy",
        "language": "ja",
        "took_ms": 1,
    }
    taps = [store.ledger.save(Answered(visit=str(uuid4()), **given)).columns() for _ in range(5)]
    store.close()
    thanked = folder.parent / "thanked"
    thanked.write_bytes(b"".join(map(digest, taps)))
    return folder, thanked, taps


@pytest.mark.parametrize(
    ("feed", "found"),
    [
        (lambda taps: taps, {}),
        (lambda taps: taps[:-1], {"lost": 1, "unlike": 1}),
        (lambda taps: [*taps, taps[0]], {"doubled": 1, "unlike": 1}),
        (lambda taps: [*taps[:-1], taps[-1] | {"answer": "sad"}], {"lost": 1, "doubled": 1, "unlike": 2}),
    ],
    ids=["as it is", "one lost", "one doubled", "one changed"],
)
def test_the_proof_of_a_fleet_can_fail(kept, feed, found):
    """A tap that is missing, that comes twice or that says something else is counted."""
    folder, thanked, taps = kept
    proof = prove([folder], [thanked], feed(taps))
    wrong = {
        "lost": proof.lost,
        "doubled": proof.doubled,
        "unlike": proof.unlike,
        "forgotten": proof.forgotten,
    }
    assert Counter(wrong) - Counter() == found
    assert (proof.kept, proof.fed) == (5, len(feed(taps)))
