"""A PostgreSQL server: a few connections that write, and many that read.

Opened by `engine`.
May touch the database that a URL names, by way of psycopg.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import QueuePool, create_engine, event, exc

from headoffice.problems import DataUnusable, InUse, StoreFailed, WrongUsage
from headoffice.store import endings
from headoffice.store.dialects import DRIVER, keep_driver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

OLDEST = 150_000  # PostgreSQL 15, as the server writes it
CONNECT_TIMEOUT_S = 10
READERS = 8
PREPARED = (
    300  # statements that a connection keeps planned; psycopg's 100 are soon overtaken by a dashboard's
)
WRITERS = 2  # a group is reckoned while the other is written; more would only make each group smaller
SERVED = 0x4567616F  # the advisory lock that every serving process shares and a restore wants alone
DURABLE = ("fsync", "full_page_writes")
CHANGES = ("INSERT", "UPDATE", "DELETE")
# Quoted text, casts, named and unnamed values, and the one sign that psycopg would read as its own.
MARKS = re.compile(r"'(?:[^']|'')*'|::|:(?P<name>[a-z_]\w*)|(?P<value>\?)|(?P<percent>%)")
# What libpq says, and what to do about it.
MENDS = (
    ("password", "check user and password; give the password by PGPASSWORD, a .pgpass file or the URL"),
    ('role "', "check the user of the URL, or make it: createuser NAME"),
    ("does not exist", "make it first: createdb --encoding UTF8 --template template0 NAME"),
    ("no pg_hba.conf entry", "let this user and address in, in the server's pg_hba.conf"),
    ("starting up", "the server is still starting: try again in a moment"),
    ("too many clients", "raise the server's max_connections"),
    ("", "check that the server runs and that host and port of the URL are right"),
)


@dataclass(frozen=True)
class Server:
    """Which server, database and user; what a password could be read from is not shown."""

    conninfo: str = field(repr=False)
    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def password(self) -> str | None:
        """The password, where the URL has one."""
        found = conninfo_to_dict(self.conninfo).get("password")
        return None if found is None else str(found)

    @property
    def conninfo_without_password(self) -> str:
        """What can stand on a command line."""
        parts = conninfo_to_dict(self.conninfo)
        return make_conninfo(**{name: str(value) for name, value in parts.items() if name != "password"})

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """Open a bare connection of one's own. Raises psycopg.OperationalError."""
        connection = psycopg.connect(self.conninfo, **options)
        connection.prepared_max = PREPARED
        return connection

    def without_secret(self, words: object) -> str:
        """Take the password out of words that are shown, and make one line of them."""
        said = " ".join(str(words).split())
        return said.replace(self.password, "…") if self.password else said


class PostgresDriver:
    """A bare connection that reads the same statements as SQLite's."""

    def __init__(self, bare: psycopg.Connection[Any]) -> None:
        self.bare = bare
        self.changes = 0
        self.months: set[str] = set()  # partitions of `taps` known to be there

    def execute(
        self, statement: str, values: Sequence[Any] | Mapping[str, Any] = (), /
    ) -> psycopg.Cursor[Any]:
        """Run one statement, with `?` or `:name` for values."""
        self.note(statement)
        return self.bare.execute(translated(statement), values) if values else self.bare.execute(statement)

    def stream(self, statement: str) -> psycopg.ServerCursor[Any]:
        """Run a statement and leave its rows on the server until they are fetched."""
        return self.bare.cursor(name="egao_stream").execute(statement)

    def copy(self, statement: str, lines: str) -> None:
        """Run a COPY with the lines it takes."""
        self.changes += 1
        with self.bare.cursor() as cursor, cursor.copy(statement) as copying:
            copying.write(lines)

    def note(self, statement: str) -> None:
        """Count a statement that changes something."""
        if statement.lstrip()[:6].upper() in CHANGES:
            self.changes += 1


