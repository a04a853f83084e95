"""One-time codes by which another device takes the place of a kiosk that is known.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the kiosk; every code that was made before is for a new one."""
    op.add_column("enrol_codes", sa.Column("kiosk", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
