"""Where the counts for a question to the results lie: rolled up where days are over, else in the tallies.

Called by `results`. May read the tallies, what is rolled up of them, and placements; writes nothing.

The whole chain's days and hours are one row each; places are rolled up by day, week and month, and a site's
hours by the month's weekdays. So an answer costs hardly more for a year of two thousand kiosks than for a
week of ten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store import rolled
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.kept import once
from headoffice.store.sight import sites_of, term
from headoffice.store.spans import A_DAY, DAY, MONTH, WEEK, WEEKDAY, Cover, Range, Span, cover
from headoffice.store.tables import SLOT_COLUMNS

# What a tally can be grouped by in SQL; days are folded into weeks and months by whoever asks.
KEYS = {
    "site": "placements.site",
    "touchpoint": "placements.touchpoint",
    "kiosk": "placements.kiosk",
    "language": "tally.language",
    "day": "tally.day",
    "hour": "tally.hour",
}
# The tallies' primary keys, as far as they are asked for, after the question.
IN_ORDER: Sequence[Sequence[str]] = ([], ["tally.day"], ["tally.day", "tally.hour"])
OF_PLACES = frozenset({"site", "touchpoint", "kiosk"})
WHOLE = "whole"  # the grain where days are not told apart
KINDS = {
    DAY: (DAY,),
    WEEKDAY: (DAY,),
    WEEK: (DAY, WEEK),
    MONTH: (DAY, MONTH),
    WHOLE: (DAY, WEEK, MONTH),
}
OF_SITES = frozenset({"site", "day", "hour"})
SITE_KEYS = {"site": "tally.site", "hour": "tally.hour"}
# Days that are not told apart stand for one another: by the weekday a month's first of that name, by the
# month its first. What a read then gives is a row for each group, not one for each day.
FOLDED = {
    WEEKDAY: "substr({day}, 1, 8) || '0' || CAST((CAST(substr({day}, 9, 2) AS integer) - 1) % 7 + 1 AS text)",
    MONTH: "substr({day}, 1, 7) || '-01'",
}
FEW_PLACES = 60  # so many are looked up one by one by each key; more are passed over on the way
FEW_DAYS = 800
HOURS = tuple(range(24))
MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which tallies to add up: None means all. `first` is included, `end` is not; both are local dates.

    `slots` is how many slots the questions use at most. `sums` are the slots that are added up into one
    number each, in the place of all that a tally has; questions that are `together` are not told apart.
    """

    questions: tuple[int, ...]
    first: date | None = None
    end: date | None = None
    sites: tuple[int, ...] | None = None
    touchpoints: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    slots: int = len(SLOT_COLUMNS)
    sums: tuple[tuple[int, ...], ...] | None = None
    together: bool = False
    alone: bool = False  # counted answers only
    hours: tuple[int, ...] | None = None  # only where tallies by the hour of days not rolled up are asked for


@dataclass(frozen=True)
class Source:
    """A statement that gives question, counted, each key, and the sums; `day_at` is where a span is a key.

    All that the program itself knows (numbers, days, spans) is written into it, words of others are `values`.
    """

    statement: str
    values: tuple[str, ...]
    day_at: int | None = None

    def rows(self, connection: Connection) -> Sequence[tuple[Any, ...]]:
        """What it gives."""
        return driver(connection).execute(self.statement, self.values).fetchall()

    def key(self, found: tuple[Any, ...]) -> tuple[Any, ...]:
        """The key of a row, with the first day of its span."""
        if self.day_at is None or len(found[self.day_at]) == len("2026-11-21"):
            return found
        first = rolled.named(found[self.day_at]).first.isoformat()
        return (*found[: self.day_at], first, *found[self.day_at + 1 :])


def sources(connection: Connection, wanted: Wanted, *, by: Sequence[str], grain: str) -> Iterator[Source]:
    """Give the statements whose sums, added up, are the tallies asked for."""
    asking = _Asking(connection, wanted, by, grain, _places(connection, wanted))
    if asking.places is not None and not asking.places:
        return
    hourly, days = "hour" in by, grain if "day" in by else WHOLE
    spoken = "language" in by or wanted.languages is not None
    if hourly and spoken:
        raise ValueError("tallies by the hour hold no language")
    if asking.places is None and not OF_PLACES & set(by):
        table, span, made_up = "rolled_hours" if hourly else "rolled_days", "day", asking.cover((DAY,))
    elif hourly and days in {WEEKDAY, WHOLE} and asking.is_of_sites:
        months = asking.cover((MONTH,))
        if months.spans:
            yield asking.of_sites(months.spans)
        table, span, made_up = "", "", Cover((), months.rest)
    elif hourly or spoken:
        table, span, made_up = "", "", Cover((), (Range(wanted.first, wanted.end),))
    else:
        table, span, made_up = "rolled_places", "span", asking.cover(KINDS[days])
    if made_up.spans:
        yield asking.of_spans(table, span, [each.name for each in made_up.spans])
    for rest in made_up.rest:
        yield from asking.of_days("tallies_hour" if hourly else "tallies_day", rest)


