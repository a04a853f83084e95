"""One visit of the doctor: every matter in turn, whatever is wrong with the others.

Called by kiosk.commands for `doctor`. Reads the config, the data directory and the machine; asks head office.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk import bootstrap
from kiosk.doctor import machine, office
from kiosk.health import Clocks, free_bytes
from kiosk.report import status
from kiosk.settings.file import Config, InvalidConfig, load
from kiosk.settings.model import ScreenSettings
from kiosk.store.enrolment import Enrolment, find_enrolment
from kiosk.store.folder import LEDGER_FILE
from kiosk.store.problems import Elsewhere, LedgerDamaged, StoreProblem
from kiosk.store.reading import open_reader
from kiosk.store.residence import is_elsewhere
from kiosk.ui.shown import beyond_us
from kiosk.whereabouts import machine as machine_here
from sync import disk
from sync.finding import Finding, broken, fine, watch

MOUNTS, INPUTS = "proc/self/mounts", "proc/bus/input/devices"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Place:
    """What is looked at: this kiosk's config and data directory, its assets, its environment, its machine."""

    config: Path
    data: Path
    assets: Path
    environ: Mapping[str, str]
    root: Path = Path("/")
    now: Callable[[], datetime] = _now


def examine(place: Place) -> list[Finding]:
    """Look at everything; nothing that is broken keeps the rest from being looked at."""
    config, about_config = _config(place)
    shown_on = config.settings.screen if config else ScreenSettings()
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    findings = [
        machine.program(),
        about_config,
        machine.screen(shown_on, place.environ),
        machine.touch(place.root / INPUTS),
        machine.fonts(place.assets / "fonts"),
        machine.clock(place.now(), synced=Clocks().is_synced(), installed=installed),
        *_disk(place),
        *_data(place.data),
    ]
    enrolment, elsewhere = _enrolment(place)
    if enrolment is None:
        return [*findings, fine("head office", "this kiosk is not enrolled; everything is kept here")]
    if elsewhere:
        mend = (
            "enrol it here with a new code; if the other machine is gone for good, with one that replaces it"
        )
        return [*findings, broken("head office", str(Elsewhere()).partition(". ")[0], mend)]
    return [*findings, *office.look(enrolment)]


def _config(place: Place) -> tuple[Config | None, Finding]:
    mend = "mend it by hand, or take an earlier version: staff's pages, Versions"
    try:
        config = load(place.config)
    except InvalidConfig as invalid:
        return None, broken("config", str(invalid), mend)
    faults = beyond_us(config.programme, fonts=place.assets / "fonts") if _has_fonts(place) else ()
    if faults:
        return config, broken("config", str(InvalidConfig(place.config.name, faults)), mend)
    surveys = len(config.programme.surveys)
    return config, fine("config", f"{place.config}: no faults, {surveys} surveys")


def _has_fonts(place: Place) -> bool:
    return not machine.fonts(place.assets / "fonts").mend


def _disk(place: Place) -> list[Finding]:
    if not place.data.exists():
        return [fine("disk", f"{place.data} is not there yet; the first start makes it")]
    findings = [
        disk.kind(disk.mount_of(place.data, (place.root / MOUNTS).read_text("utf-8", "replace"))),
        disk.room(free_bytes(place.data)),
    ]
    try:
        times_s = disk.times_to_write(place.data)
    except OSError as error:
        mend = "is it mounted read-only, or does it belong to another user? (mount, ls -ld)"
        return [*findings, broken("writing", f"{place.data} cannot be written: {error.strerror}", mend)]
    return [*findings, disk.speed(times_s, place.environ.get("LD_PRELOAD", ""))]


def _data(folder: Path) -> list[Finding]:
    try:
        told = status(folder)
    except (StoreProblem, sqlite3.Error, OSError) as problem:
        return [broken("ledger", str(problem), "install the version that wrote it, or restore its card")]
    kept = f"{told['taps']:,} answers kept, {told['pending']:,} not yet at head office"
    if told["damaged"]:
        ledger = broken("ledger", told["problems"][0], "start the kiosk; then `status` says what was saved")
    elif told["problems"]:
        ledger = watch("ledger", f"{kept}; {'; '.join(told['problems'])}", "tell head office")
    else:
        ledger = fine("ledger", kept)
    unset = [role for role, how in told["pins"].items() if how != "set"]
    pins = (
        watch("PINs", f"not set: {', '.join(unset)}", f"python -m kiosk set-pin --role {unset[0]}")
        if unset
        else fine("PINs", "set")
    )
    return [ledger, pins]


def _enrolment(place: Place) -> tuple[Enrolment | None, bool]:
    """Where this kiosk is enrolled, and whether that is for another machine."""
    file = place.data / LEDGER_FILE
    if not file.exists():
        return None, False
    try:
        with closing(open_reader(file)) as reader:
            return find_enrolment(reader), is_elsewhere(reader, machine_here(place.root))
    except (sqlite3.Error, LedgerDamaged, OSError):
        return None, False  # that the ledger is damaged has been said


def here(config: Path, data: Path) -> Place:
    """This machine, with the shipped assets."""
    return Place(config=config, data=data, assets=bootstrap.shipped("assets"), environ=dict(os.environ))
