"""A made-up town: shops with their own habits, and what their shoppers tapped over some weeks."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from headoffice.store.audit import By
from headoffice.work import access
from survey.branching import path
from survey.parse import parse_survey
from tests.headoffice.kiosk_side import Sender, new_id, tap

MOST_A_BATCH = 2000


@dataclass(frozen=True)
class Shop:
    """How a shop's shoppers answer: chances of sad, neutral and happy, and visits a day."""

    name: str
    chances: tuple[float, float, float]
    visits: int = 40
    timezone: str = "Asia/Tokyo"
    touchpoint: str = "レジ1"
    hours: tuple[int, int] = (9, 21)


def answer(question, chances, chance):
    """One shopper's answer to a question; now and then it is skipped."""
    if question.type != "faces" and chance.random() < 0.1:
        return None
    if question.type == "choice":
        return choose(question, chance)
    span = question.highest - question.lowest
    number = question.lowest + int(chance.binomial(max(span, 0), min(0.93, 0.55 + chances[2] * 0.5)))
    others = {
        "faces": str(chance.choice(["sad", "neutral", "happy"], p=chances)),
        "text": str(chance.choice(["=cmd()", "ok", "列が長い"])),
        "notice": True,
    }
    return others.get(question.type, number)


def choose(question, chance):
    """An option, or one to two of them in the options' order."""
    ids = [option.id for option in question.options]
    if not question.many:
        return str(chance.choice(ids))
    wanted = set(chance.choice(ids, size=chance.integers(1, 3), replace=False).tolist())
    return [option for option in ids if option in wanted]


def visit_taps(survey, chances, chance, *, at_ms, seq, language="ja"):
    """The taps of one visit, along the survey's branching, a few seconds apart."""
    visit, given, taps = new_id(), {}, []
    while (step := path(survey, given, visit)).next is not None:
        question = survey.question(step.next)
        given[question.id] = answer(question, chances, chance)
        taps.append(
            tap(
                seq + len(taps),
                visit=visit,
                survey=survey.version,
                question=question.id,
                answer=given[question.id],
                language=language,
                at=at_ms + 4000 * len(taps),
                boot="long ago",
            )
        )
    return taps


def history(document, shop, *, days, until_ms, seed, rates=None):
    """All taps of a shop over the last days; `rates` gives the chances of a day, by how long ago it was."""
    chance, taps = np.random.default_rng(seed), []
    survey, zone = parse_survey(document), ZoneInfo(shop.timezone)
    today = dt.datetime.fromtimestamp(until_ms / 1000, zone).date()
    for ago in range(days - 1, -1, -1):
        day = today - dt.timedelta(days=ago)
        weekend = 1.4 if day.weekday() >= 5 else 1.0
        opens, closes = shop.hours
        moments = sorted(chance.uniform(opens, closes, chance.poisson(shop.visits * weekend)))
        for hour in moments:
            at = dt.datetime.combine(day, dt.time(), zone) + dt.timedelta(hours=float(hour))
            at_ms = int(at.timestamp() * 1000)
            if at_ms >= until_ms - 60_000:
                continue
            chances = (rates or {}).get(ago, shop.chances)
            language = "en" if chance.random() < 0.08 else "ja"
            taps += visit_taps(survey, chances, chance, at_ms=at_ms, seq=len(taps) + 1, language=language)
    return taps


def open_shop(office, shop, *, name="端末"):
    """Add a site and enrol a kiosk in it; gives the site's id and the sender."""

    def add(connection):
        return access.add_site(connection, name=shop.name, timezone=shop.timezone, tags={}, by=By("town", 1))

    site = office.change(add)
    key = office.key(touchpoint=shop.touchpoint, site=site, timezone=shop.timezone)
    return site, Sender(office.url, key)


def send_all(sender, taps):
    """Send taps in batches, each acknowledged."""
    for start in range(0, len(taps), MOST_A_BATCH):
        sender.acked(taps[start : start + MOST_A_BATCH])
