"""The programme from head office, and every survey version that a tap of this kiosk may name.

Called by sync.pull and sync.push on the agent's thread, by kiosk.bootstrap before the first frame.
Touches the database; `standing_documents` and `shelved` only the connection they are given.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kiosk.store.rows import put, rows
from survey.canonical import canonical_of, version_of

if TYPE_CHECKING:
    from kiosk.store.database import Database

PROGRAMMES_KEPT = 20

Document = dict[str, Any]
_NEWEST = "ORDER BY number DESC LIMIT 1"


class ProgrammeShelf:
    """What sync.pull and sync.push see of it. `on_change` is called with what was put, on their thread."""

    def __init__(
        self,
        database: "Database",
        *,
        now_ms: Callable[[], int],
        on_change: Callable[[list[Document]], object],
    ) -> None:
        self._database, self._now_ms, self._on_change = database, now_ms, on_change

    def etag(self) -> str | None:
        """Give the etag of what is kept, None if nothing is."""
        with self._database.read() as reader:
            return standing_etag(reader)

    def put(self, etag: str, documents: list[Document]) -> None:
        """Keep a checked programme and its surveys in one transaction; an empty one means config.toml."""
        text = json.dumps(documents, ensure_ascii=False, separators=(",", ":"))
        with self._database.write() as writer:
            (number,) = writer.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM programmes").fetchone()
            put(writer, "programmes", (number, etag, self._now_ms(), text))
            writer.execute("DELETE FROM programmes WHERE number <= ?", (number - PROGRAMMES_KEPT,))
            shelve(writer, documents)
        self._on_change(documents)

    def document(self, version: str) -> Document | None:
        """Give a survey as it was written, None if it was never here."""
        with self._database.read() as reader:
            for row in rows(reader, "surveys", "WHERE version = ?", (version,)):
                document: Document = json.loads(str(row[1]))
                return document
        return None


def standing_documents(reader: sqlite3.Connection) -> list[Document]:
    """Give head office's programme as it was kept; empty if it sent none, or an empty one."""
    for row in rows(reader, "programmes", _NEWEST):
        documents: list[Document] = json.loads(str(row[3]))
        return documents
    return []


def standing_etag(reader: sqlite3.Connection) -> str | None:
    """Give the etag of head office's programme, None if it sent none."""
    return next((str(row[1]) for row in rows(reader, "programmes", _NEWEST)), None)


def shelve(writer: sqlite3.Connection, documents: Iterable[Document]) -> None:
    """Keep surveys under their versions, before the first tap names one."""
    for document in documents:
        text = canonical_of(document).decode()
        put(writer, "surveys", (version_of(document), text), verb="INSERT OR IGNORE")
