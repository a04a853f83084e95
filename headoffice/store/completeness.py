"""Which taps of each kiosk are held, and which are missing: the proof that none was lost on the way.

Called by web/results_api.py and work/overview.py with a reading connection.
May read kiosks, placements, sites, ledgers and their heads, and taps; writes nothing.
"""

from typing import NamedTuple

from sqlalchemy import text

from headoffice.store.engine import Connection, driver
from headoffice.store.outpour import dashed
from headoffice.store.sight import only


class Holding(NamedTuple):
    """What head office holds of one ledger; a kiosk that never sent one has zeros and no ledger.

    `through` is decided by the last ack. `last_tap_at` and `heard_at` are ms since 1970 UTC; `pending` is
    what the kiosk said was waiting when it was last heard of. `let_go` of those held are gone by age.
    A tuple, since a page reads thousands.
    """

    kiosk: int
    name: str
    site: int
    touchpoint: str
    timezone: str
    ledger: str | None
    number: int | None
    through: int
    held: int
    rejected: int
    withheld: int
    let_go: int
    pending: int | None
    last_tap_at: int | None
    heard_at: int | None

    @property
    def missing(self) -> int:
        """Numbers up to `through` that are neither held nor accounted for."""
        return self.through - self.held - self.rejected - self.withheld

    @property
    def complete_until(self) -> int | None:
        """Up to when every tap of this ledger is here: ms, None where that cannot be said.

        A kiosk that said nothing was waiting had given all when it was heard of; else the last tap speaks.
        """
        if self.missing:
            return None
        return self.heard_at if self.pending == 0 else self.last_tap_at


def holdings(connection: Connection) -> list[Holding]:
    """What is held of every ledger, by kiosk; from the counters that each ingest keeps with its taps."""
    found = driver(connection).execute(HELD).fetchall()
    written = iter(dashed(b"".join([row[LEDGER] for row in found if row[LEDGER] is not None]).hex()))
    made = []
    for row in found:
        ledger = None if row[LEDGER] is None else next(written)
        made.append(Holding._make((*row[:LEDGER], ledger, *row[LEDGER + 1 :])))
    return only(connection, made)


def recount(connection: Connection, holding: Holding) -> tuple[Holding, list[tuple[int, int]]]:
    """Count what is really there instead of trusting the counters, and name the missing numbers.

    Gives the holding with the counts found, and the gaps as (first, last) up to `through`. Reads every tap
    of the ledger: for a check, not for a page. Taps that were let go count as they were noted.
    """
    gone = connection.execute(
        text("SELECT through FROM let_go WHERE ledger = :ledger"), {"ledger": holding.number}
    ).scalar_one_or_none()
    found = connection.execute(
        text(
            """
            SELECT (SELECT COUNT(*) FROM taps WHERE ledger = :ledger) AS held,
                   (SELECT COUNT(*) FROM rejected WHERE ledger = :ledger) AS rejected,
                   (SELECT COUNT(*) FROM withheld WHERE ledger = :ledger) AS withheld
            """
        ),
        {"ledger": holding.number},
    ).one()
    gaps = connection.execute(
        text(
            """
            SELECT before + 1 AS first, seq - 1 AS last
            FROM (
                SELECT seq, LAG(seq, 1, :gone) OVER (ORDER BY seq) AS before
                FROM (
                    SELECT seq FROM taps WHERE ledger = :ledger
                    UNION ALL SELECT seq FROM rejected WHERE ledger = :ledger
                    UNION ALL SELECT seq FROM withheld WHERE ledger = :ledger
                    UNION ALL SELECT :after_last
                ) AS present
                WHERE seq > :gone
            ) AS neighbours
            WHERE seq > before + 1
            ORDER BY seq
            """
        ),
        {"ledger": holding.number, "after_last": holding.through + 1, "gone": gone or 0},
    )
    held = found.held + holding.let_go
    counted = holding._replace(held=held, rejected=found.rejected, withheld=found.withheld)
    return counted, [(gap.first, gap.last) for gap in gaps]


LEDGER = Holding._fields.index("ledger")

# In the order of a Holding; taps by their primary key (ledger, seq).
HELD = """
    SELECT kiosks.id, kiosks.name, placements.site, placements.touchpoint, sites.timezone,
           ledgers.uuid, ledgers.id, COALESCE(heads.through, 0), COALESCE(heads.held, 0),
           COALESCE(heads.rejected, 0), COALESCE(heads.withheld, 0), COALESCE(let_go.taps, 0),
           heads.pending,
           (SELECT taps.tapped_at FROM taps WHERE taps.ledger = ledgers.id ORDER BY taps.seq DESC LIMIT 1),
           heads.heard_at
      FROM kiosks
      JOIN placements ON placements.id = kiosks.placement
      JOIN sites ON sites.id = placements.site
      LEFT JOIN ledgers ON ledgers.kiosk = kiosks.id
      LEFT JOIN ledger_heads AS heads ON heads.ledger = ledgers.id
      LEFT JOIN let_go ON let_go.ledger = ledgers.id
     ORDER BY kiosks.id, ledgers.id
"""
