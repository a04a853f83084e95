"""Pictures of kiosks' screens that administrators asked for: the last one of each kiosk.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pictures",
        sa.Column("kiosk", KEY, nullable=False, autoincrement=False),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("received_at", sa.BigInteger()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("png", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("kiosk", name="pk_pictures"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_pictures_kiosk"),
    )
