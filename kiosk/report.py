"""What a kiosk says about itself, in words and as JSON.

Called by kiosk.cli for `status` and `check`, by kiosk.bootstrap for the log.
Reads the data directory, and changes nothing.
"""

import sqlite3
import time
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.health import free_bytes
from kiosk.settings.file import Config
from kiosk.settings.lockout import ROLES, PinsDamaged
from kiosk.settings.lockout import read as read_pins
from kiosk.store.enrolment import Enrolment, find_enrolment
from kiosk.store.folder import LEDGER_FILE
from kiosk.store.lock import holder
from kiosk.store.migrations import version
from kiosk.store.problems import LedgerDamaged, is_damage
from kiosk.store.reading import open_reader
from kiosk.store.state import NOTHING, State, read_state
from survey.model import Survey
from survey.told import told
from sync import __version__
from sync.standing import State as SyncState

DAMAGED = told("the ledger is damaged; the next start sets it aside and brings every readable answer back")
MIB = 1 << 20


def status(folder: Path) -> dict[str, Any]:
    """Tell how a data directory stands, ready for JSON. Raises LedgerTooNew."""
    state, enrolment, damaged = NOTHING, None, False
    try:
        state, enrolment = _read(folder)
    except (sqlite3.Error, LedgerDamaged) as error:
        if not is_damage(error):
            raise
        damaged = True
    return {
        "version": __version__,
        "data": str(folder),
        "running": holder(folder),
        **asdict(state),
        "problems": [DAMAGED] if damaged else list(state.problems),
        "damaged": damaged,
        "enrolled": None if enrolment is None else _public(enrolment),
        "pins": _pins(folder),
        "free_bytes": free_bytes(folder),
    }


def _pins(folder: Path) -> dict[str, str]:
    try:
        kept = read_pins(folder)
    except (OSError, PinsDamaged):
        return dict.fromkeys(ROLES, "damaged")
    return {role: "set" if role in kept else "not set" for role in ROLES}


def _read(folder: Path) -> tuple[State, Enrolment | None]:
    file = folder / LEDGER_FILE
    if not file.exists():
        return NOTHING, None
    with closing(open_reader(file)) as reader:
        if not version(reader):
            return NOTHING, None
        now_ms = time.time_ns() // 1_000_000
        return read_state(reader, folder, now_ms=now_ms), find_enrolment(reader)


def _public(enrolment: Enrolment) -> dict[str, str]:
    return {name: value for name, value in asdict(enrolment).items() if name != "key"}


def words(told: dict[str, Any]) -> str:
    """Say a status to people, one line for each matter."""
    where = told["enrolled"]
    lines = {
        "kiosk": f"running (process {told['running']})" if told["running"] else "not running",
        "data": f"{told['data']} ({told['free_bytes'] // MIB:,} MiB free)",
        "answers": f"{told['taps']:,} kept here, {told['pending']:,} not yet at head office",
        "refused": f"{told['rejected']:,} rejected by head office, {told['withheld']:,} withheld",
        "enrolled": f"at {where['server']}: site {where['site']}, touchpoint {where['touchpoint']}"
        if where
        else "no; everything works and is kept here. To enrol: python -m kiosk enrol ADDRESS CODE",
        "surveys": f"from head office ({told['programme']})" if told["programme"] else "from config.toml",
        "PINs": ", ".join(f"{role}: {how}" for role, how in told["pins"].items()),
        "problems": "; ".join(told["problems"]) or "none",
        "version": told["version"],
    }
    return "\n".join(f"{name:<10}{line}" for name, line in lines.items())


def configured(name: str, config: Config) -> str:
    """Say what a config without faults sets up."""
    kiosk = config.settings.kiosk
    surveys = "".join(f"\n  {_survey(survey)}" for survey in config.programme.surveys)
    return (
        f"{name}: no faults\n"
        f"  store {kiosk.store or '(no name)'}, languages {', '.join(kiosk.languages)}, "
        f"first {kiosk.language}, theme {config.settings.screen.theme}{surveys}"
    )


def _survey(survey: Survey) -> str:
    when = {} if survey.when is None else survey.when.document()
    shown = ", ".join(f"{key} {value}" for key, value in when.items()) or "always"
    count, languages = len(survey.questions), ", ".join(survey.languages)
    return f"survey {survey.id}: {count} questions in {languages}, shown {shown}, version {survey.version}"


def sync_words(state: SyncState) -> str:
    """Say how things stand with head office."""
    since = datetime.fromtimestamp(state.since_ms / 1000).astimezone()
    parts = [f"{'online' if state.online else 'offline'} since {since:%H:%M}"]
    parts.append(f"{state.pending:,} answers waiting")
    if state.rejected:
        parts.append(f"{state.rejected:,} rejected")
    if state.problem:
        parts.append(state.problem)
    if state.next_try_s is not None:
        parts.append(f"next try in {state.next_try_s:.0f} s")
    return "; ".join(parts)
