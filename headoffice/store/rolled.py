"""Tallies of days that are over, rolled up: for places by day, week and month, for sites' hours, for all.

Made by `work.roll`, forgotten by `tallies` in the transaction that changes a day of them, read by `results`.
May touch `rolled` and its four tables; reads placements.

What stands there counts only while its span's name stands in `rolled`. So a kiosk that sends what it tapped a
week ago costs readers a few more rows until the next night, and is never counted wrongly.
"""

# ruff: noqa: S608 - every name and number that is put into a statement here is made by this folder

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import partial

from headoffice.store.engine import Connection, driver
from headoffice.store.kept import once
from headoffice.store.recount import keep_others_out
from headoffice.store.spans import Span, day_span, month_span, names_with, spans_with
from headoffice.store.tables import SLOT_COLUMNS

COUNTS = ("n", "skipped", "sum", *SLOT_COLUMNS)


def names(connection: Connection) -> frozenset[str]:
    """Name the spans that are rolled up."""
    return frozenset(revisions(connection))


def revisions(connection: Connection) -> Mapping[str, int]:
    """Say of each span that is rolled up when it was (ms): as long as that stands, so do its tallies."""
    return once(connection, "rolled", partial(_revisions, connection))


def _revisions(connection: Connection) -> dict[str, int]:
    return dict(driver(connection).execute("SELECT span, rolled_at FROM rolled").fetchall())


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


def roll(connection: Connection, *, span: Span, now: int) -> None:
    """Roll up a span that is over, while nobody else stores taps."""
    keep_others_out(connection)
    bare, bounds = driver(connection), {"first": span.first.isoformat(), "end": span.end.isoformat()}
    for table, statement in _statements(connection, span).items():
        bare.execute(f"DELETE FROM {table} WHERE {SPAN_OF[table]} = ?", (span.name,))
        bare.execute(f"INSERT INTO {table} {statement}", bounds | {"span": span.name})
    bare.execute("DELETE FROM rolled WHERE span = ?", (span.name,))
    bare.execute("INSERT INTO rolled (span, rolled_at) VALUES (?, ?)", (span.name, now))


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
        bounds = {"first": span.first.isoformat(), "end": span.end.isoformat(), "span": name}
        for table, statement in _statements(connection, span).items():
            columns = ", ".join((*KEYS[table], *COUNTS))
            some = " OR ".join(f"{count} <> 0" for count in COUNTS)
            kept = f"SELECT {columns} FROM {table} WHERE {SPAN_OF[table]} = :span AND ({some})"
            told = f"SELECT {columns} FROM ({statement}) AS told WHERE {some}"
            for one, other in ((kept, told), (told, kept)):
                found = f"SELECT COUNT(*) FROM ({one} EXCEPT {other}) AS wrong"
                wrong += int(driver(connection).execute(found, bounds).fetchone()[0])
    return wrong


def named(name: str) -> Span:
    """Give a span by its name."""
    year, _, rest = name.partition("-")
    if rest.startswith("W"):
        day = date.fromisocalendar(int(year), int(rest[1:]), 1)
    else:
        day = date.fromisoformat(name if "-" in rest else f"{name}-01")
    return next(span for span in spans_with(day) if span.name == name)


def _questions(connection: Connection) -> Collection[int]:
    return [number for (number,) in driver(connection).execute("SELECT id FROM questions").fetchall()]


def _statements(connection: Connection, span: Span) -> dict[str, str]:
    """What each table holds of a span, as a SELECT of the tallies, by their primary keys."""
    questions = ", ".join(map(str, _questions(connection))) or "NULL"
    where = f"question IN ({questions}) AND day >= :first AND day < :end"
    of = {"rolled_places": "tallies_day"}
    if span == day_span(span.first):
        of |= {"rolled_days": "tallies_day", "rolled_hours": "tallies_hour"}
    if span == month_span(span.first):
        of |= {"rolled_site_hours": OF_SITES}
    sums = ", ".join(f"SUM({count}) AS {count}" for count in COUNTS)
    found = {}
    for table, source in of.items():
        shown = ", ".join("CAST(:span AS text) AS span" if key == "span" else key for key in KEYS[table])
        grouped = ", ".join(key for key in KEYS[table] if key != "span")
        found[table] = f"SELECT {shown}, {sums} FROM {source} WHERE {where} GROUP BY {grouped}"
    return found


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
