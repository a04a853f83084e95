"""Move head office from one database to another: all of it, checked by counts and sums, or nothing.

Called by `cli copy`.
May fill the target; the source stays as it is, and nobody may serve either meanwhile.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from headoffice.problems import DataUnusable
from headoffice.store import schema, transfer
from headoffice.store.engine import Place, open_database


def move(source: Place, target: Place, *, say: Callable[[str], None]) -> int:
    """Copy everything; returns how many rows there are.

    Raises DataUnusable where the source is no current head office, the target is not empty or holds something
    else in the end, InUse where one of them is served. Then the target is as empty as before: copy again.
    """
    if isinstance(source, Path) and not source.exists():
        raise DataUnusable(f"{source}: there is no database here")
    with (
        closing(open_database(source)) as here,
        closing(here.hold()),
        closing(open_database(target)) as there,
        closing(there.hold()),
    ):
        if not schema.is_current(here):
            raise DataUnusable(f"{here.name}: bring it up to this version first: migrate")
        if not schema.is_current(there):
            schema.migrate(there)
        with here.read() as reading, there.write() as writing:
            transfer.check_empty(writing)
            transfer.fill(reading, writing, say=say)
            say("comparing counts and sums")
            before, after = transfer.held(reading), transfer.held(writing)
            for table, found in before.items():
                if after[table] != found:
                    words = f"{found.rows:,} rows with sums {found.sums} became {after[table]}"
                    raise DataUnusable(f"{table}: {words}; nothing was copied, please report this")
    return sum(found.rows for found in before.values())
