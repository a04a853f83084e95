"""Rows as tables have them: flat, with named columns, each value one cell; and CSV made of them.

Called by negotiate.py, sheets.py, parquet.py and export.py. Pure functions of values: touches nothing.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

Record = Mapping[str, object]
Chunks = Iterable[Sequence[Record]]


# Columns that are no text.
WHOLE = frozenset(
    {"seq", "n", "skipped", "sum", "hour", "pending", "free_bytes", "through", "held", "rejected"}
    | {"clock_offset_ms"}
    | {
        "withheld",
        "let_go",
        "missing",
        "unfiltered.n",
        "compared.n",
        "reached",
        "answered",
        "visits",
        *(f"c{slot}" for slot in range(12)),
    }
)
NUMBERS = frozenset({"value", "low", "high", "share", "difference", "p", "p_adjusted", "nps_if_fixed"})
YES = frozenset({"estimated", "suppressed", "counted", "compared.significant"})

BOM = "\ufeff"  # by it Excel knows UTF-8; without it, Japanese is garbled there
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


def csv_line(cells: Sequence[object]) -> str:
    """One row as RFC 4180 has it, with its end."""
    return _lines([cells])


def _lines(cells: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    return out.getvalue()
