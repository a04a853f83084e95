"""Rows of an export as strands, and lines of CSV and JSON of them: what many rows have alike is written once.

Made by stretches.py; called by negotiate.py and export.py. Pure functions of values: touches nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, cast

import msgspec

from headoffice.web.tabular import BOM, WHOLE, Record, cell, csv_line, defused, flattened

T = TypeVar("T")
MOST = 5000  # parts remembered: beyond, they are more likely each shopper's own words


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Some fields of a record that many rows have alike; it equals no other, so it is found by itself."""

    told: Record


class Own(NamedTuple):
    """A column of which each row has its own value: a number, or text without quotes that is no formula."""

    name: str
    values: Sequence[str | int]


class Shared(NamedTuple):
    """Columns that lie beside each other in a table; of each row the part that it has of the record."""

    names: Sequence[str]
    parts: Sequence[Part]


Stretch = Sequence[Own | Shared]  # some rows: their strands in the order of a table's columns


class Remembered(dict[Part, T], Generic[T]):
    """What is made of parts, each once."""

    def __init__(self, make: Callable[[Part], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, part: Part) -> T:
        if len(self) >= MOST:
            self.clear()
        found = self[part] = self._make(part)
        return found


def csv_stretches(stretches: Iterable[Stretch], names: Sequence[str], *, bom: bool = False) -> Iterator[str]:
    """CSV in parts, as tabular.csv_parts has it."""
    yield (BOM if bom else "") + csv_line([defused(name) for name in names])
    known: dict[Sequence[str], Remembered[str]] = {}
    for stretch in stretches:
        columns: list[Iterable[str]] = []
        for strand in stretch:
            if isinstance(strand, Own):
                whole = strand.name in WHOLE
                columns.append(map(str, strand.values) if whole else cast("Sequence[str]", strand.values))
                continue
            if strand.names not in known:
                known[strand.names] = _cells(strand.names)
            cells = known[strand.names]
            columns.append([cells[part] for part in strand.parts])
        lines = "\r\n".join(map(",".join, zip(*columns, strict=True)))
        yield f"{lines}\r\n" if lines else ""


def json_stretches(stretches: Iterable[Stretch]) -> Iterator[Sequence[str]]:
    """Each row as a JSON object on a line; a list of lines for each stretch."""
    fields = Remembered(_fields)
    for stretch in stretches:
        columns: list[Iterable[object]] = []
        shape = []
        for strand in stretch:
            if isinstance(strand, Own):
                columns.append(strand.values)
                shape.append(f'"{strand.name}":' + ("%d" if strand.name in WHOLE else '"%s"'))
            else:
                columns.append([fields[part] for part in strand.parts])
                shape.append("%s")
        line = "{" + ",".join(shape) + "}"
        yield list(map(line.__mod__, zip(*columns, strict=True)))


def records(stretch: Stretch) -> Iterator[Record]:
    """The rows as records."""
    columns: list[Iterable[Record]] = [
        [{strand.name: value} for value in strand.values]
        if isinstance(strand, Own)
        else [part.told for part in strand.parts]
        for strand in stretch
    ]
    for row in zip(*columns, strict=True):
        yield {name: value for told in row for name, value in told.items()}


def values(names: Sequence[str], part: Part) -> list[object]:
    """The fields of a part as a table has them under these names."""
    flat = flattened(part.told)
    return [flat.get(name) for name in names]


def _cells(names: Sequence[str]) -> Remembered[str]:
    def make(part: Part) -> str:
        cells = [cell(value) for value in values(names, part)]
        return "" if cells == [""] else csv_line(cells)[:-2]

    return Remembered(make)


def _fields(part: Part) -> str:
    return msgspec.json.encode(part.told)[1:-1].decode()
