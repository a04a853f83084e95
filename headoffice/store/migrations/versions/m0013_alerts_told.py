"""Which alerts were told to the webhook, when they were raised and when they were over.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema; those that are closed already are not told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for both moments."""
    for name in ("told_at", "told_over_at"):
        op.add_column("alerts", sa.Column(name, sa.BigInteger()))
    op.execute(sa.text("UPDATE alerts SET told_at = 0, told_over_at = 0 WHERE closed_at IS NOT NULL"))
