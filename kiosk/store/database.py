"""The ledger's file: opened so that a commit is on the disk, written by one connection under one lock.

Called by everything in kiosk.store that writes; kiosk.store.reading has the way in for those who only read.
Touches the data directory. SQLite before 3.51.3 can corrupt a log that two connections reset together, hence
one writer; its lock is held over commits and checkpoints.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from kiosk.store.ballast import Ballast
from kiosk.store.folder import IN_USE_FILE, LEDGER_FILE, SET_ASIDE, make_private, sync_folder
from kiosk.store.migrations import migrate, version
from kiosk.store.pages import NO_TAIL, read_tail
from kiosk.store.problems import (
    DataUnusable,
    LedgerDamaged,
    LedgerUnsafe,
    is_damage,
    is_no_room,
    is_read_only,
)
from kiosk.store.reading import decoded, open_reader
from kiosk.store.rows import COLUMNS, rows
from kiosk.store.wal import PAGE_BYTES, log_of, size_bytes

BUSY_TIMEOUT_MS = 5_000
WRITE_BACK = "PRAGMA wal_checkpoint(TRUNCATE)"
CHECKPOINT_PAGES = 4_000  # a net: kiosk.store.upkeep writes the log back long before, between two taps
LOG_BYTES_KEPT = 4 << 20
CHECKED_BYTES_MOST = 64 << 20  # a bigger file is not walked through when it is opened

# Setting → what SQLite must say when it is asked afterwards.
SETTINGS = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "busy_timeout": (BUSY_TIMEOUT_MS, BUSY_TIMEOUT_MS),
    "wal_autocheckpoint": (CHECKPOINT_PAGES, CHECKPOINT_PAGES),
    "journal_size_limit": (LOG_BYTES_KEPT, LOG_BYTES_KEPT),
    "cell_size_check": ("ON", 1),
    "secure_delete": ("ON", 1),  # what was deleted must not come back from a salvage
}


class Database:
    """The open file. Any thread may call; `lock` may be taken around several calls."""

    def __init__(self, folder: Path) -> None:
        """Open or make the ledger in a data directory that this process has locked.

        A file that is not what was written is set aside, and a new one made.
        Raises DataUnusable, LedgerTooNew or LedgerUnsafe.
        """
        self.folder, self.file = folder, folder / LEDGER_FILE
        self._names = str(self.file), str(log_of(self.file))  # looked at before every tap
        self.lock = threading.RLock()
        self.ballast = Ballast(folder)
        self.generation = 0  # counts the files this object has had open
        self._in_use = folder / IN_USE_FILE  # a process that was killed leaves it behind
        self._peeking = threading.Lock()
        make_private(folder)
        self.log_missing = self._in_use.exists() and self._log_gone()
        try:
            tail = read_tail(self.file) if self._in_use.exists() else NO_TAIL
            self.torn_taps = tail.taps
            if tail.decayed:
                self._move_aside()
            self._open()
        except (sqlite3.Error, OSError) as error:
            raise DataUnusable(f"{self.file} cannot be opened: {error}") from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the writer inside a transaction: committed at the end, rolled back by an exception."""
        with self.lock, self._db.atomic():
            yield self._db.conn

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give the reader, which sees committed rows only and never keeps the writer waiting."""
        with self._peeking:
            yield self._reader

    @property
    def writer(self) -> sqlite3.Connection:
        """The writer without a transaction, for a single statement under `lock`."""
        return self._db.conn

    @property
    def is_open(self) -> bool:
        """False after a new file could not be made in place of a damaged one; `set_aside` tries again."""
        return self._is_open

    @property
    def is_gone(self) -> bool:
        """Whether file or log are no longer those that have these names: somebody cleared the folder."""
        try:
            return self._identity() != self._opened_as
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:  # a disk that fails to answer has not lost its names
            return False

    @property
    def log_bytes(self) -> int:
        """How far the log has grown."""
        return size_bytes(self.file)

    def write_back(self) -> None:
        """Bring the log into the file, so that it stays short; where somebody reads, as far as can be now.

        No tap is to wait for an export that takes minutes: the next round takes up what is left.
        """
        with self.lock:
            self.writer.execute("PRAGMA busy_timeout = 0").fetchall()
            try:
                self.writer.execute(WRITE_BACK).fetchall()
            finally:
                self.writer.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}").fetchall()

    def set_aside(self, generation: int) -> None:
        """Put the damaged file away for salvage and go on with a new one; done once for each generation.

        What is gone from its folder is written out of the open connection first.
        """
        with self.lock:
            if generation == self.generation:
                with self._peeking:
                    if self.is_open and self.is_gone:
                        self._write_out()
                    self._close()
                    self._move_aside()
                    self._open()

    def close(self) -> None:
        """Write everything back and close; afterwards the file stands alone, without a log."""
        with self.lock, self._peeking:
            self._end()

    def _open(self) -> None:
        try:
            self._db = self._opened()
        except Exception as error:
            if not is_damage(error):
                raise
            self._move_aside()
            self._db = self._opened()
        self._reader = open_reader(self.file)
        self._opened_as = self._identity()
        self.generation += 1
        self._is_open = True
        try:
            sync_folder(self.folder)  # the log's name before the mark that says there is one
            self._in_use.touch(mode=0o600)
            sync_folder(self.folder)
        except OSError:
            self._end()
            raise

    def _opened(self) -> sqlite_utils.Database:
        os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its log the same rights
        _refuse_newer(self.file)
        connection = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)
        connection.text_factory = decoded
        try:
            db = sqlite_utils.Database(connection, execute_plugins=False)
            _set(connection)
            self._try_writing(connection)
            migrate(db)
            self._walk_through(connection)
            self._write_back_found(connection)
        except BaseException:
            connection.close()
            raise
        return db

    def _try_writing(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(f"PRAGMA user_version = {found}")  # asking for the right to is not enough
        except sqlite3.OperationalError as error:
            if is_read_only(error) and os.access(self.file, os.W_OK):
                raise LedgerDamaged("the ledger's header says that nobody may write") from error
            raise
        finally:
            connection.execute("ROLLBACK")

    def _write_back_found(self, connection: sqlite3.Connection) -> None:
        """Write anew what the log holds: after a sync that failed it may look safe and be in memory alone."""
        for _ in range(2):
            try:
                connection.execute(WRITE_BACK).fetchall()
            except sqlite3.OperationalError as error:  # a full disk must not keep the kiosk from its work
                if not (is_no_room(error) and self.ballast.release()):
                    return
            else:
                return

    def _walk_through(self, connection: sqlite3.Connection) -> None:
        if self.file.stat().st_size <= CHECKED_BYTES_MOST:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise LedgerDamaged(f"the ledger is damaged: {verdict}")
        for table in COLUMNS.keys() - {"taps"}:  # those are many: kiosk.store.ledger reads the newest
            for _ in rows(connection, table):
                pass  # reading a row checks it

    def _end(self) -> None:
        """Close for good. The mark goes first: left without a log it would tell of a loss."""
        try:
            self._in_use.unlink(missing_ok=True)
            sync_folder(self.folder)
        finally:
            self._close()

    def _close(self) -> None:
        for connection in (self._reader, self._db.conn):  # the writer last, so that it writes its log back
            with suppress(sqlite3.Error):
                connection.close()
        self._is_open = False

    def _identity(self) -> tuple[int, int, int, int]:
        file, log = map(os.stat, self._names)
        return file.st_dev, file.st_ino, log.st_dev, log.st_ino

    def _write_out(self) -> None:
        """Write what the open connection still reads, though it has no name any more, where salvage looks."""
        make_private(self.folder)
        place = self._new_place()
        part = place / "part"
        self.writer.execute("VACUUM INTO ?", (str(part),))
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(place / LEDGER_FILE)
        sync_folder(place)

    def _new_place(self) -> Path:
        kept = self.folder / SET_ASIDE
        place = kept / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        place.mkdir(parents=True, mode=0o700)
        for folder in (kept, self.folder):
            sync_folder(folder)
        return place

    def _move_aside(self) -> None:
        """Move file and log where kiosk.store.salvage looks; the log first: a new file must not get it.

        Each step is on the disk before the next: a power cut leaves every file in one place or the other.
        """
        if not (self.file.exists() or log_of(self.file).exists()):
            return
        place = self._new_place()
        for name in (f"{LEDGER_FILE}-wal", LEDGER_FILE, IN_USE_FILE):
            with suppress(FileNotFoundError):
                (self.folder / name).rename(place / name)
            for folder in (place, self.folder):
                sync_folder(folder)
        (self.folder / f"{LEDGER_FILE}-shm").unlink(missing_ok=True)

    def _log_gone(self) -> bool:
        return self.file.exists() and not log_of(self.file).exists()


def _refuse_newer(file: Path) -> None:
    """A newer program's file stays as it is: even closing a writer would touch it."""
    with closing(open_reader(file)) as reader:
        try:
            version(reader)
        except sqlite3.OperationalError as error:
            if not is_read_only(error):
                raise
            # The power went while the file was made: a journal waits for a writer to roll it back.


def _set(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # counts for a new file only
    for name, (wanted, expected) in SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {wanted}").fetchall()
        (got,) = connection.execute(f"PRAGMA {name}").fetchone()
        if got != expected:
            raise LedgerUnsafe(f"SQLite answers {name} = {got} where {expected} is needed to keep every tap")
