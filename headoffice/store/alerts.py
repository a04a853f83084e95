"""Alerts: what somebody should look at, since when, and until when; and what the rules look at.

Called by `work.alert`. May touch `alerts`, and read kiosks, ledgers, tallies, rejected and withheld.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import median

from sqlalchemy import BindParameter, bindparam, text

from headoffice.store import rolled
from headoffice.store.engine import Connection, driver
from headoffice.store.kept import lasting
from headoffice.store.results import questions, sums
from headoffice.store.sight import sites_of, term
from headoffice.store.sources import Wanted
from headoffice.store.spans import A_DAY
from survey.model import STAFF_METRICS


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """Something to look at; `kind` and `subject` name it, so that it is raised once while it lasts."""

    kind: str
    subject: str
    detail: str
    site: int | None = None
    kiosk: int | None = None


@dataclass(frozen=True, kw_only=True)
class AlertSeen:
    """An alert; `closed_at` is None while it lasts. Times in ms."""

    id: int
    kind: str
    subject: str
    site: int | None
    kiosk: int | None
    detail: str
    raised_at: int
    closed_at: int | None


@dataclass(frozen=True, kw_only=True)
class Lost:
    """Taps of a kiosk's ledger that were rejected, or that it could not read, since some moment."""

    kiosk: int
    site: int
    ledger: int
    count: int
    problem: str


def open_alerts(connection: Connection) -> list[AlertSeen]:
    """Those that last, oldest first."""
    rows = connection.execute(text(f"SELECT {COLUMNS} FROM alerts WHERE closed_at IS NULL ORDER BY id"))  # noqa: S608 - a constant
    return [AlertSeen(**row) for row in rows.mappings()]


def page(
    connection: Connection, *, after: int | None, limit: int, state: str | None, sites: Sequence[int] | None
) -> list[AlertSeen]:
    """The next alerts, newest first; `state` is 'open', 'closed' or None for both, `sites` None for all."""
    terms = [term(connection, "site")]
    values: list[BindParameter[object]] = [bindparam("limit", limit)]
    if after is not None:
        terms.append("id < :after")
        values.append(bindparam("after", after))
    if state is not None:
        terms.append(f"closed_at IS {'NULL' if state == 'open' else 'NOT NULL'}")
    if sites is not None:
        terms.append("site IN :sites")
        values.append(bindparam("sites", list(sites), expanding=True))
    statement = text(
        f"SELECT {COLUMNS} FROM alerts WHERE {' AND '.join(terms)} ORDER BY id DESC LIMIT :limit"  # noqa: S608 - the same
    )
    rows = connection.execute(statement.bindparams(*values))
    return [AlertSeen(**row) for row in rows.mappings()]


def raise_alert(connection: Connection, wrong: Wrong, *, now: int) -> None:
    """Raise an alert, unless it is raised already."""
    connection.execute(RAISE, {**vars(wrong), "now": now})


def close_alert(connection: Connection, alert: int, *, now: int) -> None:
    """Say that an alert lasts no longer."""
    connection.execute(CLOSE, {"id": alert, "now": now})


def forget_before(connection: Connection, before_ms: int) -> None:
    """Forget alerts that were closed before a moment."""
    connection.execute(text("DELETE FROM alerts WHERE closed_at < :before"), {"before": before_ms})


def untold(connection: Connection, *, limit: int) -> list[tuple[AlertSeen, str]]:
    """Those that the webhook was not told of yet, or not of their end, with the site's zone; in order."""
    rows = connection.execute(UNTOLD, {"limit": limit}).mappings()
    return [(AlertSeen(**{name: row[name] for name in NAMES}), str(row["timezone"])) for row in rows]


def note_told(connection: Connection, alert: int, *, over: bool, at: int) -> None:
    """Note when the webhook took an alert, or its end; 0 for one that is told no more."""
    connection.execute(TOLD_OVER if over else TOLD, {"id": alert, "at": at})


def telling(connection: Connection) -> tuple[int, int | None]:
    """How many alerts or ends of them wait to be told, and when one was told last (ms), None for never."""
    row = connection.execute(TELLING).one()
    return int(row.waiting), row.told or None


def lost_since(connection: Connection, since_ms: int) -> list[tuple[str, Lost]]:
    """Taps rejected, and numbers that were unreadable, received since a moment: the alert's kind and what."""
    found = []
    for kind, table, word, only in (
        ("taps_rejected", "rejected", "problem", ""),
        ("ledger_corrupt", "withheld", "reason", "AND lost.reason = 'unreadable'"),
    ):
        statement = text(
            f"""
            SELECT ledgers.kiosk, placements.site, lost.ledger, COUNT(*) AS count,
                   MAX(lost.{word}) AS problem
              FROM {table} AS lost
              JOIN ledgers    ON ledgers.id    = lost.ledger
              JOIN kiosks     ON kiosks.id     = ledgers.kiosk
              JOIN placements ON placements.id = kiosks.placement
             WHERE lost.received_at >= :since {only}
             GROUP BY ledgers.kiosk, placements.site, lost.ledger
            """  # noqa: S608 - all that is put in are constants of this function
        )
        rows = connection.execute(statement, {"since": since_ms}).mappings()
        found += [(kind, Lost(**row)) for row in rows]
    return found


