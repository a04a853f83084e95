"""How a crowd answers a survey: shares by mood, and what a whole crowd's answers come to, as counts.

Used by `tallied` for a year of tallies and by `tapped` for single taps. I make values only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.town import SPREAD
from headoffice.work.counting import WORTH
from kiosk.simulate import HAPPY_FROM, LEAVES, NEUTRAL_FROM, SKIPS
from survey.branching import after
from survey.model import END, FACES, Question, Survey

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STEEP = 0.16  # of the values of a scale about the mood
NAMES_TWO = 0.3  # share of those who may choose several options and choose two


@dataclass(frozen=True)
class Answered:
    """The answers of many crowds to one question: how many answered, passed on, the sum, and each slot's."""

    question: Question
    n: Ints
    skipped: Ints
    total: Ints
    slots: Ints  # a row for each crowd


def values_of(question: Question) -> list[str | int]:
    """Give what can be answered, slot by slot; text and notices have none."""
    match question.type:
        case "faces":
            return list(FACES)
        case "scale" | "stars":
            return list(range(question.lowest, question.highest + 1))
        case "choice":
            return [option.id for option in question.options]
    return []


def shares(question: Question, moods: Floats) -> Floats:
    """Give the share of each slot in crowds of these moods: a row for each crowd."""
    if question.type == "choice":
        falling = 1 / np.arange(1.0, len(question.options) + 1)
        return np.tile(falling / falling.sum(), (len(moods), 1))
    if question.type == "faces":
        bounds, scale, centre = np.array([NEUTRAL_FROM, HAPPY_FROM]), SPREAD, moods
    else:
        steps = question.highest - question.lowest + 1
        bounds, scale, centre = np.arange(1, steps) / steps, STEEP, moods + 0.15
    below = 1 / (1 + np.exp(-(bounds - centre[:, None]) / scale))
    edges = np.concatenate([np.zeros((len(moods), 1)), below, np.ones((len(moods), 1))], axis=1)
    found: Floats = np.diff(edges, axis=1)
    return found


def answered(survey: Survey, dice: np.random.Generator, visits: Ints, moods: Floats) -> Iterator[Answered]:
    """Let crowds walk through a survey; give what they answered to each question, in the survey's order."""
    coming = {question.id: np.zeros_like(visits) for question in survey.questions}
    coming[END] = np.zeros_like(visits)
    coming[survey.first.id] += visits
    for question in survey.questions:
        here = coming.pop(question.id)
        asked = here if question.ask is None else dice.binomial(here, question.ask)
        stays = asked if question is survey.first else asked - dice.binomial(asked, LEAVES)
        skipped = np.zeros_like(stays) if question is survey.first else dice.binomial(stays, SKIPS)
        n = stays - skipped
        slots, total = _given(question, dice, n, moods)
        coming[after(survey, question.id, None)] += (here - asked) + skipped
        for slot, value in enumerate(values_of(question)):
            coming[after(survey, question.id, [value] if question.many else value)] += slots[:, slot]
        if not slots.shape[1]:
            coming[after(survey, question.id, True if question.type == "notice" else "words")] += n
        yield Answered(question, n, skipped, total, _second(slots, dice) if question.many else slots)


def _given(question: Question, dice: np.random.Generator, n: Ints, moods: Floats) -> tuple[Ints, Ints]:
    """Draw the slots that so many choose, and the sum of their values."""
    values = values_of(question)
    if not values:
        return np.zeros((len(n), 0), np.int64), np.zeros_like(n)
    slots: Ints = dice.multinomial(n, shares(question, moods))
    worth = np.array([WORTH.get(str(value), 0) if isinstance(value, str) else value for value in values])
    return slots, slots @ worth


def _second(slots: Ints, dice: np.random.Generator) -> Ints:
    """Add what those choose who choose two: the option after their first."""
    both: Ints = slots + np.roll(dice.binomial(slots, NAMES_TWO), 1, axis=1)
    return both
