"""Tallies of days that are over, rolled up: for places by day, week and month, for sites' hours, for all.

Made by `work.roll`, forgotten by `tallies` in the transaction that changes a day of them, read by `results`.
May touch `rolled` and its four tables; reads placements.

What stands there counts only while its span's name stands in `rolled`, with the time it was made. So a kiosk
that sends what it tapped a week ago costs readers a few more rows until the next night, and is never counted
wrongly. A span that is being made stands there too, with a number below zero.
"""

# ruff: noqa: S608 - every name and number that is put into a statement here is made by this folder

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.kept import once
from headoffice.store.recount import keep_others_out
from headoffice.store.spans import A_DAY, Span, day_span, month_span, names_with, spans_with
from headoffice.store.tables import SLOT_COLUMNS

COUNTS = ("n", "skipped", "sum", *SLOT_COLUMNS)
ROLLING = 0x45676172  # the advisory lock of those who roll up
MARK_BITS = 62
WEEK_DAYS = 7
OPEN_HOURS = 12
A_PIECE = 50_000  # tallies at most, by a rough guess, that one statement adds up: some 50 ms


@dataclass(frozen=True)
class Piece:
    """What one statement rolls up: a table's rows of some questions, or of one weekday of a month."""

    table: str
    questions: tuple[int, ...]
    weekday: int | None

    def write(self, connection: Connection, span: Span) -> None:
        """Put the rows in the place of those that were there."""
        days = f"day >= '{span.first}' AND day < '{span.end}'"
        old = f"{SPAN_OF[self.table]} = '{span.name}'"
        if self.weekday is not None:
            steps = range(self.weekday - 1, (span.end - span.first).days, WEEK_DAYS)
            named = ", ".join(f"'{span.first + A_DAY * step}'" for step in steps)
            days = f"day IN ({named})"
            old += f" AND weekday = {self.weekday}"
        of = f"question IN ({', '.join(map(str, self.questions))}) AND"
        driver(connection).execute(f"DELETE FROM {self.table} WHERE {of} {old}")
        told = _sums(self.table, _sources(span)[self.table], f"{of} {days}")
        driver(connection).execute(f"INSERT INTO {self.table} {told}", {"span": span.name})


@dataclass(frozen=True)
class Rolling:
    """A span that is being rolled up, known by its mark, and the pieces that are still to be done."""

    span: Span
    mark: int
    pieces: tuple[Piece, ...]


def names(connection: Connection) -> frozenset[str]:
    """Name the spans that are rolled up."""
    return once(connection, "rolled names", lambda: frozenset(revisions(connection)))


def revisions(connection: Connection) -> Mapping[str, int]:
    """Say of each span that is rolled up when it was (ms): as long as that stands, so do its tallies."""
    return once(connection, "rolled", partial(_revisions, connection))


def _revisions(connection: Connection) -> dict[str, int]:
    found = driver(connection).execute("SELECT span, rolled_at FROM rolled WHERE rolled_at >= 0")
    return dict(found.fetchall())


def forget(connection: Connection, days: Iterable[str]) -> None:
    """Let what is rolled up of some local days count no longer, since they change."""
    spans = sorted({name for day in days for name in names_with(date.fromisoformat(day))})
    if not spans:
        return
    marks = ", ".join("?" for _ in spans)
    found = driver(connection).execute(f"SELECT span FROM rolled WHERE span IN ({marks})", spans).fetchall()
    for (name,) in found:  # hardly ever: today's days are not rolled up yet
        driver(connection).execute("DELETE FROM rolled WHERE span = ?", (name,))


def forget_all(connection: Connection) -> None:
    """Let nothing count that is rolled up."""
    driver(connection).execute("DELETE FROM rolled")


def begin(connection: Connection, span: Span) -> Rolling:
    """Begin to roll up a span that is over; from now on whatever changes its tallies undoes that."""
    keep_others_out(connection)
    mark = -secrets.randbits(MARK_BITS) - 1  # below zero: it does not count yet
    bare = driver(connection)
    bare.execute("DELETE FROM rolled WHERE span = ?", (span.name,))
    bare.execute("INSERT INTO rolled (span, rolled_at) VALUES (?, ?)", (span.name, mark))
    return Rolling(span, mark, tuple(_pieces(connection, span)))


def go_on(
    connection: Connection, rolling: Rolling, *, now: int, enough: Callable[[], bool]
) -> Rolling | None:
    """Roll up the next pieces of a span until it is `enough`; None when all is done, or was undone.

    The pieces are added up while others store taps, where the database lets them: only with the last, when
    none of its days has changed since it was begun, does the span count.
    """
    _keep_rollers_apart(connection)
    bare, values = driver(connection), (rolling.span.name, rolling.mark)
    if bare.execute("SELECT 1 FROM rolled WHERE span = ? AND rolled_at = ?", values).fetchone() is None:
        return None
    left = deque(rolling.pieces)
    while left:
        left.popleft().write(connection, rolling.span)
        if enough():
            break
    if left:
        return replace(rolling, pieces=tuple(left))
    keep_others_out(connection)  # from here on nobody can take the mark away
    bare.execute("UPDATE rolled SET rolled_at = ? WHERE span = ? AND rolled_at = ?", (now, *values))
    return None


