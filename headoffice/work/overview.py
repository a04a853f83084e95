"""Put together what the overview shows: today's faces, the scores, the trend and the sites.

Called by web/pages.py with a reading connection; words and pictures are made there.
May read the store; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from headoffice.intervals import NO_ANSWERS, Difference, Estimate, difference
from headoffice.metrics import METRICS, SCORES, Counts, Metric, add, csat
from headoffice.signals import Limits, alike, control_limits, pairwise_confidence
from headoffice.store.engine import Connection
from headoffice.store.lists import SiteSeen, all_sites
from headoffice.suppression import FEWEST_ANSWERS, suppressed
from headoffice.work.cells import cells_of
from headoffice.work.columns import Key
from headoffice.work.report import MetricQuery, measure
from headoffice.work.scope import Scope

SCORE_DAYS = 7  # a score, and as many days before to compare it with
TREND_DAYS = 56
RANKING_DAYS = 28
MOST_PLACES = 12  # of a longer ranking the first and the last are shown


@dataclass(frozen=True, kw_only=True)
class Score:
    """A metric of the last days and of as many before; too few answers give no estimate and no counts."""

    metric: Metric
    counts: Counts | None
    now: Estimate
    before: Estimate
    change: Difference | None


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the trend, or the `length` of days that begin with it; `limits` are None without a band."""

    day: date
    score: Estimate
    limits: Limits | None
    length: int = 1

    @property
    def is_signal(self) -> bool:
        """Whether the day lies outside the band."""
        if self.limits is None or self.score.value is None:
            return False
        return not self.limits.holds(self.score.value)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A site in the ranking."""

    site: SiteSeen
    score: Estimate


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The sites by score, best first; `left_out` lie in the middle, `few` have too few answers.

    `alike` are runs of places, as (first, last), within which no difference is more than the error.
    """

    places: tuple[Place, ...]
    left_out: int
    few: tuple[SiteSeen, ...]
    overall: Estimate
    alike: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The results at a glance. `faces` are today's sad, neutral and happy ones, None where hidden."""

    faces: Counts | None
    scores: tuple[Score, ...]
    trend: tuple[Day, ...]
    ranking: Ranking


def overview(
    connection: Connection, *, now_ms: int, everything: bool, languages: tuple[str, ...] | None = None
) -> Overview:
    """All of it, as of a moment; each site's days are its own local ones.

    A score of fewer than five answers is no score to anyone. Readers who may not see small cells
    (`everything` is false) also miss what would give one away: of some shoppers' `languages` too, which are
    looked for in the whole table as any filter is. For that every site has the latest date.
    """
    sites = all_sites(connection)
    groups, spoken = _by_date(sites, now_ms), None
    if languages is not None:
        spoken = _Spoken(languages, everything=everything)
        if not everything:
            groups = [_SameDate(today=max(group.today for group in groups), sites=None)] if groups else []
    results = _Results(connection, groups, spoken)
    return Overview(
        faces=_faces(results, everything=everything),
        scores=tuple(score for name in SCORES if (score := _score(results, METRICS[name]))),
        trend=_trend(results, everything=everything),
        ranking=_ranking(results, sites, everything=everything),
    )


@dataclass(frozen=True, kw_only=True)
class _SameDate:
    """Sites that have the same date now; `sites` is None when they are all, `are_most` when most."""

    today: date
    sites: tuple[int, ...] | None
    are_most: bool = False


@dataclass(frozen=True)
class _Spoken:
    """The shoppers' languages that are asked for, and whether small cells of them may be seen."""

    languages: tuple[str, ...]
    everything: bool


@dataclass(frozen=True)
class _Results:
    """Counts of any metric over the last days."""

    connection: Connection
    groups: Sequence[_SameDate]
    spoken: _Spoken | None

    def counts(self, metric: Metric, *, days: int, ago: int = 0, by: str | None = None) -> dict[Key, Counts]:
        """The metric's buckets of so many days, the last so many days ago; by one column or in all."""
        together: dict[Key, Counts] = {}
        for group in self.groups:
            end = group.today - timedelta(days=ago - 1)
            scope = Scope(first=end - timedelta(days=days), end=end, sites=group.sites)
            columns = () if by is None else (by,)
            for key, counts in self._of_group(metric, columns, scope, group).items():
                together[key] = add(together[key], counts) if key in together else counts
        return together

    def _of_group(
        self, metric: Metric, columns: tuple[str, ...], scope: Scope, group: _SameDate
    ) -> dict[Key, Counts]:
        """The buckets of sites of one date; of most sites those of all are read, as the page does anyway."""
        if not group.are_most or columns != ("site",):
            return self._read(metric, columns, scope)
        own = {str(site) for site in group.sites or ()}
        found = self._read(metric, columns, replace(scope, sites=None))
        return {key: counts for key, counts in found.items() if key[0] in own}

    def _read(self, metric: Metric, columns: tuple[str, ...], scope: Scope) -> dict[Key, Counts]:
        """The buckets of a scope; of some languages without those that must be hidden."""
        if self.spoken is None:
            return {k: cell.counted for k, cell in cells_of(self.connection, metric, columns, scope).items()}
        scope = replace(scope, languages=self.spoken.languages)
        query = MetricQuery(metric=metric, by=columns, scope=scope, everything=self.spoken.everything)
        rows = measure(self.connection, query)
        return {tuple(row.by.values()): row.counts for row in rows if not row.suppressed}

    def today(self, metric: Metric) -> Counts:
        """The metric's buckets of each site's own today, out of the days that its score is of anyway."""
        if self.spoken is not None:
            return self.total(metric, days=1)
        together = metric.nothing
        for group in self.groups:
            end = group.today + timedelta(days=1)
            scope = Scope(first=end - timedelta(days=SCORE_DAYS), end=end, sites=group.sites)
            own = self._read(metric, ("day",), scope).get((group.today.isoformat(),))
            together = together if own is None else add(together, own)
        return together

    def total(self, metric: Metric, *, days: int, ago: int = 0) -> Counts:
        """The same in all."""
        return self.counts(metric, days=days, ago=ago).get((), metric.nothing)


