"""Taps that were let go: how far each ledger's are gone, and what they counted for.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COUNTS = ", ".join(f"c{slot} INTEGER NOT NULL" for slot in range(12))
TALLIES = f"n INTEGER NOT NULL, skipped INTEGER NOT NULL, sum BIGINT NOT NULL, {COUNTS}"
STATEMENTS = (
    """
    CREATE TABLE let_go (
        ledger INTEGER NOT NULL, through BIGINT NOT NULL, taps BIGINT NOT NULL, at BIGINT NOT NULL,
        CONSTRAINT pk_let_go PRIMARY KEY (ledger)
    )
    """,
    f"""
    CREATE TABLE let_go_day (
        question INTEGER NOT NULL, day TEXT NOT NULL, placement INTEGER NOT NULL, ledger INTEGER NOT NULL,
        language TEXT NOT NULL, counted SMALLINT NOT NULL, {TALLIES},
        CONSTRAINT pk_let_go_day PRIMARY KEY (question, day, placement, ledger, language, counted)
    )
    """,
    f"""
    CREATE TABLE let_go_hour (
        question INTEGER NOT NULL, day TEXT NOT NULL, hour SMALLINT NOT NULL, placement INTEGER NOT NULL,
        ledger INTEGER NOT NULL, counted SMALLINT NOT NULL, {TALLIES},
        CONSTRAINT pk_let_go_hour PRIMARY KEY (question, day, hour, placement, ledger, counted)
    )
    """,
)


def upgrade() -> None:
    """Make the tables; nothing is let go yet."""
    rows = " WITHOUT ROWID" if op.get_bind().dialect.name == "sqlite" else ""
    for statement in STATEMENTS:
        op.execute(sa.text(statement + rows))
