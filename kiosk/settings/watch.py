"""config.toml under a running kiosk: read again when it changes, the last good one kept beside the ledger.

Called by kiosk.cli at the start, by kiosk.bootstrap between the housework.
Reads config.toml; touches `config.good.toml` in the data directory.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import Config, InvalidConfig, load, read
from kiosk.settings.model import Settings
from kiosk.settings.versions import PRIVATE
from kiosk.settings.versions import replace as write_whole
from survey.model import Programme
from survey.problems import Fault
from survey.values import frozen

GOOD_FILE = "config.good.toml"
TOLD_FAULTS = 5  # to head office; staff see all of them

Signature = tuple[int, int, int]
log = logging.getLogger(__name__)


@frozen
class Standing:
    """What became of config.toml: why it is not in force, and which of its settings wait for a restart."""

    faults: tuple[Fault, ...] = ()
    waiting: tuple[str, ...] = ()

    def words(self, name: str) -> tuple[str, ...]:
        """Say it to people, in English, a line each; nothing where all is well."""
        told = [f"{name} is not in force: {fault}" for fault in self.faults[:TOLD_FAULTS]]
        if len(self.faults) > TOLD_FAULTS:
            told.append(f"{name}: {len(self.faults) - TOLD_FAULTS} more faults")
        if self.waiting:
            told.append(f"{name}: with the next start: {', '.join(self.waiting)}")
        return tuple(told)


class Watch:
    """A config.toml and what of it is in force. Any thread may call."""

    def __init__(self, path: Path, data: Path) -> None:
        """Read it, or where it has faults the last good one. Raises InvalidConfig if there is neither."""
        self.path, self._good = path, data / GOOD_FILE
        self._lock = threading.Lock()
        self._standing = Standing()
        self._seen = _signature(path)
        try:
            self.config = load(path)
        except InvalidConfig as invalid:
            self.config = self._last_good(invalid)
            self._standing = Standing(invalid.faults)
            log.warning("%s\nThe last good one is in force.", invalid)
        self._started = self._settings = self.config.settings
        self._kept: Signature | None = None
        self._began = False

    @property
    def standing(self) -> Standing:
        """How the file stands, for staff and head office."""
        return self._standing

    def settings_now(self) -> Settings:
        """Give the settings in force: those that need a restart are still as they were at the start."""
        return self._settings

    def look(
        self, put: Callable[[Config], object], faults: Callable[[Programme], Sequence[Fault]] = lambda _: ()
    ) -> None:
        """Read the file again if it is another one; a good one is handed to `put`, then counts as in force.

        `faults` says what in sound surveys could not be shown. What `put` raises goes on, and the file is
        read again with the next look.
        """
        with self._lock:
            seen = _signature(self.path)
            if seen == self._seen:
                return
            invalid = None
            try:
                config = _checked(self.path, faults)
            except InvalidConfig as refused:
                invalid = refused
            if _signature(self.path) != seen:
                return  # an editor wrote it meanwhile, so this may be half of it: the next look has all
            if invalid is not None:
                self._standing = Standing(invalid.faults, self._standing.waiting)
                log.warning("%s\nThe last good one stays in force.", invalid)
            else:
                put(config)
                self.config = config
                self._settings = in_force_now(self._started, config.settings)
                self._standing = Standing(waiting=changed(self._settings, config.settings))
                log.info("%s was read again and is in force", self.path.name)
            self._seen = seen

    def before_this_start(self) -> Programme | None:
        """Give, once, the surveys of the last good file where the one found at the start has others."""
        if self._began:
            return None
        self._began = True
        try:
            before = read(self._good.read_bytes(), self.path).programme
        except (OSError, InvalidConfig):
            return None
        return before if before != self.config.programme else None

    def keep(self) -> None:
        """Keep the file that is in force, so that the next start has it should this one be spoilt.

        Where the disk does not let it, the kiosk goes on, and the next call tries again.
        """
        with self._lock, suppress(InvalidConfig):
            if self._standing.faults or self._kept == self._seen:
                return
            try:
                content = self.path.read_bytes()
                if read(content, self.path) == self.config and not self._is_kept(content):
                    write_whole(self._good, content, PRIVATE)
            except OSError as error:
                log.warning("%s is not kept for a later start: %s", self.path.name, error)
            else:
                self._kept = self._seen

    def _is_kept(self, content: bytes) -> bool:
        try:
            return self._good.read_bytes() == content
        except OSError:
            return False

    def _last_good(self, invalid: InvalidConfig) -> Config:
        try:
            return read(self._good.read_bytes(), self.path)
        except (OSError, InvalidConfig):
            raise invalid from None


def _checked(path: Path, faults: Callable[[Programme], Sequence[Fault]]) -> Config:
    config = load(path)
    if found := faults(config.programme):
        raise InvalidConfig(path.name, found)
    return config


def in_force_now(started: Settings, wanted: Settings) -> Settings:
    """Take from the wanted settings those that need no restart."""
    values: dict[str, dict[str, Any]] = {each.name: {} for each in fields(Settings)}
    for setting in SETTINGS:
        if not setting.restart:
            values[setting.table][setting.key] = _value(wanted, setting.path)
    return Settings(**{name: replace(getattr(started, name), **values[name]) for name in values})


def changed(now: Settings, wanted: Settings) -> tuple[str, ...]:
    """Name the settings in which two differ."""
    paths = [setting.path for setting in SETTINGS]
    return tuple(path for path in paths if _value(now, path) != _value(wanted, path))


def _value(settings: Settings, path: str) -> object:
    table, _, key = path.partition(".")
    value: object = getattr(getattr(settings, table), key)
    return value


def _signature(path: Path) -> Signature | None:
    """Tell one state of a file from the next without reading it; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
