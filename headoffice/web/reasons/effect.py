"""NPS+ in words and bars: the score, who explained a low one, and what the score would be without each cause.

Called by reasons/page.py with a reading connection. May read through work/.
"""

from dataclasses import dataclass

from headoffice.metrics import METRICS
from headoffice.store.engine import Connection
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.web.charts.bars import Heading, Length, bars_chart
from headoffice.web.charts.chart import Chart, Column, cell
from headoffice.web.frame.serve import Asked
from headoffice.work.causes import Cause, NpsPlus, nps_plus

_NPS = METRICS["nps"]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The NPS with its error and n, a sentence about who explained it, and the causes; empty without any."""

    value: str
    margin: str
    answers: str
    said: str
    best: str
    chart: Chart | None


def read_effect(connection: Connection, asked: Asked) -> Effect:
    """The NPS+ of what is asked."""
    words = asked.words
    found = nps_plus(connection, asked.filters.scope, everything=asked.everything)
    score = found.score.estimate
    if score.value is None or score.n < FEWEST_ANSWERS:
        said = words("score.few") if score.n or found.score.suppressed else words("reasons.no_nps")
        return Effect(value="–", margin="", answers="", said=said, best="", chart=None)
    causes = found.causes or ()
    explained = ""
    if found.detractors is not None and found.explained is not None:
        explained = words("reasons.explained", detractors=found.detractors, explained=found.explained)
    return Effect(
        value=words.score(_NPS, score.value),
        margin=words.margin(_NPS, score),
        answers=words("score.answers", n=score.n),
        said=explained,
        best=_best(asked, found),
        chart=_chart(asked, causes) if causes else None,
    )


def _best(asked: Asked, found: NpsPlus) -> str:
    """The cause whose mending would help most, in a sentence."""
    causes, now = found.causes or (), found.score.estimate.value
    if not causes or now is None:
        return ""
    most = max(causes, key=lambda cause: cause.nps_if_fixed)
    return asked.words(
        "reasons.best",
        cause=_name(asked, most),
        now=asked.words.score(_NPS, now),
        then=asked.words.score(_NPS, most.nps_if_fixed),
    )


def _chart(asked: Asked, causes: tuple[Cause, ...]) -> Chart:
    words = asked.words
    lengths = [
        Length(
            name=_name(asked, cause),
            plain=cause.cause,
            share=cause.share.value or 0.0,
            n=cause.n,
            said=words("reasons.then", then=words.score(_NPS, cause.nps_if_fixed)),
            more=(
                cell(cause.share.low, words.percent(cause.share.low or 0.0)),
                cell(cause.share.high, words.percent(cause.share.high or 0.0)),
                cell(cause.nps_if_fixed, words.score(_NPS, cause.nps_if_fixed)),
            ),
        )
        for cause in causes
    ]
    heading = Heading(
        name="effect",
        title=words("reasons.effect"),
        first=words("table.reason"),
        none=words("reasons.none"),
        notes=(words("reasons.effect_note"),),
        more=(
            Column(name="low", title=words("table.low")),
            Column(name="high", title=words("table.high")),
            Column(name="nps_if_fixed", title=words("table.nps_if_fixed")),
        ),
    )
    return bars_chart(words, lengths, heading)


def _name(asked: Asked, cause: Cause) -> str:
    return asked.catalogue.any_option(cause.question, cause.cause)
