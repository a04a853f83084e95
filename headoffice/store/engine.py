"""The door to the database, whichever it is: embedded SQLite in one file, or a PostgreSQL server.

Used by `cli`, `app` and the verbs; every module of this folder is handed a connection from here.
May touch nothing itself: `sqlite` and `postgres` do.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from sqlalchemy import Connection as Connection  # noqa: PLC0414 - other rooms name the type without SQLAlchemy
from sqlalchemy import exc, make_url

from headoffice.problems import WrongUsage
from headoffice.store import endings
from headoffice.store.dialects import DRIVER, is_postgres
from headoffice.store.postgres import PostgresDatabase, Server, open_server, read_server
from headoffice.store.sqlite import FILE_NAME, SqliteDatabase, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from headoffice.store.dialects import Claim

Place = Path | Server
POSTGRES = ("postgresql", "postgres")


class Database(Protocol):
    """An open database. `write` and `read` are its two doors; both give a connection inside a transaction."""

    @property
    def name(self) -> str:
        """Which database it is, for people; never with a password."""

    @property
    def writers(self) -> int:
        """How many groups of changes a serving process may write at once."""

    def write(self) -> AbstractContextManager[Connection]:
        """Give a writing connection in a transaction of its own; it is durable when the block ends.

        Raises StoreFailed when the database cannot take it (full, locked, gone): nothing is stored then.
        """

    def read(self) -> AbstractContextManager[Connection]:
        """Give a reading connection that sees one state of the database until the block ends."""

    def explained(self) -> AbstractContextManager[None]:
        """Turn what the driver says of a database that cannot be used into StoreFailed; both doors do so."""

    def claim(self) -> Claim:
        """Take the database for a serving process until what is returned is closed. Raises InUse.

        SQLite is served by one, with the process that writes for it. PostgreSQL by as many as like, but not
        while it is restored.
        """

    def hold(self) -> Claim:
        """Keep everybody from serving it until what is returned is closed. Raises InUse if it is served."""

    def close(self) -> None:
        """Close every connection."""


class Rows(Protocol):
    """What a statement found."""

    def fetchone(self) -> Any:
        """Give the next row, None after the last."""

    def fetchmany(self, size: int = ...) -> list[Any]:
        """Give some rows."""

    def fetchall(self) -> list[Any]:
        """Give all rows."""

    def close(self) -> None:
        """Ask for no more."""


class Driver(Protocol):
    """The bare connection. Statements are written once, with `?` or `:name` for values."""

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ..., /) -> Rows:
        """Run one statement."""


def driver(connection: Connection) -> Driver:
    """Give the bare connection for the statements that must be fast; the transaction stays the same."""
    return cast("Driver", connection.info[DRIVER])


def stream(connection: Connection, statement: str) -> Rows:
    """Run a statement whose rows are more than fit into memory; close what is returned."""
    bare = connection.info[DRIVER]
    found = bare.stream(statement) if is_postgres(connection) else bare.execute(statement)
    return cast("Rows", found)


def pipeline(connection: Connection) -> AbstractContextManager[object]:
    """Let statements that give nothing go to a server without a wait for each; at the end all are done."""
    if is_postgres(connection):
        return cast("AbstractContextManager[object]", connection.info[DRIVER].bare.pipeline())
    return nullcontext()


def written_rows(connection: Connection) -> Callable[[], int]:
    """Give what counts all that is written or put off within this transaction."""
    bare, waiting = connection.info[DRIVER], endings.counter(connection)
    if is_postgres(connection):
        return lambda: bare.changes + waiting()
    return lambda: bare.total_changes + waiting()


def place_of(data: Path, url: str | None) -> Place:
    """Tell which database a data directory or a database URL means. Raises WrongUsage for what is neither."""
    if url is None:
        return data / FILE_NAME
    return read_place(url, option="--database")


def read_place(url: str, *, option: str) -> Place:
    """Read a database URL; `option` is where it was written. Raises WrongUsage."""
    if url.partition("://")[0] in POSTGRES:
        return read_server(url, option=option)
    try:
        parts = make_url(url)
    except exc.ArgumentError:
        words = "is not a database URL; write sqlite:////path/to/file or postgresql://user@host/database"
        raise WrongUsage(f"{option}: {words}") from None
    if parts.get_backend_name() != "sqlite":
        raise WrongUsage(
            f"{option}: there is SQLite and PostgreSQL, not {parts.get_backend_name()!r}; "
            "write sqlite:////path/to/file or postgresql://user@host/database"
        )
    if not parts.database or parts.database == ":memory:":
        raise WrongUsage(f"{option}: name a file, such as sqlite:////var/lib/egao/headoffice.sqlite3")
    return Path(parts.database)


def open_database(place: Place) -> Database:
    """Open a database; a file is made if it is not there. Raises DataUnusable where that cannot be done."""
    return open_server(place) if isinstance(place, Server) else open_file(place)


def reopen_database(place: Place) -> Database:
    """Open a database that another process of this server has opened and looked through already.

    For batches alone: whatever may change many rows with one statement belongs in that other process.
    """
    return PostgresDatabase(place) if isinstance(place, Server) else SqliteDatabase(place, small_changes=True)
