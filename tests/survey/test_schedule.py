"""A survey is shown on the days and at the hours that its `when` says, in the site's local time."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.model import When
from survey.parse import parse_survey
from tests.survey.samples import changed, checkout
from tests.survey.strategies import whens

MONDAY = datetime(2026, 11, 23)  # noqa: DTZ001 - schedules are in local time
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2))  # noqa: DTZ001 - schedules are in local time


def schedule(**keys):
    """The schedule of a survey whose `when` has these keys."""
    return parse_survey(changed(checkout(), "when", keys)).when


def days(weekdays):
    """The days of a week from Monday on at which a survey is shown."""
    when = schedule(weekdays=weekdays)
    return [number for number in range(7) if when.matches(MONDAY + timedelta(days=number))]


def at(clock, day=MONDAY):
    """A moment of a day."""
    return datetime.combine(day, time.fromisoformat(clock))


@pytest.mark.parametrize(
    ("weekdays", "shown"),
    [
        ("mon-sun", [0, 1, 2, 3, 4, 5, 6]),
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("sat,sun", [5, 6]),
        ("sat-mon", [0, 5, 6]),
        ("sun-sat", [0, 1, 2, 3, 4, 5, 6]),
        ("wed-tue", [0, 1, 2, 3, 4, 5, 6]),
        ("wed", [2]),
        ("wed-wed", [2]),
        ("fri-mon, wed", [0, 2, 4, 5, 6]),
        ("tue - wed,tue", [1, 2]),
    ],
)
def test_weekdays(weekdays, shown):
    """Days, spans of days and lists of both are understood; a span may run over the weekend."""
    assert days(weekdays) == shown


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("09:00-22:00", ["09:00", "12:34", "21:59:59"], ["08:59:59", "22:00", "00:00"]),
        ("9:00-22:00", ["09:00"], ["08:59"]),
        ("09:00 - 22:00", ["09:00"], ["22:00"]),
        ("22:00-02:00", ["22:00", "23:59:59", "00:00", "01:59:59"], ["02:00", "12:00", "21:59:59"]),
        ("18:00-24:00", ["18:00", "23:59:59"], ["00:00", "17:59"]),
        ("18:00-00:00", ["18:00", "23:59:59"], ["00:00", "17:59"]),
        ("00:00-24:00", ["00:00", "12:00", "23:59:59"], []),
        ("00:00-00:30", ["00:00", "00:29"], ["00:30", "23:59"]),
    ],
)
def test_hours(hours, inside, outside):
    """The first minute is inside and the last is not; hours may run over midnight; 24:00 ends the day."""
    when = schedule(hours=hours)
    assert [clock for clock in inside if not when.matches(at(clock))] == []
    assert [clock for clock in outside if when.matches(at(clock))] == []


def test_the_night_belongs_to_its_evening():
    """Friday 22:00-02:00 is open on Saturday at one, and not on Friday at one; the same at the last date."""
    friday, saturday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=5)
    when = schedule(weekdays="fri", hours="22:00-02:00")
    assert when.matches(at("23:00", friday))
    assert when.matches(at("01:00", saturday))
    assert not when.matches(at("01:00", friday))
    assert not when.matches(at("23:00", saturday))
    when = schedule(**{"hours": "22:00-02:00", "from": "2026-12-01", "to": "2026-12-31"})
    assert when.matches(at("01:59", date(2027, 1, 1)))
    assert not when.matches(at("22:00", date(2027, 1, 1)))
    assert not when.matches(at("01:00", date(2026, 12, 1)))


def test_first_and_last_day_are_included():
    """`from` and `to` are both days on which the survey is shown."""
    when = schedule(**{"from": "2026-12-01", "to": date(2026, 12, 31)})
    shown = [date(2026, 12, 1), date(2026, 12, 31)]
    assert all(when.matches(at(clock, day)) for day in shown for clock in ("00:00", "23:59:59"))
    assert not when.matches(at("23:59:59", date(2026, 11, 30)))
    assert not when.matches(at("00:00", date(2027, 1, 1)))
    assert schedule(**{"from": "2026-12-01"}).matches(at("00:00", date(2999, 1, 1)))
    assert schedule(**{"from": "2026-12-01", "to": "2026-12-01"}).matches(at("10:00", date(2026, 12, 1)))


@given(MOMENTS)
def test_a_schedule_that_says_nothing_is_always(moment):
    """An empty `when` holds every moment."""
    assert schedule().matches(moment)


@given(whens(), MOMENTS)
def test_all_conditions_hold_together(when, moment):
    """A schedule matches exactly when each of its conditions does, on the day its opening began."""
    whole = schedule(**when)
    night = (
        whole.hours is not None
        and time() < whole.hours[1] < whole.hours[0]
        and moment.time() < whole.hours[1]
    )
    day = moment - timedelta(days=1) if night else moment
    parts = [schedule(hours=when["hours"]).matches(moment)] if "hours" in when else []
    rest = [{key: when[key]} for key in when if key != "hours"]
    parts += [schedule(**part).matches(day) for part in rest]
    assert whole.matches(moment) is all(parts)


@given(whens())
def test_a_schedule_made_by_hand_writes_itself(when):
    """A schedule without the document's own words still renders to a document that means the same."""
    read = schedule(**when)
    made = When(weekdays=read.weekdays, hours=read.hours, first=read.first, last=read.last)
    again = schedule(**made.document())
    assert (again.weekdays, again.hours) == (read.weekdays, read.hours)
    assert (again.first, again.last) == (read.first, read.last)
