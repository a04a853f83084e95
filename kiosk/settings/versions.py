"""The last versions of config.toml: who put which in force, when.

Called by kiosk.settings.publish. Touches the folder `versions` in the data directory.
A file is written whole or not at all: its name appears after its content is on the disk.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from survey.values import frozen

FOLDER = "versions"
MOST = 20
PRIVATE = 0o600
LOCK = "lock"
BY_HAND = "hand"


@frozen
class Version:
    """A whole config.toml; `role` is who published it, "hand" for what a text editor left."""

    number: int
    at_ms: int
    role: str
    content: str


class Versions:
    """Those in one data directory."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def all(self) -> list[Version]:
        """Read them, the newest first; one that is damaged is left out."""
        found = (_read(path) for path in self._files())
        return sorted(
            (each for each in found if each is not None), key=lambda version: version.number, reverse=True
        )

    def keep(self, content: str, *, at_ms: int, role: str) -> None:
        """Keep one, safe on the disk when this returns. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(self._folder.parent)
        number = max((int(path.stem) for path in self._files()), default=0) + 1
        said = asdict(Version(number, at_ms, role, content)) | {"sha256": _hash(content)}
        replace(self._folder / f"{number:06d}.json", json.dumps(said, ensure_ascii=False).encode(), PRIVATE)

    def drop_oldest(self) -> None:
        """Leave as many as are kept."""
        for path in sorted(self._files(), key=lambda path: int(path.stem))[:-MOST]:
            path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other publisher out, in this process and in others. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _files(self) -> Iterator[Path]:
        return (path for path in self._folder.glob("*.json") if path.stem.isdecimal())


def author_of(path: Path, versions: Versions) -> tuple[str, int]:
    """Tell who put a file where it is, and when (ms): the newest version's author, else somebody by hand.

    Raises OSError where the file is gone.
    """
    newest = next(iter(versions.all()), None)
    if newest is not None and newest.content.encode() == path.read_bytes():
        return newest.role, newest.at_ms
    return BY_HAND, path.stat().st_mtime_ns // 1_000_000


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file so that a power cut at any moment leaves the old one or the new one. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)  # noqa: PTH105 - named as what it is: the moment at which the new file is there
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> Version | None:
    try:
        said = json.loads(path.read_bytes())
        whole = said.pop("sha256") == _hash(said["content"])
        return Version(**said) if whole else None
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _hash(content: str) -> str:
    return sha256(content.encode()).hexdigest()
