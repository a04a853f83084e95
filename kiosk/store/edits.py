"""Which versions of its surveys a store made: who, when, from which, and whether head office knows.

Called by kiosk.bootstrap when config.toml changed, by the programme's shelf on the agent's thread.
Touches only the connection it is given.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from kiosk.store.rows import put, rows
from survey.model import Programme
from survey.values import frozen_named

_NAME = "edit:"


@frozen_named
class Edit:
    """A survey version that came into config.toml; `at` is ms since 1970 UTC, `role` is who put it there.

    `base` is the version that was in force before, `office` head office's at that time; None where there
    was none.
    """

    survey: str
    version: str
    base: str | None
    office: str | None
    role: str
    at: int
    told: bool = False


def made(
    before: Programme, after: Programme, *, office: Programme | None, role: str, at: int
) -> tuple[Edit, ...]:
    """Name the versions that are new in a store's programme."""
    old = {survey.id: survey.version for survey in before.surveys}
    sent = {survey.id: survey.version for survey in office.surveys} if office else {}
    return tuple(
        Edit(
            survey=survey.id,
            version=survey.version,
            base=sent.get(survey.id, old.get(survey.id)),
            office=sent.get(survey.id),
            role=role,
            at=at,
        )
        for survey in after.surveys
        if survey.version != old.get(survey.id)
    )


def stood_by(own: Programme, office: Programme, known: Mapping[str, Edit], *, at: int) -> tuple[Edit, ...]:
    """Make those of a store's versions anew that head office has passed over since."""
    sent = {survey.id: survey.version for survey in office.surveys}
    edits = (edit for survey in own.surveys if (edit := known.get(survey.version)))
    return tuple(
        replace(edit, base=sent[edit.survey], office=sent[edit.survey], at=at, told=False)
        for edit in edits
        if edit.office != sent.get(edit.survey, edit.office) and edit.version != sent.get(edit.survey)
    )


def keep_edits(writer: sqlite3.Connection, edits: Iterable[Edit]) -> None:
    """Keep them; a version that comes again, as by a rollback, was made again."""
    for edit in edits:
        written = json.dumps(asdict(edit), ensure_ascii=False)
        put(writer, "settings", (_NAME + edit.version, written), verb="INSERT OR REPLACE")


def standing_edits(reader: sqlite3.Connection) -> dict[str, Edit]:
    """Give them by version. Raises LedgerDamaged for a row that decayed."""
    found = rows(reader, "settings", "WHERE name >= ? AND name < ?", (_NAME, _NAME + "~"))
    edits = (Edit(**json.loads(str(row[1]))) for row in found)
    return {edit.version: edit for edit in edits}
