"""Open text in a table of its own, alerts, misuse rules by version, and who may see which sites.

Run by `store.schema`, once per database. Frozen: what the tables are today stands in `store.tables`.
May touch the schema, and moves the open text that stood among the taps.
"""

import json
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MARK_BITS = 62
ELSEWHERE = '"…"'


def upgrade() -> None:
    """Make the tables, then move every open text out of `taps`."""
    _verbatims()
    _alerts()
    _misuse()
    _grants()
    op.add_column("kiosk_keys", sa.Column("expires_at", sa.BigInteger()))
    _move_words()


def _verbatims() -> None:
    op.create_table(
        "verbatims",
        sa.Column("ledger", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("question", KEY, nullable=False),
        sa.Column("placement", KEY, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("tapped_at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "seq", name="pk_verbatims"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_verbatims_mark", "verbatims", ["mark"])
    op.create_index("ix_verbatims_tapped_at", "verbatims", ["tapped_at"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("site", KEY),
        sa.Column("kiosk", KEY),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_alerts_site"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_alerts_kiosk"),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["kind", "subject"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _misuse() -> None:
    op.create_table(
        "misuse_filters",
        sa.Column("version", KEY, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_misuse_filters"),
    )
    op.execute("INSERT INTO misuse_filters (version, rules, made_at, who) VALUES (1, '{}', 0, 'egao')")
    op.create_table(
        "misuse_heads",
        sa.Column("ledger", KEY, autoincrement=False, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", name="pk_misuse_heads"),
    )


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY),
        sa.Column("token", KEY),
        sa.Column("site", KEY),
        sa.Column("tag", sa.Text()),
        sa.Column("value", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_grants_person"),
        sa.ForeignKeyConstraint(["token"], ["tokens.id"], name="fk_grants_token"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name="fk_grants_site"),
    )


def _move_words() -> None:
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            """
            SELECT taps.ledger, taps.seq, taps.question, taps.placement, taps.tapped_at, taps.answer,
                   sites.timezone
              FROM taps
              JOIN questions  ON questions.id  = taps.question
              JOIN placements ON placements.id = taps.placement
              JOIN sites      ON sites.id      = placements.site
             WHERE questions.type = 'text' AND taps.answer <> 'null'
            """
        )
    ).all()
    for row in found:
        day = datetime.fromtimestamp(row.tapped_at / 1000, ZoneInfo(row.timezone)).date()
        connection.execute(
            sa.text(
                """
                INSERT INTO verbatims (ledger, seq, mark, question, placement, day, month, tapped_at,
                                       text, state)
                VALUES (:ledger, :seq, :mark, :question, :placement, :day, :month, :tapped_at, :text, 0)
                """
            ),
            {
                "ledger": row.ledger,
                "seq": row.seq,
                "question": row.question,
                "placement": row.placement,
                "tapped_at": row.tapped_at,
                "mark": secrets.randbits(MARK_BITS),
                "day": day.isoformat(),
                "month": day.year * 100 + day.month,
                "text": json.loads(row.answer),
            },
        )
        connection.execute(
            sa.text("UPDATE taps SET answer = :elsewhere WHERE ledger = :ledger AND seq = :seq"),
            {"elsewhere": ELSEWHERE, "ledger": row.ledger, "seq": row.seq},
        )
