"""Taps by the thousands as a few long texts, in the order of `visits`: the database puts them together.

A row that is fetched keeps Python's lock for each of its values, a text of thousands of values once: while
a block is read, another thread makes lines of the one before.
Called by `web.stretches` with a reading connection; `outpour` takes the texts apart.
May read `taps`.
"""

from collections.abc import Callable
from typing import NamedTuple

from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.visits import Position

LONGEST_VISIT = 1000  # taps: longer ones come in two
BETWEEN = ","  # in no number, no id and no language's code
BETWEEN_TOLD = "\x1e"  # in no JSON
DIGITS_OF_AN_ID = 32
ESTIMATED, SUPERSEDED, QUESTION = 1, 2, 4  # what each counts for in the number that `told` begins with


class Block(NamedTuple):
    """Taps that follow each other, whole visits of them: of each column the values, with BETWEEN between.

    `visit` is 32 digits, `tapped_at` ms since 1970 UTC, `told` what `read_told` reads, with BETWEEN_TOLD
    between. Without taps all are empty.
    """

    ledger: str = ""
    seq: str = ""
    visit: str = ""
    place: str = ""
    language: str = ""
    tapped_at: str = ""
    told: str = ""

    @property
    def many_ledgers(self) -> bool:
        """Whether the taps are of more than one ledger."""
        return self.ledger.partition(BETWEEN)[0] != self.ledger.rpartition(BETWEEN)[2]


class Told(NamedTuple):
    """What a tap says: to which question, the answer as JSON, and what is noted of it."""

    question: int
    answer: str
    estimated: bool
    superseded: bool
    flag: str | None


def read_block(connection: Connection, after: Position, limit: int) -> tuple[Block, Position, bool]:
    """The next taps, so many and those of one visit more, the position after them, and whether there is more.

    Of everybody: what may be seen of them is for `outpour` to say.
    """
    most = limit + LONGEST_VISIT
    asked = {"ledger": after.ledger, "seq": after.seq, "most": most}
    statement = POSTGRES if is_postgres(connection) else SQLITE
    count, *texts = driver(connection).execute(statement, asked).fetchone()
    if not count:
        return Block(), after, False
    found, more = Block(*texts), count == most
    run = _last_run(found.visit, count) if more else count  # the last visit may go on behind
    if run < count:
        kept = {name: text.rsplit(BETWEEN, run)[0] for name, text in found._asdict().items()}
        found = Block(**kept | {"told": found.told.rsplit(BETWEEN_TOLD, run)[0]})
    return found, Position(_last(found.ledger), _last(found.seq)), more


def read_told(told: str) -> Told:
    """Read a value of `told`."""
    head, _, answer = told.partition(" ")
    number, _, flag = head.partition("/")
    question, marks = divmod(int(number), QUESTION)
    return Told(question, answer, bool(marks & ESTIMATED), bool(marks & SUPERSEDED), flag or None)


def with_answer(told: str, answer: str) -> str:
    """The same with another answer."""
    return f"{told.partition(' ')[0]} {answer}"


def _last_run(visits: str, count: int) -> int:
    """Of how many taps the last visit is."""
    last, step = visits[-DIGITS_OF_AN_ID:], DIGITS_OF_AN_ID + len(BETWEEN)
    run = 1
    while run < count and visits.startswith(last, (count - run - 1) * step):
        run += 1
    return run


def _last(values: str) -> int:
    return int(values.rpartition(BETWEEN)[2])


def _statement(joined: Callable[[str, str], str], digits: str) -> str:
    # By the primary key (ledger, seq). A subquery with LIMIT is read in its order, and joined in that.
    head = f"(question * {QUESTION} + estimated * {ESTIMATED} + superseded * {SUPERSEDED})"
    columns = {
        "ledger": "ledger",
        "seq": "seq",
        "visit": digits,
        "place": "placement",
        "language": "language",
        "tapped_at": "tapped_at",
        "told": f"{head} || CASE WHEN flag IS NULL THEN ' ' ELSE '/' || flag || ' ' END || answer",
    }
    between = dict.fromkeys(columns, BETWEEN) | {"told": BETWEEN_TOLD}
    return f"""
        SELECT count(*), {", ".join(joined(columns[name], between[name]) for name in Block._fields)}
          FROM (SELECT ledger, seq, visit, placement, question, answer, language, tapped_at, estimated,
                       superseded, flag
                  FROM taps
                 WHERE (ledger, seq) > (:ledger, :seq)
                 ORDER BY ledger, seq
                 LIMIT :most) AS taps
    """  # noqa: S608 - the constants above


def _sqlite(column: str, between: str) -> str:
    # Its own separator costs SQLite less than the same one named.
    return f"group_concat({column})" if between == BETWEEN else f"group_concat({column}, '{between}')"


SQLITE = _statement(_sqlite, "hex(visit)")
POSTGRES = _statement("string_agg(({})::text, '{}')".format, "encode(visit, 'hex')")
