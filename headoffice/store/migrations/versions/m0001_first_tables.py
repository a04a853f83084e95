"""The first tables: sites, kiosks, surveys, taps with their tallies and feed, people and tokens.

Run by `store.migrate`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema, and sets the first epoch and the first feed lane.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UUID16 = sa.LargeBinary(16).with_variant(sa.UUID(), "postgresql")


def _counts() -> list[sa.Column[int]]:
    names = ["n", "skipped", *(f"c{slot}" for slot in range(12))]
    counts = [sa.Column(name, sa.Integer(), nullable=False) for name in names]
    return [*counts[:2], sa.Column("sum", sa.BigInteger(), nullable=False), *counts[2:]]


def upgrade() -> None:
    """Make every table, the first epoch and the one lane of the feed that SQLite has."""
    _places()
    _surveys()
    _taps()
    _not_counted()
    _tallies()
    _people()
    _keys()
    op.execute(
        sa.text("INSERT INTO settings (name, value) VALUES ('epoch', :epoch)").bindparams(
            epoch=secrets.token_hex(8)
        )
    )
    op.execute("INSERT INTO feed_lanes (lane, n) VALUES (0, 0)")


def _places() -> None:
    op.create_table(
        "sites",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.UniqueConstraint("name", name="uq_sites_name"),
    )
    op.create_table(
        "site_tags",
        sa.Column("site", KEY, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_site_tags_site"),
        sa.PrimaryKeyConstraint("site", "tag", name="pk_site_tags"),
    )
    op.create_table(
        "kiosks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("placement", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kiosks"),
    )
    op.create_table(
        "placements",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kiosk", KEY, nullable=False),
        sa.Column("site", KEY, nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_placements_kiosk"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_placements_site"),
        sa.PrimaryKeyConstraint("id", name="pk_placements"),
    )
    op.create_index("ix_placements_site", "placements", ["site"], unique=False)
    op.create_table(
        "kiosk_keys",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kiosk", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_kiosk_keys_kiosk"),
        sa.PrimaryKeyConstraint("hash", name="pk_kiosk_keys"),
    )
    op.create_table(
        "ledgers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", UUID16, nullable=False),
        sa.Column("kiosk", KEY, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_ledgers_kiosk"),
        sa.PrimaryKeyConstraint("id", name="pk_ledgers"),
        sa.UniqueConstraint("uuid", name="uq_ledgers_uuid"),
    )


def _surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("kiosk", KEY),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_surveys_kiosk"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sa.UniqueConstraint("version", name="uq_surveys_version"),
    )
    op.create_table(
        "questions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("survey", KEY, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text()),
        sa.Column("base", sa.SmallInteger(), nullable=False),
        sa.Column("slots", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["survey"], ["surveys.id"], name="fk_questions_survey"),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.UniqueConstraint("survey", "question", name="uq_questions_survey_question"),
    )
    op.create_table(
        "programmes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("site", KEY),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_programmes_site"),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
    )


def _taps() -> None:
    op.create_table(
        "ledger_heads",
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("withheld", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("pending", sa.BigInteger()),
        sa.Column("rejected_there", sa.BigInteger()),
        sa.Column("free_bytes", sa.BigInteger()),
        sa.Column("programme", sa.Text()),
        sa.Column("problems", sa.Text()),
        sa.PrimaryKeyConstraint("ledger", name="pk_ledger_heads"),
    )
    op.create_table(
        "taps",
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("visit", UUID16, nullable=False),
        sa.Column("placement", KEY, nullable=False),
        sa.Column("question", KEY, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tapped_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.SmallInteger(), nullable=False),
        sa.Column("superseded", sa.SmallInteger(), nullable=False),
        sa.Column("flag", sa.Text()),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "seq", name="pk_taps"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_taps_feed", "taps", ["lane", "n"], unique=False)
    op.create_index("ix_taps_visit", "taps", ["ledger", "visit"], unique=False)


def _not_counted() -> None:
    op.create_table(
        "rejected",
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("tap", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "seq", name="pk_rejected"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withheld",
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "seq", name="pk_withheld"),
        sqlite_with_rowid=False,
    )


def _tallies() -> None:
    op.create_table(
        "tallies_day",
        sa.Column("question", KEY, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("placement", KEY, nullable=False),
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("counted", sa.SmallInteger(), nullable=False),
        *_counts(),
        sa.PrimaryKeyConstraint(
            "question", "day", "placement", "ledger", "language", "counted", name="pk_tallies_day"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies_hour",
        sa.Column("question", KEY, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("placement", KEY, nullable=False),
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("counted", sa.SmallInteger(), nullable=False),
        *_counts(),
        sa.PrimaryKeyConstraint(
            "question", "day", "hour", "placement", "ledger", "counted", name="pk_tallies_hour"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_lanes",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name="pk_feed_lanes"),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_sign_in_codes_person"),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_in_codes"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_sessions_person"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )


def _keys() -> None:
    op.create_table(
        "enrol_codes",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("site", KEY, nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_enrol_codes_site"),
        sa.PrimaryKeyConstraint("hash", name="pk_enrol_codes"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "audit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
