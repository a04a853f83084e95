"""The kiosks and the last taps, in words.

Called by page.py. Pure functions of values: touches nothing.
"""

from dataclasses import dataclass

from headoffice.metrics import FACES
from headoffice.store.lists import KioskSeen
from headoffice.web.records import local_time
from headoffice.web.words import Words
from headoffice.work.fleet import Fleet, Latest
from survey.model import Question

_MOST_SILENT = 3


@dataclass(frozen=True, kw_only=True)
class SilentKiosk:
    """A kiosk that should have called: its name, and the rest of the sentence."""

    name: str
    words: str


@dataclass(frozen=True, kw_only=True)
class FleetCard:
    """How many kiosks were heard of, and which were not."""

    all: int
    heard: int
    silent: tuple[SilentKiosk, ...]
    more: str
    pending: str
    last: str


@dataclass(frozen=True, kw_only=True)
class TapShown:
    """A tap that came in lately; `face` names the face to draw, `quiet` means no answer to see."""

    id: str
    at: str
    time: str
    site: str
    touchpoint: str
    answer: str
    face: str
    quiet: bool


def fleet_card(words: Words, fleet: Fleet, now_ms: int) -> FleetCard:
    """The card of the kiosks."""
    more = len(fleet.silent) - _MOST_SILENT
    heard_last = max(fleet.kiosks, key=lambda kiosk: kiosk.heard_at or 0, default=None)
    last = ""
    if heard_last is not None and heard_last.heard_at is not None:
        last = words("last_heard", time=words.time(heard_last.heard_at, heard_last.timezone))
    return FleetCard(
        all=len(fleet.kiosks),
        heard=fleet.heard,
        silent=tuple(_silent(words, kiosk, now_ms) for kiosk in fleet.silent[:_MOST_SILENT]),
        more=words("kiosks.more", n=more) if more > 0 else "",
        pending=words("kiosks.pending", n=fleet.pending)
        if fleet.pending
        else words("kiosks.nothing_pending"),
        last=last,
    )


def taps_shown(words: Words, latest: list[Latest], *, everything: bool) -> tuple[TapShown, ...]:
    """The last taps; those who may not see small cells see that and where, not what was answered."""
    return tuple(_tap(words, each, everything=everything) for each in latest)


def _silent(words: Words, kiosk: KioskSeen, now_ms: int) -> SilentKiosk:
    said = words("kiosks.never")
    if kiosk.heard_at is not None:
        said = words("kiosks.silent", ago=words.ago(now_ms - kiosk.heard_at))
    return SilentKiosk(name=f"{kiosk.site_name} {kiosk.name}", words=said)


def _tap(words: Words, latest: Latest, *, everything: bool) -> TapShown:
    tap, question = latest.tap, latest.question
    is_face = (
        everything and isinstance(latest.answer, str) and question is not None and question.type == "faces"
    )
    answer = _answer(words, latest) if everything else words("latest.answered")
    if tap.flag is not None:
        answer = f"{answer} · {words('latest.flagged')}"
    return TapShown(
        id=f"{tap.ledger}:{tap.seq}",
        at=local_time(tap.tapped_at, tap.timezone),
        time=words.time(tap.tapped_at, tap.timezone),
        site=latest.site,
        touchpoint=tap.touchpoint,
        answer=answer,
        face=str(latest.answer) if is_face and latest.answer in FACES else "",
        quiet=not everything or latest.answer is None or (question is not None and question.type == "text"),
    )


def _answer(words: Words, latest: Latest) -> str:
    """An answer as people say it; what a shopper wrote is not for a ticker."""
    answer, question = latest.answer, latest.question
    if answer is None:
        return words("latest.skipped")
    said = words("latest.answered")
    if question is None:
        return said
    match question.type:
        case "faces":
            said = words(f"faces.{answer}")
        case "scale":
            said = f"{answer} / {question.highest}"
        case "stars":
            said = f"★ {answer} / {question.highest}"
        case "choice":
            chosen = answer if isinstance(answer, list) else [answer]
            said = words.listed([_option(words, question, str(option)) for option in chosen])
        case "text":
            said = words("latest.text")
        case "notice":
            said = words("latest.seen")
    return said


def _option(words: Words, question: Question, chosen: str) -> str:
    for option in question.options:
        if option.id == chosen:
            return option.text.get(words.language) or next(iter(option.text.values()))
    return chosen
