"""Who somebody is at an OpenID Connect provider.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; nobody is linked yet."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("by_hand", sa.SmallInteger(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_identities_person"),
    )
