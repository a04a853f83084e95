"""A disk rebuilt from a trace: moved on event by event, and cut at any moment under a model of failure.

Used by cuts.py; the content of files is in content.py, the chances of a cut in fate.py.
Touches folders only in `lay_out`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from os import O_TRUNC
from pathlib import Path, PurePosixPath

from tests.torture.content import Body, Content, Resize
from tests.torture.fate import Fate, Model
from tests.torture.trace import Event, Kind

INDEX_SUFFIX = "-shm"  # SQLite's shared index: mapped into memory, rebuilt at every start

Image = Mapping[PurePosixPath, Body | None]  # a folder is None


class Folder:
    """Names as they are durable, and as programs see them."""

    def __init__(self) -> None:
        self.durable: dict[str, Node] = {}
        self.cached: dict[str, Node] = {}


Node = Folder | Content


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on names or on a length, atomic: `entries` are set, or removed where the node is None."""

    number: int
    about: tuple[Node, ...]
    entries: tuple[tuple[Folder, str, Node | None], ...] = ()
    resize: tuple[Content, Resize] | None = None


class Disk:
    """The folder that was recorded, as the root of a disk."""

    def __init__(self, root: Path, model: Model) -> None:
        """The disk is empty when the trace begins."""
        self._root, self.model = root.resolve(), model
        self._top = Folder()
        self._files: list[Content] = []
        self._open: dict[tuple[int, int], Node] = {}
        self._journal: list[Change] = []
        self._number = 0

    def apply(self, event: Event) -> None:
        """Move on by one event."""
        self._number += 1
        match event.kind:
            case Kind.OPEN:
                self._open[event.process, event.fd] = self._opened(event)
            case Kind.CLOSE:
                del self._open[event.process, event.fd]
            case Kind.WRITE if event.data:
                self._content(event).write(self._number, event.at, event.data)
            case Kind.LENGTH:
                self._resize(self._content(event), event.at)
            case Kind.SYNC | Kind.SYNC_DATA:
                self._sync(self._open[event.process, event.fd], failed=event.error != 0)
            case Kind.MAKE_FOLDER:
                self._name(event.path, Folder())
            case Kind.UNLINK:
                self._name(event.path, None)
            case Kind.RENAME:
                self._rename(*event.path.split("\0"))

    def now(self) -> Image:
        """What programs see without a cut."""
        return {
            path: node if node is None else node.cached
            for path, node in _walk(self._top, lambda folder: folder.cached)
        }

    def cut(self, seed: int) -> Image:
        """What is there when the power returns; the same seed gives the same disk."""
        undecided = {change.number for change in self._journal}
        undecided.update(write.number for file in self._files for write in file.pending)
        fate = Fate(self.model, seed, sorted(undecided))
        kept = [change for change in self._journal if fate.keeps_name(change.number)]
        image: dict[PurePosixPath, Body | None] = {}
        for path, node in _walk(self._top, lambda folder: _names(folder, kept)):
            if path.name.endswith(INDEX_SUFFIX):
                if (left := fate.index_file()) is not None:
                    image[path] = Body(left)
            else:
                image[path] = None if node is None else node.after_cut(fate)
        return image

    def _opened(self, event: Event) -> Node:
        folder, name = self._folder(self._below(event.path))
        if not name:
            return self._top
        node = folder.cached.get(name)
        if node is None:
            node = Content()
            self._files.append(node)
            self._name(event.path, node)
        elif isinstance(node, Content) and event.flags & O_TRUNC and node.cached.size:
            self._resize(node, 0)
        return node

    def _content(self, event: Event) -> Content:
        node = self._open[event.process, event.fd]
        assert isinstance(node, Content), f"{event} does not concern a file"
        return node

    def _resize(self, file: Content, size: int) -> None:
        resize = file.resize(self._number, size)
        self._journal.append(Change(self._number, (file,), resize=(file, resize)))

    def _name(self, path: str, node: Node | None) -> None:
        folder, name = self._folder(self._below(path))
        known = folder.cached.get(name)
        self._change(tuple(filter(None, (folder, node, known))), ((folder, name, node),))

    def _rename(self, old: str, new: str) -> None:
        source, old_name = self._folder(self._below(old))
        target, new_name = self._folder(self._below(new))
        node = source.cached[old_name]
        self._change((source, target, node), ((source, old_name, None), (target, new_name, node)))

    def _change(self, about: tuple[Node, ...], entries: tuple[tuple[Folder, str, Node | None], ...]) -> None:
        for folder, name, node in entries:
            _enter(folder.cached, name, node)
        self._journal.append(Change(self._number, about, entries))

    def _sync(self, node: Node, *, failed: bool) -> None:
        if failed:
            if isinstance(node, Content):
                node.fail_to_sync()
            return
        if self.model is Model.ORDERED:
            self._commit_through(node)
        if isinstance(node, Content):
            node.sync()
            self._journal = [
                change for change in self._journal if not change.resize or change.resize[0] is not node
            ]
        elif self.model is Model.STRICT:
            self._journal = [left for change in self._journal if (left := _settled_in(node, change))]

    def _commit_through(self, node: Node) -> None:
        """The file system's journal is written in its order, up to the last change that concerns the node."""
        count = max(
            (place for place, change in enumerate(self._journal, 1) if node in change.about), default=0
        )
        for change in self._journal[:count]:
            for folder, name, entry in change.entries:
                _enter(folder.durable, name, entry)
            if change.resize:
                file, resize = change.resize
                file.settle(resize)
        del self._journal[:count]

    def _below(self, path: str) -> PurePosixPath:
        return PurePosixPath(path).relative_to(self._root)

    def _folder(self, path: PurePosixPath) -> tuple[Folder, str]:
        folder = self._top
        for part in path.parts[:-1]:
            step = folder.cached[part]
            assert isinstance(step, Folder), f"{path}: {part} is not a folder"
            folder = step
        return folder, path.name


