"""What is published goes to sites and to tags, and may be one survey; what came of it stands by site.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema; every site keeps the programme that it had.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = """
    INSERT INTO in_force (site, etag, versions, terms)
    SELECT sites.id, programmes.etag, programmes.versions, programmes.terms
      FROM sites
      JOIN programmes ON programmes.id = (SELECT max(latest.id) FROM programmes AS latest
                                           WHERE latest.site IS NULL OR latest.site = sites.id)
"""
NAMED = """
    INSERT INTO programme_targets (programme, site)
    SELECT id, site FROM programmes WHERE site IS NOT NULL ORDER BY id
"""


def upgrade() -> None:
    """Make both tables, carry over what is in force, and let programmes name their targets there."""
    op.create_table(
        "programme_targets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("programme", KEY, nullable=False),
        sa.Column("site", KEY),
        sa.Column("tag", sa.Text()),
        sa.Column("value", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_programme_targets"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_programme_targets_site"),
    )
    op.create_table(
        "in_force",
        sa.Column("site", KEY, nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text()),
        sa.PrimaryKeyConstraint("site", name="pk_in_force"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_in_force_site"),
    )
    op.execute(sa.text(KEPT))
    op.execute(sa.text(NAMED))
    with op.batch_alter_table("programmes") as programmes:
        programmes.drop_constraint("fk_programmes_site", type_="foreignkey")
        programmes.drop_column("site")
        programmes.add_column(sa.Column("survey", sa.Text()))
        programmes.add_column(sa.Column("place", sa.Text()))
        programmes.add_column(sa.Column("who", sa.Text()))
    # Only now: SQLite has made the table of programmes anew.
    with op.batch_alter_table("programme_targets") as targets:
        targets.create_foreign_key("fk_programme_targets_programme", "programmes", ["programme"], ["id"])
        targets.create_index("ix_programme_targets_programme", ["programme"])
