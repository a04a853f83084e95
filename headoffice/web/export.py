"""The whole feed as one file, for rescue and for those who want no API.

Called by `cli export`. May read the database and write to the stream it is given.
"""

from typing import TextIO

from headoffice.store import feed
from headoffice.store.engine import Database
from headoffice.web.strands import csv_stretches, json_stretches
from headoffice.web.stretches import TAP_FIELDS, taps_after


def write_feed(database: Database, form: str, out: TextIO) -> None:
    """Write every tap in the feed's order: a JSON object a line, or CSV with a header."""
    with database.read() as connection:
        beginning = feed.read_cursor(connection, "")
    stretches = taps_after(database, beginning, None)
    if form == "csv":
        out.writelines(csv_stretches(stretches, TAP_FIELDS))
        return
    for lines in json_stretches(stretches):
        out.writelines(f"{line}\n" for line in lines)
