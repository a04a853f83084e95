"""When a tap was given is right at head office, whatever the kiosk's wall clock says."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.bootstrap import new_id, shipped
from kiosk.settings.file import load
from kiosk.store.opened import Store
from kiosk.store.tap import Answered, Moment
from sync.agent import Agent
from sync.client import Client
from sync.contract import Health, Sent
from sync.pull import Pull
from sync.push import Push

MINUTE_MS = 60_000
JUMPS = {
    "none": timedelta(),
    "2 minutes back": timedelta(minutes=-2),
    "2 minutes ahead": timedelta(minutes=2),
    "30 days back": timedelta(days=-30),
    "30 days ahead": timedelta(days=30),
    "10 years ahead": timedelta(days=3653),
    "to 1970": datetime(1970, 1, 2, tzinfo=UTC) - datetime.now(UTC),
    "an hour, as a clock kept in local time": timedelta(hours=1),
}


class Hands:
    """The clocks of one device: the true time, and what its wall clock makes of it."""

    def __init__(self, *, synced):
        self.boot, self.synced = "boot-1", synced
        self.off = timedelta()
        self._since_boot_ms = 5 * MINUTE_MS
        self._passed_ms = 0

    def pass_minutes(self, count):
        self._passed_ms += count * MINUTE_MS

    def reboot(self):
        self.boot, self._since_boot_ms = "boot-2", -self._passed_ms + MINUTE_MS

    def true_ms(self):
        return time.time_ns() // 1_000_000 + self._passed_ms

    def now(self):
        at = self.true_ms() + round(self.off.total_seconds() * 1000)
        uptime = self._since_boot_ms + self._passed_ms
        return Moment(at=at, uptime=uptime, boot=self.boot, synced_clock=self.synced)


class Device:
    """A kiosk's real store and sync, on clocks that are set by hand."""

    def __init__(self, shop, folder, hands):
        code = shop.office.run("enrol-code", shop.site, "--touchpoint", "checkout")
        address = f"http://127.0.0.1:{shop.office.port}"
        enrolling = Client(address)
        key = enrolling.enrol(code, folder.name).key
        enrolling.close()
        self.survey = load(shipped("config.toml")).programme.surveys[0]
        self.hands = hands
        self.store = Store(folder, now=hands.now, new_id=new_id, on_programme=list)
        self.store.shelve([self.survey.document()])
        client = Client(address, key)
        push = Push(client, self.store.outbox, self.store.shelf, sent=self._sent, health=_health)
        self.agent = Agent(push, Pull(client, self.store.shelf), every_s=30, on_state=lambda _: None)

    def tap(self):
        given = {"visit": new_id(), "survey": self.survey.version, "question": self.survey.first.id}
        return self.store.ledger.save(Answered(**given, answer="happy", language="ja", took_ms=900))

    def close(self):
        self.agent.stop()
        self.store.close()

    def _sent(self):
        moment = self.hands.now()
        return Sent(at=moment.at, uptime=moment.uptime, boot=moment.boot)


def _health():
    return Health(version="test", pending=0, rejected=0, free_bytes=1, programme=None)


@pytest.fixture
def device(shop, tmp_path):
    made = []

    def make(**hands):
        made.append(Device(shop, tmp_path / f"device-{len(made)}", Hands(**hands)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def seen(shop):
    """(ledger, seq) → when head office says it was given, in ms, and whether that is estimated."""
    return {
        (row["ledger"], row["seq"]): (
            datetime.fromisoformat(row["tapped_at"]).timestamp() * 1000,
            row["estimated"],
        )
        for row in shop.feed()
    }


def test_a_wall_clock_that_jumps_changes_no_time_of_the_same_boot(shop, device):
    """Taps before and after jumps of any size are dated by the time since they were given, not estimated."""
    kiosk, given = device(synced=False), []
    for jump in JUMPS.values():
        kiosk.hands.off = jump
        given.append(kiosk.tap())
        kiosk.hands.pass_minutes(1)
    kiosk.agent.once()
    dated = seen(shop)
    assert len(dated) == len(given)
    now_ms = time.time_ns() / 1_000_000
    for minutes_ago, tap in enumerate(reversed(given), 1):
        at_ms, estimated = dated[tap.ledger, tap.seq]
        assert at_ms == pytest.approx(now_ms - minutes_ago * MINUTE_MS, abs=20_000)
        assert estimated is False


def test_minutes_offline_are_counted_back_from_when_it_was_heard(shop, device):
    """A kiosk ten years off that was offline for an hour: its taps were given an hour ago."""
    kiosk = device(synced=False)
    kiosk.hands.off = timedelta(days=3653)
    tap = kiosk.tap()
    kiosk.hands.pass_minutes(60)
    kiosk.agent.once()
    at_ms, estimated = seen(shop)[tap.ledger, tap.seq]
    assert at_ms == pytest.approx(time.time_ns() / 1_000_000 - 60 * MINUTE_MS, abs=20_000)
    assert estimated is False


@pytest.mark.parametrize("synced", [True, False])
def test_after_a_reboot_the_wall_clock_counts_and_is_marked_where_nobody_set_it(shop, device, synced):
    """Of an earlier boot only the wall clock is known; where it was never set, the time is an estimate."""
    kiosk = device(synced=synced)
    kiosk.hands.off = timedelta(days=-400)
    tap = kiosk.tap()
    kiosk.hands.reboot()
    kiosk.agent.once()
    assert seen(shop)[tap.ledger, tap.seq] == (tap.at, not synced)
