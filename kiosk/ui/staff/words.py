"""How things stand, in staff's own words: head office, minutes, moments.

Used by the pages beside me. Pure: values in, words out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS

from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import InvalidConfig
from kiosk.ui.staff.backroom import Standing
from survey.problems import Fault, InvalidSurvey
from survey.told import Told, retold
from sync.errors import SyncError, Unauthorised

Say = Callable[..., str]
TOLD_FAULTS = 3  # in a toast; the page about this kiosk has all of them
DISK = {ENOSPC: "full", EDQUOT: "full", EROFS: "read_only", EACCES: "read_only", EPERM: "read_only"}
KNOWN = frozenset(
    {
        *("offline", "unreachable", "too_slow", "not_head_office", "server_trouble", "busy", "unauthorised"),
        *("revoked", "bad_programme", "elsewhere"),
    }
)


@dataclass(frozen=True)
class Telling:
    """What the rest of the kiosk tells, in a language of staff's: by templates, known by the English."""

    language: str
    say: Say
    templates: Mapping[str, str]

    def line(self, words: object) -> str:
        """A line that was told, such as a fault's message or a problem of the store."""
        return retold(words, self.templates)

    def fault(self, fault: Fault) -> str:
        """A fault with its place; a setting's by its name on the screen too."""
        label = next((each.label[self.language] for each in SETTINGS if each.path == fault.place), "")
        where = self.line(fault.place) + (self.say("about.named", name=label) if label else "")
        return self.say("about.at", place=where, what=self.line(fault.message))

    def problem(self, problem: Exception) -> str:
        """Why something could not be done."""
        match problem:
            case InvalidConfig() | InvalidSurvey():
                return self.say("why.comma").join(map(self.fault, problem.faults[:TOLD_FAULTS]))
            case Unauthorised():
                return self.say("why.code")  # only enrolling asks while somebody waits
            case SyncError():
                known = problem.code in KNOWN
                return self.say(f"sync.{problem.code}" if known else "sync.trouble")
            case OSError():
                return self.say(f"why.{DISK.get(problem.errno or 0, 'disk')}")
        words = problem.args[0] if problem.args else ""
        if isinstance(words, Told) or self.language == "en":
            return self.line(words)
        return self.say("why.other", name=type(problem).__name__)


def sync_words(standing: Standing, say: Say) -> str:
    """How things stand with head office: since when, how many answers wait, and what is wrong."""
    if standing.server is None:
        return say("sync.alone", count=standing.taps)
    parts = [_line(standing, say), say("sync.waiting", count=standing.pending)]
    if standing.rejected:
        parts.append(say("sync.rejected", count=standing.rejected))
    if standing.code:
        parts.append(say(f"sync.{standing.code}") if standing.code in KNOWN else say("sync.trouble"))
    if standing.next_try_s is not None and not standing.online:
        parts.append(say("sync.next", seconds=f"{standing.next_try_s:.0f}"))
    return say("sync.comma").join(parts)


def _line(standing: Standing, say: Say) -> str:
    if standing.since_ms is None:
        return say("sync.not_yet")
    since = datetime.fromtimestamp(standing.since_ms / 1000).astimezone()
    return say("sync.online" if standing.online else "sync.away", since=f"{since:%H:%M}")
