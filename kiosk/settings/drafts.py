"""Edited surveys that are not in force yet: kept through a power cut, published, or thrown away.

Called by kiosk.backroom for the question editor, on a thread of its own.
Touches config.toml, `draft.json` and the versions in the data directory.

    Exception
    └── Overtaken   config.toml says something else than when editing began
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kiosk.settings.file import InvalidConfig, load
from kiosk.settings.publish import Author, Overtaken, publish, rollback
from kiosk.settings.versions import PRIVATE, Version, Versions, replace, sync_folder
from survey.edit import Document, Editing
from survey.model import Programme
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey
from survey.terms import Terms

__all__ = ["Begun", "Drafts", "Overtaken"]

DRAFT_FILE = "draft.json"
Documents = tuple[Document, ...]


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Surveys as edited so far, and as they were before.

    `base` and `now` are those that config.toml had when that began, and has now.
    `terms` are those of head office, by survey; one that is the store's alone has none.
    """

    documents: Documents
    start: Documents
    base: Documents
    now: Documents
    terms: Mapping[str, Terms]


@dataclass(frozen=True, kw_only=True)
class Doors:
    """What the drafts ask of the rest of the kiosk."""

    now_ms: Callable[[], int]
    beyond_us: Callable[[Programme], Sequence[Fault]]  # what the screens cannot show
    look_at_config: Callable[[], object]
    shown: Callable[[Programme], Programme] = lambda own: own  # head office's, and the store's beside them
    terms: Callable[[str], Terms | None] = lambda _: None
    may_publish: Callable[[Sequence[Document]], Sequence[Fault]] = lambda _: ()


class Drafts:
    """The draft of one data directory; one thread at a time may call."""

    def __init__(self, config: Path, data: Path, doors: Doors) -> None:
        self._config, self._data, self._doors = config, data, doors
        self._versions = Versions(data)

    def begin(self) -> Begun:
        """Take up the draft, or begin with what is in force. Raises InvalidConfig, OSError."""
        own = load(self._config).programme
        now, start = Editing.of(own).documents, Editing.of(self._doors.shown(own)).documents
        documents, base = self._read() or (start, now)
        if documents in (start, now):  # published, and cut before the draft was thrown away
            base = now
        ids = [str(document.get("id")) for document in documents]
        terms = {name: terms for name in ids if (terms := self._doors.terms(name))}
        return Begun(documents=documents, start=start, base=base, now=now, terms=terms)

    def keep(self, documents: Documents, base: Documents) -> tuple[Fault, ...]:
        """Keep a draft, safe on the disk when this returns; name its faults. Raises OSError."""
        said = {"documents": list(documents), "base": list(base)}
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = json.dumps(said | {"sha256": _hash(said)}, ensure_ascii=False).encode()
        replace(self._data / DRAFT_FILE, content, PRIVATE)
        return self.faults(documents)

    def faults(self, documents: Documents) -> tuple[Fault, ...]:
        """Name all that keeps these from being published."""
        try:
            programme = parse_programme(list(documents))
        except InvalidSurvey as invalid:
            return invalid.faults
        return (*self._doors.beyond_us(programme), *self._doors.may_publish(documents))

    def discard(self) -> None:
        """Throw the draft away. Raises OSError."""
        if (file := self._data / DRAFT_FILE).exists():
            file.unlink()
            sync_folder(self._data)

    def publish(self, documents: Documents, base: Documents, role: str) -> None:
        """Put surveys in force from the next visit on; the draft is done with.

        Raises InvalidConfig with all faults, Overtaken, OSError; the draft then stays.
        """
        if faults := self.faults(documents):
            raise InvalidConfig(self._config.name, faults)
        author = Author(role=role, at_ms=self._doors.now_ms())
        publish(self._config, documents, versions=self._versions, author=author, instead_of=base)
        self.discard()
        self._doors.look_at_config()

    def versions(self) -> list[Version]:
        """Give the last versions, the newest first."""
        return self._versions.all()

    def is_in_force(self, version: Version) -> bool:
        """Whether config.toml is this one, byte for byte. Raises OSError."""
        return self._config.read_bytes() == version.content.encode()

    def rollback(self, number: int, role: str) -> None:
        """Put an earlier version in force again; a draft is thrown away.

        Raises KeyError for one that is not kept any more, InvalidConfig, OSError.
        """
        author = Author(role=role, at_ms=self._doors.now_ms())
        rollback(self._config, number, versions=self._versions, author=author)
        self.discard()
        self._doors.look_at_config()

    def _read(self) -> tuple[Documents, Documents] | None:
        """Read the draft; none where there is none, or where its file is damaged."""
        try:
            said = json.loads((self._data / DRAFT_FILE).read_bytes())
            whole = said.pop("sha256") == _hash(said)
            return (tuple(said["documents"]), tuple(said["base"])) if whole else None
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return None


def _hash(said: object) -> str:
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
