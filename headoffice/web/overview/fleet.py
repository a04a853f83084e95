"""The kiosks and the last visits, in words.

Called by page.py. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.metrics import FACES
from headoffice.store.lists import KioskHeard
from headoffice.web.records import local_time
from headoffice.web.words import Words
from headoffice.work.fleet import Fleet, Given, Latest
from survey.model import Question
from survey.ruby import plain

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
class VisitShown:
    """A visit that came in lately; `face` names the face to draw, `quiet` means no answer to see."""

    id: str
    at: str
    time: str
    site: str
    touchpoint: str
    face: str
    face_title: str
    said: str
    quiet: bool


def fleet_card(words: Words, fleet: Fleet, now_ms: int) -> FleetCard:
    """The card of the kiosks."""
    more = len(fleet.silent) - _MOST_SILENT
    last = ""
    if fleet.heard_at is not None:
        last = words("last_heard", time=words.time(fleet.heard_at, fleet.timezone))
    return FleetCard(
        all=len(fleet.kiosks),
        heard=fleet.heard,
        silent=tuple(_silent(words, fleet, kiosk, now_ms) for kiosk in fleet.silent[:_MOST_SILENT]),
        more=words("kiosks.more", n=more) if more > 0 else "",
        pending=words("kiosks.pending", n=fleet.pending)
        if fleet.pending
        else words("kiosks.nothing_pending"),
        last=last,
    )


def visits_shown(
    words: Words, latest: Sequence[Latest], *, now_ms: int, everything: bool
) -> tuple[VisitShown, ...]:
    """The last visits; those who may not see small cells see that and where, not what was answered."""
    return tuple(_visit(words, each, now_ms, everything=everything) for each in latest)


def _silent(words: Words, fleet: Fleet, kiosk: KioskHeard, now_ms: int) -> SilentKiosk:
    said = words("kiosks.never")
    if kiosk.heard_at is not None:
        said = words("kiosks.silent", ago=words.ago(now_ms - kiosk.heard_at))
    return SilentKiosk(name=f"{fleet.sites[kiosk.site].name} {kiosk.name}", words=said)


def _visit(words: Words, latest: Latest, now_ms: int, *, everything: bool) -> VisitShown:
    tap = latest.tap
    face, said = "", words("latest.answered")
    if everything:
        face = next((str(each.answer) for each in latest.given if _is_face(each)), "")
        others = [_said(words, each) for each in latest.given if not (_is_face(each) and each.answer == face)]
        said = words.beside(others)
    if tap.flag is not None:
        said = words.beside([each for each in (said, words("latest.flagged")) if each])
    return VisitShown(
        id=f"{tap.ledger}:{tap.seq}",
        at=local_time(tap.tapped_at, tap.timezone),
        time=words.lately(tap.tapped_at, tap.timezone, now_ms),
        site=latest.site,
        touchpoint=tap.touchpoint,
        face=face,
        face_title=words(f"faces.{face}") if face else "",
        said=said,
        quiet=not everything or not face,
    )


def _is_face(given: Given) -> bool:
    return given.question is not None and given.question.type == "faces" and given.answer in FACES


def _said(words: Words, given: Given) -> str:
    """An answer as people say it; what a shopper wrote is not for a ticker."""
    answer, question = given.answer, given.question
    if answer is None:
        return words("latest.skipped")
    said = words("latest.answered")
    if question is None:
        return said
    match question.type:
        case "faces":
            said = words(f"faces.{answer}")
        case "scale" if question.metric in {"nps", "ces"}:
            said = f"{question.metric.upper()} {answer}"
        case "scale":
            said = f"{answer} / {question.highest}"
        case "stars":
            said = f"★ {answer} / {question.highest}"
        case "choice":
            chosen = answer if isinstance(answer, list) else [answer]
            said = words.beside([_option(words, question, str(option)) for option in chosen])
        case "text":
            said = words("latest.text")
        case "notice":
            said = words("latest.seen")
    return said


def _option(words: Words, question: Question, chosen: str) -> str:
    for option in question.options:
        if option.id == chosen:
            return plain(option.text.get(words.language) or next(iter(option.text.values())))
    return chosen
