"""What staff do on the kiosk, behind the screens: PINs, settings, figures, head office.

Made by kiosk.bootstrap when staff first come, called by kiosk.ui.staff on a thread of its own.
May touch the data directory, config.toml and head office.
"""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from kiosk import wifi
from kiosk.enrolling import prepared_address
from kiosk.health import boot_id, uptime_ms
from kiosk.in_force import InForce
from kiosk.report import status
from kiosk.settings.change import change, values_in
from kiosk.settings.drafts import Doors, Drafts
from kiosk.settings.lockout import Uptime, read
from kiosk.settings.pin import Entered, Pins
from kiosk.settings.publish import Author, publish
from kiosk.settings.versions import Versions
from kiosk.settings.watch import Standing as ConfigStanding
from kiosk.store.today import Today
from kiosk.ui.shown import beyond_us
from kiosk.ui.staff.backroom import Joined, Network, PinState, ReadyMade, Standing, Wifi
from survey.library import Library, read_library
from survey.parse import loads_toml
from survey.told import told
from sync.standing import State as SyncState

FIRST_SURVEY = "checkout"
SYNC = ("online", "since_ms", "next_try_s", "code", "problem")


class Works(Protocol):
    """What is asked of kiosk.bootstrap.Kiosk, from a thread that is not the window's."""

    def today(self) -> Today | None:
        """Add up today's visits, None before the ledger is open."""

    def predict(self, of_ten: int, language: str) -> None:
        """Store what staff believe of today; raises NotSaved."""

    def enrol(self, address: str, code: str) -> str:
        """Enrol at a head office; gives the site's name."""

    def try_office(self) -> None:
        """Talk to head office now, if there is one; returns when that has ended."""

    def look_at_config(self, *, published: bool = False) -> None:
        """Put in force what config.toml says now, all the more what staff have just published."""

    @property
    def config_standing(self) -> ConfigStanding:
        """Why config.toml is not in force, and which of its settings wait for a restart."""

    @property
    def in_force(self) -> InForce:
        """Which surveys are in force, and on what terms."""

    @property
    def sync_state(self) -> SyncState | None:
        """How things stand with head office, None while nobody talks to it."""


