"""NPS+: the score, why the low ones were given, and what it would be without each cause.

Called by web/causes_api.py with a reading connection. May read through store.causes and work.report.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from headoffice.intervals import Estimate, share
from headoffice.metrics import METRICS, nps
from headoffice.store.causes import Asking, named
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.results import Asked, questions
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.work.report import MetricQuery, Row, measure
from headoffice.work.scope import Scope

DEFINITION = "nps_plus/1"
REASONS = "reasons"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A reason: how many of the low-scoring visits named it, their share, and the NPS without it."""

    question: str
    cause: str
    n: int
    share: Estimate
    nps_if_fixed: float


@dataclass(frozen=True, kw_only=True)
class NpsPlus:
    """The NPS with the visits that gave 0 to 6, how many of those named a cause, and each cause.

    Where they are fewer than may be shown, `causes` is None.
    """

    score: Row
    detractors: int | None
    explained: int | None
    causes: tuple[Cause, ...] | None


def if_fixed(detractors: int, passives: int, promoters: int, naming: int) -> float:
    """The NPS that would be if the low-scoring visits that name a cause had been passive.

    They leave the detractors and join the passives: 100 · (promoters − (detractors − naming)) / n.
    """
    counts = (detractors - naming, passives + naming, promoters)
    return nps(counts).value or 0.0


def nps_plus(connection: Connection, scope: Scope, *, everything: bool) -> NpsPlus:
    """All of it; for who may not see small cells without causes that fewer than five visits name."""
    [score] = measure(connection, MetricQuery(metric=METRICS["nps"], scope=scope, everything=everything))
    detractors, passives, promoters = score.counts or METRICS["nps"].nothing
    if score.suppressed or (not everything and 0 < detractors < FEWEST_ANSWERS):
        return NpsPlus(score=score, detractors=None, explained=None, causes=None)
    explained, counts = _counts(connection, scope)
    if not everything and 0 < explained < FEWEST_ANSWERS:
        return NpsPlus(score=score, detractors=detractors, explained=None, causes=None)
    causes = [
        Cause(
            question=question,
            cause=cause,
            n=n,
            share=share(n, detractors),
            nps_if_fixed=if_fixed(detractors, passives, promoters, n),
        )
        for (question, cause), n in counts.items()
        if everything or n >= FEWEST_ANSWERS
    ]
    ordered = tuple(sorted(causes, key=lambda each: (-each.n, each.question, each.cause)))
    return NpsPlus(score=score, detractors=detractors, explained=explained, causes=ordered)


def _counts(connection: Connection, scope: Scope) -> tuple[int, Counter[tuple[str, str]]]:
    asked = [
        each for each in questions(connection) if scope.versions is None or each.version in scope.versions
    ]
    scores = [each.id for each in asked if METRICS["nps"].takes(each.metric, each.type) and scope.holds(each)]
    reasons = {each.id: each for each in asked if each.metric == REASONS}
    explained, counts = 0, Counter[tuple[str, str]]()
    if not scores or not reasons:
        return explained, counts
    for timezone in sorted({site.timezone for site in all_sites(connection)}):
        visits, found = named(connection, _asking(scope, timezone, scores, reasons))
        explained += visits
        for each in found:
            for cause in _causes(each.answer):
                counts[reasons[each.question].question, cause] += each.visits
    return explained, counts


def _asking(scope: Scope, timezone: str, scores: Sequence[int], reasons: dict[int, Asked]) -> Asking:
    return Asking(
        scores=scores,
        reasons=list(reasons),
        timezone=timezone,
        first_ms=midnight(scope.first, timezone),
        end_ms=midnight(scope.end, timezone),
        sites=scope.sites,
        touchpoints=scope.touchpoints,
    )


def midnight(day: date | None, timezone: str) -> int | None:
    """When a local day begins, ms; a day that no clock reaches begins when time does."""
    if day is None:
        return None
    try:
        return int(datetime.combine(day, time(), ZoneInfo(timezone)).timestamp() * 1000)
    except OverflowError:
        return 0


def _causes(answer: str) -> list[str]:
    given = json.loads(answer)
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]
