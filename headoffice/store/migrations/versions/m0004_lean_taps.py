"""Lean taps: the feed has a row for what came together, and a ledger's head remembers its newest visit.

Run by `store.migrate`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema; carries the feed's numbers over, so that readers' cursors stay good.

PostgreSQL gets its own shape of all that an ingest writes: small numbers, columns in an order without gaps,
taps in a table a month. Nothing stands in these tables there: no release before this step served from it.
"""

# ruff: noqa: S608 - every value that is put into a statement here is a constant of this file

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LANE_KEYS = (
    *(-6, -24, -118, -28, -56, -48, -52, -12, -14, -136, -54, -29, -20, -2, -78, -95),
    *(-3, -92, -46, -259, -47, -82, -15, -18, -42, -80, -19, -72, -119, -65, -7, -161),
    *(-62, -9, -4, -111, -35, -1, -140, -124, -60, -33, -107, -98, -81, -116, -16, -63),
    *(-122, -39, -88, -106, -49, -5, -13, -96, -152, -8, -108, -27, -10, -93, -34, -32),
)
COUNTS = ", ".join(f"c{slot} integer NOT NULL" for slot in range(12))
TALLIES = f"n integer NOT NULL, skipped integer NOT NULL, sum bigint NOT NULL, {COUNTS}"
SQLITE = (
    """
    CREATE TABLE feed (
        lane SMALLINT NOT NULL, n BIGINT NOT NULL, ledger INTEGER NOT NULL, first BIGINT NOT NULL,
        last BIGINT NOT NULL, CONSTRAINT pk_feed PRIMARY KEY (lane, n, ledger)
    ) WITHOUT ROWID
    """,
    # Taps of a ledger whose numbers follow one another, with no other tap between them, are one run.
    """
    INSERT INTO feed (lane, n, ledger, first, last)
    SELECT lane, max(n), max(ledger), min(seq), max(seq)
      FROM (SELECT lane, n, ledger, seq, SUM(begins) OVER (ORDER BY lane, n) AS run
              FROM (SELECT lane, n, ledger, seq,
                           CASE WHEN LAG(ledger) OVER (ORDER BY lane, n) = ledger
                                 AND LAG(seq) OVER (ORDER BY lane, n) = seq - 1
                                 AND LAG(n) OVER (ORDER BY lane, n) = n - 1
                                THEN 0 ELSE 1 END AS begins
                      FROM taps))
     GROUP BY lane, run
    """,
    "ALTER TABLE ledger_heads ADD COLUMN newest BLOB DEFAULT '' NOT NULL",
    "ALTER TABLE ledger_heads ADD COLUMN newest_from BIGINT DEFAULT 0 NOT NULL",
    """
    UPDATE ledger_heads
       SET newest = coalesce((SELECT max(visit) FROM taps WHERE taps.ledger = ledger_heads.ledger), x'')
    """,
    """
    UPDATE ledger_heads
       SET newest_from = coalesce((SELECT min(seq) FROM taps
                                    WHERE taps.ledger = ledger_heads.ledger AND taps.visit = newest), 0)
    """,
    "DROP INDEX ix_taps_visit",
    "DROP INDEX ix_taps_feed",
    "ALTER TABLE taps DROP COLUMN lane",
    "ALTER TABLE taps DROP COLUMN n",
    "ALTER TABLE feed_lanes RENAME TO feed_lanes_before",
    """
    CREATE TABLE feed_lanes (
        ledger INTEGER NOT NULL, lane SMALLINT NOT NULL, n BIGINT NOT NULL,
        CONSTRAINT pk_feed_lanes PRIMARY KEY (ledger, lane)
    ) WITHOUT ROWID
    """,
    f"INSERT INTO feed_lanes (ledger, lane, n) SELECT {LANE_KEYS[0]}, lane, n FROM feed_lanes_before",
    "DROP TABLE feed_lanes_before",
)
POSTGRES = (
    "DROP TABLE ledger_heads, taps, rejected, withheld, tallies_day, tallies_hour, feed_lanes",
    """
    ALTER TABLE verbatims
        ALTER COLUMN ledger TYPE integer,
        ALTER COLUMN question TYPE integer,
        ALTER COLUMN placement TYPE integer
    """,
    "ALTER TABLE misuse_heads ALTER COLUMN ledger TYPE integer",
    "ALTER TABLE ledgers ALTER COLUMN uuid TYPE bytea USING uuid_send(uuid)",
    """
    CREATE TABLE ledger_heads (
        ledger integer CONSTRAINT pk_ledger_heads PRIMARY KEY, through bigint NOT NULL, held bigint NOT NULL,
        rejected bigint NOT NULL, withheld bigint NOT NULL, heard_at bigint NOT NULL, version text,
        pending bigint, rejected_there bigint, free_bytes bigint, programme text, problems text,
        newest bytea DEFAULT '' NOT NULL, newest_from bigint DEFAULT 0 NOT NULL
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE taps (
        tapped_at bigint NOT NULL, received_at bigint NOT NULL, hash bigint NOT NULL,
        ledger integer NOT NULL, seq integer NOT NULL, placement integer NOT NULL, question integer NOT NULL,
        estimated smallint NOT NULL, superseded smallint NOT NULL, visit bytea NOT NULL,
        answer text NOT NULL, language text NOT NULL, flag text
    ) PARTITION BY RANGE (received_at)
    """,
    """
    CREATE TABLE rejected (
        ledger integer NOT NULL, seq bigint NOT NULL, tap text NOT NULL, problem text NOT NULL,
        received_at bigint NOT NULL, hash bigint NOT NULL, CONSTRAINT pk_rejected PRIMARY KEY (ledger, seq)
    )
    """,
    """
    CREATE TABLE withheld (
        ledger integer NOT NULL, seq bigint NOT NULL, reason text NOT NULL, received_at bigint NOT NULL,
        CONSTRAINT pk_withheld PRIMARY KEY (ledger, seq)
    )
    """,
    f"""
    CREATE TABLE tallies_day (
        question integer NOT NULL, day text NOT NULL, placement integer NOT NULL, ledger integer NOT NULL,
        language text NOT NULL, counted smallint NOT NULL, {TALLIES},
        CONSTRAINT pk_tallies_day PRIMARY KEY (question, day, placement, ledger, language, counted)
    ) WITH (fillfactor = 70)
    """,
    f"""
    CREATE TABLE tallies_hour (
        question integer NOT NULL, day text NOT NULL, hour smallint NOT NULL, placement integer NOT NULL,
        ledger integer NOT NULL, counted smallint NOT NULL, {TALLIES},
        CONSTRAINT pk_tallies_hour PRIMARY KEY (question, day, hour, placement, ledger, counted)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE feed (
        n bigint NOT NULL, first bigint NOT NULL, last bigint NOT NULL, ledger integer NOT NULL,
        lane smallint NOT NULL, CONSTRAINT pk_feed PRIMARY KEY (lane, n, ledger)
    )
    """,
    """
    CREATE TABLE feed_lanes (
        ledger integer NOT NULL, lane smallint NOT NULL, n bigint NOT NULL,
        CONSTRAINT pk_feed_lanes PRIMARY KEY (ledger, lane)
    ) WITH (fillfactor = 50)
    """,
    "INSERT INTO feed_lanes (ledger, lane, n) VALUES "
    + ", ".join(f"({key}, {lane}, 0)" for lane, key in enumerate(LANE_KEYS)),
)


def upgrade() -> None:
    """Take the steps of the database at hand."""
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(sa.text(statement))
