"""What low scores were given for: the reasons chosen in the visits that gave them.

Called by work/causes.py with a reading connection. Reads the taps, not the tallies: those know no visits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store.engine import Connection
from headoffice.store.sight import term

LOW = tuple(str(score) for score in range(7))  # detractors, 0 to 6, as JSON


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Which visits: the numbers of the NPS questions and of the reasons, where, and when (ms) in one zone."""

    scores: Sequence[int]
    reasons: Sequence[int]
    timezone: str
    first_ms: int | None
    end_ms: int | None
    sites: Sequence[int] | None
    touchpoints: Sequence[str] | None


@dataclass(frozen=True)
class Named:
    """One answer to a question for reasons (JSON), and how many low-scoring visits gave it."""

    question: int
    answer: str
    visits: int


def named(connection: Connection, asking: Asking) -> tuple[int, list[Named]]:
    """How many visits named any reason for a low score, and each answer with how many gave it."""
    where, values = _where(connection, asking)
    low = f"""
        SELECT taps.ledger, taps.visit
          FROM taps
          JOIN placements ON placements.id = taps.placement
          JOIN sites      ON sites.id      = placements.site
         WHERE taps.question IN :scores AND taps.answer IN :low AND sites.timezone = :timezone
           AND taps.superseded = 0 AND taps.flag IS NULL AND {where}
    """  # noqa: S608 - all that is put in are constants of this file
    reasons = f"""
        SELECT low.ledger, low.visit, reason.question, reason.answer
          FROM ({low}) AS low
          JOIN taps AS reason ON reason.ledger = low.ledger AND reason.visit = low.visit
         WHERE reason.question IN :reasons AND reason.answer <> 'null'
           AND reason.superseded = 0 AND reason.flag IS NULL
    """  # noqa: S608 - the same
    grouped = text(
        f"SELECT question, answer, COUNT(*) AS visits FROM ({reasons}) AS found GROUP BY question, answer"  # noqa: S608 - the same
    ).bindparams(*values)
    whole = text(
        f"SELECT COUNT(*) FROM (SELECT DISTINCT ledger, visit FROM ({reasons}) AS found) AS visits"  # noqa: S608 - the same
    ).bindparams(*values)
    rows = connection.execute(grouped)
    found = [Named(row.question, row.answer, row.visits) for row in rows]
    return int(connection.execute(whole).scalar_one()), found


def _where(connection: Connection, asking: Asking) -> tuple[str, list[BindParameter[object]]]:
    terms = [term(connection, "placements.site")]
    values: list[BindParameter[object]] = [
        bindparam("scores", asking.scores, expanding=True),
        bindparam("reasons", asking.reasons, expanding=True),
        bindparam("low", LOW, expanding=True),
        bindparam("timezone", asking.timezone),
    ]
    bounds = {"taps.tapped_at >= :first": asking.first_ms, "taps.tapped_at < :end": asking.end_ms}
    for condition, moment in bounds.items():
        if moment is not None:
            terms.append(condition)
            values.append(bindparam(condition.rpartition(":")[2], moment))
    lists = {"placements.site": asking.sites, "placements.touchpoint": asking.touchpoints}
    for column, allowed in lists.items():
        if allowed is not None:
            name = column.rpartition(".")[2]
            terms.append(f"{column} IN :{name}")
            values.append(bindparam(name, allowed, expanding=True))
    return " AND ".join(terms), values