def answers_by_site(connection: Connection, day: date) -> Mapping[int, int]:
    """How many answers shoppers gave at each site that may be seen on a local day, flagged ones too.

    As long as the day stands rolled up, so does that.
    """
    make = partial(_answers_by_site, connection, day)
    rolled_at = rolled.revisions(connection).get(day.isoformat())
    if rolled_at is None:
        return make()
    return lasting(connection, ("answers by site", sites_of(connection), day, rolled_at), make, len)


def _answers_by_site(connection: Connection, day: date) -> dict[int, int]:
    shoppers = [each.id for each in questions(connection) if each.metric not in STAFF_METRICS]
    wanted = Wanted(questions=tuple(shoppers), first=day, end=day + A_DAY, slots=0, together=True)
    found: dict[int, int] = {}
    for (_, _, site), (n, *_) in sums(connection, wanted, by=("site",)).items():
        found[site] = found.get(site, 0) + n
    return found


def usual_visits(
    connection: Connection, days: Sequence[date], *, hours: tuple[int, int]
) -> Mapping[int, float]:
    """How many visits are usual at each placement from an hour up to another: the median of some local days.

    As long as these stand rolled up, so does that.
    """
    make = partial(_usual_visits, connection, days, hours)
    stamps = tuple(rolled.revisions(connection).get(day.isoformat()) for day in days)
    if None in stamps:
        return make()
    return lasting(connection, ("usual visits", tuple(days), hours, stamps), make, len)


def _usual_visits(connection: Connection, days: Sequence[date], hours: tuple[int, int]) -> dict[int, float]:
    found: dict[int, list[int]] = {}
    for place, n in _visits(connection, days, (hours[0], hours[1] - 1)):
        found.setdefault(place, []).append(n)
    return {place: median([*each, *[0] * (len(days) - len(each))]) for place, each in found.items()}


def visited(connection: Connection, day: date, *, hours: tuple[int, int]) -> AbstractSet[int]:
    """The placements that had a visit on a local day, from an hour to another, that one too."""
    return {place for place, n in _visits(connection, [day], hours) if n}


def _visits(connection: Connection, days: Sequence[date], hours: tuple[int, int]) -> list[tuple[int, int]]:
    """For each placement and day how many visits: by surveys' first questions, which every visit meets."""
    named = ", ".join(f"'{day.isoformat()}'" for day in days)
    found = driver(connection).execute(VISITS.format(days=named), hours).fetchall()
    return [(place, int(n)) for place, n in found]


NAMES = ("id", "kind", "subject", "site", "kiosk", "detail", "raised_at", "closed_at")
COLUMNS = ", ".join(NAMES)

# By the primary key: a range for each first question, day and hour.
VISITS = """
    SELECT placement, SUM(n + skipped)
      FROM tallies_hour
     WHERE question IN (SELECT id FROM questions
                         WHERE position = 0 AND (metric IS NULL OR metric <> 'prediction'))
       AND day IN ({days}) AND hour BETWEEN ? AND ?
     GROUP BY placement, day
"""

# By ix_alerts_open: of two processes that look at once, one raises it.
RAISE = text("""
    INSERT INTO alerts (kind, subject, site, kiosk, detail, raised_at)
    VALUES (:kind, :subject, :site, :kiosk, :detail, :now)
    ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING
""")
CLOSE = text("UPDATE alerts SET closed_at = :now WHERE id = :id AND closed_at IS NULL")

# An alert that was raised and is over already is told as over only. A look through a year of alerts.
UNTOLD = text(f"""
    SELECT {", ".join(f"alerts.{name}" for name in NAMES)}, COALESCE(sites.timezone, 'UTC') AS timezone
      FROM alerts LEFT JOIN sites ON sites.id = alerts.site
     WHERE (alerts.closed_at IS NULL AND alerts.told_at IS NULL)
        OR (alerts.closed_at IS NOT NULL AND alerts.told_over_at IS NULL)
     ORDER BY alerts.id
     LIMIT :limit
""")  # noqa: S608 - constants
TELLING = text("""
    SELECT COUNT(CASE WHEN (closed_at IS NULL AND told_at IS NULL)
                        OR (closed_at IS NOT NULL AND told_over_at IS NULL) THEN 1 END) AS waiting,
           MAX(CASE WHEN COALESCE(told_over_at, 0) > COALESCE(told_at, 0) THEN told_over_at ELSE told_at
               END) AS told
      FROM alerts
""")
TOLD = text("UPDATE alerts SET told_at = :at WHERE id = :id")
TOLD_OVER = text("UPDATE alerts SET told_over_at = :at WHERE id = :id")
