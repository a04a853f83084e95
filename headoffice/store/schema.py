"""The database's shape: how old it is, and how it is brought up to this program's.

Called by `cli` and by `app` before anything else. Raises DatabaseNewer where a later version was at work.
May touch the schema, by the steps in `migrations`.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from headoffice.problems import DatabaseNewer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headoffice.store.engine import Database


def revision(database: Database) -> str | None:
    """Name the step that a database is at; None when it is new."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Tell whether a database has this program's tables; raises DatabaseNewer for a later program's."""
    found = revision(database)
    with _steps() as config:
        script = ScriptDirectory.from_config(config)
        known = {step.revision for step in script.walk_revisions()}
        newest = script.get_current_head()
    if found is not None and found not in known:
        raise DatabaseNewer(
            f"{database.path}: was made by a later version of Egao (its step {found} is unknown here); "
            "install that version, or restore a backup from before"
        )
    return found == newest


def migrate(database: Database) -> None:
    """Take every step that is missing, in one transaction: it is done whole or not at all."""
    with _steps() as config, database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _steps() -> Iterator[Config]:
    with as_file(files("headoffice.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        yield config