@dataclass(frozen=True)
class _Asking:
    """What is asked; `places` are the placements it is about, None for all of them."""

    connection: Connection
    wanted: Wanted
    by: Sequence[str]
    grain: str
    places: tuple[int, ...] | None

    @property
    def is_of_sites(self) -> bool:
        """Whether whole sites are asked about, and told apart no further."""
        return self.wanted.touchpoints is None and set(self.by) <= OF_SITES

    def of_sites(self, months: Sequence[Span]) -> Source:
        """The sums of sites' hours in months that are rolled up: by the primary key (question, span, …)."""
        keys = [_of_week(months) if name == "day" else SITE_KEYS[name] for name in self.by]
        terms = [term(self.connection, "tally.site"), _named("tally.span", [month.name for month in months])]
        if self.wanted.sites is not None:
            terms.append(_among("tally.site", self.wanted.sites))
        whole = replace(self, by=(), places=None)  # no places to join or to look up
        return whole._source("rolled_site_hours", keys, terms)  # noqa: SLF001 - itself

    def cover(self, kinds: Sequence[str]) -> Cover:
        """Make up the period of what is rolled up."""
        had = rolled.names(self.connection)
        return cover(self.wanted.first, self.wanted.end, had=had, kinds=kinds)

    def of_spans(self, table: str, span: str, names: Sequence[str]) -> Source:
        """The sums of spans that are rolled up: by the primary key (question, span or day, …)."""
        keys = [f"tally.{span}" if name == "day" else KEYS[name] for name in self.by]
        day_at = 2 + self.by.index("day") if "day" in self.by else None
        return replace(self._source(table, keys, [_named(f"tally.{span}", names)]), day_at=day_at)

    def of_days(self, table: str, days: Range) -> Iterator[Source]:
        """The sums of days that are not rolled up: by the primary key (question, day, …)."""
        keys = [KEYS[name] for name in self.by]
        named = self._each(days)
        if named is None:
            terms = [
                f"tally.day {sign} '{day.isoformat()}'"
                for sign, day in ((">=", days.first), ("<", days.end))
                if day is not None
            ]
            if self.wanted.hours is not None:
                terms.append(_among("tally.hour", self.wanted.hours))
            yield self._source(table, keys, terms)
        elif table == "tallies_day":
            yield self._source(table, keys, [_named("tally.day", named)])
        else:
            # By the hour there are many keys to look up: only those of questions that a place really asked.
            hours = HOURS if self.wanted.hours is None else self.wanted.hours
            terms = [_named("tally.day", named), _among("tally.hour", hours)]
            for question, places in self._asked_at(named).items():
                wanted = replace(self.wanted, questions=(question,))
                asking = replace(self, wanted=wanted, places=tuple(places))
                yield asking._source(table, keys, terms)  # noqa: SLF001 - itself

    def _each(self, days: Range) -> list[str] | None:
        """Name each day where few places are asked about, so that the key leads on to them; else None."""
        if self.places is None or len(self.places) > FEW_PLACES or days.first is None or days.end is None:
            return None
        count = (days.end - days.first).days
        names = [(days.first + A_DAY * step).isoformat() for step in range(min(count, FEW_DAYS))]
        return names if count <= FEW_DAYS else None

    def _asked_at(self, days: Sequence[str]) -> dict[int, list[int]]:
        """Which of the questions has answers at which of the places on some days."""
        statement = f"""
            SELECT DISTINCT question, placement FROM tallies_day
             WHERE {_among("question", self.wanted.questions)} AND {_named("day", days)}
                   AND {_among("placement", self.places or ())}
             ORDER BY question, placement
            """  # noqa: S608 - numbers and days
        found: dict[int, list[int]] = {}
        for question, placement in driver(self.connection).execute(statement).fetchall():
            found.setdefault(question, []).append(placement)
        return found

    def _source(self, table: str, keys: Sequence[str], terms: Sequence[str]) -> Source:
        counts = self._counts()
        sums = ", ".join(f"SUM({count})" for count in counts)
        question = "0" if self.wanted.together else "tally.question"
        groups = [] if self.wanted.together else [question]
        join = "JOIN placements ON placements.id = tally.placement" if OF_PLACES & set(self.by) else ""
        where = [_among("tally.question", self.wanted.questions), *terms]
        if self.places is not None:
            where.append(self._of_places())
        spoken = self.wanted.languages
        if spoken is not None:
            where.append(f"tally.language IN ({', '.join('?' for _ in spoken)})" if spoken else "1 = 0")
        halves = self._halves(keys)
        statement = " UNION ALL ".join(
            f"""
            SELECT {", ".join([question, counted, *keys])}, {sums}
              FROM {table} AS tally {join}
             WHERE {" AND ".join([*where, *alone])}
             GROUP BY {", ".join([*groups, *([] if alone else [counted]), *keys])}
            """  # noqa: S608 - all that is put in are constants of this file
            for counted, alone in halves
        )
        if self.grain in FOLDED and "day" in self.by:
            statement = self._folded(statement, len(keys) + 2, len(counts))
        return Source(statement, (spoken or ()) * len(halves))

    def _counts(self) -> list[str]:
        """What is added up of each row."""
        names = [f"tally.{column}" for column in SLOT_COLUMNS[: self.wanted.slots]]
        if self.wanted.sums is None:
            return ["tally.n", "tally.skipped", "tally.sum", *names]
        return [" + ".join(names[slot] for slot in slots) or "0" for slots in self.wanted.sums]

    def _of_places(self) -> str:
        """The condition of the places, which may be thousands: written once for a page."""
        make = partial(_among, "tally.placement", self.places or ())
        return once(self.connection, ("among", self.places), make)

    def _halves(self, keys: Sequence[str]) -> list[tuple[str, list[str]]]:
        """What tells the counted answers, and the terms of each reading of the table.

        SQLite adds up without sorting where the groups come in the order of the primary key, in which
        `counted` is last: so the flagged answers are read apart, which takes half the time.
        """
        if self.wanted.alone:
            return [("1", ["tally.counted = 1"])]
        if keys in IN_ORDER and not is_postgres(self.connection):
            return [(str(counted), [f"tally.counted = {counted}"]) for counted in (1, 0)]
        return [("tally.counted", [])]

    def _folded(self, statement: str, groups: int, counts: int) -> str:
        """Fold the days of sums by the day: done for each row of a table it would take twice as long."""
        day_at = 2 + self.by.index("day")
        names = [f"g{at}" for at in range(groups)]
        keys = [
            FOLDED[self.grain].format(day=name) if at == day_at else name for at, name in enumerate(names)
        ]
        sums = [f"s{at}" for at in range(counts)]
        return f"""
            WITH daily ({", ".join(names + sums)}) AS ({statement})
            SELECT {", ".join(keys)}, {", ".join(f"SUM({each})" for each in sums)}
              FROM daily GROUP BY {", ".join(keys)}
            """  # noqa: S608 - the same


