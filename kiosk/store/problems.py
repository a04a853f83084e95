"""Every way in which the store can fail, in words for staff.

Raised in kiosk.store; caught by kiosk.bootstrap and kiosk.cli.
Pure values: touches nothing.

    StoreProblem
    ├── DataBusy       another process owns the data directory; `.pid` names it, None if it just starts
    ├── DataUnusable   the data directory cannot be made, read or written
    ├── LedgerTooNew   a newer version wrote the ledger; it was left as it is
    ├── LedgerUnsafe   SQLite would not promise that what it commits is on the disk
    ├── LedgerDamaged  a row or the file is not what was written
    ├── NotStored      a tap could not be stored; nothing of it was kept
    ├── NotEnrolled    there is no head office to talk to
    └── Elsewhere      the enrolment is for another machine: the card was copied, or moved
"""

import sqlite3

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_PRIMARY = 0xFF  # an extended result code carries its primary one in the lowest byte


class StoreProblem(Exception):  # noqa: N818 - a problem is told to people, and named as they would
    """Anything that keeps the store from its work."""


class DataBusy(StoreProblem):
    """The data directory belongs to another running process."""

    def __init__(self, folder: object, pid: int | None) -> None:
        self.pid = pid
        owner = "another process that is just starting" if pid is None else f"process {pid}"
        super().__init__(f"{folder} is in use by {owner}: stop it first, or choose another --data")


class DataUnusable(StoreProblem):
    """The data directory cannot be made, read or written."""


class LedgerTooNew(StoreProblem):
    """A newer version of the program wrote the ledger."""

    def __init__(self, *, found: int, known: int) -> None:
        super().__init__(
            f"the ledger has version {found}, this program knows versions up to {known}: "
            "install the newer program again; the ledger was left as it is"
        )


class LedgerUnsafe(StoreProblem):
    """SQLite refused a setting on which the promise to keep every tap rests."""


class LedgerDamaged(StoreProblem):
    """What was read is not what was written."""


class NotStored(StoreProblem):
    """A tap could not be stored."""


class NotEnrolled(StoreProblem):
    """The kiosk was never enrolled at a head office."""

    def __init__(self) -> None:
        super().__init__("this kiosk is not enrolled; enrol it with: python -m kiosk enrol ADDRESS CODE")


class Elsewhere(StoreProblem):
    """The card was enrolled in another machine."""

    def __init__(self) -> None:
        super().__init__(
            "this card was enrolled in another machine, so nothing is sent; every answer is kept. "
            "Enrol it here with a new code: python -m kiosk enrol ADDRESS CODE"
        )


def is_damage(error: Exception) -> bool:
    """Tell whether an error means that the file is not what was written."""
    return isinstance(error, LedgerDamaged) or _code(error) in _DAMAGE


def is_no_room(error: Exception) -> bool:
    """Tell whether an error may come from a full disk: SQLite calls it an I/O error in some places."""
    return _code(error) in _NO_ROOM


def is_read_only(error: Exception) -> bool:
    """Tell whether SQLite says that nobody may write here."""
    return _code(error) == sqlite3.SQLITE_READONLY


def _code(error: Exception) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY
