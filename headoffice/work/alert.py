"""Alert: look for what somebody should see to, raise it once, and close it when it is over.

Run every minute by `work.jobs`; forks are told by `web.kiosk_api`, since a refused batch leaves no trace.
May read the store, and touch the alerts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from headoffice.store import alerts, kiosks
from headoffice.store.alerts import AlertSeen, Wrong
from headoffice.store.engine import Connection
from headoffice.store.lists import KioskSeen, SiteSeen, all_kiosks, all_sites
from headoffice.work.quiet import quiet

DAY_MS = 24 * 3600 * 1000
LOSSES_LAST_MS = 7 * DAY_MS  # an alert of lost taps closes when there were none for so long
FORKS_LAST_MS = 7 * DAY_MS
CLOSED_KEPT_MS = 365 * DAY_MS
WEEKS_COMPARED = 4  # the same weekday, so that a quiet Monday is no alarm
FEWEST_COMPARED = 20  # answers a day below which a drop is chance
DROP = 0.4  # of what is usual
KINDS = (
    *("kiosk_silent", "kiosk_problems", "kiosk_quiet", "sudden_drop"),
    *("ledger_forked", "ledger_corrupt", "taps_rejected"),
)


@dataclass(frozen=True)
class Change:
    """What is to be raised and what is over."""

    raised: Sequence[Wrong]
    closed: Sequence[AlertSeen]

    def __bool__(self) -> bool:
        return bool(self.raised or self.closed)


def look(connection: Connection, *, now_ms: int, silent_after_ms: int) -> Change:
    """Look at everything, as of a moment; changes nothing."""
    sites = all_sites(connection)
    kiosks = all_kiosks(connection)
    heard = [each for each in kiosks if now_ms - (each.heard_at or 0) <= silent_after_ms]
    wrong = [
        *_kiosks(kiosks, now_ms=now_ms, silent_after_ms=silent_after_ms),
        *quiet(connection, heard, now_ms=now_ms),
        *_drops(connection, sites, now_ms),
        *_losses(connection, now_ms),
    ]
    lasting = {(each.kind, each.subject) for each in wrong}
    standing = alerts.open_alerts(connection)
    known = {(each.kind, each.subject) for each in standing}
    return Change(
        raised=[each for each in wrong if (each.kind, each.subject) not in known],
        closed=[
            each
            for each in standing
            if (each.kind, each.subject) not in lasting
            and not (each.kind == "ledger_forked" and now_ms - each.raised_at < FORKS_LAST_MS)
        ],
    )


def settle(connection: Connection, change: Change, *, now_ms: int) -> None:
    """Raise and close; what was closed a year ago is forgotten."""
    for wrong in change.raised:
        alerts.raise_alert(connection, wrong, now=now_ms)
    for alert in change.closed:
        alerts.close_alert(connection, alert.id, now=now_ms)
    alerts.forget_before(connection, now_ms - CLOSED_KEPT_MS)


def tell_fork(connection: Connection, *, key: bytes, ledger: str, same: int, now_ms: int) -> None:
    """Raise an alert for a ledger that has two contents: a card was copied, or a backup of it put back."""
    standing = kiosks.standing(connection, key, now=now_ms)
    detail = f"ledger {ledger} has other content after {same} than what is held: was the card copied?"
    wrong = Wrong(
        kind="ledger_forked",
        subject=f"ledger {ledger}",
        detail=detail,
        site=standing.site,
        kiosk=standing.kiosk,
    )
    alerts.raise_alert(connection, wrong, now=now_ms)


def _kiosks(found: Iterable[KioskSeen], *, now_ms: int, silent_after_ms: int) -> Iterable[Wrong]:
    for kiosk in found:
        place = {"subject": f"kiosk {kiosk.id}", "site": kiosk.site, "kiosk": kiosk.id}
        heard = kiosk.enrolled_at if kiosk.heard_at is None else kiosk.heard_at
        if now_ms - heard > silent_after_ms:
            when = datetime.fromtimestamp(heard / 1000, ZoneInfo(kiosk.timezone))
            words = (
                "was last heard of"
                if kiosk.heard_at is not None
                else "has not been heard of since it was enrolled"
            )
            yield Wrong(kind="kiosk_silent", detail=f"{words} {when:%Y-%m-%d %H:%M}", **place)  # type: ignore[arg-type]
        if kiosk.problems:
            yield Wrong(kind="kiosk_problems", detail="; ".join(kiosk.problems)[:500], **place)  # type: ignore[arg-type]


def _drops(connection: Connection, sites: Sequence[SiteSeen], now_ms: int) -> Iterable[Wrong]:
    """Sites whose last whole day had far fewer answers than the same weekday usually has."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    together: dict[date, list[SiteSeen]] = defaultdict(list)
    for site in sites:
        together[now.astimezone(ZoneInfo(site.timezone)).date() - timedelta(days=1)].append(site)
    for yesterday, of_date in together.items():
        yield from _dropped(connection, of_date, yesterday)


def _dropped(connection: Connection, sites: Sequence[SiteSeen], yesterday: date) -> Iterable[Wrong]:
    weeks = [yesterday - timedelta(weeks=week) for week in range(WEEKS_COMPARED + 1)]
    answers, *before = [alerts.answers_by_site(connection, day) for day in weeks]
    for site in sites:
        n, usual = answers.get(site.id, 0), usual_answers([day.get(site.id, 0) for day in before])
        if usual is not None and n < usual * DROP:
            words = f"{n} answers on {yesterday}; {usual:g} are usual on such a day"
            yield Wrong(kind="sudden_drop", subject=f"site {site.id}", detail=words, site=site.id)


def usual_answers(before: Sequence[int]) -> float | None:
    """The median of the same weekday in the weeks before; None where there are too few to tell."""
    usual = float(median(before))
    return usual if usual >= FEWEST_COMPARED else None


def _losses(connection: Connection, now_ms: int) -> Iterable[Wrong]:
    for kind, lost in alerts.lost_since(connection, now_ms - LOSSES_LAST_MS):
        words = "rejected" if kind == "taps_rejected" else "could not be read on the kiosk"
        detail = f"{lost.count} taps {words}" + (
            f", such as: {lost.problem}" if kind == "taps_rejected" else ""
        )
        yield Wrong(
            kind=kind, subject=f"ledger {lost.ledger}", detail=detail[:500], site=lost.site, kiosk=lost.kiosk
        )
