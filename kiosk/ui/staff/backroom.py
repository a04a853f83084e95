"""All that staff's pages need from the rest of the kiosk.

Implemented by kiosk.backroom, called on the thread of kiosk.ui.staff.errands: each of these
may read, write, hash or talk to head office. May touch nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from kiosk.settings.drafts import Drafts
from kiosk.settings.pin import Entered
from kiosk.store.today import Today
from survey.library import Library
from survey.problems import Fault


@dataclass(frozen=True, kw_only=True)
class PinState:
    """How a role's PIN stands: whether there is one, and how long nobody may try it."""

    is_set: bool
    wait_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How this kiosk and its talk with head office stand; `server` is None for one that is not enrolled."""

    version: str
    config: str  # the file's path
    data: str
    address: str | None  # of this machine in its network, None without one
    server: str | None
    prepared: str = ""  # the address that whoever made this machine ready left for its first start
    site: str = ""
    touchpoint: str = ""
    online: bool = False
    since_ms: int | None = None  # by the wall clock; None before the first word from the agent
    next_try_s: float | None = None
    code: str | None = None  # of sync.errors
    problem: str | None = None  # in English
    taps: int = 0
    pending: int = 0
    rejected: int = 0
    free_mib: int = 0
    problems: tuple[str, ...] = ()  # told, a line each
    config_faults: tuple[Fault, ...] = ()  # why config.toml as it is now is not in force
    waiting: tuple[str, ...] = ()  # settings that wait for the next start


@dataclass(frozen=True, kw_only=True)
class Network:
    """What the machine is connected `by`: wifi, ethernet or nothing; not `managed` if nobody can say."""

    managed: bool
    has_wifi: bool = False
    by: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Wifi:
    """A network that is near, and how strong it is heard."""

    name: str
    percent: int
    locked: bool
    joined: bool = False


class Joined(Enum):
    """What came of joining a network; the value names the words for it."""

    WELL = "well"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a word, and no password
    NOT_ALLOWED = "not_allowed"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ReadyMade:
    """A survey of assets/surveys: its file's name, title and first question by language, how many it has."""

    name: str
    title: Mapping[str, str]
    first: Mapping[str, str]
    questions: int


class Backroom(Protocol):
    """What lies behind the screens."""

    def pin(self, role: str) -> PinState:
        """How a role's PIN stands. Raises PinsDamaged, OSError."""

    def enter(self, role: str, pin: str) -> Entered:
        """Try a PIN. Raises PinsDamaged, OSError; then nobody gets in."""

    def put_pin(self, role: str, pin: str) -> None:
        """Set a role's PIN in place of any before. Raises WeakPin, OSError."""

    def today(self) -> Today | None:
        """Add up today's visits, None before the ledger is open. Raises LedgerDamaged, sqlite3.Error."""

    def predict(self, of_ten: int, language: str) -> None:
        """Store how many of ten shoppers staff believe were happy today. Raises NotSaved."""

    def standing(self) -> Standing:
        """How things stand. Raises LedgerDamaged, sqlite3.Error."""

    def enrol(self, address: str, code: str) -> str:
        """Enrol at a head office; gives the site's name. Raises Refused, SyncError, StoreProblem."""

    def try_office(self) -> Standing:
        """Talk to head office now, and tell how things stand after that. Raises as `standing` does."""

    def network(self) -> Network:
        """What this machine is connected by."""

    def networks(self) -> tuple[Wifi, ...]:
        """Which Wi-Fi networks are near, the strongest first."""

    def join(self, name: str, password: str) -> Joined:
        """Join a Wi-Fi network, and remember it on this machine."""

    def ready_made(self) -> tuple[ReadyMade, ...]:
        """The surveys to begin with. Raises InvalidSurvey, OSError."""

    def set_up(self, values: Mapping[str, Any], survey: str) -> None:
        """Put settings and a ready-made survey in force together. Raises InvalidConfig, OSError."""

    def settings(self) -> dict[str, Any]:
        """Every setting of config.toml by its path, as TOML has it. Raises InvalidConfig."""

    def change(self, values: Mapping[str, Any], role: str) -> tuple[str, ...]:
        """Put settings in force; gives those that wait for the next start. Raises InvalidConfig, OSError."""

    @property
    def drafts(self) -> Drafts:
        """Surveys under edit, and the versions before."""

    def library(self) -> Library:
        """What comes ready-made. Raises OSError."""
