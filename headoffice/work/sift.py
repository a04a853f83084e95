"""Sift the new items of a batch: what can be counted, what fits no question, what the kiosk withheld.

Used by `work.ingest`, before anything is written.
May touch nothing.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from headoffice.work.batch import Item, Sent, Tap, Withheld
from headoffice.work.counting import Countable, Reckoned
from survey.problems import InvalidAnswer, shown

Questions = Mapping[str, Mapping[str, Countable]]  # by survey version and question id


# A tap that can be counted, its question, what its answer comes to, when it was given (ms) and whether that
# is an estimate (0 or 1). A plain tuple: this is made for every tap there is.
Answered = tuple[Tap, Countable, Reckoned, int, int]


class Sifted(NamedTuple):
    """The items, each in one of three heaps, in their order."""

    answered: list[Answered]
    rejected: list[tuple[Tap, str]]
    withheld: list[Withheld]


def sift(items: Iterable[Item], questions: Questions, *, sent: Sent, received_at: int) -> Sifted:
    """Sift items whose survey versions are all known."""
    sifted = Sifted([], [], [])
    take = sifted.answered.append
    boot, up, began = sent.boot, sent.uptime, received_at - sent.uptime
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
        # In the boot that still runs the wall clock does not matter: it was as long ago as the uptime says.
        uptime = item.uptime
        tapped_at = began + uptime
        if item.boot == boot and uptime <= up and tapped_at >= 0:
            take((item, countable, reckoned, tapped_at, 0))
        else:
            take((item, countable, reckoned, item.at, 0 if item.synced_clock else 1))
    return sifted
