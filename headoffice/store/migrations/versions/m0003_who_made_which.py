"""Who made which survey version, where and from which; on what terms a programme gives its surveys.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and room for the terms: without any, a store may change what it was sent."""
    op.create_table(
        "survey_edits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("kiosk", KEY),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.Text()),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey_edits"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_survey_edits_kiosk"),
        sa.UniqueConstraint("version", "kiosk", "made_at", name="uq_survey_edits_version_kiosk_made_at"),
    )
    op.add_column("programmes", sa.Column("terms", sa.Text()))
