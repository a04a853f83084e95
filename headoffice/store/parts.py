"""The names of what a tap points to, kept in memory, so that an export asks for the taps alone.

Used by `outpour` for as long as one export lasts.
May read ledgers, placements, sites, questions, surveys and verbatims.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, bindparam, text

from headoffice.store.engine import Connection


class Standing(NamedTuple):
    """Where a tap was given."""

    kiosk: int
    site: int
    touchpoint: str
    timezone: str


class Question(NamedTuple):
    """What was asked."""

    version: str
    survey: str
    kind: str
    id: str
    type: str


class Parts:
    """Ledgers' ids, placements and questions by their numbers: all that the taps so far pointed to."""

    def __init__(self) -> None:
        self.ledgers: dict[int, str] = {}
        self.places: dict[int, Standing] = {}
        self.questions: dict[int, Question] = {}

    def learn(
        self,
        connection: Connection,
        *,
        ledgers: Iterable[int],
        places: Iterable[int],
        questions: Iterable[int],
    ) -> None:
        """See that some numbers are known."""
        new = _new(connection, LEDGERS, set(ledgers) - self.ledgers.keys())
        self.ledgers |= {row.id: str(UUID(bytes=row.uuid)) for row in new}
        new = _new(connection, PLACES, set(places) - self.places.keys())
        self.places |= {row.id: Standing(*row[1:]) for row in new}
        new = _new(connection, QUESTIONS, set(questions) - self.questions.keys())
        self.questions |= {row.id: Question(*row[1:]) for row in new}


def words(
    connection: Connection, ledgers: Iterable[int], first: int, last: int
) -> dict[tuple[int, int], str]:
    """The open texts that may be shown of some ledgers, within some numbers, by ledger and number."""
    wanted = {"ids": sorted(ledgers), "first": first, "last": last}
    return {
        (row.ledger, row.seq): row.text for row in connection.execute(WORDS, wanted) if row.text is not None
    }


def _new(connection: Connection, statement: TextClause, ids: set[int]) -> list[Any]:
    return list(connection.execute(statement, {"ids": sorted(ids)}).all()) if ids else []


def _many(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("ids", expanding=True))


# By the primary keys.
LEDGERS = _many("SELECT id, uuid FROM ledgers WHERE id IN :ids")
PLACES = _many("""
    SELECT placements.id, placements.kiosk, placements.site, placements.touchpoint, sites.timezone
      FROM placements JOIN sites ON sites.id = placements.site
     WHERE placements.id IN :ids
""")
QUESTIONS = _many("""
    SELECT questions.id, surveys.version, surveys.survey, surveys.kind, questions.question, questions.type
      FROM questions JOIN surveys ON surveys.id = questions.survey
     WHERE questions.id IN :ids
""")
WORDS = _many("""
    SELECT ledger, seq, text FROM verbatims
     WHERE ledger IN :ids AND seq BETWEEN :first AND :last AND state <> 1
""")
