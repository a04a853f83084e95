"""Rows as Parquet, a row group for each chunk, sent as they are written.

Called by negotiate.py where pyarrow is installed (the extra `parquet`). The only place that knows it.
May touch nothing.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from headoffice.web.ahead import ahead
from headoffice.web.strands import Own, Part, Remembered, Shared, Stretch, values
from headoffice.web.tabular import NUMBERS, WHOLE, YES, Chunks, plain_cell

ROW_GROUP, MOST_IN_GROUP = 32_000, 1 << 20

pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps 40 MB more of what an export had


class _Pipe:
    """What the writer takes for a file; what was written since is taken out again."""

    closed = False

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._told = 0

    def write(self, data: bytes) -> int:
        piece = bytes(data)
        self._held.append(piece)
        self._told += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._told

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._held = b"".join(self._held), []
        return taken


def parquet_parts(chunks: Chunks, names: Sequence[str]) -> Iterator[bytes]:
    """The file, in parts. Numbers and switches have their types, all else is text as in CSV."""
    schema = pa.schema([(name, _kind(name)) for name in names])
    pipe = _Pipe()
    with pq.ParquetWriter(pa.PythonFile(pipe, mode="w"), schema, compression="zstd") as writer:
        for rows in chunks:
            if rows:
                columns = {name: [_value(row.get(name), name) for row in rows] for name in names}
                writer.write_table(pa.table(columns, schema=schema))
            yield pipe.take()
    yield pipe.take()


def parquet_stretches(stretches: Iterable[Stretch], names: Sequence[str]) -> Generator[bytes]:
    """The same of stretches, a row group for some of them; a part's cells are made once."""
    schema = pa.schema([(name, _kind(name)) for name in names])
    pipe = _Pipe()
    with pq.ParquetWriter(pa.PythonFile(pipe, mode="w"), schema, compression="zstd") as writer:
        for group in ahead(_groups(stretches, schema)):
            writer.write_table(group, row_group_size=MOST_IN_GROUP)
            yield pipe.take()
    yield pipe.take()


def _groups(stretches: Iterable[Stretch], schema: pa.Schema) -> Iterator[pa.Table]:
    waiting, rows = list[pa.Table](), 0
    known: dict[Sequence[str], Remembered[Sequence[object]]] = {}
    for stretch in stretches:
        arrays = [array for strand in stretch for array in _arrays(strand, known)]
        waiting.append(pa.Table.from_arrays(arrays, schema=schema))
        rows += waiting[-1].num_rows
        if rows >= ROW_GROUP:
            yield pa.concat_tables(waiting)
            waiting, rows = [], 0
    if rows:
        yield pa.concat_tables(waiting)


def _arrays(
    strand: Own | Shared, known: dict[Sequence[str], Remembered[Sequence[object]]]
) -> Sequence[pa.Array]:
    if isinstance(strand, Own):
        return [pa.array(strand.values, type=_kind(strand.name))]
    if strand.names not in known:
        known[strand.names] = _cells(strand.names)
    cells = known[strand.names]
    numbers = {part: number for number, part in enumerate(dict.fromkeys(strand.parts))}
    places = pa.array([numbers[part] for part in strand.parts], type=pa.int32())
    columns = zip(*[cells[part] for part in numbers], strict=True) if numbers else [()] * len(strand.names)
    return [
        pa.array(column, type=_kind(name)).take(places)
        for name, column in zip(strand.names, columns, strict=True)
    ]


def _cells(names: Sequence[str]) -> Remembered[Sequence[object]]:
    def make(part: Part) -> Sequence[object]:
        return [_value(value, name) for name, value in zip(names, values(names, part), strict=True)]

    return Remembered(make)


def _kind(name: str) -> pa.DataType:
    if name in WHOLE:
        return pa.int64()
    if name in YES:
        return pa.bool_()
    return pa.float64() if name.rpartition(".")[2] in NUMBERS else pa.string()


def _value(value: object, name: str) -> object:
    if value is None or name in WHOLE or name in YES or name.rpartition(".")[2] in NUMBERS:
        return value
    return str(plain_cell(value))
