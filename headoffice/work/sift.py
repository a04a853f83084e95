"""Sift the new items of a batch: what can be counted, what fits no question, what the kiosk withheld.

Used by `work.ingest`, before anything is written.
May touch nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import Struct

from headoffice.work.batch import Item, Sent, Tap, Withheld, encode
from headoffice.work.counting import Countable, Reckoned
from survey.problems import InvalidAnswer, shown

HASH_BYTES = 8

Questions = Mapping[str, Mapping[str, Countable]]  # by survey version and question id


# A tap that can be counted, its question, what its answer comes to, when it was given (ms) and whether that
# is an estimate (0 or 1). A plain tuple: this is made for every tap there is.
Answered = tuple[Tap, Countable, Reckoned, int, int]


@dataclass(frozen=True)
class Sifted:
    """The items, each in one of three heaps, in their order."""

    answered: list[Answered] = field(default_factory=list)
    rejected: list[tuple[Tap, str]] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)


def sift(items: Iterable[Item], questions: Questions, *, sent: Sent, received_at: int) -> Sifted:
    """Sift items whose survey versions are all known."""
    sifted = Sifted()
    take = sifted.answered.append
    for item in items:
        if isinstance(item, Withheld):
            sifted.withheld.append(item)
            continue
        countable = questions[item.survey].get(item.question)
        if countable is None:
            problem = f"survey {item.survey} has no question {shown(item.question)}"
            sifted.rejected.append((item, problem))
            continue
        answer = item.answer
        reckoned = countable.ready.get(answer) if type(answer) is str else None  # as most are
        if reckoned is None:
            try:
                reckoned = countable.reckon(answer)
            except InvalidAnswer as error:
                problem = f"survey {item.survey}, question {shown(item.question)}: {error.message}"
                sifted.rejected.append((item, problem))
                continue
        take((item, countable, reckoned, *corrected(item, sent, received_at)))
    return sifted


def corrected(tap: Tap, sent: Sent, received_at: int) -> tuple[int, int]:
    """Tell when a tap was given, ms since 1970 UTC, and whether that is only an estimate (1) or not (0).

    In the boot that is still running the wall clock does not matter: it was as long ago as the uptime says.
    """
    if tap.boot == sent.boot and tap.uptime <= sent.uptime:
        tapped_at = received_at - (sent.uptime - tap.uptime)
        if tapped_at >= 0:
            return tapped_at, 0
    return tap.at, 0 if tap.synced_clock else 1


def content_hash(tap: Tap) -> int:
    """Hash a tap's content as it was sent, to 64 bits with sign: what both databases can hold."""
    return _number(blake2b(encode(tap), digest_size=HASH_BYTES).digest())[0]  # type: ignore[no-any-return]


_number = Struct(">q").unpack
