"""config.toml: read whole, checked whole.

Called by kiosk.bootstrap and by the command `check`.
Reads one file. What changes it stands in publish.py.

    Exception
    └── InvalidConfig   the file cannot be in force; `.faults` names everything that is wrong with it
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from kiosk.settings.accent import unseen
from kiosk.settings.fields import SETTINGS
from kiosk.settings.model import KioskSettings, ScreenSettings, Settings, SyncSettings, ThanksSettings
from survey.documents import from_toml
from survey.model import Programme
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey
from survey.reading import Notes, Table, table
from survey.told import told
from survey.values import frozen

SURVEYS = "survey"


class InvalidConfig(Exception):  # noqa: N818 - it is told to people: "invalid config"
    """A config.toml with faults; its text has one line for each, with the file's name in front."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{name}: {fault}" for fault in self.faults))


@frozen
class Config:
    """What a config.toml says."""

    settings: Settings
    programme: Programme


def load(path: Path) -> Config:
    """Read a file. Raises InvalidConfig with all of its faults at once, those of the surveys too."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InvalidConfig(
            path.name, [Fault("file", told("cannot be read: {strerror}", strerror=error.strerror))]
        ) from error
    return read(text, path)


def read(text: str | bytes, path: Path) -> Config:
    """Read what stands, or stood, in the file of this name. Raises InvalidConfig as `load` does."""
    try:
        return _beside(parse(text), path.parent)
    except InvalidSurvey as invalid:
        raise InvalidConfig(path.name, invalid.faults) from invalid


def _beside(config: Config, folder: Path) -> Config:
    """A logo's name is that of a file beside config.toml."""
    settings = config.settings
    if not settings.screen.logo:
        return config
    screen = replace(settings.screen, logo=str((folder / settings.screen.logo).absolute()))
    return replace(config, settings=replace(settings, screen=screen))


def parse(text: str | bytes) -> Config:
    """Read what stands in such a file. Raises InvalidSurvey with all of its faults at once."""
    notes = Notes()
    opened = table(from_toml(text), "", notes=notes, known=(*_tables(), SURVEYS))
    if opened is None:
        raise InvalidSurvey(notes.faults)
    settings = _settings(opened)
    documents = opened.read(SURVEYS, _as_it_is, needs=told("a [[survey]] with its questions"))
    if documents is None:
        raise InvalidSurvey(notes.faults)
    try:
        programme = parse_programme(documents, SURVEYS)
    except InvalidSurvey as invalid:
        raise InvalidSurvey([*notes.faults, *invalid.faults]) from invalid
    if notes.faults:
        raise InvalidSurvey(notes.faults)
    return Config(settings=settings, programme=programme)


def _tables() -> list[str]:
    return list(dict.fromkeys(setting.table for setting in SETTINGS))


def _as_it_is(value: object) -> object:
    return value


def _settings(opened: Table) -> Settings:
    read = {name: _values(opened, name) for name in _tables()}
    kiosk, screen = read["kiosk"].values, read["screen"].values
    if "languages" in kiosk:
        kiosk.setdefault("language", kiosk["languages"][0])
    settings = Settings(
        KioskSettings(**kiosk),
        ScreenSettings(**screen),
        ThanksSettings(**read["thanks"].values),
        SyncSettings(**read["sync"].values),
    )
    offered = settings.kiosk.languages
    if settings.kiosk.language not in offered and not read["kiosk"].broken & {"language", "languages"}:
        message = told(
            'is "{language}", which kiosk.languages ({offered}) lacks',
            language=settings.kiosk.language,
            offered=", ".join(offered),
        )
        opened.notes.fault("kiosk.language", message)
    sides = {"width", "height"}
    for side in sides:
        (other,) = sides - {side}
        if screen.get(side) and not screen.get(other) and not read["screen"].broken & sides:
            opened.notes.fault(
                f"screen.{other}", told("is 0; screen.{side} is set, and they go together", side=side)
            )
    if settings.screen.accent and (wrong := unseen(settings.screen.accent, settings.screen.theme)):
        opened.notes.fault("screen.accent", wrong)
    if not read["thanks"].broken & {"you_said", "we_did"}:
        _match(settings.thanks, opened.notes)
    return settings


def _match(thanks: ThanksSettings, notes: Notes) -> None:
    """A notice has two halves, in each of its languages."""
    said, did = set(thanks.you_said), set(thanks.we_did)
    for half, lacking, other in (("we_did", said - did, "you_said"), ("you_said", did - said, "we_did")):
        if lacking:
            named = ", ".join(sorted(lacking))
            notes.fault(
                f"thanks.{half}",
                told(
                    "is missing in {named}; thanks.{other} is there, and they go together",
                    named=named,
                    other=other,
                ),
            )


class _Read(NamedTuple):
    values: dict[str, Any]
    broken: set[str]  # keys that are at fault already, and give no second fault


def _values(opened: Table, name: str) -> _Read:
    """Read those of a table's settings that are there and not at fault."""
    settings = [setting for setting in SETTINGS if setting.table == name]
    inner = opened.inner(name, [setting.key for setting in settings])
    if inner is None:
        return _Read({}, set())
    found = {setting.key: inner.read(setting.key, setting.read) for setting in settings}
    return _Read({key: value for key, value in found.items() if value is not None}, inner.broken)
