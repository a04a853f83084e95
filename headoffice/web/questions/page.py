"""The page of the questions: each with its answers, the funnel on demand, and the scores by language.

Shown by web/pages.py. May read through work/ with a reading connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.metrics import FACES, METRICS, SCORES
from headoffice.problems import Invalid
from headoffice.store.engine import Connection
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.web.charts.bars import Heading, Length, bars_chart
from headoffice.web.charts.chart import Chart, Column, cell
from headoffice.web.charts.dots import Line, Wording, dots_chart
from headoffice.web.frame.serve import Asked, Show
from headoffice.web.questions.follow import asked_after
from headoffice.work.funnel import StageSeen, funnel
from headoffice.work.ranking import enough, only_key, rank
from headoffice.work.report import MetricQuery
from headoffice.work.spread import Spread, spreads

_ALL = 100


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A question: its survey, its chart, after which answers it is asked, and the face that leads to it."""

    survey: str
    chart: Chart
    after: str
    face: str


@dataclass(frozen=True, kw_only=True)
class QuestionsPage:
    """Everything that the template shows; `ask` leads to the funnel where it was not asked for."""

    answered: tuple[Answered, ...]
    languages: tuple[Chart, ...]
    funnel: Chart | None
    ask: str
    refused: bool

    @property
    def charts(self) -> Sequence[Chart]:
        """The charts in the order shown."""
        way = () if self.funnel is None else (self.funnel,)
        return (*way, *(each.chart for each in self.answered), *self.languages)


def read_page(connection: Connection, asked: Asked) -> QuestionsPage:
    """The page for what its URL asks; the funnel goes through every visit, so only when it is wanted."""
    wanted = asked.parameters.choice("funnel", ("1",), default="") == "1"
    way, refused = None, False
    if wanted:
        try:
            stages = funnel(connection, asked.filters.scope, everything=asked.everything)
            way = _funnel_chart(asked, stages)
        except Invalid:
            refused = True
    found = spreads(connection, asked.filters.scope, everything=asked.everything)
    return QuestionsPage(
        answered=tuple(_answered(asked, each) for each in found),
        languages=tuple(_by_language(connection, asked)),
        funnel=way,
        ask="" if wanted else asked.filters.href(funnel=1),
        refused=refused,
    )


def _answered(asked: Asked, spread: Spread) -> Answered:
    words = asked.words
    after, face = asked_after(words, asked.catalogue, (spread.survey, spread.question))
    total = sum((spread.counts or {}).values()) if spread.type != "choice" else spread.n
    lengths = [_length(asked, spread, name, count, total) for name, count in (spread.counts or {}).items()]
    if spread.type == "choice":
        lengths.sort(key=lambda each: -each.n)
    few = spread.counts is None or spread.n < FEWEST_ANSWERS
    notes = [] if few else [words("questions.answered", n=spread.n, skipped=spread.skipped)]
    if spread.type == "choice" and total and sum(each.n for each in lengths) > total:
        notes.append(words("questions.many"))
    heading = Heading(
        name=f"question-{spread.survey}-{spread.question}",
        title=asked.catalogue.question(spread.question, spread.survey),
        first=words("table.answer"),
        none=words("score.few"),
        notes=tuple(notes),
    )
    return Answered(
        survey=asked.catalogue.survey(spread.survey),
        chart=bars_chart(words, lengths, heading, enough=not few),
        after=after,
        face=face,
    )


def _length(asked: Asked, spread: Spread, name: str, count: int, total: int) -> Length:
    shown = name
    if spread.type == "faces":
        shown = asked.words(f"faces.{name}")
    elif spread.type == "choice":
        shown = asked.catalogue.option(spread.survey, spread.question, name)
    elif spread.type == "stars":
        shown = f"★ {name}"
    return Length(
        name=shown,
        plain=name,
        share=count / total if total else 0.0,
        n=count,
        face=name if spread.type == "faces" and name in FACES else "",
    )


def _funnel_chart(asked: Asked, stages: Sequence[StageSeen]) -> Chart:
    words = asked.words
    lengths = [
        Length(
            name=asked.catalogue.question(each.question, each.survey),
            plain=each.question,
            share=each.share.value or 0.0,
            n=each.reached or 0,
            said="" if each.took_s is None else words("questions.took", seconds=f"{each.took_s:.1f}"),
            more=(
                cell(each.answered, words.number(each.answered or 0)),
                cell(each.took_s, "–" if each.took_s is None else f"{each.took_s:.1f}"),
            ),
        )
        for each in stages
        if not each.suppressed
    ]
    columns = (
        Column(name="answered", title=words("table.answered")),
        Column(name="took_s", title=words("table.took")),
    )
    heading = Heading(
        name="funnel",
        title=words("questions.funnel"),
        first=words("table.question"),
        none=words("score.few"),
        notes=(words("questions.funnel_note"),),
        more=columns,
    )
    return bars_chart(words, lengths, heading)


def _by_language(connection: Connection, asked: Asked) -> list[Chart]:
    """A chart for each score that has answers in two languages and more."""
    words, charts = asked.words, []
    for metric in (METRICS[name] for name in SCORES if name != "happy_index"):
        query = MetricQuery(
            metric=metric, by=("language",), scope=asked.filters.scope, everything=asked.everything
        )
        ranked = rank(connection, query, most=_ALL)
        if len(ranked.rows) + len(ranked.few) < 2:  # noqa: PLR2004 - one language is compared with nothing
            continue
        lines = [
            Line(
                key=str(only_key(row)),
                name=words.language_name(str(only_key(row))),
                score=enough(metric, row),
            )
            for row in (*ranked.rows, *ranked.few)
        ]
        wording = Wording(
            name=f"language-{metric.name}",
            title=words("questions.by_language", metric=words(f"score.{metric.name}")),
            first=words("table.language"),
            none=words("score.few"),
        )
        charts.append(dots_chart(words, metric, lines, overall=ranked.overall, wording=wording))
    return charts


QUESTIONS = Show(
    path="/questions",
    template="questions.html",
    read=read_page,
    filters=("site", "tag", "touchpoint", "survey", "question", "language"),
    takes=("funnel",),
)
