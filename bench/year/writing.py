"""Rows of tallies into the store, many millions of them, in the order of their keys.

Called by `tallied`. I write the two tables of tallies: by `executemany`, or by PostgreSQL's binary COPY.
"""

# ruff: noqa: S608 - every name and number that is put into a statement here is made by this folder

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headoffice.store.dialects import DRIVER, is_postgres
from headoffice.store.engine import Connection, Database
from headoffice.store.tallies import COUNTS, KINDS

Rows = NDArray[np.int32]  # of each row the key without question and day, then the counts that are used
Pile = dict[int, list[tuple[str, Rows]]]  # by the question's number: the days in order, with their rows

LANGUAGES = ("en", "ja", "ko")  # in the order in which both databases sort them, and each of two letters
DAYS_A_COMMIT = 5
# What a column is in PostgreSQL's binary form: big-endian, with its length before it.
FORMS = {"hour": ">i2", "counted": ">i2", "sum": ">i8", "day": "S10", "language": "S2"}
USUAL_FORM = ">i4"
BEGIN, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def write(database: Database, table: str, pile: Pile) -> int:
    """Write a pile and empty it; returns how many rows it had."""
    written = 0
    for question in sorted(pile):
        days = pile.pop(question)
        for at in range(0, len(days), DAYS_A_COMMIT):
            with database.write() as connection:
                put = _copy if is_postgres(connection) else _insert
                for day, rows in days[at : at + DAYS_A_COMMIT]:
                    put(connection, table, question, day, rows)
                    written += len(rows)
    return written


def _key(table: str) -> Sequence[str]:
    """Name the columns of a key after the question and the day."""
    return KINDS[table]._fields[2:]


def _insert(connection: Connection, table: str, question: int, day: str, rows: Rows) -> None:
    key = _key(table)
    values = rows.tolist()
    if "language" in key:
        place = key.index("language")
        for row in values:
            row[place] = LANGUAGES[row[place]]
    given = ["?"] * rows.shape[1]
    unused = ["0"] * (len(key) + len(COUNTS) - rows.shape[1])
    names = ", ".join(("question", "day", *key, *COUNTS))
    marks = ", ".join((str(question), f"'{day}'", *given, *unused))
    connection.info[DRIVER].executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


def _copy(connection: Connection, table: str, question: int, day: str, rows: Rows) -> None:
    names = ("question", "day", *_key(table), *COUNTS)
    shape = [("fields", ">i2")]
    for name in names:
        shape += [(f"length of {name}", ">i4"), (name, FORMS.get(name, USUAL_FORM))]
    block = np.zeros(len(rows), dtype=shape)
    block["fields"] = len(names)
    block["question"], block["day"] = question, day.encode()
    for name, column in zip(names[2:], rows.T, strict=False):  # the slots that are not used stay 0
        block[name] = np.array(LANGUAGES, "S2")[column] if name == "language" else column
    for name in names:
        block[f"length of {name}"] = block.dtype[name].itemsize
    cursor = connection.info[DRIVER].bare.cursor()
    with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(BEGIN + block.tobytes() + END)
