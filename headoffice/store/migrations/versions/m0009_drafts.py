"""Surveys while they are edited at head office, and the steps by which each came to be.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables; nobody edits anything yet."""
    op.create_table(
        "drafts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_table(
        "draft_steps",
        sa.Column("draft", KEY, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft", "step", name="pk_draft_steps"),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name="fk_draft_steps_draft"),
    )
