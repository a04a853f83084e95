"""The whole feed as one file, for rescue and for those who want no API.

Called by `cli export`. May read the database and write to the stream it is given.
"""

from typing import TextIO

import msgspec

from headoffice.store import feed
from headoffice.store.engine import Database
from headoffice.web.stretches import TAP_FIELDS, taps_after
from headoffice.web.tabular import csv_stretches


def write_feed(database: Database, form: str, out: TextIO) -> None:
    """Write every tap in the feed's order: a JSON object a line, or CSV with a header."""
    with database.read() as connection:
        beginning = feed.read_cursor(connection, "")
    stretches = taps_after(database, beginning, None)
    if form == "csv":
        out.writelines(csv_stretches(stretches, TAP_FIELDS))
        return
    for stretch in stretches:
        out.writelines(msgspec.json.encode(record).decode() + "\n" for record in stretch.records())
