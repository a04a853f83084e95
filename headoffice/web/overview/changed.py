"""What changed most: sites whose CSAT of the last seven days is beyond chance away from the seven before.

Called by page.py with a reading connection. May read through work/.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from headoffice.metrics import METRICS
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.web.words import Words
from headoffice.work.compare import PREVIOUS, Compared, compare
from headoffice.work.overview import SCORE_DAYS
from headoffice.work.ranking import only_key
from headoffice.work.report import MetricQuery, measure
from headoffice.work.scope import Scope

MOST = 5
_CSAT = METRICS["csat"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A site that changed: its name, from what to what, by how much, and where more is to be seen."""

    name: str
    said: str
    change: str
    href: str


@dataclass(frozen=True, kw_only=True)
class ChangedCard:
    """The largest changes; `none` says so where nothing is beyond chance."""

    changes: tuple[Change, ...]
    more: str
    none: str


def changed_card(
    connection: Connection,
    words: Words,
    *,
    now_ms: int,
    everything: bool,
    languages: tuple[str, ...] | None = None,
) -> ChangedCard:
    """The card, as of a moment."""
    names = {str(site.id): site.name for site in all_sites(connection)}
    end = _today(connection, now_ms) + timedelta(days=1)
    scope = Scope(first=end - timedelta(days=SCORE_DAYS), end=end, languages=languages)
    query = MetricQuery(metric=_CSAT, by=("site",), scope=scope, everything=everything)
    rows = measure(connection, query)
    beside = compare(connection, query, rows, against=PREVIOUS, correction="holm")
    found = [
        (str(only_key(row)), row.estimate.value, each)
        for row, each in zip(rows, beside, strict=True)
        if each is not None and each.significant and row.estimate.value is not None
    ]
    found.sort(key=lambda one: -abs(one[2].difference.value))
    return ChangedCard(
        changes=tuple(_change(words, names[site], site, value, each) for site, value, each in found[:MOST]),
        more=words("changed.more", n=len(found) - MOST) if len(found) > MOST else "",
        none=words("changed.none"),
    )


def _change(words: Words, name: str, site: str, value: float, each: Compared) -> Change:
    before, now = words.score(_CSAT, each.other.value), words.score(_CSAT, value)
    query = urlencode({"site": site, "days": SCORE_DAYS, "compare": PREVIOUS})
    return Change(
        name=name,
        said=words("changed.said", before=before, now=now),
        change=words.change(_CSAT, each.difference.value),
        href=f"/sites?{query}",
    )


def _today(connection: Connection, now_ms: int) -> date:
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    zones = {site.timezone for site in all_sites(connection)} or {"UTC"}
    return max(now.astimezone(ZoneInfo(zone)).date() for zone in zones)
