"""Sheets as a workbook, and back from one that anybody may have made.

Called by kiosk.bulk and headoffice.work.sheets, which bring the library that knows the format: this room has
none. Works on bytes that it is given: touches nothing.
"""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from types import ModuleType
from typing import Any
from xml.etree.ElementTree import ParseError

from survey.bulk.sheets import Cell, Sheet, column
from survey.problems import Fault, InvalidSurvey
from survey.told import told

MOST_FILE_BYTES = 10 << 20
MOST_UNPACKED_BYTES = 60 << 20
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 60
WIDTH, WIDE = 16, 44  # of columns, in letters


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How large a workbook may be, packed and unpacked."""

    file_bytes: int = MOST_FILE_BYTES
    unpacked_bytes: int = MOST_UNPACKED_BYTES


BOUNDS = Bounds()
# What a spreadsheet would take for a formula, behind any apostrophes that defuse it.
CHARGED = re.compile(r"'*[=+\-@\t\r]")
DEFUSED = re.compile(r"'+[=+\-@\t\r]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_")  # Excel reads it as a character
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_UNREADABLE = (
    *(zipfile.BadZipFile, ParseError, EOFError),
    *(OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, NotImplementedError),
)


def written(sheets: Iterable[Sheet], excel: ModuleType) -> bytes:
    """Write sheets, every text defused, by openpyxl. Raises InvalidSurvey for what no workbook can hold."""
    book = excel.Workbook()
    book.remove(book.active)
    faults: list[Fault] = []
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.append(list(sheet.heads))
        for number, row in enumerate(sheet.rows, 2):
            faults += [
                Fault(f"{sheet.name}!{column(at)}{number}", told("holds a character that no workbook can"))
                for at, cell in enumerate(row)
                if isinstance(cell, str) and not fits(cell)
            ]
            page.append([_defused(cell) for cell in row] if not faults else [])
        _dress(page, sheet, excel)
    if faults:
        raise InvalidSurvey(faults)
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def fits(text: str) -> bool:
    """Whether a workbook can hold a text: XML has no place for some characters, Excel unfolds _x0041_."""
    return not (NOT_IN_XML.search(text) or ESCAPE.search(text))


def sheets_in(name: str, content: bytes, excel: ModuleType, bounds: Bounds = BOUNDS) -> dict[str, Sheet]:
    """Read every sheet by its name, by openpyxl, at most MOST_ROWS × MOST_COLUMNS. Raises InvalidSurvey."""
    _must_be_harmless(name, content, bounds)
    faults: list[Fault] = []
    try:
        book = excel.load_workbook(BytesIO(content), read_only=True, keep_links=False)
        try:
            read = {page.title: _sheet(page, faults) for page in book.worksheets}
        finally:
            book.close()
    except _UNREADABLE as error:
        raise _unreadable(name, told("is no workbook that can be read: {error}", error=str(error))) from None
    if faults:
        raise InvalidSurvey(faults)
    return read


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and CHARGED.match(cell) else cell


def _restored(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and DEFUSED.match(cell) else cell


def _dress(page: Any, sheet: Sheet, excel: ModuleType) -> None:
    """Make it readable: heads in bold that stay on the screen, texts that break."""
    page.freeze_panes = page.cell(row=2, column=min(4, len(sheet.heads)))
    for number, head in enumerate(sheet.heads):
        page.cell(row=1, column=number + 1).font = excel.styles.Font(bold=True)
        is_text = len(sheet.heads) - number <= 0 or (sheet.name == "translations" and number > 3)  # noqa: PLR2004 - its keys
        page.column_dimensions[column(number)].width = WIDE if is_text or head == "next" else WIDTH
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = excel.styles.Alignment(wrap_text=True, vertical="top")


def _sheet(page: Any, faults: list[Fault]) -> Sheet:
    rows = page.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
    read = [_row(row, page.title, number, faults) for number, row in enumerate(rows, 1)]
    while read and not any(cell not in (None, "") for cell in read[-1]):
        read.pop()
    if len(read) > MOST_ROWS:
        faults.append(Fault(page.title, told("has more than {most} rows", most=MOST_ROWS)))
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
            words = told("holds a formula; write what is meant")
            if cell.data_type == "e":
                words = told("holds an error; write what is meant")
            faults.append(Fault(f"{title}!{column(at)}{number}", words))
        cells.append(_restored(cell.value))
    return tuple(cells)


def _must_be_harmless(name: str, content: bytes, bounds: Bounds) -> None:
    """Refuse what is too large once unpacked, or declares entities, before anything parses it."""
    if len(content) > bounds.file_bytes:
        raise _unreadable(name, told("is larger than {size} MB", size=bounds.file_bytes >> 20))
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > bounds.unpacked_bytes:
                size = bounds.unpacked_bytes >> 20
                words = told("unpacks to more than {size} MB or {parts} parts", size=size, parts=MOST_PARTS)
                raise _unreadable(name, words)
            for part in parts:
                _must_declare_nothing(name, part.filename, packed.read(part))
    except _UNREADABLE as error:
        raise _unreadable(name, told("is no workbook that can be read: {error}", error=str(error))) from None


def _must_declare_nothing(name: str, part: str, content: bytes) -> None:
    plain = content.replace(b"\0", b"")  # UTF-16 says the same with them
    if part.endswith((".xml", ".rels")) and any(each in plain for each in DECLARATIONS):
        raise _unreadable(name, told("declares entities in {part}", part=part))


def _unreadable(name: str, words: str) -> InvalidSurvey:
    return InvalidSurvey([Fault(name, words)])
