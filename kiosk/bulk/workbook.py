"""Sheets as an .xlsx file, and back from one that anybody may have made.

Called by kiosk.bulk.files. The only place of the kiosk that knows openpyxl. Touches the file it is given.
"""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from kiosk.bulk.sheets import Cell, Sheet, column
from survey.problems import Fault, InvalidSurvey

MOST_FILE_BYTES = 10 << 20
MOST_UNPACKED_BYTES = 60 << 20
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 60
WIDTH, WIDE = 16, 44  # of columns, in letters
# What a spreadsheet would take for a formula, behind any apostrophes that defuse it.
CHARGED = re.compile(r"'*[=+\-@\t\r]")
DEFUSED = re.compile(r"'+[=+\-@\t\r]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_")  # Excel reads it as a character
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_UNREADABLE = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError),
    *(OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, NotImplementedError),
)


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write sheets, every text defused. Raises OSError, and InvalidSurvey for what no workbook can hold."""
    book = Workbook()
    book.remove(book.active)
    faults: list[Fault] = []
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.append(list(sheet.heads))
        for number, row in enumerate(sheet.rows, 2):
            faults += [
                Fault(f"{sheet.name}!{column(at)}{number}", "holds a character that no workbook can")
                for at, cell in enumerate(row)
                if isinstance(cell, str) and not fits(cell)
            ]
            page.append([_defused(cell) for cell in row] if not faults else [])
        _dress(page, sheet)
    if faults:
        raise InvalidSurvey(faults)
    book.save(path)


def fits(text: str) -> bool:
    """Whether a workbook can hold a text: XML has no place for some characters, Excel unfolds _x0041_."""
    return not (NOT_IN_XML.search(text) or ESCAPE.search(text))


def read_workbook(path: Path) -> dict[str, Sheet]:
    """Read every sheet by its name, at most MOST_ROWS × MOST_COLUMNS. Raises InvalidSurvey."""
    _must_be_harmless(path)
    faults: list[Fault] = []
    try:
        book = load_workbook(path, read_only=True, keep_links=False)
        try:
            read = {page.title: _sheet(page, faults) for page in book.worksheets}
        finally:
            book.close()
    except _UNREADABLE as error:
        raise _unreadable(path, f"is no workbook that can be read: {error}") from None
    if faults:
        raise InvalidSurvey(faults)
    return read


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and CHARGED.match(cell) else cell


def _restored(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and DEFUSED.match(cell) else cell


def _dress(page: Any, sheet: Sheet) -> None:
    """Make it readable: heads in bold that stay on the screen, texts that break."""
    page.freeze_panes = page.cell(row=2, column=min(4, len(sheet.heads)))
    for number, head in enumerate(sheet.heads):
        page.cell(row=1, column=number + 1).font = Font(bold=True)
        is_text = len(sheet.heads) - number <= 0 or (sheet.name == "translations" and number > 3)  # noqa: PLR2004 - its keys
        page.column_dimensions[column(number)].width = WIDE if is_text or head == "next" else WIDTH
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _sheet(page: Any, faults: list[Fault]) -> Sheet:
    rows = page.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
    read = [_row(row, page.title, number, faults) for number, row in enumerate(rows, 1)]
    while read and not any(cell not in (None, "") for cell in read[-1]):
        read.pop()
    if len(read) > MOST_ROWS:
        faults.append(Fault(page.title, f"has more than {MOST_ROWS} rows"))
    heads = tuple("" if head is None else str(head).strip() for head in (read[0] if read else ()))
    while heads and not heads[-1]:
        heads = heads[:-1]
    width = len(heads)
    body = tuple((*row[:width], *(None for _ in range(width - len(row)))) for row in read[1:])
    return Sheet(page.title, heads, body)


def _row(row: Iterable[Any], title: str, number: int, faults: list[Fault]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for at, cell in enumerate(row):
        if cell.data_type in ("f", "e"):
            kind = "a formula" if cell.data_type == "f" else "an error"
            faults.append(Fault(f"{title}!{column(at)}{number}", f"holds {kind}; write what is meant"))
        cells.append(_restored(cell.value))
    return tuple(cells)


def _must_be_harmless(path: Path) -> None:
    """Refuse what is too large once unpacked, or declares entities, before anything parses it."""
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise _unreadable(path, f"is larger than {MOST_FILE_BYTES >> 20} MB")
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise _unreadable(
                    path, f"unpacks to more than {MOST_UNPACKED_BYTES >> 20} MB or {MOST_PARTS} parts"
                )
            for part in parts:
                content = packed.read(part).replace(b"\0", b"")  # UTF-16 says the same with them
                if part.filename.endswith((".xml", ".rels")) and any(
                    each in content for each in DECLARATIONS
                ):
                    raise _unreadable(path, f"declares entities in {part.filename}")
    except _UNREADABLE as error:
        raise _unreadable(path, f"is no workbook that can be read: {error}") from None


def _unreadable(path: Path, words: str) -> InvalidSurvey:
    return InvalidSurvey([Fault(path.name, words)])