@dataclass(frozen=True)
class StoreBackroom:
    """The Backroom of a kiosk at work."""

    kiosk: Works
    folder: Path
    config: Path
    assets: Path
    began_ms: int  # the uptime at which the program began

    def pin(self, role: str) -> PinState:
        """How a role's PIN stands. Raises PinsDamaged, OSError."""
        return PinState(is_set=role in read(self.folder), wait_ms=self._pins.wait_ms(role))

    def enter(self, role: str, pin: str) -> Entered:
        """Try a PIN. Raises PinsDamaged, OSError; then nobody gets in."""
        return self._pins.enter(role, pin)

    def put_pin(self, role: str, pin: str) -> None:
        """Set a role's PIN in place of any before. Raises WeakPin, OSError."""
        self._pins.put(role, pin)

    def today(self) -> Today | None:
        """Add up today's visits, None before the ledger is open. Raises LedgerDamaged, sqlite3.Error."""
        return self.kiosk.today()

    def predict(self, of_ten: int, language: str) -> None:
        """Store how many of ten shoppers staff believe were happy today. Raises NotSaved."""
        self.kiosk.predict(of_ten, language)

    def standing(self) -> Standing:
        """How things stand. Raises LedgerDamaged, sqlite3.Error."""
        told, sync = status(self.folder), self.kiosk.sync_state
        config = self.kiosk.config_standing
        where = told["enrolled"] or {}
        said = {} if sync is None else asdict(sync)
        return Standing(
            version=told["version"],
            config=str(self.config),
            data=str(self.folder),
            address=_address(),
            server=where.get("server"),
            prepared=prepared_address(self.folder),
            site=where.get("site", ""),
            touchpoint=where.get("touchpoint", ""),
            **(
                {"code": "elsewhere"}
                if told["elsewhere"]
                else {name: said[name] for name in SYNC if name in said}
            ),
            taps=told["taps"],
            pending=told["pending"],
            rejected=told["rejected"],
            free_mib=told["free_bytes"] >> 20,
            problems=(*told["problems"], *map(_passed_over, self.kiosk.in_force.passed_over)),
            config_faults=config.faults,
            waiting=config.waiting,
        )

    def enrol(self, address: str, code: str) -> str:
        """Enrol at a head office; gives the site's name. Raises Refused, SyncError, StoreProblem."""
        return self.kiosk.enrol(address, code)

    def try_office(self) -> Standing:
        """Talk to head office now, and tell how things stand after that. Raises as `standing` does."""
        self.kiosk.try_office()
        return self.standing()

    def network(self) -> Network:
        """What this machine is connected by."""
        return wifi.network()

    def networks(self) -> tuple[Wifi, ...]:
        """Which Wi-Fi networks are near, the strongest first."""
        return wifi.networks()

    def join(self, name: str, password: str) -> Joined:
        """Join a Wi-Fi network, and remember it on this machine."""
        return wifi.join(name, password)

    def ready_made(self) -> tuple[ReadyMade, ...]:
        """The surveys to begin with, the shipped one first. Raises InvalidSurvey, OSError."""
        files = sorted(
            (self.assets / "surveys").glob("*.toml"), key=lambda file: (file.stem != FIRST_SURVEY, file.stem)
        )
        return tuple(_ready_made(file) for file in files)

    def set_up(self, values: Mapping[str, Any], survey: str) -> None:
        """Put settings and a ready-made survey in force together. Raises InvalidConfig, OSError."""
        versions, author = Versions(self.folder), Author(role="technician", at_ms=time.time_ns() // 1_000_000)
        chosen = loads_toml((self.assets / "surveys" / f"{survey}.toml").read_text("utf-8")).surveys
        change(self.config, values, versions=versions, author=author)
        publish(self.config, [each.document() for each in chosen], versions=versions, author=author)
        self.kiosk.look_at_config()

    def settings(self) -> dict[str, Any]:
        """Every setting of config.toml by its path, as TOML has it. Raises InvalidConfig."""
        return values_in(self.config)

    def change(self, values: Mapping[str, Any], role: str) -> tuple[str, ...]:
        """Put settings in force; gives those that wait for the next start. Raises InvalidConfig, OSError."""
        author = Author(role=role, at_ms=time.time_ns() // 1_000_000)
        change(self.config, values, versions=Versions(self.folder), author=author)
        self.kiosk.look_at_config()
        return self.kiosk.config_standing.waiting

    @cached_property
    def drafts(self) -> Drafts:
        """Surveys under edit, and the versions before."""
        in_force = self.kiosk.in_force
        doors = Doors(
            now_ms=lambda: time.time_ns() // 1_000_000,
            beyond_us=partial(beyond_us, fonts=self.assets / "fonts"),
            look_at_config=partial(self.kiosk.look_at_config, published=True),
            shown=in_force.with_office,
            terms=in_force.terms,
            may_publish=in_force.may_publish,
        )
        return Drafts(self.config, self.folder, doors)

    def library(self) -> Library:
        """What comes ready-made. Raises OSError."""
        return read_library(self.assets)

    @cached_property
    def _pins(self) -> Pins:
        return Pins(self.folder, now=_uptime, began_ms=self.began_ms)


def _passed_over(survey: str) -> str:
    return told(
        "{survey}: head office's newer version is shown; the store's own is kept, and can be published again",
        survey=survey,
    )


def _uptime() -> Uptime:
    return Uptime(boot=boot_id(), ms=uptime_ms())


def _address() -> str | None:
    """This machine's own address in the network that leads outwards; nothing is sent to find it."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # of the block that nobody has (RFC 5737)
        return str(probe.getsockname()[0])
    return None


def _ready_made(file: Path) -> ReadyMade:
    survey = loads_toml(file.read_text("utf-8")).surveys[0]
    return ReadyMade(
        name=file.stem, title=survey.title, first=survey.first.text, questions=len(survey.questions)
    )
