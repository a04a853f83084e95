"""How the `when` of a survey is read.

Called by parse.py.
Touches nothing but the Notes it is given.
"""

import re
from datetime import date, datetime, time

from survey.model import WEEKDAYS, When
from survey.problems import did_you_mean, shown
from survey.reading import ReadingError, Table
from survey.told import told

HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MINUTES_OF_HOUR = 60
MINUTES_OF_DAY = 24 * MINUTES_OF_HOUR


def read_when(survey: Table) -> When | None:
    """Read the `when` of a survey; what is at fault in it is noted and left out."""
    when = survey.inner("when", ("weekdays", "hours", "from", "to"))
    if when is None:
        return None
    first, last = when.read("from", day), when.read("to", day)
    if first and last and last < first:
        when.fault(
            "to", told("is {last}, before from ({first}); both days are included", last=last, first=first)
        )
    weekdays, hours = when.read("weekdays", days_of_week), when.read("hours", hours_of_day)
    return When(
        weekdays=weekdays,
        hours=hours,
        first=first,
        last=last,
        weekdays_written=str(when.raw["weekdays"]) if weekdays else None,
        hours_written=str(when.raw["hours"]) if hours else None,
    )


def days_of_week(value: object) -> frozenset[int]:
    """Read days and spans of days: `mon-fri`, `sat,sun`, `fri-mon,wed`; Monday is 0."""
    if not isinstance(value, str):
        raise ReadingError(
            told('is {value}; it needs days such as "mon-fri" or "sat,sun"', value=shown(value))
        )
    days: set[int] = set()
    for span in value.split(","):
        first, *rest = (_weekday(name.strip()) for name in span.split("-", 1))
        last = rest[0] if rest else first
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(days)


def hours_of_day(value: object) -> tuple[time, time]:
    """Read opening hours: `09:00-22:00`; past midnight `22:00-02:00`; the whole day `00:00-24:00`."""
    found = HOURS.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ReadingError(told('is {value}; it needs hours such as "09:00-22:00"', value=shown(value)))
    hour, minute, last_hour, last_minute = map(int, found.groups())
    opens, closes = MINUTES_OF_HOUR * hour + minute, MINUTES_OF_HOUR * last_hour + last_minute
    if max(minute, last_minute) >= MINUTES_OF_HOUR or opens >= MINUTES_OF_DAY or closes > MINUTES_OF_DAY:
        raise ReadingError(told("is {value}; a day goes from 00:00 to 24:00", value=shown(value)))
    if opens == closes:
        raise ReadingError(
            told('is {value}, no time at all; for the whole day write "00:00-24:00"', value=shown(value))
        )
    return _time(opens), _time(closes % MINUTES_OF_DAY)


def day(value: object) -> date:
    """Read a date: TOML's own, or its ISO text as JSON carries it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ReadingError(told("is {value}; there is no such day", value=value)) from None
    raise ReadingError(told("is {value}; it needs a date such as 2026-12-01", value=shown(value)))


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ReadingError(
            told(
                "names {name}, no day of {weekdays}{hint}",
                name=shown(name),
                weekdays=", ".join(WEEKDAYS),
                hint=did_you_mean(name, WEEKDAYS),
            )
        )
    return WEEKDAYS.index(name)


def _time(minutes: int) -> time:
    return time(*divmod(minutes, MINUTES_OF_HOUR))
