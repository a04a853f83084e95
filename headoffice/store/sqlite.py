"""The database file: one connection that writes, behind a lock shared between processes, and many that read.

Opened by `engine`.
May touch the database file and the lock files beside it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Engine, Pool, QueuePool, StaticPool, create_engine, event, exc

from headoffice.problems import DataUnusable, InUse, StoreFailed
from headoffice.store import endings
from headoffice.store.dialects import DRIVER, keep_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

FILE_NAME = "headoffice.sqlite3"
APPLICATION_ID = 0x4567616F  # "Egao" in the file's header
BUSY_TIMEOUT_MS = 15_000
CACHE_KIB = 32 * 1024
READERS_CACHE_KIB = 8 * 1024  # each: the last days' tallies of a chain, which every page asks for
MOST_STATEMENTS = 400  # kept ready: an ingest alone has six for each of its tables
PAGES_IN_LOG = 4000  # 16 MB: folded in less often, a page that was written several times is written once
DEFAULT, MEMORY = 0, 2  # of temp_store: a file, as Debian builds SQLite, or memory
CHECKED_WHOLE_BELOW_BYTES = 256 * 1024 * 1024  # a quick_check beyond this would make every start slow


class SqliteDatabase:
    """An open database file; see `engine.Database`.

    With `small_changes`, what undoes a statement is kept in memory: SQLite writes a file for it otherwise,
    as much again as the change itself, with every group. Not where one statement may change the whole file.
    """

    def __init__(self, path: Path, *, small_changes: bool = False) -> None:
        self.path = path
        self.name = str(path)
        self.writers = 1  # SQLite has no more
        self._turn = threading.Lock()
        self._lock_file = path.with_name(path.name + ".lock").open("ab")
        temporary = MEMORY if small_changes else DEFAULT
        self._writer = _engine(
            lambda: _connect_writer(path, temporary), begin="BEGIN IMMEDIATE", pool=StaticPool
        )
        self._readers = _engine(lambda: _connect_reader(path), begin="BEGIN", pool=QueuePool)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give the one writing connection."""
        with self.explained(), self.alone(), self._writer.begin() as connection:
            endings.begin(connection)
            yield connection
            endings.finish(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a reading connection."""
        with self.explained(), self._readers.begin() as connection:
            yield connection

    def claim(self) -> BinaryIO:
        """Take the file for one serving process. Raises InUse."""
        return claim(self.path)

    def hold(self) -> BinaryIO:
        """Keep everybody from serving it. Raises InUse."""
        return claim(self.path)

    def check(self) -> None:
        """Raise DataUnusable unless the file is whole and head office's own; a new file is marked as such."""
        with self.alone(), closing(_connect_writer(self.path)) as connection:
            _check(connection, self.path)

    def close(self) -> None:
        """Close every connection; the last one folds the log into the file, so it has the lock."""
        self._readers.dispose()
        with self.alone():
            self._writer.dispose()
        self._lock_file.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other thread and process from writing until the block ends."""
        # SQLite 3.7.0–3.51.2 can corrupt a log that two connections reset together, so no two commit at once.
        with self._turn:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the driver says into StoreFailed, where the database cannot be used."""
        try:
            yield
        except (exc.DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            if type(cause) not in {sqlite3.OperationalError, sqlite3.DatabaseError}:
                raise  # our statement is at fault, not the disk
            raise StoreFailed(f"the database {self.path.name} cannot be used: {cause}") from error


def writes(connection: Connection) -> tuple[int, int]:
    """Tell two writes apart: numbers of which one changes with every write over this connection or another.

    Another is one of any process; what it wrote shows within the next transaction.
    """
    bare = connection.info[DRIVER]
    (others,) = bare.execute("PRAGMA data_version").fetchone()
    return others, bare.total_changes


def claim(path: Path) -> BinaryIO:
    """Take the database for one serving process, until the file returned is closed. Raises InUse."""
    holder = path.with_name(path.name + ".serving").open("a+b")
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder.seek(0)
        pid = holder.read(20).decode("ascii", "replace").strip()
        holder.close()
        raise InUse(f"{path} is being served by process {pid or 'unknown'}: stop that one first") from None
    holder.truncate(0)
    holder.write(f"{os.getpid()}\n".encode())
    holder.flush()
    return holder


def open_file(path: Path) -> SqliteDatabase:
    """Open a database, made if it is not there; raises DataUnusable where that cannot be done."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        database = SqliteDatabase(path)
        with ExitStack() as unless_whole:
            unless_whole.callback(database.close)
            database.check()
            unless_whole.pop_all()
    except (OSError, sqlite3.Error) as error:
        raise DataUnusable(
            f"{path}: cannot be used as head office's database: {error}; "
            "check that its directory can be written, or restore a backup"
        ) from error
    return database


def _engine(connect: Callable[[], sqlite3.Connection], *, begin: str, pool: type[Pool]) -> Engine:
    # Of several the one that was used last is taken: what it read last is in its cache still.
    hot = {"pool_use_lifo": True} if pool is QueuePool else {}
    engine = create_engine("sqlite://", creator=connect, poolclass=pool, **hot)
    keep_driver(engine, lambda bare: bare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _check(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and tables:
        raise DataUnusable(f"{path}: is a database of another program; name another --data or --database")
    if application != APPLICATION_ID:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    if path.stat().st_size < CHECKED_WHOLE_BELOW_BYTES:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise DataUnusable(f"{path}: is damaged ({found}); restore a backup")


def _connect_writer(path: Path, temporary: int = DEFAULT) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=MOST_STATEMENTS
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_IN_LOG}")
    connection.execute(f"PRAGMA temp_store = {temporary}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": BUSY_TIMEOUT_MS}
    for name, value in wanted.items():
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            connection.close()
            raise DataUnusable(f"{path}: SQLite keeps {name} = {found}, not {value}; use a local disk")
    return connection


def _connect_reader(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute(f"PRAGMA cache_size = -{READERS_CACHE_KIB}")
    return connection
