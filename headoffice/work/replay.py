"""Replay the misuse rules over what is held: the score as it is and as it would be, side by side.

Called by web/office/misuse.py with a reading connection. Changes nothing.
"""

from collections import Counter
from dataclasses import dataclass, field

from headoffice.intervals import Estimate, share
from headoffice.problems import Invalid
from headoffice.store import completeness, misuse
from headoffice.store.engine import Connection
from headoffice.store.results import questions
from headoffice.work.flag import AT_ONCE, Effect, staff_questions
from headoffice.work.misuse import Judge, Rules
from survey.problems import Fault

MOST_TAPS = 2_000_000  # beyond, the page would stand still for too long: the command takes its time
TOP = '"happy"'  # of three faces: CSAT as headoffice.metrics has it


@dataclass(frozen=True, kw_only=True)
class Score:
    """CSAT of the faces at a site (None: everywhere) as it is, and as it would be."""

    site: int | None
    now: Estimate
    then: Estimate


@dataclass
class Replay:
    """What the rules would change: taps by reason, and the scores."""

    effect: Effect = field(default_factory=Effect)
    now: Counter[tuple[int, bool]] = field(default_factory=Counter)
    then: Counter[tuple[int, bool]] = field(default_factory=Counter)

    @property
    def scores(self) -> list[Score]:
        """Everywhere first, then each site."""
        sites = sorted({site for site, _ in self.now} | {site for site, _ in self.then})
        return [
            Score(site=site, now=_csat(self.now, of), then=_csat(self.then, of))
            for site, of in ((None, sites), *((site, [site]) for site in sites))
        ]


def replay(connection: Connection, rules: Rules) -> Replay:
    """Judge every tap that is held by these rules. Raises Invalid where there are too many to wait for."""
    held = sum(each.held - each.let_go for each in completeness.holdings(connection))
    if held > MOST_TAPS:
        words = f"{held:,} taps are too many for a page: python -m headoffice misuse --dry-run takes its time"
        raise Invalid([Fault("rules", words)])
    found, places, staffs = Replay(), misuse.places(connection), staff_questions(connection)
    faces = {each.id for each in questions(connection) if (each.type, each.metric) == ("faces", "csat")}
    for ledger in misuse.ledgers(connection):
        judge = Judge(rules, places, staffs)
        for taps in misuse.all_taps(connection, ledger, at_once=AT_ONCE):
            for tap in taps:
                flag, site = judge.flag(tap), places[tap.placement].site
                found.effect.add(tap, flag, site)
                if tap.question in faces and not tap.superseded and tap.answer != "null":
                    found.now[site, tap.answer == TOP] += tap.flag is None
                    found.then[site, tap.answer == TOP] += flag is None
    return found


def _csat(counts: Counter[tuple[int, bool]], sites: list[int]) -> Estimate:
    top = sum(counts[site, True] for site in sites)
    return share(top, top + sum(counts[site, False] for site in sites))
