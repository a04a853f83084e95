"""Rows as Parquet, a row group for each chunk, sent as they are written.

Called by negotiate.py where pyarrow is installed (the extra `parquet`). The only place that knows it.
May touch nothing.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from headoffice.web.tabular import Chunks, plain_cell

WHOLE = frozenset(
    {"seq", "n", "skipped", "sum", "hour", "pending", "free_bytes", "through", "held", "rejected"}
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
