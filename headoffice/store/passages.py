"""What each visit answered, and nothing more: enough to say how far shoppers came.

Called by work/funnel.py with a reading connection. Reads the taps of a period; writes nothing.
"""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store.engine import Connection
from headoffice.store.sight import term


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Which visits: of sites in one time zone, within a time (ms), of some survey versions."""

    timezone: str
    first_ms: int | None
    end_ms: int | None
    versions: Sequence[str] | None


@dataclass(frozen=True)
class Passage:
    """A visit: where, in which language it ended, of which survey version, and by question what holds.

    Those are the answers, and the time each took (ms) since the tap before: none of a visit's first.
    """

    visit: str
    site: int
    touchpoint: str
    language: str
    version: str
    answers: dict[str, object]
    took_ms: dict[str, int]


def passages(connection: Connection, asking: Asking) -> Generator[Passage, None, None]:
    """Every visit that is counted, one after the other."""
    terms = [term(connection, "placements.site")]
    values: list[BindParameter[object]] = [bindparam("timezone", asking.timezone)]
    if asking.first_ms is not None:
        terms.append("taps.tapped_at >= :first")
        values.append(bindparam("first", asking.first_ms))
    if asking.end_ms is not None:
        terms.append("taps.tapped_at < :end")
        values.append(bindparam("end", asking.end_ms))
    if asking.versions is not None:
        terms.append("surveys.version IN :versions")
        values.append(bindparam("versions", asking.versions, expanding=True))
    statement = text(
        f"""
        SELECT taps.ledger, taps.visit, placements.site, placements.touchpoint, surveys.version,
               taps.language, questions.question, taps.answer, taps.tapped_at
          FROM taps
          JOIN placements ON placements.id = taps.placement
          JOIN sites      ON sites.id      = placements.site
          JOIN questions  ON questions.id  = taps.question
          JOIN surveys    ON surveys.id    = questions.survey
         WHERE sites.timezone = :timezone AND surveys.kind <> 'staff'
           AND taps.superseded = 0 AND taps.flag IS NULL AND {" AND ".join(terms)}
         ORDER BY taps.ledger, taps.seq
        """  # noqa: S608 - all that is put in are constants of this file
    ).bindparams(*values)
    # Left early, as with too many visits, the server's cursor must be closed all the same.
    with connection.execute(statement, execution_options={"stream_results": True}) as rows:
        for (_, visit), run in groupby(rows, key=lambda row: (row.ledger, row.visit)):
            taps = list(run)
            yield Passage(
                visit=str(UUID(bytes=visit)),
                site=taps[0].site,
                touchpoint=taps[0].touchpoint,
                language=taps[-1].language,
                version=taps[0].version,
                answers={tap.question: json.loads(tap.answer) for tap in taps},
                took_ms={after.question: after.tapped_at - tap.tapped_at for tap, after in pairwise(taps)},
            )