def first_day(connection: Connection) -> str | None:
    """Name the first local day that has a tally."""
    bare, first = driver(connection), "SELECT MIN(day) FROM tallies_day WHERE question = ?"
    found = [bare.execute(first, (question,)).fetchone() for question in _questions(connection)]
    return min((day for (day,) in found if day is not None), default=None)


def differences(connection: Connection) -> int:
    """Count the rows of spans that are rolled up which are not what the tallies add up to."""
    wrong = 0
    for name in sorted(names(connection)):
        span = named(name)
        asked = ", ".join(map(str, _questions(connection))) or "NULL"
        where = f"question IN ({asked}) AND day >= '{span.first}' AND day < '{span.end}'"
        for table, source in _sources(span).items():
            statement = _sums(table, source, where)
            columns = ", ".join((*KEYS[table], *COUNTS))
            some = " OR ".join(f"{count} <> 0" for count in COUNTS)
            kept = f"SELECT {columns} FROM {table} WHERE {SPAN_OF[table]} = :span AND ({some})"
            told = f"SELECT {columns} FROM ({statement}) AS told WHERE {some}"
            for one, other in ((kept, told), (told, kept)):
                found = f"SELECT COUNT(*) FROM ({one} EXCEPT {other}) AS wrong"
                wrong += int(driver(connection).execute(found, {"span": name}).fetchone()[0])
    return wrong


def named(name: str) -> Span:
    """Give a span by its name."""
    year, _, rest = name.partition("-")
    if rest.startswith("W"):
        day = date.fromisocalendar(int(year), int(rest[1:]), 1)
    else:
        day = date.fromisoformat(name if "-" in rest else f"{name}-01")
    return next(span for span in spans_with(day) if span.name == name)


def _keep_rollers_apart(connection: Connection) -> None:
    """Let nobody else roll up until the commit; SQLite's writer is alone already."""
    if is_postgres(connection):
        driver(connection).execute("SELECT pg_advisory_xact_lock(?)", (ROLLING,))


def _questions(connection: Connection) -> tuple[int, ...]:
    return tuple(number for (number,) in driver(connection).execute("SELECT id FROM questions").fetchall())


def _pieces(connection: Connection, span: Span) -> Iterator[Piece]:
    """A span's tables in pieces that each take a moment: by questions, and sites' hours by weekdays."""
    questions = _questions(connection)
    [places] = driver(connection).execute("SELECT COUNT(*) FROM placements").fetchone()
    for table, source in _sources(span).items():
        each = places * (span.end - span.first).days * (1 if source == "tallies_day" else OPEN_HOURS)
        at_once = max(1, A_PIECE // max(1, each))
        weekdays = range(1, WEEK_DAYS + 1) if source is OF_SITES and each > A_PIECE else (None,)
        for at in range(0, len(questions), at_once):
            yield from (Piece(table, questions[at : at + at_once], weekday) for weekday in weekdays)


def _sources(span: Span) -> dict[str, str]:
    """What each table that holds something of a span is added up from."""
    of = {"rolled_places": "tallies_day"}
    if span == day_span(span.first):
        of |= {"rolled_days": "tallies_day", "rolled_hours": "tallies_hour"}
    if span == month_span(span.first):
        of |= {"rolled_site_hours": OF_SITES}
    return of


def _sums(table: str, source: str, where: str) -> str:
    """What a table holds of a span, as a SELECT of the tallies, by their primary keys."""
    sums = ", ".join(f"SUM({count}) AS {count}" for count in COUNTS)
    shown = ", ".join("CAST(:span AS text) AS span" if key == "span" else key for key in KEYS[table])
    grouped = ", ".join(key for key in KEYS[table] if key != "span")
    return f"SELECT {shown}, {sums} FROM {source} WHERE {where} GROUP BY {grouped}"


# In the order of each table's columns, before its counts.
KEYS = {
    "rolled_places": ("question", "span", "placement", "ledger", "counted"),
    "rolled_days": ("question", "day", "language", "counted"),
    "rolled_hours": ("question", "day", "hour", "counted"),
    "rolled_site_hours": ("question", "span", "site", "weekday", "hour", "counted"),
}
SPAN_OF = {"rolled_places": "span", "rolled_days": "day", "rolled_hours": "day", "rolled_site_hours": "span"}

# Days of a month that have the same name are seven apart: the first of them stands for all.
OF_SITES = """
    (SELECT tally.*, placements.site, (CAST(substr(tally.day, 9, 2) AS integer) - 1) % 7 + 1 AS weekday
       FROM tallies_hour AS tally JOIN placements ON placements.id = tally.placement) AS of_sites
"""
