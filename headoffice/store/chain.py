"""The last change of the chain: of its sites, their tags, its kiosks and where they stand.

Called by `sites` and `kiosks`, in the transaction of the change; asked by `lists`, which keeps what it read.
May touch the row `chain` of `settings`, and read its epoch.

Whoever changes anything of the chain holds that row until the commit: so no two states have the same number.
"""

from functools import partial

from headoffice.store.engine import Connection, driver
from headoffice.store.kept import once

NOTE = """
    INSERT INTO settings (name, value) VALUES ('chain', '1')
    ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS bigint) + 1 AS text)
"""
STATE = "SELECT name, value FROM settings WHERE name IN ('epoch', 'chain') ORDER BY name"


def note_change(connection: Connection) -> None:
    """Note that something changes; the first thing that whoever changes it does."""
    driver(connection).execute(NOTE)


def state(connection: Connection) -> tuple[object, ...]:
    """What differs whenever anything of the chain does; after a restore, too."""
    return once(connection, "chain", partial(_state, connection))


def _state(connection: Connection) -> tuple[object, ...]:
    return tuple(driver(connection).execute(STATE).fetchall())
