"""How far kiosks' clocks are off, by the last batches of each ledger.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room; no clock was looked at before."""
    op.add_column("ledger_heads", sa.Column("looks", sa.Text(), nullable=False, server_default=""))
