"""The whole feed as one file, for rescue and for those who want no API.

Called by `cli export`. May read the database and write to the stream it is given.
"""

import csv
import json
from collections.abc import Iterator
from typing import TextIO

from headoffice.store import feed
from headoffice.store.engine import Database
from headoffice.web.records import Record, feed_record
from headoffice.web.tabular import cell

AT_ONCE = 1000


def write_feed(database: Database, form: str, out: TextIO) -> None:
    """Write every tap in the feed's order: a JSON object a line, or CSV with a header."""
    if form == "csv":
        writer = csv.writer(out)
        for index, record in enumerate(_records(database)):
            if index == 0:
                writer.writerow(record)
            writer.writerow([cell(value) for value in record.values()])
    else:
        for record in _records(database):
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def _records(database: Database) -> Iterator[Record]:
    with database.read() as connection:
        cursor, more = feed.read_cursor(connection, ""), True
        while more:
            rows, cursor, more = feed.page(connection, cursor, AT_ONCE)
            yield from (feed_record(row) for row in rows)
