"""The sites: each score with its interval on one scale, and in words which differences are not significant.

Called by page.py. Pure functions of values: touches nothing.
"""

from dataclasses import dataclass

from headoffice.intervals import Estimate
from headoffice.metrics import METRICS
from headoffice.web.overview.scale import Scale, scale_of
from headoffice.web.words import Words
from headoffice.work.overview import Place, Ranking

_CSAT = METRICS["csat"]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A site's interval, from x over so much width, and its score at `dot`; per cent."""

    place: Place
    x: float
    width: float
    dot: float


@dataclass(frozen=True, kw_only=True)
class SitesChart:
    """The sites on one scale; `overall` is where all sites together stand."""

    scale: Scale
    bars: tuple[Bar, ...]
    overall: float | None


@dataclass(frozen=True, kw_only=True)
class SitesCard:
    """The ranking; `chart` is None as long as no site has a score."""

    words: Words
    chart: SitesChart | None
    alt: str
    overall: str
    notes: tuple[str, ...]

    def margin(self, score: Estimate) -> str:
        """Half the width of a site's interval."""
        return self.words.margin(_CSAT, score)


def sites_card(words: Words, ranking: Ranking) -> SitesCard:
    """The card of the sites."""
    places = [
        words(
            "sites.alt_place",
            name=place.site.name,
            value=words.score(_CSAT, place.score.value),
            low=words.score(_CSAT, place.score.low),
            high=words.score(_CSAT, place.score.high),
        )
        for place in ranking.places
    ]
    return SitesCard(
        words=words,
        chart=_chart(ranking),
        alt=words("sites.alt", places=words.listed(places)),
        overall=words("sites.overall", value=words.score(_CSAT, ranking.overall.value)),
        notes=tuple(_notes(words, ranking)),
    )


def _chart(ranking: Ranking) -> SitesChart | None:
    ends = [end for place in ranking.places for end in (place.score.low, place.score.high) if end is not None]
    if not ends:
        return None
    overall = ranking.overall.value
    scale = scale_of(ends)
    return SitesChart(
        scale=scale,
        bars=tuple(_bar(scale, place) for place in ranking.places),
        overall=None if overall is None else scale.at(overall),
    )


def _bar(scale: Scale, place: Place) -> Bar:
    low, high = scale.at(place.score.low or 0.0), scale.at(place.score.high or 0.0)
    return Bar(place=place, x=low, width=round(high - low, 3), dot=scale.at(place.score.value or 0.0))


def _notes(words: Words, ranking: Ranking) -> list[str]:
    """Which sites cannot be told apart, which differ from all, and which are not there."""
    names = [place.site.name for place in ranking.places]
    notes = []
    if len(names) == 1:
        notes.append(words("sites.single"))
    elif names and not ranking.alike:
        notes.append(words("sites.all_differ"))
    notes += [
        words("sites.alike", names=words.listed(names[first : last + 1])) for first, last in ranking.alike
    ]
    among = {place for first, last in ranking.alike for place in range(first, last + 1)}
    alone = [name for place, name in enumerate(names) if place not in among]
    if ranking.alike and alone:
        notes.append(words("sites.alone", names=words.listed(alone)))
    if ranking.left_out:
        notes.append(words("sites.left_out", n=ranking.left_out))
    if ranking.few:
        notes.append(words("sites.few", names=words.listed([site.name for site in ranking.few])))
    return notes
