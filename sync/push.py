"""I send what waits in the outbox, batch by batch, and let go of a tap only on head office's word.

``agent`` calls me, on its own thread.
I see the kiosk's store through the two Protocols here, and the network through ``client``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from sync import contract
from sync.clocks import Clocks
from sync.contract import Batch, Tap, encode_batch, encode_items
from sync.courtesy import Courtesy
from sync.errors import (
    Forked,
    Gap,
    NotAnAck,
    Refused,
    RefusesAll,
    SurveyStuck,
    SurveyWanted,
    SyncError,
    TooLarge,
    TooSlow,
    Unreachable,
)
from sync.lookback import LookBack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync.client import Client
    from sync.contract import Ack, Head, Health, Item, Made, Rejected, Sent

_log = logging.getLogger(__name__)

_PIECE_TAPS = 100  # read and encoded at a stretch; between two pieces a finger goes first
_MODEST_TAPS = 50  # a batch is not made smaller than this because of a bad line
_CERTAIN_REFUSALS = 3  # of one tap alone, each beside a batch without it that is taken: then it is the tap
_MOST_WITHHELD = 5  # taps in a row that were refused, none taken between them: then it is not the taps
_MAX_REMEDIES = 40  # between two acks: halving 5,000 takes 13, and nothing honest takes as many


class Outbox(Protocol):
    """The ledgers, as what still has to be sent. Called from the sync thread; a call is a transaction."""

    def head(self) -> Head:
        """Give the unsettled part of the oldest ledger that has one, else the open ledger's empty end."""
        ...

    def closed(self) -> Sequence[Head]:
        """Give the empty end of every closed ledger that is settled and has taps."""
        ...

    def read(self, ledger: str, first: int, limit: int) -> Sequence[Item]:
        """Give at most ``limit`` items numbered ``first``, ``first + 1``, … without a hole."""
        ...

    def settle(self, ledger: str, through: int, rejected: Sequence[Rejected]) -> None:
        """Note that everything up to ``through`` is decided; never moves the cursor back."""
        ...

    def rewind(self, ledger: str, through: int) -> None:
        """Move the cursor back: head office holds the ledger only up to ``through``."""
        ...

    def fork(self, ledger: str, same: int) -> None:
        """Close the ledger at ``same`` and move its later taps, with new numbers, to a new open one."""
        ...

    def withhold(self, ledger: str, seq: int, reason: str) -> None:
        """Keep the tap, but from now on read it as Withheld for ``reason``."""
        ...

    def pending(self) -> int:
        """Count the taps that are not settled."""
        ...

    def rejected(self) -> int:
        """Count the taps that head office rejected."""
        ...


class SurveyShelf(Protocol):
    """Every survey version that a tap of this kiosk may name."""

    def document(self, version: str) -> dict[str, Any] | None:
        """Give the document as it was written, None if it is not here."""
        ...

    def untold(self) -> Sequence[tuple[str, Made]]:
        """Give the versions that staff made here and head office was not told of, the oldest first."""
        ...

    def told(self, version: str, made: Made) -> None:
        """Note that head office has this one."""
        ...


@dataclass(frozen=True)
class Exchanged:
    """What one exchange came to: the ack, or None if something was mended first; and whether to go on."""

    ack: Ack | None
    more: bool


