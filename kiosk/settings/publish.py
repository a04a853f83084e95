"""Putting edited surveys in force: config.toml checked whole, then replaced whole, and back again.

Called by whatever edits surveys.
Touches config.toml, its folder, and the versions in the data directory; one process at a time.

    Exception
    └── Overtaken   config.toml says something else than when editing began
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE
from typing import Any

from kiosk.settings.file import Config, InvalidConfig, load, parse
from kiosk.settings.versions import BY_HAND, Versions, replace
from kiosk.settings.write import rewritten
from survey.canonical import plain
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey
from survey.told import told


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who puts something in force, and when."""

    role: str
    at_ms: int


class Overtaken(Exception):  # noqa: N818 - told to people
    """Somebody else has changed the surveys meanwhile."""


def publish(
    path: Path,
    documents: Sequence[Mapping[str, Any]],
    *,
    versions: Versions,
    author: Author,
    instead_of: Sequence[Mapping[str, Any]] | None = None,
) -> Config:
    """Put surveys in force, and leave all else in the file as it is; gives what the file now says.

    `instead_of`: the surveys that the file must still have, whatever it has if None.
    Raises InvalidConfig with all faults at once, Overtaken, and OSError; the file is then as it was, or
    where only its folder could not be brought to the disk, the new one.
    """
    with versions.alone():
        return _publish(path, documents, instead_of, versions=versions, author=author)


def _publish(
    path: Path,
    documents: Sequence[Mapping[str, Any]],
    instead_of: Sequence[Mapping[str, Any]] | None,
    *,
    versions: Versions,
    author: Author,
) -> Config:
    text = text_of(path)
    now = load(path)  # a file with faults is mended by hand first: nobody knows what is meant
    standing = [survey.document() for survey in now.programme.surveys]
    if instead_of is not None and plain(standing) != plain(list(instead_of)):
        raise Overtaken(f"{path.name} was changed meanwhile; look at it again before you publish")
    try:
        parse_programme(list(documents))
        changed = rewritten(text, documents)
        written = [survey.document() for survey in parse(changed).programme.surveys]
        wanted = [survey.document() for survey in parse_programme(list(documents)).surveys]
    except InvalidSurvey as invalid:
        raise InvalidConfig(path.name, invalid.faults) from invalid
    if plain(written) != plain(wanted):
        fault = Fault("survey", told("is laid out in a way that cannot be changed here; change it by hand"))
        raise InvalidConfig(path.name, [fault])
    return put(path, text, changed, versions=versions, author=author)


def rollback(path: Path, number: int, *, versions: Versions, author: Author) -> Config:
    """Put the whole file of an earlier version in force again, byte for byte.

    Raises KeyError for a version that is not kept, InvalidConfig for one with faults, OSError.
    """
    with versions.alone():
        kept = {version.number: version.content for version in versions.all()}
        content = kept[number]
        try:
            parse(content)
        except InvalidSurvey as invalid:
            raise InvalidConfig(path.name, invalid.faults) from invalid
        return put(path, text_of(path), content, versions=versions, author=author)


def put(path: Path, old: str, new: str, *, versions: Versions, author: Author) -> Config:
    """Keep both as versions, then replace the file; a cut in between leaves one that never was in force."""
    if new != old:
        newest = next(iter(versions.all()), None)
        if newest is None or newest.content != old:
            versions.keep(old, at_ms=author.at_ms, role=BY_HAND)
        versions.keep(new, at_ms=author.at_ms, role=author.role)
        target = path.resolve()  # a link stays a link
        replace(target, new.encode(), S_IMODE(target.stat().st_mode))
        with suppress(OSError):  # the new one is in force; the next time drops both
            versions.drop_oldest()
    return load(path)


def text_of(path: Path) -> str:
    """Read a file. Raises InvalidConfig for one that cannot be read, or is no UTF-8."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise InvalidConfig(
            path.name, [Fault("file", told("cannot be read: {strerror}", strerror=error.strerror))]
        ) from error
    except UnicodeDecodeError as error:
        fault = Fault(told("byte {at}", at=error.start), told("is not UTF-8; save the file as UTF-8"))
        raise InvalidConfig(path.name, [fault]) from error
