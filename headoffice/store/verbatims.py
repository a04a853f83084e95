"""Open text: what shoppers wrote, in a table of its own, so that it can be hidden, redacted and let go.

Written by `work.keep` with the taps; read and changed by way of `work.words`.
May touch `verbatims`, and read the tables that name their parts.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store.bulk import BIG, INT, SMALL, TEXT, Bulk
from headoffice.store.engine import Connection
from headoffice.store.sight import term

ELSEWHERE = '"…"'  # what `taps.answer` holds instead of the words, as JSON; also told where they are gone
STATES = ("shown", "hidden", "redacted", "erased")
SHOWN, HIDDEN, REDACTED, ERASED = range(4)
MARK_BITS = 62
NEAR = 20  # taps; no visit has more before or after what was written


class Words(NamedTuple):
    """An open text as it comes in; the columns of the table."""

    ledger: int
    seq: int
    question: int
    placement: int
    day: str
    tapped_at: int
    text: str


class Cell(NamedTuple):
    """A cell of the table that decides what may be shown; `period` is a month (202611) or a day."""

    site: int
    touchpoint: str
    survey: str
    question: str
    period: str | int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which open texts: None means all. Days are the site's local ones; `end` is not included.

    `faces` and `reasons` (options' ids) are answers given in the same visit; `languages` are the shoppers'.
    """

    first: str | None = None
    end: str | None = None
    sites: tuple[int, ...] | None = None
    touchpoints: tuple[str, ...] | None = None
    versions: tuple[str, ...] | None = None
    questions: tuple[str, ...] | None = None
    faces: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class VerbatimSeen:
    """An open text with where it was written; `key` is its place in the order of the list."""

    ledger: int
    seq: int
    mark: int
    key: int
    kiosk: int
    site: int
    timezone: str
    touchpoint: str
    survey: str
    version: str
    question: str
    language: str
    day: str
    month: int
    tapped_at: int
    text: str | None
    state: int
    flag: str | None

    def cell(self, period: str) -> Cell:
        """The cell it counts in; `period` is 'month' or 'day'."""
        when = self.day if period == "day" else self.month
        return Cell(self.site, self.touchpoint, self.survey, self.question, when)


def insert(connection: Connection, rows: Sequence[Words]) -> None:
    """Keep open texts; every one must be new."""
    WORDS.put(connection, [(*row, _month(row.day), secrets.randbits(MARK_BITS), SHOWN) for row in rows])


def cells(connection: Connection, wanted: Wanted, *, period: str) -> dict[Cell, int]:
    """Count the texts that others than admins may see, by cell."""
    where, values = _where(wanted)
    statement = text(
        f"""
        SELECT placements.site, placements.touchpoint, surveys.survey, questions.question,
               verbatims.{"day" if period == "day" else "month"} AS period, COUNT(*) AS n
        {FROM}
        WHERE {where} AND {FOR_ALL} AND {term(connection, "placements.site")}
        GROUP BY placements.site, placements.touchpoint, surveys.survey, questions.question, period
        """
    ).bindparams(*values)
    return {Cell(*row[:5]): row.n for row in connection.execute(statement)}


def page(
    connection: Connection, wanted: Wanted, *, after: tuple[int, int] | None, limit: int, everything: bool
) -> list[VerbatimSeen]:
    """The next texts, newest first; for admins by the moment, for others by the month and then by no order.

    `after` is key and mark of the last one seen. Answers given again later are left out.
    """
    where, values = _where(wanted)
    key = "verbatims.tapped_at" if everything else "verbatims.month"
    terms = [where, "taps.superseded = 0"] if everything else [where, FOR_ALL]
    terms.append(term(connection, "placements.site"))
    if after is not None:
        terms.append(f"({key} < :key OR ({key} = :key AND verbatims.mark > :mark))")
        values += [bindparam("key", after[0]), bindparam("mark", after[1])]
    statement = text(
        f"""
        SELECT verbatims.ledger, verbatims.seq, verbatims.mark, {key} AS key, placements.kiosk,
               placements.site, sites.timezone, placements.touchpoint, surveys.survey, surveys.version,
               questions.question, taps.language, verbatims.day, verbatims.month, verbatims.tapped_at,
               verbatims.text, verbatims.state, taps.flag
        {FROM}
        JOIN sites ON sites.id = placements.site
        WHERE {" AND ".join(terms)}
        ORDER BY {key} DESC, verbatims.mark
        LIMIT :limit
        """
    ).bindparams(*values, bindparam("limit", limit))
    return [VerbatimSeen(**row) for row in connection.execute(statement).mappings()]


def faces_of(connection: Connection, rows: Sequence[VerbatimSeen]) -> dict[tuple[int, int], str]:
    """The face that was tapped in the visit of each of these texts, by ledger and seq."""
    statement = text(
        f"""
        SELECT beside.answer
          FROM taps AS own
          JOIN taps AS beside ON beside.ledger = own.ledger AND beside.visit = own.visit
                             AND beside.seq BETWEEN own.seq - {NEAR} AND own.seq + {NEAR}
          JOIN questions AS asked ON asked.id = beside.question
         WHERE own.ledger = :ledger AND own.seq = :seq AND asked.type = 'faces' AND beside.superseded = 0
           AND beside.answer <> 'null'
         ORDER BY beside.seq LIMIT 1
        """  # noqa: S608 - a constant of this file
    )
    found = {}
    for row in rows:
        answer = connection.execute(statement, {"ledger": row.ledger, "seq": row.seq}).scalar()
        if answer is not None:
            found[row.ledger, row.seq] = str(json.loads(answer))
    return found