def _by_date(sites: Sequence[SiteSeen], now_ms: int) -> list[_SameDate]:
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    today = {zone: now.astimezone(ZoneInfo(zone)).date() for zone in {site.timezone for site in sites}}
    dates: dict[date, list[int]] = {}
    for site in sites:
        dates.setdefault(today[site.timezone], []).append(site.id)
    if len(dates) == 1:
        return [_SameDate(today=today, sites=None) for today in dates]
    return [
        _SameDate(today=today, sites=tuple(ids), are_most=len(ids) * 2 > len(sites))
        for today, ids in dates.items()
    ]


def _faces(results: _Results, *, everything: bool) -> Counts | None:
    counts = results.today(METRICS["happy_index"])
    return None if not everything and 0 < sum(counts) < FEWEST_ANSWERS else counts


def _score(results: _Results, metric: Metric) -> Score | None:
    """A score, unless nobody was asked in either period."""
    counts = results.total(metric, days=SCORE_DAYS)
    counts_before = results.total(metric, days=SCORE_DAYS, ago=SCORE_DAYS)
    if not sum(counts) and not sum(counts_before):
        return None
    now, before = _enough(metric, counts), _enough(metric, counts_before)
    return Score(
        metric=metric,
        counts=None if now is NO_ANSWERS else counts,
        now=now,
        before=before,
        change=difference(now, before),
    )


def _trend(results: _Results, *, everything: bool) -> tuple[Day, ...]:
    """CSAT of every day since the first that has answers, with the band it should stay in."""
    metric = METRICS["csat"]
    counts = results.counts(metric, days=TREND_DAYS, by="day")
    hidden = frozenset() if everything else suppressed({key: sum(each) for key, each in counts.items()})
    seen = {date.fromisoformat(str(key[0])): each for key, each in counts.items() if sum(each)}
    if not seen:
        return ()
    shown = {
        day: each
        for day, each in seen.items()
        if sum(each) >= FEWEST_ANSWERS and (day.isoformat(),) not in hidden
    }
    ordered = sorted(shown)
    limits = control_limits([(shown[day][1], sum(shown[day])) for day in ordered])
    band = dict(zip(ordered, limits, strict=True)) if limits else {}
    first, last = min(seen), max(group.today for group in results.groups)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return tuple(
        Day(day=day, score=csat(shown[day]) if day in shown else NO_ANSWERS, limits=band.get(day))
        for day in days
    )


def _ranking(results: _Results, sites: Sequence[SiteSeen], *, everything: bool) -> Ranking:
    metric = METRICS["csat"]
    counts = {site.id: metric.nothing for site in sites}
    by_site = results.counts(metric, days=RANKING_DAYS, by="site")
    counts.update({int(key[0]): each for key, each in by_site.items()})
    hidden = (
        frozenset() if everything else suppressed({(str(key),): sum(each) for key, each in counts.items()})
    )
    few = [site for site in sites if sum(counts[site.id]) < FEWEST_ANSWERS or (str(site.id),) in hidden]
    unshown = {site.id for site in few}
    ranked = sorted(
        (Place(site=site, score=csat(counts[site.id])) for site in sites if site.id not in unshown),
        key=lambda place: (-(place.score.value or 0.0), -place.score.n),
    )
    shown = ranked
    if len(ranked) > MOST_PLACES:
        shown = ranked[: MOST_PLACES // 2] + ranked[-MOST_PLACES // 2 :]
    confidence = pairwise_confidence(len(ranked))
    return Ranking(
        places=tuple(shown),
        left_out=len(ranked) - len(shown),
        few=tuple(few),
        overall=_enough(metric, results.total(metric, days=RANKING_DAYS)),
        alike=tuple(alike([csat(counts[place.site.id], confidence=confidence) for place in shown])),
    )


def _enough(metric: Metric, counts: Counts) -> Estimate:
    return metric.estimate(counts) if sum(counts) >= FEWEST_ANSWERS else NO_ANSWERS
