"""Tallies of days that are over, rolled up: by place and span, and for the whole chain by day and hour.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTS = ", ".join(f"c{slot} integer NOT NULL" for slot in range(12))
TALLIES = f"n integer NOT NULL, skipped integer NOT NULL, sum bigint NOT NULL, {COUNTS}"
STATEMENTS = (
    """
    CREATE TABLE rolled (
        span text NOT NULL, rolled_at bigint NOT NULL, CONSTRAINT pk_rolled PRIMARY KEY (span)
    )
    """,
    f"""
    CREATE TABLE rolled_places (
        question integer NOT NULL, span text NOT NULL, placement integer NOT NULL, ledger integer NOT NULL,
        counted smallint NOT NULL, {TALLIES},
        CONSTRAINT pk_rolled_places PRIMARY KEY (question, span, placement, ledger, counted)
    ) {{without_rowid}}
    """,
    f"""
    CREATE TABLE rolled_days (
        question integer NOT NULL, day text NOT NULL, language text NOT NULL, counted smallint NOT NULL,
        {TALLIES}, CONSTRAINT pk_rolled_days PRIMARY KEY (question, day, language, counted)
    ) {{without_rowid}}
    """,
    f"""
    CREATE TABLE rolled_hours (
        question integer NOT NULL, day text NOT NULL, hour smallint NOT NULL, counted smallint NOT NULL,
        {TALLIES}, CONSTRAINT pk_rolled_hours PRIMARY KEY (question, day, hour, counted)
    ) {{without_rowid}}
    """,
)


def upgrade() -> None:
    """Make the tables; they are filled by the clock."""
    without_rowid = "" if op.get_bind().dialect.name == "postgresql" else "WITHOUT ROWID"
    for statement in STATEMENTS:
        op.execute(sa.text(statement.format(without_rowid=without_rowid)))