def find(connection: Connection, mark: int) -> tuple[int, int, int] | None:
    """Find a text by its mark: ledger, seq and state."""
    statement = text("SELECT ledger, seq, state FROM verbatims WHERE mark = :mark")
    row = connection.execute(statement, {"mark": mark}).first()
    return None if row is None else (row.ledger, row.seq, row.state)


def change(connection: Connection, ledger: int, seq: int, *, state: int) -> None:
    """Hide a text or show it again; its words stay."""
    statement = text("UPDATE verbatims SET state = :state WHERE ledger = :ledger AND seq = :seq")
    connection.execute(statement, {"state": state, "ledger": ledger, "seq": seq})


def overwrite(connection: Connection, ledger: int, seq: int, *, words: str | None) -> None:
    """Put other words in the place of a text's own, or none; the old ones are gone for good."""
    statement = text(
        "UPDATE verbatims SET text = :words, state = :state WHERE ledger = :ledger AND seq = :seq"
    )
    state = ERASED if words is None else REDACTED
    connection.execute(statement, {"words": words, "state": state, "ledger": ledger, "seq": seq})


def erase_before(connection: Connection, before_ms: int) -> int:
    """Erase the words of every text tapped before a moment (ms); returns of how many."""
    statement = text(
        "UPDATE verbatims SET text = NULL, state = :erased WHERE tapped_at < :before AND text IS NOT NULL"
    )
    return int(connection.execute(statement, {"erased": ERASED, "before": before_ms}).rowcount)


def _month(day: str) -> int:
    return int(day[:4]) * 100 + int(day[5:7])


def _beside(condition: str) -> str:
    """A condition: that the same visit has such an answer, which lies a few taps before or after."""
    return f"""EXISTS (
        SELECT 1 FROM taps AS beside JOIN questions AS asked ON asked.id = beside.question
         WHERE beside.ledger = taps.ledger AND beside.seq BETWEEN taps.seq - {NEAR} AND taps.seq + {NEAR}
           AND beside.visit = taps.visit AND beside.superseded = 0 AND {condition}
    )"""  # noqa: S608 - all that is put in are constants of this file


def _unlike(written: str) -> str:
    """A text in which LIKE finds no wildcards."""
    return written.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _where(wanted: Wanted) -> tuple[str, list[BindParameter[object]]]:
    lists: Mapping[str, tuple[str, tuple[object, ...] | None]] = {
        "sites": ("placements.site", wanted.sites),
        "touchpoints": ("placements.touchpoint", wanted.touchpoints),
        "versions": ("surveys.version", wanted.versions),
        "questions": ("questions.question", wanted.questions),
        "languages": ("taps.language", wanted.languages),
    }
    terms: list[str] = ["1 = 1"]
    values: list[BindParameter[object]] = []
    for name, (column, allowed) in lists.items():
        if allowed is not None:
            terms.append(f"{column} IN :{name}")
            values.append(bindparam(name, allowed, expanding=True))
    if wanted.faces is not None:
        terms.append(_beside("asked.type = 'faces' AND beside.answer IN :faces"))
        values.append(bindparam("faces", [json.dumps(face) for face in wanted.faces], expanding=True))
    if wanted.reasons is not None:
        named = [f"beside.answer LIKE :reason{place} ESCAPE '!'" for place in range(len(wanted.reasons))]
        terms.append(_beside(f"asked.type = 'choice' AND ({' OR '.join(named)})"))
        for place, reason in enumerate(wanted.reasons):
            values.append(bindparam(f"reason{place}", f"%{_unlike(json.dumps(reason))}%"))
    if wanted.first is not None:
        terms.append("verbatims.day >= :first")
        values.append(bindparam("first", wanted.first))
    if wanted.end is not None:
        terms.append("verbatims.day < :end")
        values.append(bindparam("end", wanted.end))
    return " AND ".join(terms), values


WORDS = Bulk(
    "verbatims",
    {
        "ledger": INT,
        "seq": BIG,
        "question": INT,
        "placement": INT,
        "day": TEXT,
        "tapped_at": BIG,
        "text": TEXT,
        "month": INT,
        "mark": BIG,
        "state": SMALL,
    },
)

FROM = """
        FROM verbatims
        JOIN taps       ON taps.ledger   = verbatims.ledger AND taps.seq = verbatims.seq
        JOIN placements ON placements.id = verbatims.placement
        JOIN questions  ON questions.id  = verbatims.question
        JOIN surveys    ON surveys.id    = questions.survey
"""

FOR_ALL = "taps.superseded = 0 AND taps.flag IS NULL AND verbatims.text IS NOT NULL AND verbatims.state <> 1"
