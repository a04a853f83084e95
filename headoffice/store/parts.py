"""The names of what a tap points to, kept in memory, so that an export asks for the taps alone.

Used by `outpour` for as long as one export lasts.
May read ledgers, placements, sites, questions, surveys and verbatims.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, bindparam, text

from headoffice.store.bulk import INT, array
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver


class Standing(NamedTuple):
    """Where a tap was given."""

    kiosk: str
    site: str
    touchpoint: str
    timezone: str
    number: int  # of the site


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
        self.places |= {
            row.id: Standing(str(row.kiosk), str(row.site), row.touchpoint, row.timezone, row.site)
            for row in new
        }
        new = _new(connection, QUESTIONS, set(questions) - self.questions.keys())
        self.questions |= {row.id: Question(*row[1:]) for row in new}

    def timezones(self, places: Sequence[int]) -> list[str]:
        """The time zone of each place."""
        zones = {place: self.places[place].timezone for place in set(places)}
        return [zones[place] for place in places]


def words(connection: Connection, ledgers: Sequence[int], seqs: Sequence[int]) -> dict[tuple[int, int], str]:
    """The open texts that may be shown of some taps, by ledger and number."""
    spans: dict[int, tuple[int, int]] = {}
    for ledger, seq in zip(ledgers, seqs, strict=True):
        first, last = spans.get(ledger, (seq, seq))
        spans[ledger] = (min(first, seq), max(last, seq))
    rows = [(ledger, *span) for ledger, span in spans.items()]
    if is_postgres(connection):
        arrays = [array(INT, column) for column in zip(*rows, strict=True)]
        found = driver(connection).execute(WORDS_MANY, arrays).fetchall() if rows else []
    else:
        found = [row for span in rows for row in driver(connection).execute(WORDS, span).fetchall()]
    return {(ledger, seq): said for ledger, seq, said in found}


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
WORDS = """
    SELECT ledger, seq, text FROM verbatims
     WHERE ledger = ? AND seq BETWEEN ? AND ? AND state <> 1 AND text IS NOT NULL
"""
WORDS_MANY = """
    SELECT verbatims.ledger, verbatims.seq, verbatims.text
      FROM unnest(?::integer[], ?::integer[], ?::integer[]) AS wanted (ledger, first, last)
      JOIN verbatims ON verbatims.ledger = wanted.ledger
                    AND verbatims.seq BETWEEN wanted.first AND wanted.last
                    AND verbatims.state <> 1 AND verbatims.text IS NOT NULL
"""
