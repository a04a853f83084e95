"""The response funnel: of the visits that reached a question, how many answered it.

Called by web/funnel_api.py with a reading connection. May read through store.passages.
"""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median

from headoffice.intervals import NO_ANSWERS, Estimate, share
from headoffice.problems import Invalid
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.passages import Asking, Passage, passages
from headoffice.store.results import questions
from headoffice.store.surveys import find_survey
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.work.causes import midnight
from headoffice.work.scope import Scope
from survey.branching import Path, path
from survey.model import Survey
from survey.problems import Fault, InvalidAnswer

DEFINITION = "funnel/1"
LONGEST_MS = 600_000  # a clock was set, or nobody was there
MOST_WAYS = 10_000
MOST_VISITS = 100_000  # of one answer: beyond it a reader would be held up for long


@dataclass
class Stage:
    """A question of a survey version: how many visits reached it and answered it, and how many elsewhere.

    `but_for` are those of elsewhere whom one filter alone leaves out, by its name.
    `took_ms` are the times that answers to it took, since the tap before.
    """

    reached: int = 0
    answered: int = 0
    elsewhere: int = 0
    but_for: Counter[str] = field(default_factory=Counter)
    took_ms: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class StageSeen:
    """The same as it may be shown; `took_s` is the median time an answer took, of five and more."""

    survey: str
    version: str
    question: str
    reached: int | None
    answered: int | None
    share: Estimate
    took_s: float | None
    suppressed: bool


@dataclass
class _Stages:
    """Goes through visits; `scope` says which of them are asked for."""

    connection: Connection
    scope: Scope
    found: dict[tuple[str, str], Stage] = field(default_factory=dict)
    _surveys: dict[str, Survey | None] = field(default_factory=dict)
    _ways: dict[tuple[str, str], Path] = field(default_factory=dict)

    def add(self, passage: Passage) -> None:
        """Count a visit at each question that its answers lead to; where it was left, it reached one more."""
        survey = self._survey(passage.version)
        if survey is None:
            return
        answers = passage.answers
        way = self._way(survey, passage)
        if way is None:
            return
        missed = self._missed(passage)
        for question in (*way.asked, *(() if way.next is None else (way.next,))):
            stage = self.found.setdefault((passage.version, question), Stage())
            if missed:
                stage.elsewhere += 1
                stage.but_for.update(missed if len(missed) == 1 else ())
                continue
            stage.reached += 1
            if question in way.asked and answers[question] is not None:
                stage.answered += 1
                took = passage.took_ms.get(question)
                if took is not None and 0 <= took <= LONGEST_MS:
                    stage.took_ms.append(took)

    def _way(self, survey: Survey, passage: Passage) -> Path | None:
        """The way of a visit; where no lot is drawn, visits with the same answers went the same way."""
        lots = any(question.ask is not None for question in survey.questions)
        key = (passage.version, passage.visit if lots else repr(passage.answers))
        if key in self._ways:
            return self._ways[key]
        try:
            way = path(survey, passage.answers, passage.visit)  # type: ignore[arg-type]  # checked when it came
        except InvalidAnswer:  # never stored, so never here; a visit less is better than none at all
            return None
        if len(self._ways) < MOST_WAYS and not lots:
            self._ways[key] = way
        return way

    def _missed(self, passage: Passage) -> list[str]:
        """The filters that leave a visit out."""
        scope = self.scope
        filters = (
            ("site", scope.sites, passage.site),
            ("touchpoint", scope.touchpoints, passage.touchpoint),
            ("language", scope.languages, passage.language),
        )
        return [name for name, allowed, own in filters if allowed is not None and own not in allowed]

    def _survey(self, version: str) -> Survey | None:
        if version not in self._surveys:
            known = find_survey(self.connection, version)
            self._surveys[version] = None if known is None else known.survey
        return self._surveys[version]


def funnel(connection: Connection, scope: Scope, *, everything: bool) -> list[StageSeen]:
    """Each question that a visit reached, by survey version, in the document's order.

    Who may not see small cells sees none that fewer than five visits reached, nor one whose difference to
    all together, or to what is told with one filter less, is so small. Raises Invalid for too many visits.
    """
    stages = _Stages(connection, scope)
    left = MOST_VISITS
    for timezone in sorted({site.timezone for site in all_sites(connection)}):
        asking = Asking(
            timezone=timezone,
            first_ms=midnight(scope.first, timezone),
            end_ms=midnight(scope.end, timezone),
            versions=scope.versions,
        )
        with closing(passages(connection, asking)) as found:
            for passage in found:
                stages.add(passage)
                left -= 1
                if left < 0:
                    words = f"more than {MOST_VISITS} visits would have to be gone through: choose fewer days"
                    raise Invalid([Fault("from", words)])
    asked = [each for each in questions(connection) if scope.holds(each)]
    return [
        _seen(each.survey, each.version, each.question, stage, everything=everything)
        for each in asked
        if (stage := stages.found.get((each.version, each.question))) is not None and stage.reached
    ]


def _seen(survey: str, version: str, question: str, stage: Stage, *, everything: bool) -> StageSeen:
    rests = (stage.elsewhere, *stage.but_for.values())
    few = stage.reached < FEWEST_ANSWERS or any(0 < rest < FEWEST_ANSWERS for rest in rests)
    hidden = few and not everything
    return StageSeen(
        survey=survey,
        version=version,
        question=question,
        reached=None if hidden else stage.reached,
        answered=None if hidden else stage.answered,
        took_s=None if hidden else _median_s(stage.took_ms),
        share=NO_ANSWERS if hidden else share(stage.answered, stage.reached),
        suppressed=hidden,
    )


def _median_s(took_ms: list[int]) -> float | None:
    return round(median(took_ms) / 1000, 1) if len(took_ms) >= FEWEST_ANSWERS else None
