"""The append-only, numbered list of taps.

Called by the visit (through kiosk.bootstrap) on the UI thread, by kiosk.store.outbox and upkeep on theirs.
Touches the database it is given; time and new ids are handed in.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

from kiosk.store.database import Database
from kiosk.store.incidents import Incident, Kind, note
from kiosk.store.ledgers import keep, ledgers, new_ledger
from kiosk.store.problems import DataUnusable, NotStored, is_damage, is_no_room
from kiosk.store.rows import check_of, put, put_sql, rows
from kiosk.store.tap import Answered, Moment, StoredTap, encode_answer, stored_tap

CHECKED_TAPS = 5_000  # read whenever the ledger is opened; the rest by kiosk.store.upkeep, and when sent

_INSERT = put_sql("taps")


class Ledger:
    """The open ledger. Any thread may call."""

    def __init__(self, database: Database, *, now: Callable[[], Moment], new_id: Callable[[], str]) -> None:
        """Go on with the ledger that is open, or open one.

        A file with damage in what is read here is set aside: see `heal`.
        """
        self._database, self._now, self._new_id = database, now, new_id
        self._id, self._last = "", 0
        with database.lock:
            try:
                self._go_on()
            except Exception as error:
                if not is_damage(error):
                    raise
                self.heal(database.generation)

    @property
    def id(self) -> str:
        """The open ledger's id."""
        return self._id

    @property
    def last(self) -> int:
        """The number of its last tap, 0 if it has none."""
        return self._last

    def save(self, answered: Answered) -> StoredTap:
        """Store a tap; once this returns, it survives a power cut.

        A full disk is met by letting go of the ballast, a damaged file by opening a new one.
        Raises NotStored when that does not help; then nothing of the tap was kept.
        """
        moment = self._now()
        with self._database.lock:
            if self._database.is_gone:
                self._open_anew()
            try:
                return self._append(answered, moment)
            except sqlite3.Error as error:
                self._make_possible(error)
            try:
                return self._append(answered, moment)
            except sqlite3.Error as error:
                raise NotStored(f"the tap could not be stored: {error}") from error

    def heal(self, generation: int) -> None:
        """Set a damaged file aside and open a new ledger in a new file; once for each generation of files.

        What was in the old file comes back through kiosk.store.salvage.
        """
        with self._database.lock:
            if generation == self._database.generation:
                self._database.set_aside(generation)
                self.begin()

    def begin(self) -> None:
        """Close the open ledger, if there is one, and open the next; in the caller's transaction, if any."""
        moment, following = self._now(), self._new_id()
        with self._database.write() as connection:
            for row in ledgers(connection):
                if row.closed is None:
                    keep(connection, replace(row, closed=moment.at))
            keep(connection, new_ledger(following, opened=moment.at))
        self._id, self._last = following, 0

    def leave_word(self) -> None:
        """Write down how long the open ledger is, so that the loss of its end would be seen."""
        with self._database.write() as connection:
            keep(connection, ledgers(connection)[-1])

    def resume(self) -> None:
        """Read again which ledger is open and how long it is, after a change under the lock."""
        with self._database.lock:
            last = ledgers(self._database.writer)[-1]
            self._id, self._last = last.id, last.last

    def _go_on(self) -> None:
        connection = self._database.writer
        present = ledgers(connection)
        if self._database.log_missing:
            # The newest numbers may be gone with it, and must not be given to other taps.
            with self._database.write():
                note(connection, Incident(id=self._new_id(), at=self._now().at, kind=Kind.LOG_MISSING))
                self.begin()
        elif not present or present[-1].closed is not None:
            self.begin()
        else:
            self.resume()
            newest = "WHERE ledger = ? ORDER BY seq DESC LIMIT ?"
            for _ in rows(connection, "taps", newest, (self._id, CHECKED_TAPS)):
                pass  # reading a row checks it
            self._take_in_torn()

    def _take_in_torn(self) -> None:
        """Keep a tap that stood behind a bad place in the log, if it is the next one.

        Torn by a power cut, it was never acknowledged and may be kept; where the log decayed, it must be.
        """
        for row in self._database.torn_taps:
            if row[:2] == (self._id, self._last + 1):
                try:
                    put(self._database.writer, "taps", row[:-1])
                except sqlite3.OperationalError as error:
                    self._make_possible(error)
                    put(self._database.writer, "taps", row[:-1])
                self._last += 1

    def _append(self, answered: Answered, moment: Moment) -> StoredTap:
        seq, answer = self._last + 1, encode_answer(answered.answer)
        given = (self._id, seq, answered.visit, answered.survey, answered.question, answer, answered.language)
        when = (moment.at, moment.uptime, moment.boot, answered.took_ms, int(moment.synced_clock))
        row = (*given, *when, check_of("taps", (*given, *when)))
        # One statement outside a transaction is a transaction by itself: committed when this returns.
        self._database.writer.execute(_INSERT, row)
        self._last = seq
        return stored_tap(row)

    def _make_possible(self, error: sqlite3.Error) -> None:
        if is_damage(error) or not self._database.is_open:
            self._open_anew()
        elif not (is_no_room(error) and self._database.ballast.release()):
            raise NotStored(f"the tap could not be stored: {error}") from error

    def _open_anew(self) -> None:
        try:
            self.heal(self._database.generation)
        except (sqlite3.Error, OSError, DataUnusable) as further:
            raise NotStored(f"no new ledger could be opened: {further}") from further
