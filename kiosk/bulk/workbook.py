"""Sheets as an .xlsx file, and back from one that anybody may have made.

Called by kiosk.bulk.files. The only place of the kiosk that knows openpyxl. Touches the file it is given.
"""

from collections.abc import Iterable
from pathlib import Path

import openpyxl

from survey.bulk.sheets import Sheet
from survey.bulk.workbook import MOST_FILE_BYTES, sheets_in, written
from survey.problems import Fault, InvalidSurvey


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write sheets, every text defused. Raises OSError, and InvalidSurvey for what no workbook can hold."""
    path.write_bytes(written(sheets, openpyxl))


def read_workbook(path: Path) -> dict[str, Sheet]:
    """Read every sheet by its name. Raises InvalidSurvey."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidSurvey([Fault(path.name, f"is no workbook that can be read: {error}")]) from None
    return sheets_in(path.name, content, openpyxl)
