"""How long is waited: never too short, never too long, never all kiosks at once."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.backoff import backoff_s, http_date, jittered_s, retry_after_s

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DRAW = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10**9), DRAW)
def test_backoff_stays_within_its_bounds(failures, draw):
    """A pause is 1 s … 5 min after any number of failures."""
    assert 1 <= backoff_s(failures, draw) <= 300


@given(st.integers(1, 100))
def test_backoff_grows_and_is_spread_out(failures):
    """The longest pause doubles up to five minutes, and pauses are spread over all of it."""
    ceiling = min(300, 2**failures)
    assert backoff_s(failures, 0.0) == 1
    assert backoff_s(failures, 0.5) == pytest.approx((1 + ceiling) / 2)
    assert backoff_s(failures, 0.999999) == pytest.approx(ceiling, rel=1e-3)


@given(st.floats(1, 3600), DRAW)
def test_interval_stays_near_what_was_set(every_s, draw):
    """The interval is jittered by at most a tenth."""
    assert 0.9 * every_s <= jittered_s(every_s, draw) <= 1.1 * every_s


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("1.5", 1.5),
        ("0", 1),
        ("901", 900),
        ("99999999999999999999", 900),
        ("9" * 5000, 900),
        ("Sat, 21 Nov 2026 10:02:00 GMT", 120),
        ("Sat, 21 Nov 2026 19:02:00 +0900", 120),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 1),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 900),
        ("Sat, 21 Nov 2026 10:02:00 -0000", 120),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("１２０", None),
        ("Sat, 99 Nov 2026 10:02:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value, expected):
    """Seconds and dates are followed within 1 s … 15 min; junk is as if it were not there."""
    assert retry_after_s(value, NOW) == expected


@given(st.text(max_size=60) | st.text("0123456789:,-+. GMTSatNov", max_size=40))
def test_no_retry_after_breaks_its_reader(value):
    """Any text gives nothing, or a pause within bounds."""
    pause_s = retry_after_s(value, NOW)
    assert pause_s is None or 1 <= pause_s <= 900


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_every_http_date_is_read(moment):
    """A date as HTTP writes it is read to the second, whatever the clock says."""
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    assert http_date(format_datetime(moment, usegmt=True)) == moment
    expected_s = min(900, max(1, (moment - NOW) / timedelta(seconds=1)))
    assert retry_after_s(format_datetime(moment, usegmt=True), NOW) == expected_s
