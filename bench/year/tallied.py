"""Tallies of a whole town, drawn crowd by crowd, without a single tap.

Called by `__main__`, which has opened the shops. I write both tables of tallies and the ledgers' heads.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bench.town import Kind, Town
from bench.year.guesses import Ints, answered
from bench.year.opened import Opened
from bench.year.writing import Pile, Rows, write
from headoffice.store.engine import Connection, Database, driver

SPOKEN = (0.7, 0.3)  # the foreign languages, of those who choose one

Told = Callable[[str], None]


@dataclass
class Piles:
    """What is to be written, and how many taps it stands for: in all, and of each kiosk."""

    held: Ints
    taps: int = 0
    days: Pile = field(default_factory=lambda: defaultdict(list))
    hours: Pile = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Crowds:
    """The crowds of a day at the kiosks that show one survey, each language's by itself."""

    kiosk: Ints
    hour: Ints
    counted: Ints
    language: Ints  # place in LANGUAGES
    visits: Ints
    mood: NDArray[np.float64]


def fill(database: Database, town: Town, opened: Opened, *, seed: int, told: Told) -> int:
    """Draw the days of a town and write their tallies; returns how many taps they stand for."""
    piles = Piles(held=np.zeros(len(town.kiosks), np.int64))
    for number, day in enumerate(town.dates()):
        _draw(piles, town, opened, day, np.random.default_rng((seed, number)))
        if day.day == 1:
            told(f"{day}: {piles.taps:,} taps drawn")
    for table, pile in (("tallies_day", piles.days), ("tallies_hour", piles.hours)):
        rows = write(database, table, pile)
        told(f"{table}: {rows:,} rows written")
    with database.write() as connection:
        _heads(connection, opened, piles.held)
    return piles.taps


def _draw(piles: Piles, town: Town, opened: Opened, day: date, dice: np.random.Generator) -> None:
    for name, crowds in _crowds(town, opened, day, dice):
        known, written = opened.surveys[name], day.isoformat()
        placement, ledger = opened.placements[crowds.kiosk], opened.ledgers[crowds.kiosk]
        by_day = np.column_stack([placement, ledger, crowds.language, crowds.counted])
        by_hour = np.column_stack([crowds.hour, placement, ledger, crowds.counted])
        for each in answered(known.survey, dice, crowds.visits, crowds.mood):
            question = known.questions[each.question.id]
            counts = np.column_stack([each.n, each.skipped, each.total, each.slots])
            piles.days[question].append((written, _summed(by_day, counts)))
            piles.hours[question].append((written, _summed(by_hour, counts)))
            given = each.n + each.skipped
            piles.taps += int(given.sum())
            np.add.at(piles.held, crowds.kiosk, given)


def _crowds(town: Town, opened: Opened, day: date, dice: np.random.Generator) -> Iterator[tuple[str, Crowds]]:
    """Give the crowds of a day by the survey that they answer."""
    found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for kiosk in town.kiosks:
        foreign = kiosk.shop.foreign
        found[opened.survey_at(kiosk)] += [
            (kiosk.number, crowd.hour, crowd.kind is Kind.SHOPPER, foreign, crowd.visits, crowd.mood)
            for crowd in town.crowds(kiosk, day)
        ]
    for survey, rows in found.items():
        if rows:
            yield survey, _by_language(np.array(rows, np.float64), dice)


def _by_language(rows: NDArray[np.float64], dice: np.random.Generator) -> Crowds:
    kiosk, hour, counted, foreign, visits, mood = rows.T
    whole = visits.astype(np.int64)
    others = dice.binomial(whole, np.where(counted == 1, foreign, 0.0))
    some = dice.multinomial(others, SPOKEN)
    parts = np.column_stack([some[:, 0], whole - others, some[:, 1]])  # as LANGUAGES has them
    which, language = np.nonzero(parts)
    return Crowds(
        kiosk=kiosk[which].astype(np.int64),
        hour=hour[which].astype(np.int64),
        counted=counted[which].astype(np.int64),
        language=language,
        visits=parts[which, language],
        mood=mood[which],
    )


def _summed(key: Ints, counts: Ints) -> Rows:
    """Add up the rows that have the same key, in the order of the keys; nothing at all is no row."""
    some = counts[:, :2].any(axis=1)
    key, counts = key[some], counts[some]
    if not len(key):
        return np.zeros((0, key.shape[1] + counts.shape[1]), np.int32)
    order = np.lexsort(key.T[::-1])
    key, counts = key[order], counts[order]
    first = np.flatnonzero(np.any(np.diff(key, axis=0, prepend=key[:1] - 1), axis=1))
    return np.column_stack([key[first], np.add.reduceat(counts, first, axis=0)]).astype(np.int32)


def _heads(connection: Connection, opened: Opened, held: Ints) -> None:
    """Say of each ledger that so many taps of it were held, though they are not there."""
    now = time.time_ns() // 1_000_000
    for ledger, count in zip(opened.ledgers, held, strict=True):
        driver(connection).execute(HEAD, (int(ledger), int(count), int(count), now))


HEAD = """
    INSERT INTO ledger_heads (ledger, through, held, rejected, withheld, heard_at, problems)
    VALUES (?, ?, ?, 0, 0, ?, '[]')
"""