class Push:
    """The outbox's way up. ``sent`` and ``health`` are asked anew for every batch."""

    def __init__(  # noqa: PLR0913 - the three it works between, and what it tells
        self,
        client: Client,
        outbox: Outbox,
        surveys: SurveyShelf,
        *,
        sent: Callable[[], Sent],
        health: Callable[[], Health],
        batch_taps: int = 500,
        courtesy: Courtesy | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._surveys = surveys
        self._sent = sent
        self._health = health
        self._courtesy = courtesy or Courtesy()
        self._most_taps = max(1, min(batch_taps, contract.MAX_TAPS))
        self._limit = self._most_taps  # halved when head office or the line cannot take it, doubled by an ack
        self._remedies = 0  # since the last ack, as are the two below
        self._has_forked = False
        self._given: set[str] = set()
        self._refused_edits: set[str] = set()  # not given again before the next start
        self._refused_place = ("", 0)  # ledger and number of the tap that was last refused alone
        self._refusals = 0  # and how often it was
        self._withheld = 0  # taps since one was taken, withheld because they were refused
        self._look_back = LookBack(outbox.closed, clocks or Clocks())

    def exchange(self) -> Exchanged:
        """Send one batch, the heartbeat if nothing waits, and do what the answer asks for.

        Raises a SyncError if head office is not heard or asks for what cannot be done; no tap is let go then.
        """
        self._courtesy.begin()
        self._tell_edits()
        waiting = self._outbox.head()
        end = None if waiting.last >= waiting.first else self._look_back.next()
        batch, body = self._next(end or waiting)
        try:
            ack = self._send(batch, body)
        except (Gap, Forked, SurveyWanted, Refused) as answer:
            if end is not None:
                self._look_back.answered()
            if end is None or not isinstance(answer, Forked):  # what was settled there stays where it is
                self._remedy(batch, answer)
            return Exchanged(ack=None, more=True)
        except (TooSlow, Unreachable):
            self._limit = max(min(_MODEST_TAPS, self._limit), self._limit // 2)
            raise
        if end is not None:
            self._look_back.answered()
        self._settle(batch, ack)
        return Exchanged(ack=ack, more=end is not None or self._is_more())

    def pending(self) -> int:
        """Count the taps that are not settled."""
        return self._outbox.pending()

    def rejected(self) -> int:
        """Count the taps that head office rejected."""
        return self._outbox.rejected()

    def close(self) -> None:
        """End the exchange in flight, and every later one, with Closed; any thread may call it."""
        self._courtesy.end()
        self._client.close()

    def _tell_edits(self) -> None:
        """Give head office what staff made here, before any tap of it; a refused one stops no tap."""
        for version, made in self._surveys.untold():
            document = self._surveys.document(version)
            if document is None or version in self._refused_edits:
                continue
            try:
                self._client.put_survey(version, document, made)
            except Refused as refusal:
                _log.warning("head office refuses survey %s that staff made here: %s", version, refusal)
                self._refused_edits.add(version)
            else:
                self._surveys.told(version, made)

    def _is_more(self) -> bool:
        head = self._outbox.head()
        return head.last >= head.first or self._look_back.next() is not None

    def _next(self, head: Head) -> tuple[Batch, bytes]:
        """Give a batch from there on, and its body, cut to fit; a tap too large for any is withheld."""
        while True:
            limit = min(self._limit, head.last - head.first + 1)
            items, encoded = self._made(head, limit)
            batch = self._batch(head.ledger, head.first, items)
            body = encode_batch(batch, encoded)
            if len(body) <= contract.MAX_BODY_BYTES:
                return batch, body
            if (fits := self._fitting(batch)) > 0:
                batch = self._batch(head.ledger, head.first, items[:fits])
                return batch, encode_batch(batch)
            self._withhold(batch, contract.TOO_LARGE)

    def _made(self, head: Head, limit: int) -> tuple[list[Item], bytes]:
        """Read at most so many items and encode them, piece by piece: no finger waits for a whole batch."""
        items: list[Item] = []
        encoded: list[bytes] = []
        while len(items) < limit:
            some = min(_PIECE_TAPS, limit - len(items))
            piece = self._outbox.read(head.ledger, head.first + len(items), some)
            if not piece:
                break  # the ledger was set aside meanwhile
            items += piece
            encoded.append(encode_items(piece))
            self._courtesy.between()
        return items, b",".join(encoded)

    def _batch(self, ledger: str, first: int, items: Sequence[Item]) -> Batch:
        return Batch(ledger=ledger, first=first, sent=self._sent(), taps=tuple(items), health=self._health())

    def _fitting(self, batch: Batch) -> int:
        """Count how many of the batch's taps fit into a body, from the first on."""
        room_bytes = contract.MAX_BODY_BYTES - len(encode_batch(replace(batch, taps=())))
        for count, item in enumerate(batch.taps):
            room_bytes -= contract.size_bytes(item) + 1  # its comma
            if room_bytes < 0:
                return count
        return len(batch.taps)

    def _send(self, batch: Batch, body: bytes) -> Ack:
        return self._client.send(body, ledger=batch.ledger, first=batch.first, last=batch.last)

    def _settle(self, batch: Batch, ack: Ack) -> None:
        self._remedies, self._has_forked = 0, False
        self._given.clear()
        if batch.taps and ack.through < batch.first:
            raise NotAnAck("head office answered, but took none of the answers it was sent")
        if any(isinstance(item, Tap) and item.seq <= ack.through for item in batch.taps):
            self._withheld = 0
        self._limit = min(self._most_taps, self._limit * 2)
        self._courtesy.finish()
        self._outbox.settle(batch.ledger, ack.through, ack.rejected)

    def _remedy(self, batch: Batch, answer: SyncError) -> None:
        """Do what an answer asks for, so that the next exchange can go through."""
        self._remedies += 1
        if self._remedies > _MAX_REMEDIES:
            self._remedies = 0
            raise NotAnAck("head office asks for one thing after another and takes nothing") from answer
        match answer:
            case Gap(through=through):
                self._rewind(batch, through)
            case Forked(same=same):
                self._fork(batch, same)
            case SurveyWanted(surveys=surveys):
                self._give(batch, surveys)
            case _:
                self._bisect(batch, answer)

    def _rewind(self, batch: Batch, through: int) -> None:
        if not 0 <= through < batch.first - 1:
            raise NotAnAck(f"head office names a gap that is none: {through}")
        _log.warning("head office holds ledger %s only up to %d: sending it again", batch.ledger, through)
        self._outbox.rewind(batch.ledger, through)
        self._look_back.hurry()

    def _fork(self, batch: Batch, same: int) -> None:
        if self._has_forked or not 0 <= same <= batch.last:
            self._has_forked = False  # after a pause it may ask again; without one, ledgers would pile up
            raise NotAnAck(f"head office names a fork that is none: {same}")
        _log.warning("ledger %s was forked: its taps after %d move to a new ledger", batch.ledger, same)
        self._outbox.settle(batch.ledger, same, ())  # up to there it holds what we hold
        self._outbox.fork(batch.ledger, same)
        self._has_forked = True

    def _give(self, batch: Batch, versions: tuple[str, ...]) -> None:
        """Put the surveys that head office wants; it can want only what the batch names."""
        if not set(versions) <= {item.survey for item in batch.taps if isinstance(item, Tap)}:
            raise NotAnAck("head office wants surveys that no answer names")
        for version in versions:
            if version in self._given:
                self._given.clear()
                raise SurveyStuck(f"head office asks again for survey {version} that it was given")
            document = self._surveys.document(version)
            if document is None:
                raise SurveyStuck(f"head office wants survey {version}, which this kiosk does not have")
            try:
                self._client.put_survey(version, document)
            except Refused as refusal:
                raise SurveyStuck(f"head office refuses survey {version}: {refusal}") from refusal
            self._given.add(version)

    def _bisect(self, batch: Batch, refusal: SyncError) -> None:
        """Halve a batch that was refused whole; withhold a tap that is refused alone."""
        if len(batch.taps) > 1:
            self._limit = len(batch.taps) // 2
            return
        if not batch.taps or not isinstance(batch.taps[0], Tap):
            raise NotAnAck(f"head office refuses even what holds no answer: {refusal}") from refusal
        if not self._is_heard(batch):
            return
        place = (batch.ledger, batch.first)
        self._refusals = self._refusals + 1 if place == self._refused_place else 1
        self._refused_place = place
        if self._refusals >= _CERTAIN_REFUSALS:
            if self._withheld >= _MOST_WITHHELD:
                raise RefusesAll(f"head office refuses one answer after another: {refusal}") from refusal
            self._withheld += 1
            self._withhold(batch, contract.TOO_LARGE if isinstance(refusal, TooLarge) else contract.REFUSED)

    def _is_heard(self, batch: Batch) -> bool:
        """Tell whether head office takes the batch without its taps; if it asks for something, do that.

        Only then a refusal is taken to be about the tap: a page on the way that says 400 to everything would
        otherwise cost one answer after another.
        """
        heartbeat = replace(batch, taps=())
        try:
            self._send(heartbeat, encode_batch(heartbeat))
        except (Gap, Forked, SurveyWanted, Refused) as answer:
            self._remedy(heartbeat, answer)
            return False
        return True

    def _withhold(self, batch: Batch, reason: str) -> None:
        if not batch.taps or not isinstance(batch.taps[0], Tap):
            raise TooLarge("what this kiosk tells about itself is too long to be sent")
        _log.warning("tap %d of ledger %s is withheld: %s", batch.first, batch.ledger, reason)
        self._outbox.withhold(batch.ledger, batch.first, reason)
