"""How head office is doing, in a few numbers, for those who watch it.

Called by `web.instruments`. May read the ledgers' heads, kiosks, alerts and the feed's lanes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from headoffice.store import misuse
from headoffice.store.engine import Connection


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """Taps by what became of them, kiosks by state, open alerts by kind, and how far the feed is."""

    taps: Mapping[str, int]
    kiosks: Mapping[str, int]
    pending: int
    alerts: Mapping[str, int]
    feed: int
    unjudged: int


def pulse(connection: Connection, *, silent_before_ms: int) -> Pulse:
    """Look, reading no tap; a kiosk that was last heard of before the moment (ms) is silent."""
    heads = connection.execute(
        text(
            """
            SELECT COALESCE(SUM(held), 0) AS held, COALESCE(SUM(rejected), 0) AS rejected,
                   COALESCE(SUM(withheld), 0) AS withheld
              FROM ledger_heads
            """
        )
    ).one()
    kiosks = connection.execute(
        text(
            """
            SELECT COUNT(*) AS kiosks,
                   COALESCE(SUM(CASE WHEN heard >= :before THEN 1 ELSE 0 END), 0) AS heard,
                   COALESCE(SUM(pending), 0) AS pending
              FROM (SELECT kiosks.id, MAX(heads.heard_at) AS heard, MAX(heads.pending) AS pending
                      FROM kiosks
                      LEFT JOIN ledgers ON ledgers.kiosk = kiosks.id
                      LEFT JOIN ledger_heads AS heads ON heads.ledger = ledgers.id
                     GROUP BY kiosks.id) AS each
            """
        ),
        {"before": silent_before_ms},
    ).one()
    alerts = connection.execute(
        text("SELECT kind, COUNT(*) AS open FROM alerts WHERE closed_at IS NULL GROUP BY kind")
    )
    rules = misuse.in_force(connection)
    behind = rules.version > 1 and bool(misuse.behind(connection, rules.version, limit=1))
    return Pulse(
        taps={name: int(getattr(heads, name)) for name in ("held", "rejected", "withheld")},
        kiosks={"heard": int(kiosks.heard), "silent": kiosks.kiosks - int(kiosks.heard)},
        pending=int(kiosks.pending),
        alerts={row.kind: row.open for row in alerts},
        feed=int(connection.execute(text("SELECT COALESCE(SUM(n), 0) FROM feed_lanes")).scalar_one()),
        unjudged=int(behind),
    )
