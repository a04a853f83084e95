"""How things stand is said truly, and each trouble gets the pause it asks for."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.clocks import Clocks
from sync.errors import BadProgramme, Busy, Revoked, TooSlow, Unauthorised, Unreachable
from sync.standing import Standing


class Hands:
    """Clocks and dice that a test turns by hand."""

    def __init__(self):
        self.monotonic_s = 1000.0
        self.wall = datetime(2026, 11, 21, 9, 12, tzinfo=UTC)
        self.draw = 0.0

    def pass_s(self, seconds):
        self.monotonic_s += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def standing(hands):
    clocks = Clocks(monotonic_s=lambda: hands.monotonic_s, now=lambda: hands.wall)
    return Standing(every_s=30, draw=lambda: hands.draw, clocks=clocks)


def test_offline_is_said_with_since_when_how_many_and_what_next(standing, hands):
    """Staff can read: offline since 09:12; 1,204 answers waiting; next try in 40 s."""
    standing.heard()
    hands.pass_s(60)
    standing.failed(Unreachable("nothing listens at head office's address"))
    since = hands.wall
    hands.pass_s(600)
    standing.failed(TooSlow("head office did not answer within 30 s"))
    standing.counted(pending=1204, rejected=3)
    state = standing.state(40.0)
    assert (state.online, state.pending, state.rejected, state.next_try_s) == (False, 1204, 3, 40.0)
    assert state.since_ms == since.timestamp() * 1000
    assert (state.code, state.problem) == ("too_slow", "head office did not answer within 30 s")


def test_ack_ends_the_trouble(standing, hands):
    """After an ack the kiosk is online from that moment, without a problem."""
    standing.failed(Unreachable("cut"))
    hands.pass_s(5)
    standing.heard()
    state = standing.state(None)
    assert (state.online, state.code, state.problem, state.next_try_s) == (True, None, None, None)
    assert state.since_ms == hands.wall.timestamp() * 1000


def test_since_follows_a_wall_clock_that_is_set_right(standing, hands):
    """A kiosk that booted in 1970 and then got the time is not said to be offline for half a century."""
    hands.wall = datetime(1970, 1, 1, tzinfo=UTC)
    standing.failed(Unreachable("cut"))
    hands.pass_s(10)
    hands.wall = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    began = datetime(2026, 11, 21, 9, 59, 50, tzinfo=UTC)
    assert standing.state(None).since_ms == began.timestamp() * 1000


def test_bad_programme_is_said_while_online(standing):
    """A programme that cannot be used is a problem even when all taps go through."""
    standing.heard()
    standing.programme(BadProgramme("the programme from head office cannot be used"))
    state = standing.state(30.0)
    assert (state.online, state.code) == (True, "bad_programme")
    standing.programme(None)
    assert standing.state(30.0).problem is None


def test_fault_of_the_kiosk_itself_is_said(standing):
    """An error that is none of sync's own still has words."""
    standing.failed(ZeroDivisionError())
    assert (standing.state(None).code, standing.state(None).problem) == ("kiosk", "ZeroDivisionError")


@pytest.mark.parametrize("error", [Unauthorised("unknown key"), Revoked("withdrawn")])
def test_key_that_is_not_accepted_is_tried_hourly(standing, hands, error):
    """After 401 or 403 the kiosk asks once an hour, however often it failed and whatever the dice say."""
    for draw in (0.0, 0.5, 0.99):
        hands.draw = draw
        assert standing.failed(error) == 3600


@pytest.mark.parametrize(("named_s", "draw"), [(1, 0.0), (120, 0.0), (120, 0.9), (900, 0.0), (900, 0.9)])
def test_retry_after_is_kept_and_spread_out(standing, hands, named_s, draw):
    """A named pause is never cut short, never beyond 15 minutes, and not the same on all kiosks."""
    hands.draw = draw
    pause_s = standing.failed(Busy("busy", named_s))
    assert named_s <= pause_s <= min(900, named_s * 1.2)
    assert pause_s > named_s or draw == 0 or named_s == 900


def test_pauses_grow_while_it_fails_and_start_anew_after_an_ack(standing, hands):
    """Failures double the pause up to five minutes; an ack forgets them."""
    hands.draw = 0.999999
    pauses = [round(standing.failed(Unreachable("cut"))) for _ in range(11)]
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    standing.heard()
    assert round(standing.failed(Unreachable("cut"))) == 2


def test_busy_without_a_pause_of_its_own_backs_off(standing, hands):
    """Without a Retry-After, busy is a failure like others."""
    hands.draw = 0.5
    assert standing.failed(Busy("busy")) == 1.5


def test_interval_is_jittered(standing, hands):
    """After success the next exchange comes near the set interval, not the same moment on all kiosks."""
    assert standing.drained() == pytest.approx(27)
    hands.draw = 0.5
    assert standing.drained() == pytest.approx(30)
