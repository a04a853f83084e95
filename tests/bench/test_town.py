"""The made-up chain that fills head offices: its numbers must be those of a chain that could be."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bench.town import Kind, Town, faces, poisson, split

MONDAY = date(2026, 6, 1)
FORTNIGHT = {"seed": "7", "sites": 30, "kiosks": 60, "begins": MONDAY, "days": 14}


@pytest.fixture(scope="module")
def town():
    return Town(**FORTNIGHT)


def test_the_same_seed_makes_the_same_town_and_each_shop_has_a_name_of_its_own(town):
    """What a benchmark measured can be made again, and a list of 500 sites has no two alike."""
    again, other = Town(**FORTNIGHT), Town(**FORTNIGHT | {"seed": "8"})
    some, day = town.kiosks[11], MONDAY + timedelta(days=3)
    assert (again.kiosks, again.visitors(some, day)) == (town.kiosks, town.visitors(some, day))
    assert other.visitors(other.kiosks[11], day) != town.visitors(some, day)
    large = Town(**FORTNIGHT | {"sites": 500, "kiosks": 500})
    assert len({shop.name for shop in large.shops}) == 500
    assert all(ZoneInfo(shop.timezone) for shop in large.shops)


def test_one_by_one_the_visitors_are_the_crowds(town):
    """A fleet of kiosks and a year of tallies tell of as many shoppers, in the same hours and moods."""
    crowded, came, shares, seen = Counter(), Counter(), [0.0] * 3, Counter()
    for kiosk in town.kiosks:
        for day in town.dates():
            for crowd in town.crowds(kiosk, day):
                crowded[crowd.hour, crowd.kind] += crowd.visits
                if crowd.kind is Kind.SHOPPER:
                    shares = [
                        sum(pair)
                        for pair in zip(shares, (crowd.visits * s for s in faces(crowd.mood)), strict=True)
                    ]
            for visitor in town.visitors(kiosk, day):
                came[int(visitor.at_s // 3600), visitor.kind] += 1
                if visitor.kind is Kind.SHOPPER:
                    seen[(visitor.mood >= 0.3) + (visitor.mood >= 0.5)] += 1
    assert came == crowded
    for face, share in enumerate(shares):
        assert seen[face] / seen.total() == pytest.approx(share / sum(shares), abs=0.01)
    assert {kind for _, kind in came} >= {Kind.SHOPPER, Kind.CHILD}


def test_shops_are_shut_at_night_and_full_when_people_have_time(town):
    """Hours, weekends and closed days are those of the shop."""
    by_day = Counter()
    for kiosk in town.kiosks:
        if kiosk.shop.format.name == "モール":
            for day in town.dates():
                visits = [visitor.at_s for visitor in town.visitors(kiosk, day)]
                by_day[day.weekday()] += len(visits)
                assert all(10 * 3600 <= at_s < 21.1 * 3600 for at_s in visits)
    assert by_day[6] > 1.4 * by_day[1]
    assert Town(**FORTNIGHT).crowds(town.kiosks[0], date(2027, 1, 1)) == []


def test_chance_is_fair():
    """Draws come to what they should on average, in small crowds and in large ones, and lose nobody."""
    dice = Random("fair")  # noqa: S311 - a run can be repeated
    for mean in (0.4, 8, 200):
        drawn = [poisson(dice, mean) for _ in range(4000)]
        assert sum(drawn) / len(drawn) == pytest.approx(mean, rel=0.06)
    for visits in (20, 400):
        parts = [split(dice, visits, faces(0.61)) for _ in range(500)]
        assert {sum(part) for part in parts} == {visits}
        happy = sum(part[2] for part in parts) / (500 * visits)
        assert happy == pytest.approx(faces(0.61)[2], abs=0.02)
