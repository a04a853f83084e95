"""Show shoppers' own words to those who may see them, and hide, redact, erase or let them go.

Called by `web.verbatims_api` and `work.jobs`. Every change is noted in the audit, never with the words.
May touch verbatims and the audit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from headoffice.problems import Invalid, Unknown
from headoffice.store import verbatims
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.verbatims import Cell, VerbatimSeen, Wanted
from headoffice.suppression import FEWEST_VERBATIMS, suppressed
from survey.problems import Fault, has_unseen

LONGEST_WORDS = 2000
AT_ONCE = 1000
_FOR_ONE = 5  # texts read first for each that is wanted
MOST_READ = 20_000  # of one page, for readers to whom most is hidden
SHOWN_AS: Mapping[str, int] = MappingProxyType({"hide": verbatims.HIDDEN, "show": verbatims.SHOWN})
ACTIONS = (*SHOWN_AS, "redact", "erase")

Place = tuple[int, int]  # key and mark of the last text seen


@dataclass(frozen=True, kw_only=True)
class Part:
    """At most `limit` texts after a place; `keep` says which of those that may be seen are wanted."""

    after: Place | None
    limit: int
    keep: Callable[[VerbatimSeen], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some texts, where to go on, and whether there is more. `hidden` counts cells that are too small."""

    rows: list[VerbatimSeen]
    after: Place | None
    more: bool
    hidden: int


def period_of(wanted: Wanted) -> str:
    """How fine the cells must be for what is asked: months, unless a part of one is asked for."""
    days = [day for day in (wanted.first, wanted.end) if day is not None]
    return "month" if all(day.endswith("-01") for day in days) else "day"


def read_page(connection: Connection, wanted: Wanted, part: Part, *, everything: bool) -> Page:
    """The next texts. Who is not an admin sees a text only where its cell holds ten and more.

    A cell is a site, touchpoint, survey, question and month (or day, where a part of a month is asked for),
    counted over the whole table and not over what is filtered: so no filter shows what another hides.
    """
    allowed, hidden = _allowed(connection, wanted, everything=everything)
    rows: list[VerbatimSeen] = []
    after, at_once = part.after, min(AT_ONCE, part.limit * _FOR_ONE)
    read, more, period = 0, True, period_of(wanted)
    while more and len(rows) < part.limit and read < MOST_READ:
        found = verbatims.page(connection, wanted, after=after, limit=at_once, everything=everything)
        more = len(found) == at_once
        read, at_once = read + len(found), AT_ONCE
        for row in found:
            if len(rows) == part.limit:
                more = True
                break
            after = (row.key, row.mark)
            if (allowed is None or row.cell(period) in allowed) and (part.keep is None or part.keep(row)):
                rows.append(row)
    return Page(rows=rows, after=after, more=more, hidden=hidden)


def act(connection: Connection, mark: int, action: str, *, words: str | None, by: By) -> str:
    """Hide, show, redact or erase a text; returns the state it is in then. Raises Unknown, Invalid.

    To redact is to put other words in its place: the old ones are gone here at once, and from the next
    backup on also there.
    """
    if action == "redact":
        check_words(words)
    found = verbatims.find(connection, mark)
    if found is None:
        raise Unknown("there is no such verbatim")
    ledger, seq, state = found
    if state == verbatims.ERASED:
        raise Invalid([Fault("verbatim", "is erased: nothing of it is left to change")])
    if action in SHOWN_AS:
        verbatims.change(connection, ledger, seq, state=SHOWN_AS[action])
    else:
        verbatims.overwrite(connection, ledger, seq, words=words if action == "redact" else None)
    note(connection, by=by, did=f"{action} verbatim", what={"verbatim": f"{mark:016x}"})
    done = {"hide": verbatims.HIDDEN, "show": verbatims.SHOWN, "redact": verbatims.REDACTED}
    return verbatims.STATES[done.get(action, verbatims.ERASED)]


def check_words(words: str | None) -> None:
    """Raise Invalid for words that cannot stand in a text's place."""
    if words is None or not words.strip() or len(words) > LONGEST_WORDS or has_unseen(words):
        raise Invalid([Fault("text", f"must have 1 to {LONGEST_WORDS} printable characters")])


def let_go(connection: Connection, *, before_ms: int, by: By) -> int:
    """Erase what is older than its retention; returns how many texts."""
    erased = verbatims.erase_before(connection, before_ms)
    if erased:
        note(connection, by=by, did="erase old verbatims", what={"count": erased, "before_ms": before_ms})
    return erased


def _allowed(
    connection: Connection, wanted: Wanted, *, everything: bool
) -> tuple[frozenset[Cell] | None, int]:
    if everything:
        return None, 0
    counts = verbatims.cells(connection, Wanted(), period=period_of(wanted))
    hidden = suppressed({tuple(cell): n for cell, n in counts.items()}, fewest=FEWEST_VERBATIMS)
    return frozenset(cell for cell in counts if cell not in hidden), len(hidden)
