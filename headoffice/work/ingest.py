"""Take a batch in: decide each number of it, store and count what is new, say how far the ledger has come.

Called by `web.kiosk_api` as a change for the one queue, so always on the writer's connection and thread.
May touch all that is keyed by ledger; reads kiosks, surveys and programmes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from headoffice.problems import Forked, Gap, SurveyWanted
from headoffice.store import kiosks, ledgers, surveys
from headoffice.store.engine import Connection
from headoffice.store.kiosks import Standing
from headoffice.store.ledgers import Heard, Ledger
from headoffice.store.pending import pending
from headoffice.work.batch import Batch, Item, Tap
from headoffice.work.counting import Countable, LocalTimes, countables
from headoffice.work.keep import Keeping, keep, newest_of
from headoffice.work.sift import Questions, Sifted, content_hash, sift

MOST_SURVEYS = 500  # versions kept ready to be counted
LONGEST_WORD = 200  # characters kept of what a kiosk says of itself
MOST_PROBLEMS = 50


@dataclass(frozen=True)
class Decision:
    """The word on a batch: decided through here; what of it was rejected and why; the programme in force."""

    through: int
    rejected: Sequence[tuple[int, str]]
    programme: str


class Ingest:
    """Takes batches in, one after the other. What it remembers between them can never change."""

    def __init__(self) -> None:
        self._surveys: dict[str, Mapping[str, Countable]] = {}
        self._local = LocalTimes()

    def take(self, connection: Connection, *, batch: Batch, key: bytes, received_at: int) -> Decision:
        """Decide a batch sent with a key's hash, received at a moment in ms.

        Raises, with nothing written: KeyUnknown, KeyRevoked, Gap, Forked, SurveyWanted.
        """
        kiosk = kiosks.standing(connection, key, now=received_at)
        ledger = ledgers.find_ledger(connection, batch.uuid)
        through = ledger.through if ledger else 0
        if batch.first > through + 1:
            raise Gap(through)
        if ledger is not None:
            _check_same(connection, ledger, batch)
        new = batch.items[through + 1 - batch.first :]
        if ledger is not None and ledger.kiosk != kiosk.kiosk:
            # The device was enrolled again, or its card copied: what is held stays the first kiosk's, and
            # what comes after belongs in a ledger of its own. So nothing is stored twice.
            if batch.last >= through:
                raise Forked(through)
            return _decision(connection, kiosk, ledger, batch)
        questions = self._questions(connection, new)
        if ledger is None:
            ledger = ledgers.open_ledger(connection, uuid=batch.uuid, kiosk=kiosk.kiosk, now=received_at)
        sifted = sift(new, questions, sent=batch.sent, received_at=received_at)
        keep(connection, sifted, Keeping(kiosk, ledger, received_at, self._local))
        _put_head(connection, ledger, batch, sifted, received_at)
        now = replace(ledger, rejected=ledger.rejected + len(sifted.rejected))
        return _decision(connection, kiosk, now, batch)

    def _questions(self, connection: Connection, items: Sequence[Item]) -> Questions:
        versions = {item.survey for item in items if isinstance(item, Tap)}
        known = {version: self._survey(connection, version) for version in versions}
        unknown = sorted(version for version, found in known.items() if found is None)
        if unknown:
            raise SurveyWanted(unknown)
        return {version: found for version, found in known.items() if found is not None}

    def _survey(self, connection: Connection, version: str) -> Mapping[str, Countable] | None:
        if version not in self._surveys:
            known = surveys.find_survey(connection, version)
            if known is None:
                return None
            if len(self._surveys) >= MOST_SURVEYS:
                self._surveys.clear()
            self._surveys[version] = countables(known)
        return self._surveys[version]


def _check_same(connection: Connection, ledger: Ledger, batch: Batch) -> None:
    """Raise Forked when something held has other content than what is sent again in its place."""
    last = min(batch.last, ledger.through)
    if last < batch.first:
        return
    pending(connection).settle_for(connection, ledger.id)
    held = ledgers.held_hashes(connection, ledger.id, first=batch.first, last=last)
    for item in batch.items[: last + 1 - batch.first]:
        # A number that was withheld on either side has no content to compare: it stays decided as it was.
        if isinstance(item, Tap) and item.seq in held and held[item.seq] != content_hash(item):
            raise Forked(item.seq - 1)


def _decision(connection: Connection, kiosk: Standing, ledger: Ledger, batch: Batch) -> Decision:
    return Decision(
        through=batch.last,
        rejected=ledgers.rejected_between(connection, ledger.id, first=batch.first, last=batch.last)
        if ledger.rejected
        else (),
        programme=surveys.etag_in_force(connection, kiosk.site),
    )


def _put_head(connection: Connection, ledger: Ledger, batch: Batch, sifted: Sifted, received_at: int) -> None:
    health = batch.health
    newest, newest_from = newest_of(ledger, sifted.answered)
    heard = Heard(
        through=max(ledger.through, batch.last),
        held=len(sifted.answered),
        rejected=len(sifted.rejected),
        withheld=len(sifted.withheld),
        heard_at=received_at,
        version=_word(health.version),
        pending=health.pending,
        rejected_there=health.rejected,
        free_bytes=health.free_bytes,
        programme=_word(health.programme),
        problems=json.dumps([_word(problem) for problem in health.problems[:MOST_PROBLEMS]]),
        newest=newest,
        newest_from=newest_from,
    )
    ledgers.put_head(connection, ledger.id, heard)


def _word(text: str | None) -> str | None:
    """Cut what a kiosk says of itself to what a page and both databases can show."""
    if text is None:
        return None
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text[:LONGEST_WORD]
    )
