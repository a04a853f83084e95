"""Surveys in spreadsheets and files: out of a version, and in as drafts.

Called by web/publishing/sheets.py. May touch drafts, and read surveys; files come and go as bytes.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from headoffice.problems import Invalid
from headoffice.store import drafts, surveys
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from survey.bulk.content import Imported, of_json, of_sheets, of_toml
from survey.bulk.sheets import sheets_of
from survey.bulk.workbook import Bounds, sheets_in, written
from survey.model import Programme
from survey.problems import Fault, shown
from survey.told import told

FORMS = ("xlsx", "json", "toml")  # what is read; what is written: the first two
MOST_SURVEYS = 50
BOUNDS = Bounds(file_bytes=1 << 20, unpacked_bytes=8 << 20)  # as large as any body


def read_file(name: str, content: bytes) -> Imported:
    """Read a file by its name's ending. Raises InvalidSurvey or Invalid with all faults and their places."""
    form = PurePosixPath(name.lower()).suffix.removeprefix(".")
    if form not in FORMS:
        raise Invalid(
            [Fault("file", told("{name} ends in none of {forms}", name=shown(name), forms=", ".join(FORMS)))]
        )
    if form == "xlsx":
        import openpyxl  # noqa: PLC0415 - a third of a second, for workbooks only

        imported = of_sheets(sheets_in("file", content, openpyxl, BOUNDS))
    else:
        imported = {"json": of_json, "toml": of_toml}[form](content)
    if len(imported.programme.surveys) > MOST_SURVEYS:
        raise Invalid([Fault("file", told("holds more than {most} surveys; part it", most=MOST_SURVEYS))])
    return imported


def put_drafts(connection: Connection, programme: Programme, *, by: By) -> list[int]:
    """Begin a draft of each survey, from the version of it that was published last; returns their numbers."""
    made = []
    for survey in programme.surveys:
        base = surveys.newest_published(connection, survey.id)
        made.append(drafts.create(connection, survey.document(), base=base, by=by).id)
    note(connection, by=by, did="import surveys", what={"drafts": made})
    return made


def write_file(documents: Sequence[Mapping[str, Any]], form: str) -> bytes:
    """Write sound surveys as a workbook or as JSON. Raises InvalidSurvey for what no workbook can hold."""
    if form == "xlsx":
        import openpyxl  # noqa: PLC0415 - as above

        return written(sheets_of([dict(document) for document in documents]), openpyxl)
    return (json.dumps({"survey": list(documents)}, ensure_ascii=False, indent=2) + "\n").encode()
