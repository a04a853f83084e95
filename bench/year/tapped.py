"""Every tap of a town, one by one, through the ingest that kiosks' batches go through.

Called by `__main__`, which has opened the shops: for a small town, since a tap takes its time. The store is
then what it would be had kiosks sent them: tallies, feed, words, heads. I write by `Ingest` only.
"""

import random
import time as clock
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from msgspec.structs import replace

from bench.town import Kind, Kiosk, Town, Visitor
from bench.year.guesses import NAMES_TWO, shares, values_of
from bench.year.opened import Opened
from bench.year.tallied import SPOKEN
from headoffice.store.engine import Database
from headoffice.work.batch import Batch, Health, Sent, SentTap, read_taps
from headoffice.work.ingest import Ingest
from kiosk.simulate import HAPPY_FROM, LEAVES, NEUTRAL_FROM, REMARKS, SKIPS
from survey.answers import Answer
from survey.branching import path
from survey.model import FACES, Question, Survey

MOST_A_BATCH = 2000
BOOT = "year"
TOOK_MS = (900, 6000)
GHOST_MS = 300  # what a screen that presses itself takes
HEALTH = Health(version="0.1.0", pending=0, rejected=0, free_bytes=1 << 33, programme=None)

Told = Callable[[str], None]


def fill(database: Database, town: Town, opened: Opened, *, seed: int, told: Told) -> int:
    """Store every tap of a town up to now; returns how many they were."""
    now = clock.time_ns() // 1_000_000
    ingest, last = Ingest(), dict.fromkeys(range(len(town.kiosks)), 0)
    for day in town.dates():
        received = _received(day, now)
        with database.write() as connection:
            for kiosk in town.kiosks:
                stands = opened.kiosks[kiosk.number]
                taps = [tap for tap in _taps(town, opened, kiosk, day, seed) if tap.at < now]
                for at in range(0, len(taps), MOST_A_BATCH):
                    some = taps[at : at + MOST_A_BATCH]
                    first = last[kiosk.number] + 1
                    items = read_taps(replace(tap, seq=first + place) for place, tap in enumerate(some))
                    last[kiosk.number] += len(items)
                    sent = Sent(received, received, BOOT)
                    batch = Batch(ledger=stands.uuid, first=first, sent=sent, items=items, health=HEALTH)
                    ingest.take(connection, batch=batch, key=stands.key, received_at=received)
        if day.day == 1:
            told(f"{day}: {sum(last.values()):,} taps stored")
    return sum(last.values())


def _received(day: date, now: int) -> int:
    """When the taps of a day come in: in the next night."""
    night = datetime.combine(day + timedelta(days=1), time(2), ZoneInfo("UTC"))
    return min(now, int(night.timestamp() * 1000))


def _taps(town: Town, opened: Opened, kiosk: Kiosk, day: date, seed: int) -> list[SentTap]:
    """Give the taps of a kiosk's day in order, all without their numbers."""
    dice = random.Random(f"{seed}/{kiosk.number}/{day}")  # noqa: S311  # made-up shoppers need no secret
    survey = opened.surveys[opened.survey_at(kiosk)].survey
    midnight = datetime.combine(day, time(), ZoneInfo(kiosk.shop.timezone))
    found, free_ms = list[SentTap](), 0
    for visitor in town.visitors(kiosk, day):
        begins = int((midnight + timedelta(seconds=visitor.at_s)).timestamp() * 1000)
        visit = list(_visit(dice, survey, visitor, max(begins, free_ms)))  # one at a time stands there
        free_ms = visit[-1].at + 1
        found += visit
    return found


def _visit(dice: random.Random, survey: Survey, visitor: Visitor, at: int) -> Iterator[SentTap]:
    """Give the taps of a visit, to its end or until they walk away."""
    lots = dice.getrandbits(12) << 64 | 2 << 62 | dice.getrandbits(62)
    visit = UUID(int=at << 80 | 7 << 76 | lots)
    language = dice.choices(("en", "ko"), SPOKEN)[0] if visitor.is_foreign else "ja"
    answers: dict[str, Answer] = {}
    while (here := path(survey, answers, str(visit)).next) is not None:
        if answers and (visitor.kind is not Kind.SHOPPER or dice.random() < LEAVES):
            return
        took = GHOST_MS if visitor.kind is Kind.GHOST else dice.randint(*TOOK_MS)
        at += took
        skips = bool(answers) and dice.random() < SKIPS
        answers[here] = None if skips else _answer(dice, survey.question(here), visitor.mood, language)
        yield SentTap(
            seq=1,
            visit=visit,
            survey=survey.version,
            question=here,
            answer=answers[here],
            language=language,
            at=at,
            uptime=0,
            boot="before",  # so that the clock on the wall is believed
            took=took,
            synced_clock=True,
        )


def _answer(dice: random.Random, question: Question, mood: float, language: str) -> Answer:
    if question.type == "faces":
        return FACES[(mood >= NEUTRAL_FROM) + (mood >= HAPPY_FROM)]
    if question.type == "text":
        return dice.choice(REMARKS.get(language, REMARKS["en"]))[: question.longest_text]
    if question.type == "notice":
        return True
    values = values_of(question)
    chances = shares(question, np.array([mood]))[0].tolist()
    chosen = dice.choices(values, chances, k=1 + (bool(question.many) and dice.random() < NAMES_TWO))
    if not question.many:
        return chosen[0]  # type: ignore[return-value]  # a value of this question
    return [str(value) for value in values if value in chosen]
