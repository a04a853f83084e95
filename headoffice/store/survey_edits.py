"""Who made which survey version, when and where: at head office by publishing, or at a kiosk by its staff.

Called by `work.publish` and `web.results_api`. May touch `survey_edits`.
"""

from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, text

from headoffice.store.engine import Connection
from headoffice.store.tables import survey_edits


@dataclass(frozen=True, kw_only=True)
class SurveyEdit:
    """A version and who made it; `kiosk` None: at head office. Times in ms since 1970 UTC.

    `base` is the version it was made from, None where there was none or nobody said.
    """

    version: str
    kiosk: int | None
    author: str
    made_at: int
    base: str | None
    received_at: int


def add_edit(connection: Connection, edit: SurveyEdit) -> None:
    """Keep one; the same one again changes nothing."""
    kept = survey_edits.c
    known = select(kept.id).where(
        kept.version == edit.version, kept.kiosk == edit.kiosk, kept.made_at == edit.made_at
    )
    if not connection.execute(known).first():
        connection.execute(insert(survey_edits).values(asdict(edit)))


def all_edits(connection: Connection) -> dict[str, list[SurveyEdit]]:
    """Give them by version, as they came."""
    rows = connection.execute(
        text(
            """
            SELECT version, kiosk, author, made_at, base, received_at
            FROM survey_edits ORDER BY received_at, id
            """
        )
    )
    found: dict[str, list[SurveyEdit]] = {}
    for row in rows:
        found.setdefault(row.version, []).append(SurveyEdit(**row._mapping))  # noqa: SLF001 - its public name
    return found
