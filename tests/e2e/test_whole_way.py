"""From a shopper's finger to head office's number, through real processes."""

import collections
import random
import signal

import pytest

from tests.e2e import recount
from tests.e2e.cable import Cable
from tests.e2e.fleet import end, identities, wait_for


def content(taps):
    """What a tap says, as far as both ends have it, as a multiset."""
    return collections.Counter(
        (
            tap["ledger"],
            tap["seq"],
            tap["visit"],
            tap["question"],
            recount.as_wire(tap["answer"]),
            tap["language"],
        )
        for tap in taps
    )


def only_row(answer):
    [row] = answer["rows"]
    return row


def test_every_tap_arrives_once_and_the_numbers_are_those_of_the_export(shop):
    """The feed holds what the kiosk exports, and the metrics equal a plain recount of it."""
    kiosk = shop.open_kiosk()
    kiosk.run("simulate", "--visits", 300, "--seed", 7)
    kiosk.run("sync", "--once")
    taps = kiosk.taps()

    assert content(shop.feed()) == content(taps)

    ratings = recount.values(taps, "rating")
    n, share, low, high = recount.csat_of_faces(ratings)
    row = only_row(shop.office.get("/api/v1/metrics?metric=csat", shop.token))
    assert (row["n"], row["suppressed"]) == (n, False)
    assert [row["value"], row["low"], row["high"]] == pytest.approx([share, low, high], abs=5e-4)

    n, index = recount.happy_index(ratings)
    row = only_row(shop.office.get("/api/v1/metrics?metric=happy_index", shop.token))
    assert (row["n"], row["value"]) == (n, pytest.approx(index, abs=0.05))

    n, score = recount.nps(recount.values(taps, "recommend"))
    row = only_row(shop.office.get("/api/v1/metrics?metric=nps", shop.token))
    assert (row["n"], row["value"]) == (n, pytest.approx(score, abs=0.05))


def test_completeness_says_that_all_is_held(shop):
    """After a sync head office can show that it holds all taps of the kiosk."""
    kiosk = shop.open_kiosk()
    kiosk.run("simulate", "--visits", 20, "--seed", 1)
    kiosk.run("sync", "--once")
    [row] = shop.office.get("/api/v1/completeness", shop.token)["completeness"]
    assert row["missing"] == 0
    assert row["held"] == len(kiosk.taps())


def test_a_kiosk_without_any_server_keeps_everything(shop):
    """Offline is the normal case: visits go on and are stored, and drain when the cable is back."""
    cable = Cable(shop.office.port)
    kiosk = shop.open_kiosk(port=cable.port)
    cable.cut()
    kiosk.run("simulate", "--visits", 40, "--seed", 3)
    refused = kiosk.run("sync", "--once", check=False)
    assert refused.returncode == 1
    assert refused.stderr.strip()
    assert shop.feed() == []

    cable.mend()
    kiosk.run("sync", "--once")
    assert identities(shop.feed()) == identities(kiosk.taps())
    cable.close()


def test_a_network_that_breaks_again_and_again_neither_loses_nor_doubles(shop):
    """Connections broken at random moments of a running sync leave each tap exactly once at head office."""
    chance = random.Random(11)  # noqa: S311  # reproducible, no secret
    cable = Cable(shop.office.port)
    kiosk = shop.open_kiosk(port=cable.port, config=shop.often())
    kiosk.run("simulate", "--visits", 200, "--seed", 5)
    agent = kiosk.start("sync")
    for _ in range(4):
        before = cable.connections
        wait_for(lambda before=before: cable.connections > before, what="another try")
        if chance.random() < 0.7:
            cable.cut()
            cable.mend()
    wanted = identities(kiosk.taps())
    wait_for(lambda: identities(shop.feed()) == wanted, what="every tap in the feed, once")
    assert end(agent)[0] == 0
    cable.close()


def test_killing_either_side_at_any_moment_changes_nothing(shop):
    """Kill -9 of either side, again and again: nothing acknowledged is lost, nothing doubled."""
    kiosk = shop.open_kiosk()
    thanked = []
    for round_ in range(4):
        visits = kiosk.start("simulate", "--visits", 400, "--seed", round_, "--rate", 400)
        lines = [visits.stdout.readline() for _ in range(30 + 17 * round_)]
        thanked += lines + end(visits, signal.SIGKILL)[1]

        agent = kiosk.start("sync")
        wait_for(shop.feed, what="a first tap in the feed")
        end(agent, signal.SIGKILL if round_ % 2 else signal.SIGTERM)
        shop.office.stop(signal.SIGKILL)
        shop.office.start()

    kiosk.run("sync", "--once")
    taps = kiosk.taps()
    assert len(taps) >= len(thanked) > 100
    assert content(shop.feed()) == content(taps)
    shop.office.run("rebuild", "--check")  # exits 1 if a tally were not what a recount gives


def test_two_kiosks_do_not_mix(shop):
    """Taps of two kiosks at one site stay apart and add up."""
    first, second = shop.open_kiosk("first"), shop.open_kiosk("second")
    for seed, kiosk in enumerate((first, second)):
        kiosk.run("simulate", "--visits", 30, "--seed", seed)
        kiosk.run("sync", "--once")
    assert identities(shop.feed()) == identities(first.taps() + second.taps())
    assert len({tap["kiosk"] for tap in shop.feed()}) == 2
