"""Rows as an Excel workbook, written row by row to a file on disk, so that memory does not grow with them.

Called by negotiate.py. The only place that knows openpyxl. May touch temporary files.
"""

import tempfile
from collections.abc import Generator, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from headoffice.web.tabular import Chunks, cell, defused

MOST_ROWS = 1_000_000  # a sheet holds 1,048,576; what is more goes on another
LONGEST_CELL = 32_767  # characters that Excel takes
PIECE_BYTES = 1 << 16


def xlsx_parts(chunks: Chunks, names: Sequence[str], *, title: str) -> Generator[bytes]:
    """The workbook, in parts. Text is defused, headers too, and no cell is ever a formula."""
    book = Workbook(write_only=True)
    head = [_fit(defused(name)) for name in names]
    sheet = book.create_sheet(title)
    sheet.append(head)
    room = MOST_ROWS
    for rows in chunks:
        for row in rows:
            if not room:
                sheet, room = book.create_sheet(), MOST_ROWS
                sheet.append(head)
            sheet.append([_fit(cell(row.get(name))) for name in names])
            room -= 1
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def _fit(value: object) -> object:
    if not isinstance(value, str):
        return value if value != "" else None
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:LONGEST_CELL]
