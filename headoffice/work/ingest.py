"""Take a batch in: decide each number of it, store and count what is new, say how far the ledger has come.

Called by `web.kiosk_api` as a change for the one queue, so always on the writer's connection and thread.
May touch all that is keyed by ledger; reads kiosks, surveys and what is in force.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from headoffice.problems import Forked, Gap, SurveyWanted
from headoffice.store import foresight, ledgers, programmes, surveys
from headoffice.store.engine import Connection
from headoffice.store.kiosks import Standing
from headoffice.store.ledgers import Heard, Ledger, Newest
from headoffice.store.looks import looked
from headoffice.store.pending import Pending, pending
from headoffice.work.batch import Batch, Item, Tap
from headoffice.work.counting import Countable, LocalTimes, countables
from headoffice.work.keep import Keeping, keep
from headoffice.work.sift import Questions, Sifted, sift

MOST_SURVEYS = 500  # versions kept ready to be counted
LONGEST_WORD = 200  # characters kept of what a kiosk says of itself
MOST_PROBLEMS = 50


class Decision(NamedTuple):
    """The word on a batch: decided through here; what of it was rejected and why; the programme in force.

    `picture`: since when somebody waits for one of the kiosk's screen (ms).
    """

    through: int
    rejected: Sequence[tuple[int, str]]
    programme: str
    picture: int | None = None


class Ingest:
    """Takes batches in, one after the other. What it remembers between them can never change."""

    def __init__(self) -> None:
        self._surveys: dict[str, Mapping[str, Countable]] = {}
        self._local = LocalTimes()
        self._foresight = foresight.Foresight()

    def foresee(self, connection: Connection, changes: Iterable[object]) -> None:
        """Look up at once what the batches among some changes to come will ask first."""
        takings = (change for change in changes if isinstance(change, Taking))
        self._foresight.look(connection, ((each.key, each.batch.uuid) for each in takings))

    def committed(self) -> None:
        """Be told that a group was committed as a whole."""
        self._foresight.committed()

    def take(self, connection: Connection, *, batch: Batch, key: bytes, received_at: int) -> Decision:
        """Decide a batch sent with a key's hash, received at a moment in ms.

        Raises, with nothing written: KeyUnknown, KeyRevoked, Gap, Forked, SurveyWanted.
        """
        found, waiting, uuid = foresight.found(connection), pending(connection), batch.uuid
        kiosk = found.standing(connection, key, now=received_at)
        ledger = found.ledger(connection, uuid)
        through = ledger.through if ledger else 0
        if batch.first > through + 1:
            raise Gap(through)
        before: list[tuple[int, str]] = []
        if ledger is not None and batch.first <= through:  # sent again, if not all of it
            _check_same(connection, ledger, batch, waiting)
            before = _rejected_before(connection, ledger, batch, waiting)
        new = batch.items[through + 1 - batch.first :]
        if ledger is not None and ledger.kiosk != kiosk.kiosk:
            # The device was enrolled again, or its card copied: what is held stays the first kiosk's, and
            # what comes after belongs in a ledger of its own. So nothing is stored twice.
            if batch.last >= through:
                raise Forked(through)
            return _decision(kiosk, batch, before)
        questions = self._questions(connection, new)
        if ledger is None:
            ledger = ledgers.open_ledger(connection, uuid=uuid, kiosk=kiosk.kiosk, now=received_at)
        sifted = sift(new, questions, sent=batch.sent, received_at=received_at)
        newest = keep(connection, sifted, Keeping(kiosk, ledger, received_at, self._local, waiting))
        heard = _heard(ledger, batch, sifted, received_at, newest)
        waiting.put_head(ledger.id, heard)
        found.moved(uuid, ledger, heard, newest)
        rejected = [(tap.seq, problem) for tap, problem in sifted.rejected]
        return _decision(kiosk, batch, before + rejected)

    def _questions(self, connection: Connection, items: Sequence[Item]) -> Questions:
        known, unknown = {}, []
        for version in {item.survey for item in items if type(item) is Tap}:
            found = self._survey(connection, version)
            if found is None:
                unknown.append(version)
            else:
                known[version] = found
        if unknown:
            raise SurveyWanted(sorted(unknown))
        return known

    def _survey(self, connection: Connection, version: str) -> Mapping[str, Countable] | None:
        found = self._surveys.get(version)
        if found is None:
            known = surveys.find_survey(connection, version)
            if known is None:
                return None
            if len(self._surveys) >= MOST_SURVEYS:
                self._surveys.clear()
            found = self._surveys[version] = countables(known)
        return found


@dataclass(slots=True)  # not frozen: made for every batch there is
class Taking:
    """A batch to be taken in, as a change for the one queue; its key's hash, and when it came (ms)."""

    ingest: Ingest
    batch: Batch
    key: bytes
    received_at: int

    def __call__(self, connection: Connection) -> Decision:
        """Take it in."""
        return self.ingest.take(connection, batch=self.batch, key=self.key, received_at=self.received_at)


def _check_same(connection: Connection, ledger: Ledger, batch: Batch, waiting: Pending) -> None:
    """Raise Forked when something held has other content than what is sent again in its place."""
    last = min(batch.last, ledger.through)
    if last < batch.first:
        return
    waiting.settle_for(connection, ledger.id)
    held = ledgers.held_hashes(connection, ledger.id, first=batch.first, last=last)
    for item in batch.items[: last + 1 - batch.first]:
        # A number that was withheld on either side has no content to compare: it stays decided as it was.
        if isinstance(item, Tap) and item.seq in held and held[item.seq] != item.hash:
            raise Forked(item.seq - 1)


def _rejected_before(
    connection: Connection, ledger: Ledger, batch: Batch, waiting: Pending
) -> list[tuple[int, str]]:
    """What of a batch was rejected when it came for the first time."""
    if not ledger.rejected:
        return []
    waiting.settle_for(connection, ledger.id)
    last = min(batch.last, ledger.through)
    return ledgers.rejected_between(connection, ledger.id, first=batch.first, last=last)


def _decision(kiosk: Standing, batch: Batch, rejected: Sequence[tuple[int, str]]) -> Decision:
    return Decision(batch.last, rejected, kiosk.programme or programmes.NOTHING, kiosk.picture)


def _heard(ledger: Ledger, batch: Batch, sifted: Sifted, received_at: int, newest: Newest) -> Heard:
    health = batch.health
    problems = "[]"  # as is usual
    if health.problems:
        problems = json.dumps([_word(problem) for problem in health.problems[:MOST_PROBLEMS]])
    looks = looked(ledger.looks, sent_at=batch.sent.at, received_at=received_at)
    counts = len(sifted.answered), len(sifted.rejected), len(sifted.withheld)
    # In the order of its fields: made for every batch, and names would take twice as long.
    return Heard(
        max(ledger.through, batch.last),
        *counts,
        received_at,
        _word(health.version),
        health.pending,
        health.rejected,
        health.free_bytes,
        _word(health.programme),
        problems,
        newest.visit,
        newest.since,
        looks,
    )


def _word(text: str | None) -> str | None:
    """Cut what a kiosk says of itself to what a page and both databases can show."""
    if text is None or (len(text) <= LONGEST_WORD and text.isprintable()):
        return text
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text[:LONGEST_WORD]
    )
