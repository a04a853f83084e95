"""The overview, read and put into words.

Called by web/pages.py with a reading connection.
May read the store, by way of work/.
"""

from dataclasses import dataclass

from headoffice.metrics import METRICS
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.web.charts.chart import Chart
from headoffice.web.charts.trend import trend_chart
from headoffice.web.frame.filters import Reader
from headoffice.web.overview.changed import ChangedCard, changed_card
from headoffice.web.overview.faces import FacesCard, faces_card
from headoffice.web.overview.fleet import FleetCard, VisitShown, fleet_card, visits_shown
from headoffice.web.overview.scores import ScoreCard, score_card
from headoffice.web.overview.sites import SitesCard, sites_card
from headoffice.web.overview.steps import Here, Step, first_steps
from headoffice.work.fleet import fleet, latest
from headoffice.work.overview import overview


@dataclass(frozen=True, kw_only=True)
class OverviewPage:
    """Everything that the overview's template shows; `steps` are for administrators, until a tap arrives."""

    steps: tuple[Step, ...]
    faces: FacesCard
    scores: tuple[ScoreCard, ...]
    trend: Chart
    sites: SitesCard
    changed: ChangedCard
    fleet: FleetCard
    latest: tuple[VisitShown, ...]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The charts that can be had as files."""
        return (self.trend,)


def read_page(
    connection: Connection, *, reader: Reader, here: Here, languages: tuple[str, ...] | None
) -> OverviewPage:
    """The overview as of a moment, of shoppers who answered in some languages, None for all."""
    words, now_ms, everything = reader.words, reader.now_ms, reader.person.is_admin
    results = overview(connection, now_ms=now_ms, everything=everything, languages=languages)
    kiosks = fleet(connection, now_ms=now_ms)
    visits = latest(connection, everything=everything)
    steps: tuple[Step, ...] = ()
    if reader.person.is_admin and not visits:
        sites = [site.name for site in all_sites(connection)]
        steps = first_steps(words, here, sites=sites, kiosks=len(kiosks.kiosks))
    return OverviewPage(
        steps=steps,
        faces=faces_card(words, results.faces),
        scores=tuple(score_card(words, score) for score in results.scores),
        trend=trend_chart(words, METRICS["csat"], results.trend),
        sites=sites_card(words, results.ranking),
        changed=changed_card(connection, words, now_ms=now_ms, everything=everything, languages=languages),
        fleet=fleet_card(words, kiosks, now_ms),
        latest=visits_shown(words, visits, now_ms=now_ms, everything=everything),
    )
