"""A made-up chain: its shops, their kiosks, and who comes to each in every hour of a year, in which mood.

Used by the fleet simulator and by whatever fills a head office. I make values only, from a seed: pure.
A kiosk's `crowds` of a day are the truth; `visitors` spreads the same crowds over seconds, one by one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from random import Random
from types import MappingProxyType

from kiosk.simulate import HAPPY_FROM, NEUTRAL_FROM

SPREAD = 0.13  # of the moods of one crowd: a logistic distribution's scale
USUAL_MOOD = 0.61  # 70 % happy, 20 % neutral, 10 % sad
YEAR_DAYS, WEEKEND = 365, 5
SMALL_CROWD = 30  # above it a Poisson distribution is drawn as the normal one it comes near

SEASON = (0.98, 0.85, 1.05, 1.0, 1.0, 0.9, 1.1, 1.05, 0.9, 0.95, 1.0, 1.25)  # January … December
SALE_DAYS, SALE = (5, 15, 25), 1.25
HOLIDAYS = (((4, 29), (5, 5), 1.3), ((8, 11), (8, 16), 1.2), ((12, 20), (12, 31), 1.3))
CLOSED = (1, 1)

PLACES = MappingProxyType(
    {
        "北海道": ("札幌", "旭川", "函館", "帯広"),
        "東北": ("仙台", "盛岡", "秋田", "山形", "福島", "青森"),
        "関東": (
            "渋谷",
            "新宿",
            "池袋",
            "上野",
            "横浜",
            "川崎",
            "大宮",
            "千葉",
            "柏",
            "水戸",
            "宇都宮",
            "高崎",
        ),
        "中部": ("名古屋", "岐阜", "静岡", "浜松", "長野", "新潟", "金沢", "富山"),
        "近畿": ("梅田", "難波", "天王寺", "京都", "神戸", "姫路", "奈良", "和歌山"),
        "中国・四国": ("広島", "岡山", "松江", "高松", "松山", "高知"),
        "九州": ("博多", "小倉", "熊本", "大分", "長崎", "宮崎", "鹿児島", "那覇"),
    }
)
ABROAD = (
    ("Taipei", "Asia/Taipei"),
    ("Mumbai", "Asia/Kolkata"),
    ("Berlin", "Europe/Berlin"),
    ("St. John’s", "America/St_Johns"),
)
EACH_ABROAD = 20  # every twentieth shop
TOUCHPOINTS = ("レジ", "サービスカウンター", "試着室", "セルフレジ")
GOODS = ("食品", "衣料", "雑貨", "家電")


class Kind(StrEnum):
    """Who taps: shoppers count, the others are what a head office has to find."""

    SHOPPER = "shopper"
    CHILD = "child"  # hammers on any face, again and again
    STAFF = "staff"  # makes their own shop happy, at one cadence
    GHOST = "ghost"  # a broken screen that presses itself


@dataclass(frozen=True)
class Format:
    """A kind of shop: its hours, how its week goes (Monday first), and when in the day people come."""

    name: str
    suffix: str
    opens: int
    closes: int
    week: tuple[float, ...]
    peaks: tuple[tuple[float, float, float], ...]  # hour, width in hours, height

    @cached_property
    def curve(self) -> tuple[float, ...]:
        """How many come in each hour of the day, as shares of an average open hour."""
        heights = [self._height(hour) if self.opens <= hour < self.closes else 0.0 for hour in range(24)]
        mean = sum(heights) / (self.closes - self.opens)
        return tuple(height / mean for height in heights)

    def _height(self, hour: int) -> float:
        bells = (high * math.exp(-(((hour + 0.5 - at) / wide) ** 2)) for at, wide, high in self.peaks)
        return 0.3 + sum(bells)


FORMATS = (
    Format("駅", "駅前店", 7, 23, (1.1, 1.1, 1.1, 1.1, 1.25, 0.8, 0.65), ((8.5, 1.5, 1.0), (18.5, 2.5, 1.4))),
    Format("モール", "モール店", 10, 21, (0.75, 0.75, 0.8, 0.8, 0.95, 1.5, 1.55), ((15.0, 3.5, 1.3),)),
    Format(
        "商店街", "本町店", 9, 20, (1.0, 0.95, 1.0, 1.0, 1.1, 1.15, 0.8), ((11.5, 1.5, 0.9), (17, 1.5, 1.1))
    ),
    Format(
        "郊外", "バイパス店", 9, 22, (0.85, 0.85, 0.85, 0.9, 1.0, 1.3, 1.3), ((11, 2, 0.8), (17, 2.5, 1.2))
    ),
)


@dataclass(frozen=True)
class Shop:
    """A site, and what its shoppers make of it; moods are 0 … 1."""

    number: int
    name: str
    timezone: str
    region: str
    goods: str
    format: Format
    mood: float
    drift: float  # of the mood, in a year
    bad: tuple[date, date]  # two weeks or so in which too few people work there
    cheats: bool  # its staff now and then tap themselves
    foreign: float  # share of shoppers who choose another language

    @property
    def tags(self) -> dict[str, str]:
        """What head office knows of it."""
        hours = f"{self.format.opens:02}:00-{self.format.closes:02}:00"
        return {"region": self.region, "format": self.format.name, "goods": self.goods, "hours": hours}


@dataclass(frozen=True)
class Crowd:
    """Visits of one kind within one local hour, and their mood on average."""

    hour: int
    kind: Kind
    visits: int
    mood: float


@dataclass(frozen=True)
class Visitor:
    """One visit: when it begins, in s of the local day, and the mood it is in."""

    at_s: float
    kind: Kind
    mood: float
    is_foreign: bool


@dataclass(frozen=True)
class Kiosk:
    """A kiosk in a shop: where it stands, how many use it on an average day, and when it is out of order."""

    number: int
    shop: Shop
    name: str
    touchpoint: str
    visits_a_day: float
    broken: tuple[date, date]  # dark from … to (excluded)
    haunted: tuple[date, date]  # its screen presses itself


class Town:
    """All shops and kiosks of a chain over some days; the same arguments give the same town."""

    def __init__(  # noqa: PLR0913  # a town has a size, a time and a luck
        self, *, seed: str, sites: int, kiosks: int, begins: date, days: int, visits_a_day: float = 40.0
    ) -> None:
        if not 0 < sites <= kiosks:
            raise ValueError(f"each of {sites} sites needs a kiosk, and there are {kiosks}")
        self.seed, self.begins, self.days = seed, begins, days
        self.shops = tuple(self._shop(number) for number in range(sites))
        self.kiosks = tuple(self._kiosk(number, visits_a_day) for number in range(kiosks))

    def dates(self) -> Iterator[date]:
        """Give each day, the first one first."""
        return (self.begins + timedelta(days=day) for day in range(self.days))

    def crowds(self, kiosk: Kiosk, day: date) -> list[Crowd]:
        """Give who comes to a kiosk on a day, by hours."""
        shop, dice = kiosk.shop, self._dice("crowd", kiosk.number, day)
        if (day.month, day.day) == CLOSED or _within(day, kiosk.broken):
            return []
        weather = self._dice("weather", shop.region, day).gauss(0, 1)
        visits = kiosk.visits_a_day * _busy(shop, day) * math.exp(0.12 * weather)
        mood = self._mood(shop, day) + 0.01 * weather
        found = []
        hours = shop.format.closes - shop.format.opens
        for hour in range(shop.format.opens, shop.format.closes):
            crowded = shop.format.curve[hour]
            if some := poisson(dice, visits / hours * crowded):
                found.append(Crowd(hour, Kind.SHOPPER, some, mood - 0.05 * (crowded - 1)))
        return sorted(found + self._nuisance(kiosk, day, dice), key=lambda crowd: crowd.hour)

    def visitors(self, kiosk: Kiosk, day: date) -> list[Visitor]:
        """Give the same crowds one by one, in order of time."""
        dice, shop, found = self._dice("visitors", kiosk.number, day), kiosk.shop, list[Visitor]()
        for crowd in self.crowds(kiosk, day):
            for at_s in _moments(dice, crowd):
                foreign = crowd.kind is Kind.SHOPPER and dice.random() < shop.foreign
                found.append(Visitor(at_s, crowd.kind, felt(dice, crowd), foreign))
        return sorted(found, key=lambda visitor: visitor.at_s)

    def _mood(self, shop: Shop, day: date) -> float:
        years = (day - self.begins).days / YEAR_DAYS
        tired = 0.03 if day.month == 12 else 0.0  # December
        return shop.mood + shop.drift * years - tired - (0.13 if _within(day, shop.bad) else 0.0)

    def _nuisance(self, kiosk: Kiosk, day: date, dice: Random) -> list[Crowd]:
        shop, found = kiosk.shop, list[Crowd]()
        last = shop.format.closes - 1
        if dice.random() < (0.09 if day.weekday() >= WEEKEND else 0.03):
            found.append(Crowd(dice.randint(shop.format.opens, last), Kind.CHILD, dice.randint(8, 40), 0.4))
        if shop.cheats and dice.random() < 0.15:  # about once a week
            found.append(Crowd(last, Kind.STAFF, dice.randint(8, 25), 1.0))
        if _within(day, kiosk.haunted):
            hours = range(shop.format.opens, shop.format.closes)
            found.extend(Crowd(hour, Kind.GHOST, dice.randint(30, 90), 0.0) for hour in hours)
        return found

    def _shop(self, number: int) -> Shop:
        dice = self._dice("shop", number)
        region, place = _place(number)
        kind, timezone = dice.choice(FORMATS), "Asia/Tokyo"
        again = number // (EACH_ABROAD * len(ABROAD))
        if number % EACH_ABROAD == EACH_ABROAD - 1:
            place, timezone = ABROAD[number // EACH_ABROAD % len(ABROAD)]
            region, name = "海外", f"{place} {again + 1}" if again else place
        else:
            turn = number // sum(map(len, PLACES.values()))
            name = f"{place}{kind.suffix}" if not turn else f"{place}{turn + 1}号{kind.suffix}"
        return Shop(
            number=number,
            name=name,
            timezone=timezone,
            region=region,
            goods=dice.choice(GOODS),
            format=kind,
            mood=dice.gauss(USUAL_MOOD, 0.05),
            drift=dice.gauss(0.0, 0.04),
            bad=self._stretch(dice, chance=self.days / YEAR_DAYS, days=(7, 21)),
            cheats=dice.random() < 0.06,  # few of them
            foreign=dice.betavariate(1.2, 12),
        )

    def _kiosk(self, number: int, visits_a_day: float) -> Kiosk:
        shop = self.shops[number % len(self.shops)]
        dice, turn = self._dice("kiosk", number), number // len(self.shops)
        touchpoint = TOUCHPOINTS[turn % len(TOUCHPOINTS)]
        again = turn // len(TOUCHPOINTS) + 1
        return Kiosk(
            number=number,
            shop=shop,
            name=f"{touchpoint}{again}",
            touchpoint=touchpoint,
            visits_a_day=visits_a_day * dice.lognormvariate(-0.18, 0.6),  # 1 on average
            broken=self._stretch(dice, chance=0.25 * self.days / YEAR_DAYS, days=(2, 20)),
            haunted=self._stretch(dice, chance=0.04 * self.days / YEAR_DAYS, days=(1, 4)),
        )

    def _stretch(self, dice: Random, *, chance: float, days: tuple[int, int]) -> tuple[date, date]:
        begins = self.begins + timedelta(days=dice.randrange(self.days))
        lasts = dice.randint(*days) if dice.random() < chance else 0
        return begins, begins + timedelta(days=lasts)

    def _dice(self, *what: object) -> Random:
        return Random("/".join(map(str, (self.seed, *what))))  # noqa: S311  # shoppers are no secret


def faces(mood: float) -> tuple[float, float, float]:
    """Give the shares of sad, neutral and happy in a crowd of this mood."""
    sad, happy = _below(NEUTRAL_FROM - mood), 1 - _below(HAPPY_FROM - mood)
    return sad, 1 - sad - happy, happy


def felt(dice: Random, crowd: Crowd) -> float:
    """Draw the mood of one of a crowd; their faces come as `faces` has it."""
    if crowd.kind in {Kind.STAFF, Kind.GHOST}:
        return crowd.mood
    chance = min(max(dice.random(), 1e-9), 1 - 1e-9)
    return crowd.mood + SPREAD * math.log(chance / (1 - chance))


def poisson(dice: Random, mean: float) -> int:
    """Draw how many come where so many come on average."""
    if mean > SMALL_CROWD:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    left, count = math.exp(-mean), 0
    while (chance := dice.random()) > left:
        left /= chance
        count += 1
    return count


def split(dice: Random, visits: int, shares: Sequence[float]) -> list[int]:
    """Divide visits by their shares, as chance has it: quickly, and for a large crowd nearly as it would."""
    left, share_left, parts = visits, 1.0, list[int]()
    for share in shares[:-1]:
        part = _binomial(dice, left, min(1.0, share / share_left)) if share_left > 0 else 0
        parts.append(part)
        left, share_left = left - part, share_left - share
    return [*parts, left]


def _binomial(dice: Random, visits: int, share: float) -> int:
    if visits <= SMALL_CROWD:
        return sum(dice.random() < share for _ in range(visits))
    drawn = round(dice.gauss(visits * share, math.sqrt(visits * share * (1 - share))))
    return min(visits, max(0, drawn))


def _below(distance: float) -> float:
    return 1 / (1 + math.exp(-distance / SPREAD))


def _moments(dice: Random, crowd: Crowd) -> list[float]:
    """When each of a crowd begins, in s of the local day."""
    begin_s = crowd.hour * 3600.0
    if crowd.kind in {Kind.SHOPPER, Kind.GHOST}:
        return [begin_s + dice.random() * 3600 for _ in range(crowd.visits)]
    first_s = begin_s + dice.random() * 3300
    every_s = 4.2 if crowd.kind is Kind.STAFF else 1.6
    return [first_s + every_s * turn for turn in range(crowd.visits)]


def _busy(shop: Shop, day: date) -> float:
    """How busy a day is, as a share of an average one."""
    factor = SEASON[day.month - 1] * shop.format.week[day.weekday()]
    if day.day in SALE_DAYS:
        factor *= SALE
    for first, last, more in HOLIDAYS:
        if first <= (day.month, day.day) <= last:
            factor *= more
    return factor


def _within(day: date, stretch: tuple[date, date]) -> bool:
    return stretch[0] <= day < stretch[1]


def _place(number: int) -> tuple[str, str]:
    """Give region and place of the shop with this number, regions in turn."""
    all_places = [(region, place) for region, places in PLACES.items() for place in places]
    return all_places[number * 17 % len(all_places)]
