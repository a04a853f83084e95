"""Days, weeks and months by name, and how a period is made up of the fewest of them.

Used by `rolled` and `results`. Pure values: touches nothing.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

DAY, WEEK, MONTH = "day", "week", "month"
WEEKDAY = "weekday"  # no span: the grain where days of one name may be put together
A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)
DECEMBER = 12


class Span(NamedTuple):
    """Days that follow one another, by a name: 2026-11-21, 2026-W47 or 2026-11; `end` is not included."""

    name: str
    first: date
    end: date


class Range(NamedTuple):
    """Days from `first` on until before `end`; None: without bound."""

    first: date | None
    end: date | None


@dataclass(frozen=True)
class Cover:
    """A period as spans that can be had whole, and the days between them."""

    spans: tuple[Span, ...]
    rest: tuple[Range, ...]


def names_with(day: date) -> tuple[str, str, str]:
    """Name the day, the week and the month that hold a day."""
    year, week, _ = day.isocalendar()
    return day.isoformat(), f"{year:04}-W{week:02}", day.isoformat()[:7]


def day_span(day: date) -> Span:
    """Give a day."""
    return Span(day.isoformat(), day, day + A_DAY)


def week_span(day: date) -> Span:
    """Give the ISO week that a day is in."""
    monday = day - timedelta(days=day.weekday())
    return Span(names_with(day)[1], monday, monday + A_WEEK)


def month_span(day: date) -> Span:
    """Give the month that a day is in."""
    first = day.replace(day=1)
    end = date(day.year + 1, 1, 1) if day.month == DECEMBER else date(day.year, day.month + 1, 1)
    return Span(names_with(day)[2], first, end)


def spans_with(day: date) -> tuple[Span, Span, Span]:
    """Give the day, the week and the month that hold a day."""
    return day_span(day), week_span(day), month_span(day)


@lru_cache(maxsize=8)  # one reader asks for the same set again and again
def days_of(names: frozenset[str]) -> Sequence[date]:
    """The days among some spans, in order."""
    return sorted(date.fromisoformat(name) for name in names if len(name) == len("2026-11-21"))


def cover(first: date | None, end: date | None, *, had: Collection[str], kinds: Container[str]) -> Cover:
    """Make up a period of spans that can be had, of these kinds, the largest first; the rest is ranges."""
    days = days_of(frozenset(had))
    if not days:
        return Cover((), (Range(first, end),))
    here = days[0] if first is None else max(first, days[0])
    last = days[-1] + A_DAY if end is None else min(end, days[-1] + A_DAY)
    spans, rest = list[Span](), list[Range]()
    left = first
    while here < last:
        span = _next(here, last, had, kinds)
        if span is None:
            here += A_DAY
            continue
        if left is None or left < span.first:
            rest.append(Range(left, span.first))
        spans.append(span)
        left = here = span.end
    if end is None or left is None or left < end:
        rest.append(Range(left, end))
    return Cover(tuple(spans), tuple(rest))


def _next(here: date, last: date, had: Container[str], kinds: Container[str]) -> Span | None:
    """The largest span that begins here, ends in time, and leaves a month that follows whole."""
    day, week, month = spans_with(here)
    if MONTH in kinds and month.first == here and month.end <= last and month.name in had:
        return month
    if WEEK in kinds and week.first == here and week.end <= last and week.name in had:
        following = month_span(month.end)
        cuts = MONTH in kinds and week.end > month.end
        if not (cuts and following.end <= last and following.name in had):
            return week
    return day if DAY in kinds and day.name in had else None
