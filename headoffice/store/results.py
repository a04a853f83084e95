"""The counts behind every metric: hand-written queries on the tallies, never on the taps.

Called by work/report.py and work/overview.py with a reading connection.
May read tallies, placements, sites, questions and surveys; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store.engine import Connection
from headoffice.store.sight import term
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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question of one survey version, as the tallies know it."""

    id: int
    version: str
    survey: str
    question: str
    type: str
    metric: str | None
    base: int
    slots: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which tallies to add up: None means all. `first` is included, `end` is not; both are local dates."""

    questions: tuple[int, ...]
    first: date | None = None
    end: date | None = None
    sites: tuple[int, ...] | None = None
    touchpoints: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts of one question for one group; `key` has a value for each thing it was grouped by."""

    question: int
    key: tuple[str | int, ...]
    counted: bool
    n: int
    skipped: int
    sum: int
    slots: tuple[int, ...]


def questions(connection: Connection) -> list[Asked]:
    """Every question of every survey version, oldest version first, in the document's order."""
    rows = connection.execute(
        text(
            """
            SELECT questions.id, surveys.version, surveys.survey, questions.question,
                   questions.type, questions.metric, questions.base, questions.slots
            FROM questions
            JOIN surveys ON surveys.id = questions.survey
            ORDER BY surveys.id, questions.position
            """
        )
    )
    return [
        Asked(
            id=row.id,
            version=row.version,
            survey=row.survey,
            question=row.question,
            type=row.type,
            metric=row.metric,
            base=row.base,
            slots=row.slots,
        )
        for row in rows
    ]


def tallies(connection: Connection, wanted: Wanted, *, by: Sequence[str] = ()) -> list[Tally]:
    """Add up tallies by question, by whether they are counted, and by some of KEYS.

    Reads the key (question, day, …) of tallies_day, or of tallies_hour when grouped by hour; those do not
    carry the language.
    """
    if not wanted.questions:
        return []
    table = "tallies_hour" if "hour" in by else "tallies_day"
    keys = [KEYS[name] for name in by]
    sums = ", ".join(f"SUM(tally.{column}) AS {column}" for column in ("n", "skipped", "sum", *SLOT_COLUMNS))
    where, values = _where(wanted)
    statement = text(
        f"""
        SELECT {", ".join(["tally.question", "tally.counted", *keys])}, {sums}
        FROM {table} AS tally
        JOIN placements ON placements.id = tally.placement
        WHERE {where} AND {term(connection, "placements.site")}
        GROUP BY {", ".join(["tally.question", "tally.counted", *keys])}
        """  # noqa: S608 - all that is put in are constants of this file
    ).bindparams(*values)
    sums_at = 2 + len(keys)
    return [
        Tally(
            question=row[0],
            counted=bool(row[1]),
            key=tuple(row[2:sums_at]),
            n=int(row[sums_at]),
            skipped=int(row[sums_at + 1]),
            sum=int(row[sums_at + 2]),
            slots=tuple(int(count) for count in row[sums_at + 3 :]),
        )
        for row in connection.execute(statement)
    ]


def touchpoints(connection: Connection) -> list[str]:
    """Every touchpoint at which a kiosk ever stood, of the sites that may be seen."""
    seen = term(connection, "site")
    statement = f"SELECT DISTINCT touchpoint FROM placements WHERE {seen} ORDER BY touchpoint"  # noqa: S608 - numbers
    rows = connection.execute(text(statement))
    return [row.touchpoint for row in rows]


def _where(wanted: Wanted) -> tuple[str, list[BindParameter[object]]]:
    terms = ["tally.question IN :questions"]
    values: list[BindParameter[object]] = [bindparam("questions", wanted.questions, expanding=True)]
    if wanted.first is not None:
        terms.append("tally.day >= :first")
        values.append(bindparam("first", wanted.first.isoformat()))
    if wanted.end is not None:
        terms.append("tally.day < :end")
        values.append(bindparam("end", wanted.end.isoformat()))
    if wanted.sites is not None:
        terms.append("placements.site IN :sites")
        values.append(bindparam("sites", wanted.sites, expanding=True))
    if wanted.touchpoints is not None:
        terms.append("placements.touchpoint IN :touchpoints")
        values.append(bindparam("touchpoints", wanted.touchpoints, expanding=True))
    return " AND ".join(terms), values
