"""Made-up shoppers: the taps of so many visits to the survey in bench/page/config.toml, spread over days.

Used by every benchmark that needs a backlog. I make values only; the same seed makes the same ones.
"""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from survey.parse import parse_programme

CONFIG = Path(__file__).parent / "page" / "config.toml"
BETWEEN_VISITS_S = 90
REASONS = ("queue", "range", "staff", "price", "clean", "other")
FACES = {"sad": 0.1, "neutral": 0.2, "happy": 0.7}
JAPANESE = 0.9
FOLLOWED_UP = 0.6
NAMES_TWO_REASONS = 0.3
TOOK_MS = (7.6, 0.6)  # of a log-normal distribution: half of the taps come within 2 s


@dataclass(frozen=True)
class Given:
    """An answer and the moment it was given, in ms since 1970."""

    visit: str
    question: str
    answer: object
    language: str
    at: int
    took: int


def survey_documents() -> list[dict[str, object]]:
    """Give the programme of the benchmarks, as documents."""
    documents: list[dict[str, object]] = tomllib.loads(CONFIG.read_text("utf-8"))["survey"]
    return documents


@cache
def survey_version() -> str:
    """Name the survey that every made-up tap answers."""
    return parse_programme(survey_documents()).surveys[0].version


def answers(*, seed: int, until_ms: int, count: int) -> Iterator[Given]:
    """Give `count` answers, all of them before `until_ms`."""
    dice = random.Random(seed)  # noqa: S311  # made-up shoppers need no secret
    at = until_ms - int(count * BETWEEN_VISITS_S * 1000)  # more than enough: a visit has 1.6 answers
    left = count
    while left > 0:
        at += int(dice.expovariate(1 / BETWEEN_VISITS_S) * 1000)
        for given in _visit(dice, at)[:left]:
            yield given
            left -= 1


def _visit(dice: random.Random, at: int) -> list[Given]:
    visit = _uuid7(dice, at)
    language = "ja" if dice.random() < JAPANESE else "en"
    (face,) = dice.choices(list(FACES), list(FACES.values()))
    took = int(dice.lognormvariate(*TOOK_MS))
    first = Given(visit, "rating", face, language, at + took, took)
    if dice.random() > FOLLOWED_UP:
        return [first]
    took = int(dice.lognormvariate(*TOOK_MS))
    question, answer = _follow_up(dice, face)
    return [first, Given(visit, question, answer, language, first.at + took, took)]


def _follow_up(dice: random.Random, face: str) -> tuple[str, object]:
    if face == "happy":
        return "recommend", dice.choices(range(11), [1, 0, 1, 1, 1, 3, 4, 10, 25, 24, 30])[0]
    named = dice.sample(REASONS, 1 + (dice.random() < NAMES_TWO_REASONS))
    return "why", sorted(named, key=REASONS.index)


def _uuid7(dice: random.Random, at: int) -> str:
    return str(UUID(int=at << 80 | 7 << 76 | dice.getrandbits(12) << 64 | 2 << 62 | dice.getrandbits(62)))
