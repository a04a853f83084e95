"""Each site's hours and weekdays rolled up by the month, so that a year of them is a few hundred rows.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema, and what is noted as rolled up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COUNTS = ", ".join(f"c{slot} integer NOT NULL" for slot in range(12))
TABLE = f"""
    CREATE TABLE rolled_site_hours (
        question integer NOT NULL, span text NOT NULL, site integer NOT NULL, weekday smallint NOT NULL,
        hour smallint NOT NULL, counted smallint NOT NULL,
        n integer NOT NULL, skipped integer NOT NULL, sum bigint NOT NULL, {COUNTS},
        CONSTRAINT pk_rolled_site_hours PRIMARY KEY (question, span, site, weekday, hour, counted)
    ) {{without_rowid}}
"""
MONTHS = "DELETE FROM rolled WHERE length(span) = 7"  # 2026-11; weeks and days are longer


def upgrade() -> None:
    """Make the table, and let the clock roll every month up again."""
    without_rowid = "" if op.get_bind().dialect.name == "postgresql" else "WITHOUT ROWID"
    op.execute(sa.text(TABLE.format(without_rowid=without_rowid)))
    op.execute(sa.text(MONTHS))
