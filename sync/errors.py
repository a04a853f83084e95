"""I am every way in which talking to head office can fail, in words that staff can read.

Everybody in ``sync`` raises me; ``agent`` and the kiosk's commands catch ``SyncError``.
I import nothing: the contract and the client stand above me.

SyncError                    anything below; ``code`` is stable (for translation), ``str()`` is English
├── Offline                  no word from head office: try again with growing pauses
│   ├── Unreachable          refused, reset, name not found, TLS not trusted
│   ├── TooSlow              the whole exchange took longer than its deadline
│   ├── NotAnAck             something answered, but not head office's word about this batch
│   └── ServerTrouble        500, 502, 504 …
├── Busy                     429, 503: ``retry_after_s`` if it was named
├── Unwelcome                the key is not accepted: keep collecting, ask hourly
│   ├── Unauthorised         401
│   └── Revoked              403
├── Refused                  400, 422: this body will never be taken
│   └── TooLarge             413
├── RefusesAll               it hears us, but refuses tap after tap: that is not the taps' fault
├── Gap                      409: head office holds less than we thought; ``through``
├── Forked                   409: head office holds other taps under our numbers; ``same``
├── SurveyWanted             409: ``surveys`` have to go up first
├── SurveyStuck              a survey that head office wants cannot be given to it
├── BadProgramme             the programme that head office sent cannot be put in force
├── Hung                     the kiosk's own store does not answer
└── Closed                   the program is ending
"""

# ruff: noqa: N818 - an exception is named for what went wrong
from __future__ import annotations

from typing import ClassVar


class SyncError(Exception):
    """Talking to head office failed; the tree above says how."""

    code: ClassVar[str] = "sync"


class Offline(SyncError):
    """No word from head office was heard."""

    code = "offline"


class Unreachable(Offline):
    """No connection could be made or kept."""

    code = "unreachable"


class TooSlow(Offline):
    """The exchange was cut at its deadline."""

    code = "too_slow"


class NotAnAck(Offline):
    """An answer came that is not head office's word about what was sent."""

    code = "not_head_office"


class ServerTrouble(Offline):
    """Head office itself, or the proxy before it, has an error."""

    code = "server_trouble"


class Busy(SyncError):
    """Head office asked for a pause."""

    code = "busy"

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unwelcome(SyncError):
    """Head office does not accept this kiosk's key."""

    code = "unwelcome"


class Unauthorised(Unwelcome):
    """The key is unknown to head office."""

    code = "unauthorised"


class Revoked(Unwelcome):
    """The key was withdrawn."""

    code = "revoked"


class Refused(SyncError):
    """What was sent is not acceptable as it is."""

    code = "refused"


class TooLarge(Refused):
    """What was sent is more than head office takes at once."""

    code = "too_large"


class RefusesAll(SyncError):
    """Head office refuses one tap after another and takes none: nothing more is withheld for it."""

    code = "refuses_all"


class Gap(SyncError):
    """Head office holds this ledger only up to ``through``."""

    code = "gap"

    def __init__(self, through: int) -> None:
        super().__init__(f"head office holds this ledger only up to number {through}")
        self.through = through


class Forked(SyncError):
    """Head office and this kiosk agree only up to number ``same``."""

    code = "forked"

    def __init__(self, same: int) -> None:
        super().__init__(f"head office holds other taps under this ledger's numbers after {same}")
        self.same = same


class SurveyWanted(SyncError):
    """Head office has to be given these survey versions first."""

    code = "survey_wanted"

    def __init__(self, surveys: tuple[str, ...]) -> None:
        super().__init__(f"head office does not know the survey versions {', '.join(surveys)}")
        self.surveys = surveys


class SurveyStuck(SyncError):
    """A survey version that head office wants cannot be given to it."""

    code = "survey_stuck"


class BadProgramme(SyncError):
    """The programme from head office is not one this kiosk can put in force; the last good one stays."""

    code = "bad_programme"


class Hung(SyncError):
    """The exchange does not get on, and not for the network's sake."""

    code = "hung"


class Closed(SyncError):
    """The exchange was ended because the program ends."""

    code = "closed"