def read_folder(folder: Path) -> Image:
    """What really is below a folder."""
    return {
        PurePosixPath(path.relative_to(folder)): None if path.is_dir() else Body(path.read_bytes())
        for path in folder.rglob("*")
    }


def lay_out(image: Image, folder: Path) -> None:
    """Make the files of an image in an empty folder."""
    for path, body in sorted(image.items()):
        if body is None:
            (folder / path).mkdir(mode=0o700)
            continue
        with (folder / path).open("wb") as file:
            file.write(body.data)
            file.truncate(body.size)


def fingerprint(image: Image) -> bytes:
    """Tell images apart, without SQLite's shared index: random bytes there would make each cut another."""
    digest = blake2b(digest_size=16)
    for path, body in sorted(image.items()):
        if not path.name.endswith(INDEX_SUFFIX):
            digest.update(f"{path}\0{-1 if body is None else body.size}\0".encode())
            digest.update(b"" if body is None else body.data)
    return digest.digest()


def without_index(image: Image) -> dict[PurePosixPath, bytes | None]:
    """An image to be compared: SQLite's shared index is changed through memory, where no recorder looks."""
    return {
        path: None if body is None else _bytes(body)
        for path, body in image.items()
        if not path.name.endswith(INDEX_SUFFIX)
    }


def _walk(top: Folder, names_of) -> Iterator[tuple[PurePosixPath, Content | None]]:
    unvisited = [(PurePosixPath(), top)]
    while unvisited:
        here, folder = unvisited.pop()
        for name, node in names_of(folder).items():
            yield here / name, node if isinstance(node, Content) else None
            if isinstance(node, Folder):
                unvisited.append((here / name, node))


def _names(folder: Folder, kept: list[Change]) -> dict[str, Node]:
    names = dict(folder.durable)
    for change in kept:
        for where, name, node in change.entries:
            if where is folder:
                _enter(names, name, node)
    return names


def _enter(names: dict[str, Node], name: str, node: Node | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def _settled_in(folder: Folder, change: Change) -> Change | None:
    """A synced folder has its part of a change; what other folders have to know stays undecided."""
    for where, name, node in change.entries:
        if where is folder:
            _enter(folder.durable, name, node)
    left = tuple(entry for entry in change.entries if entry[0] is not folder)
    return Change(change.number, change.about, left, change.resize) if left or change.resize else None


def _bytes(body: Body) -> bytes:
    return bytes(body.data).ljust(body.size, b"\0")
