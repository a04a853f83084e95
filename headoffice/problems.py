"""What can go wrong at head office, by name; each layer above raises these and only two places show them.

Raised by store, work and web; shown by `cli` (exit codes) and `web.errors` (HTTP).
May touch nothing.

    HeadOfficeError
    ├── CannotStart            the database or the machine is at fault: exit 1
    │   ├── DataUnusable       directory or file cannot be opened, written or understood
    │   ├── DatabaseNewer      a later version of Egao has migrated it
    │   ├── InUse              another process serves it, or the port is taken
    │   └── WrongUsage         the command itself is at fault: exit 2
    ├── Invalid                input with faults: exit 1, 400
    ├── TooLarge               more than may come at once: 413
    ├── Overtaken              somebody else changed it meanwhile: 409
    ├── Unknown                what was named is not there: exit 1, 404
    ├── Busy                   the queue is full: 503 and Retry-After
    ├── StoreFailed            the database cannot be used now (disk full, file broken): 503
    ├── SignInRefused          somebody whom a provider vouches for is not let in: a page says why
    ├── KeyUnknown             a kiosk's key that was never given out: 401
    ├── KeyRevoked             one that was taken back: 403
    └── Refused                the wire's answers to a kiosk
        ├── Gap                409
        ├── Forked             409
        └── SurveyWanted       409
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey.problems import Fault


class HeadOfficeError(Exception):
    """The root; its text is for people and names the mend."""


class CannotStart(HeadOfficeError):  # noqa: N818 - named for what people are told
    """The database or the machine is not fit to work with."""


class DataUnusable(CannotStart):
    """The data directory or the database cannot be opened, written or understood."""


class DatabaseNewer(CannotStart):
    """The database was migrated by a later version of this program."""


class InUse(CannotStart):
    """Another process holds what this one needs."""


class WrongUsage(CannotStart):
    """The command line or the environment asks for what there is not."""


class Invalid(HeadOfficeError):  # noqa: N818 - the same
    """Input with faults, all of them at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class TooLarge(HeadOfficeError):  # noqa: N818 - the same
    """More than may come at once; the sender can halve it."""


class Overtaken(HeadOfficeError):  # noqa: N818 - the same
    """What was to be changed is not as it was when it was looked at; nothing was written."""


class Unknown(HeadOfficeError):  # noqa: N818 - the same
    """What was named is not there."""


class Busy(HeadOfficeError):  # noqa: N818 - the same
    """More waits than may wait; try again after `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("head office is busy: send it again later")
        self.retry_after_s = retry_after_s


class StoreFailed(HeadOfficeError):  # noqa: N818 - the same
    """The database cannot be read or written now; nothing was stored."""


class SignInRefused(HeadOfficeError):  # noqa: N818 - the same
    """A sign-in by an OpenID Connect provider failed. `reason` is one of REASONS; the text is for the log."""

    REASONS = ("unreachable", "stale", "denied", "forged", "unverified", "taken", "no_role")

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class KeyUnknown(HeadOfficeError):  # noqa: N818 - the same
    """No kiosk has this key."""


class KeyRevoked(HeadOfficeError):  # noqa: N818 - the same
    """The kiosk's key was taken back."""


class Refused(HeadOfficeError):  # noqa: N818 - the same
    """A batch that cannot be taken as it is; nothing of it was stored."""


class Gap(Refused):
    """Numbers are missing between what is decided and what was sent."""

    def __init__(self, through: int) -> None:
        super().__init__(
            f"taps are missing: this ledger is decided through {through}; send from {through + 1}"
        )
        self.through = through


class Forked(Refused):
    """The ledger went on elsewhere with other content after `same`."""

    def __init__(self, same: int) -> None:
        super().__init__(
            f"this ledger has other content after {same}: open a new ledger for what comes after it"
        )
        self.same = same


class SurveyWanted(Refused):
    """Taps name survey versions that head office does not know yet."""

    def __init__(self, versions: Sequence[str]) -> None:
        super().__init__(f"unknown survey version {', '.join(versions)}: put it, then send again")
        self.versions = tuple(versions)