def _of_week(months: Sequence[Span]) -> str:
    """The weekday of a row of these months, as a day of the week that began on MONDAY."""
    begins = " ".join(f"WHEN '{month.name}' THEN {month.first.weekday()}" for month in months)
    weekday = f"(tally.weekday - 1 + CASE tally.span {begins} END) % 7"
    return f"'{MONDAY:%Y-%m-}0' || CAST({weekday} + {MONDAY.day} AS text)"


def _named(column: str, names: Sequence[str]) -> str:
    """A condition: a day or a span is one of these, whose names are made here."""
    return f"{column} IN ({', '.join(repr(name) for name in names)})" if names else "1 = 0"


def _among(column: str, numbers: Sequence[int]) -> str:
    """A condition: a number is one of these, of which there may be thousands; as values each costs a bind."""
    return f"{column} IN ({', '.join(str(int(each)) for each in numbers)})" if numbers else "1 = 0"


def _places(connection: Connection, wanted: Wanted) -> tuple[int, ...] | None:
    """The placements that are asked about, as far as they may be seen; None for all."""
    if wanted.sites is None and wanted.touchpoints is None and sites_of(connection) is None:
        return None
    key = ("places", wanted.sites, wanted.touchpoints)
    return once(connection, key, lambda: _find_places(connection, wanted))


def _find_places(connection: Connection, wanted: Wanted) -> tuple[int, ...]:
    terms, values = [term(connection, "site")], list[BindParameter[Any]]()
    if wanted.sites is not None:
        terms.append(_among("site", wanted.sites))
    if wanted.touchpoints is not None:
        terms.append("touchpoint IN :touchpoints")
        values.append(bindparam("touchpoints", wanted.touchpoints, expanding=True))
    statement = f"SELECT id FROM placements WHERE {' AND '.join(terms)} ORDER BY id"  # noqa: S608 - the same
    return tuple(connection.execute(text(statement).bindparams(*values)).scalars())
