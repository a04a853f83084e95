"""The programme from head office, and every survey version that a tap of this kiosk may name.

Called by sync.pull and sync.push on the agent's thread, by kiosk.bootstrap before the first frame.
Touches the database; `standing_documents` and `shelved` only the connection they are given.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiosk.store.edits import Edit, keep_edits, standing_edits
from kiosk.store.rows import put, rows
from survey.canonical import canonical_of, version_of
from survey.terms import Terms, read_terms

if TYPE_CHECKING:
    from kiosk.store.database import Database
    from sync.contract import Made

PROGRAMMES_KEPT = 20
TERMS = "terms"

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

    def put(self, etag: str, documents: list[Document], terms: Sequence[Document] = ()) -> None:
        """Keep a checked programme, its surveys and their terms at once; an empty one means config.toml."""
        text = json.dumps(documents, ensure_ascii=False, separators=(",", ":"))
        with self._database.write() as writer:
            (number,) = writer.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM programmes").fetchone()
            put(writer, "programmes", (number, etag, self._now_ms(), text))
            writer.execute("DELETE FROM programmes WHERE number <= ?", (number - PROGRAMMES_KEPT,))
            shelve(writer, documents)
            put(writer, "settings", (TERMS, json.dumps(list(terms))), verb="INSERT OR REPLACE")
        self._on_change(documents)

    def document(self, version: str) -> Document | None:
        """Give a survey as it was written, None if it was never here."""
        with self._database.read() as reader:
            for row in rows(reader, "surveys", "WHERE version = ?", (version,)):
                document: Document = json.loads(str(row[1]))
                return document
        return None

    def untold(self) -> "list[tuple[str, Made]]":
        """Give the versions that staff made here and head office was not told of, the oldest first."""
        with self._database.read() as reader:
            waiting = [edit for edit in standing_edits(reader).values() if not edit.told]
        return [(edit.version, _made(edit)) for edit in sorted(waiting, key=lambda edit: edit.at)]

    def told(self, version: str, made: "Made") -> None:
        """Note that head office has this one."""
        with self._database.write() as writer:
            edit = standing_edits(writer).get(version)
            if edit is not None and _made(edit) == made:
                keep_edits(writer, [replace(edit, told=True)])


def _made(edit: Edit) -> "Made":
    from sync.contract import Made  # noqa: PLC0415 - the wire comes after the first frame

    return Made(author=edit.role, at=edit.at, base=edit.base)


def standing_terms(reader: sqlite3.Connection) -> list[Terms]:
    """Give on what terms head office's surveys are given, in their order; empty where it did not say."""
    for row in rows(reader, "settings", "WHERE name = ?", (TERMS,)):
        return [read_terms(each) for each in json.loads(str(row[1]))]
    return []


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
