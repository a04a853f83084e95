"""Every table of head office, once, for embedded SQLite and PostgreSQL.

The migrations must lead to exactly this; queries in this folder are written against it.
May touch nothing: these are descriptions.

How to read it. Times are whole milliseconds since 1970 in UTC (`_at`). Identities are small integers that
are shown to the outside as decimal strings. A *reference* table is small and, on a cluster, copied to every
node; a *distributed* one carries `ledger`, the column it is spread by, and no foreign key points at it or
leaves it.
Three small reference tables keep a tap lean: `ledgers` (a number for the 16 bytes of a ledger's id),
`placements` (a kiosk, at a site, at a touchpoint) and `questions` (a question of one survey version).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is spelled INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")
# A ledger is decided number by number from 1 on, so two thousand million are enough: eight bytes a tap less.
Seq = BigInteger().with_variant(Integer(), "postgresql")
Uuid = LargeBinary(16)  # raw bytes in both: PostgreSQL's own type would spare one byte and cost a second way

SLOTS = 12  # c0 … c11: a scale has at most 11 values, a choice at most 12 options
SLOT_COLUMNS = tuple(f"c{slot}" for slot in range(SLOTS))


def _counts() -> list[Column[int]]:
    """The counts of a tally; a zero costs SQLite one byte, so columns are leaner than a row per value."""
    return [
        Column("n", Integer, nullable=False, doc="answers given (skipped ones not among them)"),
        Column("skipped", Integer, nullable=False, doc="answers that are null: the shopper passed on"),
        Column(
            "sum",
            BigInteger,
            nullable=False,
            doc="sum of the values: faces 0, 50, 100; scale and stars their number; else 0",
        ),
        *(
            Column(
                name,
                Integer,
                nullable=False,
                doc="answers in this slot: faces sad 0, neutral 1, happy 2; scale and stars value − "
                "questions.base; choice the option's place. With many = true a visit counts once in n and "
                "once in the slot of each option it chose",
            )
            for name in SLOT_COLUMNS
        ),
    ]


# --- reference: about this database -------------------------------------------------------------------------

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True, doc="'epoch': changes when a backup is restored"),
    Column("value", Text, nullable=False),
)

# --- reference: where, who and what -------------------------------------------------------------------------

sites = Table(
    "sites",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("timezone", Text, nullable=False, doc="IANA name, such as Asia/Tokyo"),
    Column("created_at", BigInteger, nullable=False, doc="ms"),
)

site_tags = Table(
    "site_tags",
    metadata,
    Column("site", Key, ForeignKey("sites.id"), primary_key=True),
    Column("tag", Text, primary_key=True, doc="such as region, format, product group"),
    Column("value", Text, nullable=False),
)

kiosks = Table(
    "kiosks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, doc="what the device calls itself; for people"),
    Column("enrolled_at", BigInteger, nullable=False, doc="ms"),
    Column("placement", Key, nullable=False, doc="placements.id where it stands now; 0 while it is made"),
)

placements = Table(
    "placements",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kiosk", Key, ForeignKey("kiosks.id"), nullable=False),
    Column("site", Key, ForeignKey("sites.id"), nullable=False),
    Column("touchpoint", Text, nullable=False, doc="the place in the journey, such as checkout"),
    Column("placed_at", BigInteger, nullable=False, doc="ms"),
    Index(None, "site"),
)

kiosk_keys = Table(
    "kiosk_keys",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True, doc="SHA-256 of the key; the key itself is not kept"),
    Column("kiosk", Key, ForeignKey("kiosks.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False, doc="ms"),
    Column("revoked_at", BigInteger, doc="ms; null: valid"),
    Column("expires_at", BigInteger, doc="ms; null: does not. Set for the old key when a new one is made"),
)

ledgers = Table(
    "ledgers",
    metadata,
    Column("id", Key, primary_key=True, doc="the number taps carry instead of 16 bytes"),
    Column("uuid", Uuid, nullable=False, unique=True, doc="the ledger's id on the wire"),
    Column("kiosk", Key, ForeignKey("kiosks.id"), nullable=False, doc="the first that sent it"),
    Column("opened_at", BigInteger, nullable=False, doc="ms; first heard of here"),
)

surveys = Table(
    "surveys",
    metadata,
    Column("id", Key, primary_key=True),
    Column("version", Text, nullable=False, unique=True, doc="first 12 hex digits of the document's SHA-256"),
    Column("survey", Text, nullable=False, doc="the survey's id, the same over its versions"),
    Column("kind", Text, nullable=False, doc="in_the_moment, transactional or relationship"),
    Column("document", Text, nullable=False, doc="canonical JSON"),
    Column("kiosk", Key, ForeignKey("kiosks.id"), doc="which put it; null: published here"),
    Column("added_at", BigInteger, nullable=False, doc="ms"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("survey", Key, ForeignKey("surveys.id"), nullable=False, doc="one version"),
    Column("question", Text, nullable=False, doc="the question's id within its survey"),
    Column("position", SmallInteger, nullable=False, doc="from 0, in the document's order"),
    Column("type", Text, nullable=False, doc="faces, scale, stars, choice, text or notice"),
    Column("metric", Text, doc="csat, nps, ces, reasons, expectation or null"),
    Column("base", SmallInteger, nullable=False, doc="the value of slot 0: scale min, stars 1, else 0"),
    Column("slots", SmallInteger, nullable=False, doc="how many slots are in use; text and notice 0"),
    UniqueConstraint("survey", "question"),
)

programmes = Table(
    "programmes",
    metadata,
    Column("id", Key, primary_key=True, doc="what was published, in order; in_force says what came of it"),
    Column("etag", Text, nullable=False, doc="hash of the versions, in order"),
    Column("versions", Text, nullable=False, doc="JSON list of survey versions, in order"),
    Column("published_at", BigInteger, nullable=False, doc="ms"),
    Column("terms", Text, doc="JSON list of who may change each of the versions; null: every store may"),
    Column("survey", Text, doc="the only survey it is about; null: it replaces all that was in force"),
    Column("place", Text, doc="of one survey: first or last; null: where it stood, a new one first"),
    Column("who", Text, doc="as audit.who; null: published before this was kept"),
)

programme_targets = Table(
    "programme_targets",
    metadata,
    Column("id", Key, primary_key=True),
    Column("programme", Key, ForeignKey("programmes.id"), nullable=False, doc="without any row: every site"),
    Column("site", Key, ForeignKey("sites.id"), doc="a site; or"),
    Column("tag", Text, doc="with value: every site that has this tag"),
    Column("value", Text),
    Index(None, "programme"),
)

in_force = Table(
    "in_force",
    metadata,
    Column("site", Key, ForeignKey("sites.id"), primary_key=True),
    Column("etag", Text, nullable=False, doc="hash of versions and terms; what kiosks ask with"),
    Column("versions", Text, nullable=False, doc="JSON list of survey versions, in order"),
    Column("terms", Text, doc="as programmes.terms"),
)

survey_edits = Table(
    "survey_edits",
    metadata,
    Column("id", Key, primary_key=True),
    Column("version", Text, nullable=False, doc="surveys.version"),
    Column("kiosk", Key, ForeignKey("kiosks.id"), doc="where it was made; null: at head office"),
    Column("author", Text, nullable=False, doc="a kiosk's role (staff, technician, hand), or audit.who"),
    Column("made_at", BigInteger, nullable=False, doc="ms, by the clock of where it was made"),
    Column("base", Text, doc="the version it was made from; null: none"),
    Column("received_at", BigInteger, nullable=False, doc="ms"),
    UniqueConstraint("version", "kiosk", "made_at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Key, primary_key=True),
    Column(
        "survey", Text, nullable=False, doc="the survey's id as the draft has it; empty while it has none"
    ),
    Column("base", Text, doc="surveys.version it was begun from; null: made anew"),
    Column("who", Text, nullable=False, doc="who changed it last, as audit.who"),
    Column("changed_at", BigInteger, nullable=False, doc="ms"),
    Column(
        "revision", BigInteger, nullable=False, doc="grows with every change; who names an older one is told"
    ),
    Column("step", BigInteger, nullable=False, doc="draft_steps.step that it is at"),
)

draft_steps = Table(
    "draft_steps",
    metadata,
    Column("draft", Key, ForeignKey("drafts.id"), primary_key=True, doc="drafts.id"),
    Column(
        "step",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        doc="from 1; later than drafts.step: undone",
    ),
    Column("document", Text, nullable=False, doc="JSON; a survey that may have faults"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("kiosk", Key, ForeignKey("kiosks.id"), primary_key=True, autoincrement=False),
    Column("asked_at", BigInteger, doc="ms; somebody waits for a picture of its screen; null: nobody does"),
    Column("received_at", BigInteger, doc="ms; when the last one came; null: there is none"),
    Column("width", Integer, doc="of the last one, in pixels"),
    Column("height", Integer, doc="of the last one, in pixels"),
    Column("png", LargeBinary, doc="the last one; gone after pictures.KEPT_MS"),
)

# --- distributed by ledger: all that an ingest writes -------------------------------------------------------

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("through", BigInteger, nullable=False, doc="decided up to here = held + rejected + withheld"),
    Column("held", BigInteger, nullable=False, doc="taps stored"),
    Column("rejected", BigInteger, nullable=False, doc="taps kept among the rejected"),
    Column("withheld", BigInteger, nullable=False, doc="numbers the kiosk could not send"),
    Column("heard_at", BigInteger, nullable=False, doc="ms; the last batch or heartbeat"),
    Column("version", Text, doc="the kiosk program's version at heard_at"),
    Column("pending", BigInteger, doc="taps the kiosk said were waiting"),
    Column("rejected_there", BigInteger, doc="rejected taps the kiosk said it keeps"),
    Column("free_bytes", BigInteger, doc="bytes free on the kiosk's disk"),
    Column("programme", Text, doc="etag of the programme in force on the kiosk"),
    Column("problems", Text, doc="JSON list of what the kiosk complains of"),
    Column(
        "newest", LargeBinary(16), nullable=False, server_default=text("''"), doc="highest taps.visit held"
    ),
    Column("newest_from", BigInteger, nullable=False, server_default=text("0"), doc="its first seq"),
    Column(
        "looks",
        Text,
        nullable=False,
        server_default=text("''"),
        doc="ms by which the kiosk's clock was ahead in each of the last batches, newest first",
    ),
)

taps = Table(
    "taps",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("seq", Seq, primary_key=True, autoincrement=False, doc="the kiosk's number, from 1"),
    Column("visit", Uuid, nullable=False),
    Column("placement", Integer, nullable=False, doc="placements.id: kiosk, site and touchpoint"),
    Column("question", Integer, nullable=False, doc="questions.id: survey version and question"),
    Column("answer", Text, nullable=False, doc="JSON; null: skipped"),
    Column("language", Text, nullable=False),
    Column("tapped_at", BigInteger, nullable=False, doc="ms, corrected by the running time of the boot"),
    Column("received_at", BigInteger, nullable=False, doc="ms"),
    Column(
        "estimated",
        SmallInteger,
        nullable=False,
        doc="1: the kiosk's clock was not set, tapped_at may be off",
    ),
    Column("superseded", SmallInteger, nullable=False, doc="1: the visit answered this question again later"),
    Column("flag", Text, doc="why it is not counted; null: counted"),
    Column("hash", BigInteger, nullable=False, doc="64 bits over the content as sent, to tell a fork"),
    sqlite_with_rowid=False,
)

rejected = Table(
    "rejected",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tap", Text, nullable=False, doc="JSON as on the wire"),
    Column("problem", Text, nullable=False, doc="names what does not fit, as told to the kiosk"),
    Column("received_at", BigInteger, nullable=False, doc="ms"),
    Column("hash", BigInteger, nullable=False, doc="as taps.hash"),
    sqlite_with_rowid=False,
)

withheld = Table(
    "withheld",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False, doc="the kiosk's word: unreadable, too large, refused …"),
    Column("received_at", BigInteger, nullable=False, doc="ms"),
    sqlite_with_rowid=False,
)

verbatims = Table(
    "verbatims",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("mark", BigInteger, nullable=False, doc="random; what the outside calls it, so it tells nothing"),
    Column("question", Integer, nullable=False, doc="questions.id"),
    Column("placement", Integer, nullable=False, doc="placements.id"),
    Column("day", Text, nullable=False, doc="the site's local date, 2026-11-21"),
    Column("month", Integer, nullable=False, doc="the same month as a number, 202611"),
    Column("tapped_at", BigInteger, nullable=False, doc="ms, as of the tap"),
    Column("text", Text, doc="the shopper's words as the kiosk redacted them; null: erased"),
    Column("state", SmallInteger, nullable=False, doc="place in verbatims.STATES"),
    Index("ix_verbatims_mark", "mark"),
    Index("ix_verbatims_tapped_at", "tapped_at"),
    sqlite_with_rowid=False,
)

misuse_heads = Table(
    "misuse_heads",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("version", Key, nullable=False, doc="misuse_filters.version by which its taps are judged"),
    Column("through", BigInteger, nullable=False, doc="judged up to this number"),
)

# A tally's key begins with the question and the day: what a dashboard asks for then lies together, and
# today's rows, the only ones an ingest touches, lie together too. The language is in the day's key only:
# it is asked by the day, and there it costs at most a row for each language really used.
tallies_day = Table(
    "tallies_day",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="questions.id"),
    Column("day", Text, primary_key=True, doc="the site's local date, 2026-11-21"),
    Column("placement", Integer, primary_key=True, autoincrement=False, doc="placements.id"),
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("language", Text, primary_key=True),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="1: counted, 0: flagged"),
    *_counts(),
    sqlite_with_rowid=False,
)

tallies_hour = Table(
    "tallies_hour",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="questions.id"),
    Column("day", Text, primary_key=True, doc="the site's local date, 2026-11-21"),
    Column("hour", SmallInteger, primary_key=True, autoincrement=False, doc="the site's local hour, 0 … 23"),
    Column("placement", Integer, primary_key=True, autoincrement=False, doc="placements.id"),
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="1: counted, 0: flagged"),
    *_counts(),
    sqlite_with_rowid=False,
)

# What was counted of taps that are no longer held: a recount adds it, so `rebuild --check` stays exact.
let_go = Table(
    "let_go",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("through", BigInteger, nullable=False, doc="no tap up to this number is held any more"),
    Column("taps", BigInteger, nullable=False, doc="how many of them were held"),
    Column("at", BigInteger, nullable=False, doc="ms; when the last of them went"),
    sqlite_with_rowid=False,
)

let_go_day = Table(
    "let_go_day",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("day", Text, primary_key=True, doc="as in the tallies"),
    Column("placement", Integer, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("language", Text, primary_key=True),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="as in the tallies"),
    *_counts(),
    sqlite_with_rowid=False,
)

let_go_hour = Table(
    "let_go_hour",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("day", Text, primary_key=True, doc="as in the tallies"),
    Column("hour", SmallInteger, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("placement", Integer, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="as in the tallies"),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="as in the tallies"),
    *_counts(),
    sqlite_with_rowid=False,
)

rolled_places = Table(
    "rolled_places",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="questions.id"),
    Column("span", Text, primary_key=True, doc="2026-11-21, 2026-W47 or 2026-11; counts while in rolled"),
    Column("placement", Integer, primary_key=True, autoincrement=False, doc="placements.id"),
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="1: counted, 0: flagged"),
    *_counts(),
    sqlite_with_rowid=False,
)

# Taps that came together are one row here: an index over every tap would be larger, and slower to write.
feed = Table(
    "feed",
    metadata,
    Column("lane", SmallInteger, primary_key=True, autoincrement=False, doc="by the ledger; 0 on SQLite"),
    Column("n", BigInteger, primary_key=True, autoincrement=False, doc="number of `last`, in commit order"),
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="ledgers.id"),
    Column("first", BigInteger, nullable=False, doc="seq of the first tap; its number is n - (last - first)"),
    Column("last", BigInteger, nullable=False, doc="seq of the last tap"),
    sqlite_with_rowid=False,
)

feed_lanes = Table(
    "feed_lanes",
    metadata,
    Column("ledger", Integer, primary_key=True, autoincrement=False, doc="lanes.KEYS: below zero, no ledger"),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False, doc="the last number given; all up to it are committed with it"),
    Column("gone", BigInteger, nullable=False, server_default="0", doc="the last number that was let go"),
    sqlite_with_rowid=False,
)

# --- reference: what is rolled up, and the whole chain by day and by hour -----------------------------------

rolled = Table(
    "rolled",
    metadata,
    Column("span", Text, primary_key=True, doc="a day, week or month that has not changed since"),
    Column("rolled_at", BigInteger, nullable=False, doc="ms"),
)

rolled_days = Table(
    "rolled_days",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="questions.id"),
    Column("day", Text, primary_key=True, doc="each site's own local date; counts while in rolled"),
    Column("language", Text, primary_key=True),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="1: counted, 0: flagged"),
    *_counts(),
    sqlite_with_rowid=False,
)

rolled_hours = Table(
    "rolled_hours",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="questions.id"),
    Column("day", Text, primary_key=True, doc="each site's own local date; counts while in rolled"),
    Column("hour", SmallInteger, primary_key=True, autoincrement=False, doc="the site's local hour, 0 … 23"),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="1: counted, 0: flagged"),
    *_counts(),
    sqlite_with_rowid=False,
)

rolled_site_hours = Table(
    "rolled_site_hours",
    metadata,
    Column("question", Integer, primary_key=True, autoincrement=False, doc="questions.id"),
    Column("span", Text, primary_key=True, doc="a month, 2026-11; counts while in rolled"),
    Column("site", Integer, primary_key=True, autoincrement=False, doc="sites.id"),
    Column("weekday", SmallInteger, primary_key=True, autoincrement=False, doc="1 … 7: day of its month"),
    Column("hour", SmallInteger, primary_key=True, autoincrement=False, doc="the site's local hour, 0 … 23"),
    Column("counted", SmallInteger, primary_key=True, autoincrement=False, doc="1: counted, 0: flagged"),
    *_counts(),
    sqlite_with_rowid=False,
)

# --- reference: misuse and alerts ---------------------------------------------------------------------------

misuse_filters = Table(
    "misuse_filters",
    metadata,
    Column("version", Key, primary_key=True, doc="3 is shown as v3"),
    Column("rules", Text, nullable=False, doc="JSON object: rule → its numbers; what is left out is off"),
    Column("made_at", BigInteger, nullable=False, doc="ms"),
    Column("who", Text, nullable=False, doc="as audit.who"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", Text, nullable=False, doc="kiosk_silent, sudden_drop, ledger_forked …"),
    Column("subject", Text, nullable=False, doc="what it is about, such as 'kiosk 3'; open once a kind"),
    Column("site", Key, ForeignKey("sites.id"), doc="null: none in particular"),
    Column("kiosk", Key, ForeignKey("kiosks.id"), doc="null: none in particular"),
    Column("detail", Text, nullable=False, doc="for people; never a secret nor a shopper's words"),
    Column("raised_at", BigInteger, nullable=False, doc="ms"),
    Column("closed_at", BigInteger, doc="ms; null: it still holds"),
    Column("told_at", BigInteger, doc="ms; when the webhook took it; 0: given up; null: not yet"),
    Column("told_over_at", BigInteger, doc="the same for its end"),
    Index(
        "ix_alerts_open",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

# --- reference: people and keys -----------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("id", Key, primary_key=True),
    Column("email", Text, nullable=False, unique=True, doc="in lower case"),
    Column("role", Text, nullable=False, doc="admin, analyst, region_manager or store_manager"),
    Column("password", Text, doc="argon2id; null: none chosen yet"),
    Column("created_at", BigInteger, nullable=False, doc="ms"),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True, doc="the OpenID Connect provider's address"),
    Column("subject", Text, primary_key=True, doc="its name for the person (sub)"),
    Column("person", Key, ForeignKey("people.id"), nullable=False),
    Column("by_hand", SmallInteger, nullable=False, doc="1: role and sites were given here; 0: by claims"),
    Column("linked_at", BigInteger, nullable=False, doc="ms"),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True, doc="SHA-256 of the code"),
    Column("person", Key, ForeignKey("people.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False, doc="ms"),
    Column("used_at", BigInteger, doc="ms; null: not used yet"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True, doc="SHA-256 of the cookie"),
    Column("person", Key, ForeignKey("people.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False, doc="ms"),
    Column("expires_at", BigInteger, nullable=False, doc="ms"),
)

enrol_codes = Table(
    "enrol_codes",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True, doc="SHA-256 of the code in its plain form"),
    Column("site", Key, ForeignKey("sites.id"), nullable=False),
    Column("touchpoint", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, doc="ms"),
    Column("used_at", BigInteger, doc="ms; null: not used yet"),
    Column("kiosk", Key, doc="kiosks.id whose place the device takes; null: a new kiosk"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, doc="what it is for; for people"),
    Column("hash", LargeBinary(32), nullable=False, unique=True, doc="SHA-256 of the token"),
    Column("scope", Text, nullable=False, doc="results or admin"),
    Column("created_at", BigInteger, nullable=False, doc="ms"),
    Column("expires_at", BigInteger, doc="ms; null: does not"),
    Column("revoked_at", BigInteger, doc="ms; null: valid"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person", Key, ForeignKey("people.id"), doc="whose it is; or"),
    Column("token", Key, ForeignKey("tokens.id"), doc="the token whose it is"),
    Column("site", Key, ForeignKey("sites.id"), doc="a site that may be seen; or"),
    Column("tag", Text, doc="with value: every site that has this tag"),
    Column("value", Text),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", BigInteger, nullable=False, doc="ms"),
    Column("who", Text, nullable=False, doc="'command line', 'kiosk 3', 'person 2', 'token 1'"),
    Column("did", Text, nullable=False, doc="a verb phrase, such as 'add site'"),
    Column("what", Text, nullable=False, doc="JSON object that names it; never a secret"),
)
