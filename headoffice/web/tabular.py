"""Rows as tables have them: flat, with named columns, each value one cell; and CSV made of them.

Called by negotiate.py, sheets.py, parquet.py and export.py. Pure functions of values: touches nothing.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

Record = Mapping[str, object]
Chunks = Iterable[Sequence[Record]]


@dataclass(frozen=True)
class Stretch:
    """Some rows of an export: as columns of cells by their names (lists are JSON already), and as records."""

    columns: Mapping[str, Sequence[object]]
    records: Callable[[], Sequence[Record]]


BOM = "\ufeff"  # by it Excel knows UTF-8; without it, Japanese is garbled there
HARMLESS = frozenset({"ledger", "seq", "visit", "tapped_at", "received_at", "started_at", "ended_at"})
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def names_of(rows: Sequence[Record], columns: Sequence[str]) -> list[str]:
    """The columns named first, then any other in the order they turn up."""
    return list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))


def as_csv(rows: Sequence[Record], columns: Sequence[str]) -> str:
    """Rows as RFC 4180 has them, with every column that turns up."""
    return "".join(csv_parts([rows], names_of(rows, columns)))


def csv_parts(chunks: Chunks, names: Sequence[str], *, bom: bool = False) -> Iterator[str]:
    """The same in parts, a part for each chunk of rows, with exactly these columns."""
    yield (BOM if bom else "") + _lines([[defused(name) for name in names]])
    for rows in chunks:
        yield _lines([[cell(row.get(name)) for name in names] for row in rows])


def csv_stretches(stretches: Iterable[Stretch], names: Sequence[str], *, bom: bool = False) -> Iterator[str]:
    """The same of stretches, column by column; a cell is written once, however often it comes."""
    yield (BOM if bom else "") + _lines([[defused(name) for name in names]])
    for stretch in stretches:
        columns = [_cells(name, stretch.columns[name]) for name in names]
        yield "".join([f"{line}\r\n" for line in map(",".join, zip(*columns, strict=True))])


def cell(value: object) -> object:
    """A value as a spreadsheet has it: numbers stay numbers, nothing is empty, text is defused."""
    plain = plain_cell(value)
    return defused(plain) if isinstance(plain, str) else plain


def plain_cell(value: object) -> str | float | int:
    """The same for programs: lists and tables are JSON, and nothing is defused."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return value
    return msgspec.json.encode(value).decode()


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def flattened(row: Record) -> Record:
    """A row whose plain tables have become columns like `tags.region`; what is under `by` keeps its name.

    A table that holds others, such as a survey's document, stays one cell.
    """
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and not any(isinstance(each, Mapping) for each in value.values()):
            prefix = "" if name == "by" else f"{name}."
            flat.update({f"{prefix}{inner}": each for inner, each in value.items()})
        else:
            flat[name] = value
    return flat


class _Known(dict[object, str]):
    """Cells as they stand in a line, each made once."""

    def __missing__(self, value: object) -> str:
        plain = cell(value)
        found = self[value] = "" if plain == "" else _lines([[plain]])[:-2]
        return found


def _cells(name: str, values: Sequence[object]) -> Iterable[str]:
    if name in HARMLESS:
        return map(str, values)
    known = _Known()
    return [known[value] for value in values]


def _lines(cells: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    return out.getvalue()
