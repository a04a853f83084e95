"""How the answers to each question are spread: how many gave each, by question or by question and language.

Called by the web pages with a reading connection. May read through store.results; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headoffice.metrics import FACES
from headoffice.store.engine import Connection
from headoffice.store.results import Asked, questions, tallies
from headoffice.store.surveys import find_survey
from headoffice.suppression import suppressed
from headoffice.work.columns import Key, values
from headoffice.work.scope import Scope

_TYPES = ("faces", "scale", "stars", "choice")


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A question of a survey (all of its versions): how many answered, skipped, and gave each answer.

    `counts` are by answer, in the order shown to shoppers; None where there are too few to be shown. Of a
    question with many choices they add up to more than `n`.
    """

    survey: str
    question: str
    type: str
    metric: str | None
    n: int
    skipped: int
    counts: dict[str, int] | None


@dataclass
class _Sum:
    """What is added up of one question; `all` are all who passed it, whoever asks."""

    asked: Asked
    n: int = 0
    skipped: int = 0
    hidden: bool = False


def spreads(connection: Connection, scope: Scope, *, everything: bool) -> list[Spread]:
    """Every question that was answered, in the order of its survey, newest version last.

    For readers who may not see small cells the whole table is made first, filters being columns of it, as in
    work/report.py: a question with a hidden cell among those added up is hidden.
    """
    columns = ("survey", "question", *(name for name in scope.filters if name not in {"question", "version"}))
    keys = tuple(name for name in columns if name not in {"survey", "question"})
    read = scope if everything else scope.unfiltered
    asked = {each.id: each for each in questions(connection) if each.type in _TYPES and read.holds(each)}
    rows = [
        (each, values(columns, asked[each.question], dict(zip(keys, each.key, strict=True))))
        for each in tallies(connection, read.wanted(asked.values()), by=keys)
        if each.counted
    ]
    totals: dict[Key, int] = {}
    for tally, key in rows:
        totals[key] = totals.get(key, 0) + tally.n + tally.skipped
    hidden = frozenset() if everything else suppressed(totals)
    sums: dict[tuple[str, str], _Sum] = {}
    counts: dict[tuple[str, str], dict[str, int]] = {}
    names: dict[int, Sequence[str]] = {}
    for tally, key in rows:
        question = asked[tally.question]
        if not scope.holds(question) or not replace(scope, versions=None, questions=None).holds_key(
            columns, key
        ):
            continue
        found = sums.setdefault((question.survey, question.question), _Sum(question))
        found.asked, found.hidden = question, found.hidden or key in hidden
        found.n, found.skipped = found.n + tally.n, found.skipped + tally.skipped
        if tally.question not in names:
            names[tally.question] = _answers(connection, question)
        given = counts.setdefault((question.survey, question.question), {})
        for name, count in zip(names[tally.question], tally.slots[: question.slots], strict=False):
            given[name] = given.get(name, 0) + count
    order = {(each.survey, each.question): each.id for each in asked.values()}
    return [_spread(sums[name], counts[name]) for name in sorted(sums, key=lambda name: order[name])]


def _spread(found: _Sum, counts: dict[str, int]) -> Spread:
    asked = found.asked
    return Spread(
        survey=asked.survey,
        question=asked.question,
        type=asked.type,
        metric=asked.metric,
        n=0 if found.hidden else found.n,
        skipped=0 if found.hidden else found.skipped,
        counts=None if found.hidden else counts,
    )


def _answers(connection: Connection, asked: Asked) -> Sequence[str]:
    """What each slot of a question stands for: a face, a number, or an option's id."""
    if asked.type == "faces":
        return FACES
    if asked.type == "choice":
        known = find_survey(connection, asked.version)
        if known is None:
            return ()
        return tuple(option.id for option in known.survey.question(asked.question).options)
    return tuple(str(asked.base + slot) for slot in range(asked.slots))