class PostgresDatabase:
    """A database on a server; see `engine.Database`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = server.name
        self.writers = WRITERS
        options: dict[str, Any] = {"creator": server.connect, "poolclass": QueuePool, "pool_pre_ping": True}
        options["pool_use_lifo"] = (
            True  # the one used last: the server has its plans and catalogue at hand still
        )
        self._writer = create_engine(
            "postgresql+psycopg://", pool_size=WRITERS, max_overflow=READERS, **options
        )
        self._readers = create_engine(
            "postgresql+psycopg://",
            pool_size=READERS,
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
            **options,
        )
        for engine in (self._writer, self._readers):
            keep_driver(engine, PostgresDriver)
        event.listen(self._writer, "after_cursor_execute", _note)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a writing connection."""
        with self.explained(), self._writer.begin() as connection:
            endings.begin(connection)
            try:
                yield connection
                endings.finish(connection)
            except BaseException:
                connection.info[DRIVER].months.clear()  # what this transaction made is not there after all
                raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a reading connection."""
        with self.explained(), self._readers.begin() as connection:
            yield connection

    def claim(self) -> psycopg.Connection[Any]:
        """Take part in serving. Raises InUse during a restore, DataUnusable where a commit is not durable."""
        connection = self.server.connect(autocommit=True)
        with ExitStack() as unless_taken:
            unless_taken.callback(connection.close)
            for setting in DURABLE:
                if connection.execute(f"SHOW {setting}").fetchone() != ("on",):
                    words = f"the server runs with {setting} = off and may lose what it acknowledged"
                    raise DataUnusable(f"{self.name}: {words}; set {setting} = on")
            taken = connection.execute("SELECT pg_try_advisory_lock_shared(%s)", (SERVED,)).fetchone()
            if taken != (True,):
                raise InUse(f"{self.name} is being restored or copied: wait until that is done")
            unless_taken.pop_all()
        return connection

    def hold(self) -> psycopg.Connection[Any]:
        """Keep everybody from serving it. Raises InUse."""
        connection = self.server.connect(autocommit=True)
        if connection.execute("SELECT pg_try_advisory_lock(%s)", (SERVED,)).fetchone() != (True,):
            connection.close()
            raise InUse(f"{self.name} is being served: stop every head office that uses it first")
        return connection

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._writer.dispose()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the driver says into StoreFailed, where the database cannot be used."""
        try:
            yield
        except (exc.DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            gone = isinstance(error, exc.DBAPIError) and error.connection_invalidated
            if not gone and not isinstance(
                cause, (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction)
            ):
                raise  # our statement is at fault, not the server
            words = self.server.without_secret(cause)
            raise StoreFailed(f"the database {self.name} cannot be used: {words}") from None


def read_server(url: str, *, option: str) -> Server:
    """Read a URL as libpq does. Raises WrongUsage, and does not repeat the URL, which may hold a password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        words = "is not a URL that PostgreSQL understands; write postgresql://user@host/database"
        raise WrongUsage(f"{option}: {words}") from None
    if not parts.get("dbname"):
        raise WrongUsage(f"{option}: name the database: postgresql://user@host/database")
    usual = {"connect_timeout": str(CONNECT_TIMEOUT_S), "application_name": "egao-headoffice"}
    more = {name: value for name, value in usual.items() if name not in parts}
    user = f"{parts['user']}@" if "user" in parts else ""
    host = parts.get("host") or parts.get("hostaddr") or ""
    port = f":{parts['port']}" if "port" in parts else ""
    return Server(make_conninfo(url, **more), f"postgresql://{user}{host}{port}/{parts['dbname']}")


def open_server(server: Server) -> PostgresDatabase:
    """Open a database that is there. Raises DataUnusable, with the mend, where it cannot be used."""
    try:
        with closing(server.connect(autocommit=True)) as connection:
            _check(connection, server)
    except psycopg.OperationalError as error:
        said = server.without_secret(error)
        mend = next(mend for words, mend in MENDS if words in said)
        raise DataUnusable(f"{server}: cannot be used as head office's database: {said}; {mend}") from None
    return PostgresDatabase(server)


@lru_cache(maxsize=1000)
def translated(statement: str) -> str:
    """Write a statement's values as psycopg reads them."""
    return MARKS.sub(_mark, statement)


def _mark(found: re.Match[str]) -> str:
    if found["name"]:
        return f"%({found['name']})s"
    return "%s" if found["value"] else found[0].replace("%", "%%")


def _check(connection: psycopg.Connection[Any], server: Server) -> None:
    if connection.info.server_version < OLDEST:
        found = connection.info.parameter_status("server_version")
        raise DataUnusable(f"{server}: the server is PostgreSQL {found}; version 15 or later is needed")
    if connection.info.parameter_status("server_encoding") != "UTF8":
        words = "make a database with UTF8: createdb --encoding UTF8 --template template0 NAME"
        raise DataUnusable(f"{server}: its encoding cannot hold every language; {words}")
    ours, others = connection.execute(
        """
        SELECT count(*) FILTER (WHERE tablename = 'alembic_version'), count(*)
          FROM pg_tables WHERE schemaname = current_schema()
        """
    ).fetchone() or (0, 0)
    if others and not ours:
        raise DataUnusable(f"{server}: holds the tables of another program; name another --database")


def _note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    connection.info[DRIVER].note(statement)
