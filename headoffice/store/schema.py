"""The database's shape: how old it is, and how it is brought up to this program's.

Called by `cli` before anything else. Raises DatabaseNewer where a later version was at work.
May touch the schema, by the steps in `migrations`.
"""

from importlib.resources import as_file, files

from sqlalchemy import inspect, text

from headoffice.problems import DatabaseNewer
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, Database, driver

MIGRATING = 0x4567616E  # the advisory lock of those who change the tables
STEPS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
)  # as in migrations/versions, the newest last


def revision(database: Database) -> str | None:
    """Name the step that a database is at; None when it is new."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def is_current(database: Database) -> bool:
    """Tell whether a database has this program's tables; raises DatabaseNewer for a later program's."""
    found = revision(database)
    if found is not None and found not in STEPS:
        raise DatabaseNewer(
            f"{database.name}: was made by a later version of Egao (its step {found} is unknown here); "
            "install that version, or restore a backup from before"
        )
    return found == STEPS[-1]


def migrate(database: Database) -> None:
    """Take every step that is missing, in one transaction: it is done whole or not at all."""
    # Alembic takes as long to import as a command takes to run, and is wanted once a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    with as_file(files("headoffice.store") / "migrations") as folder, database.write() as connection:
        _wait_for_others(connection)
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _wait_for_others(connection: Connection) -> None:
    """Let one process change the tables at a time; SQLite's writer is alone already."""
    if is_postgres(connection):
        driver(connection).execute("SELECT pg_advisory_xact_lock(?)", (MIGRATING,))
