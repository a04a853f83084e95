"""How far each lane of the feed was let go, so that a reader who comes too late is told.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema; what went before is not known any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the number."""
    op.add_column("feed_lanes", sa.Column("gone", sa.BigInteger(), nullable=False, server_default="0"))
