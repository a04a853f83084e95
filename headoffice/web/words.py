"""Words, numbers and dates in the reader's language.

Made by web/pages.py and web/sign_in.py for each request; the templates call it.
May read the word lists in web/languages; a Words itself is pure.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from zoneinfo import ZoneInfo

from starlette.requests import Request

from headoffice.intervals import Estimate
from headoffice.metrics import Metric
from headoffice.web.written import Written

LANGUAGES = ("ja", "en")
COOKIE = "egao_language"
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_WHOLE_PER_CENT = 0.01 - 1e-9


@dataclass(frozen=True)
class Words:
    """One language: `words("score.few")` is a text, `words("faces.people", n=3)` one that is filled in."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A text, filled in; `n` takes the form of its number where the language has one (`key_one`)."""
        text, n = self.texts[key], values.get("n")
        if isinstance(n, int) and key in self._bent:
            text = self.texts.get(f"{key}_{self.written.plural(n)}", text)
        return text.format_map(
            {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        )

    @cached_property
    def written(self) -> Written:
        """How the language writes numbers, dates and lists."""
        return Written(self.language)

    @cached_property
    def _bent(self) -> frozenset[str]:
        """The texts that have other forms beside some numbers."""
        ends = tuple(f"_{name}" for name in self.written.plurals)
        return frozenset(key.rpartition("_")[0] for key in self.texts if key.endswith(ends))

    def number(self, value: int) -> str:
        """A whole number."""
        return self.written.number(value)

    def percent(self, share: float, *, digits: int = 1) -> str:
        """A share (0 … 1) as a percentage."""
        return self.written.percent(share, digits)

    def score(self, metric: Metric, value: float | None) -> str:
        """A metric's value as it is usually written; a dash when there is none."""
        if value is None:
            return "–"
        if metric.unit == "share":
            return self.percent(value)
        if metric.name == "nps":
            return self.written.signed(value, 0)
        return self.written.number(value, 1 if metric.unit == "points" else 2)

    def brief(self, metric: Metric, value: float) -> str:
        """A metric's value where there is little room: a share as whole per cents without their sign."""
        if metric.unit == "share":
            return self.written.number(value * 100)
        return self.written.number(value, 1) if metric.unit == "mean" else self.written.number(value + 0.0, 0)

    def tick(self, metric: Metric, value: float, *, step: float) -> str:
        """A value of a scale with lines so far apart."""
        if metric.unit == "share":
            return self.percent(value, digits=0 if step >= _WHOLE_PER_CENT else 1)
        if metric.name == "nps":
            return self.written.signed(value, 0)
        return self.written.number(value, 0 if step >= 1 else 1)

    def margin(self, metric: Metric, estimate: Estimate) -> str:
        """Half the width of an interval, in the metric's own unit."""
        if estimate.low is None or estimate.high is None:
            return ""
        half = (estimate.high - estimate.low) / 2
        if metric.unit == "share":
            return self.written.number(half * 100, 1)
        return self.written.number(half, 2 if metric.unit == "mean" else 1)

    def change(self, metric: Metric, value: float) -> str:
        """A difference of two values, with its sign."""
        if metric.unit == "share":
            return self.written.signed(value * 100, 1)
        return self.written.signed(value, 2 if metric.unit == "mean" else 1)

    def day(self, day: date) -> str:
        """A date without its year: 11/21, or 21 Nov."""
        return self.written.day(day)

    def weekday(self, day: date) -> str:
        """A date with its day of the week."""
        return self.written.weekday(day)

    def language_name(self, code: str) -> str:
        """A shopper's language by its name; its code where we have none."""
        return self.texts.get(f"language_name.{code}", code)

    @property
    def languages_of_shoppers(self) -> list[tuple[str, str]]:
        """Every language that a shopper can choose: its code and its name."""
        prefix = "language_name."
        return [
            (key.removeprefix(prefix), name) for key, name in self.texts.items() if key.startswith(prefix)
        ]

    def month(self, year: int, month: int) -> str:
        """A month of a year."""
        return self.written.month(year, month)

    def moment(self, at_ms: int, timezone: str) -> str:
        """A moment's local date and time of day."""
        local = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(timezone))
        return self.written.together(self.day(local.date()), self.written.time(local))

    def stamp(self, at_ms: int, timezone: str = "UTC") -> str:
        """A moment with its year: for what is looked up, not read in passing."""
        local = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(timezone))
        return self.written.together(self.written.full_day(local.date()), self.written.time(local))

    def iso_day(self, written: str) -> str:
        """A date as programs write it (2026-11-21), as people do."""
        return self.day(date.fromisoformat(written))

    def week(self, written: str) -> str:
        """A week as programs write it (2026-W47), by its Monday."""
        year, _, week = written.partition("-W")
        return self("week", day=self.day(date.fromisocalendar(int(year), int(week), 1)))

    def iso_month(self, written: str) -> str:
        """A month as programs write it (2026-11), as people do."""
        year, _, month = written.partition("-")
        return self.month(int(year), int(month))

    def weekday_name(self, place: int) -> str:
        """The name of a day of the week, Monday being 0."""
        return self.written.weekday_name(place)

    def hour(self, hour: int) -> str:
        """An hour of the day, by its beginning."""
        return self.written.hour(hour)

    def time(self, at_ms: int, timezone: str) -> str:
        """A moment's local time of day."""
        return self.written.time(datetime.fromtimestamp(at_ms / 1000, ZoneInfo(timezone)))

    def lately(self, at_ms: int, timezone: str, now_ms: int) -> str:
        """A moment's local time if it is of today, else its date."""
        zone = ZoneInfo(timezone)
        day = datetime.fromtimestamp(at_ms / 1000, zone).date()
        today = datetime.fromtimestamp(now_ms / 1000, zone).date()
        return self.time(at_ms, timezone) if day == today else self.day(day)

    def ago(self, length_ms: int) -> str:
        """How long something lasts, in its largest unit."""
        for unit, unit_ms in (("days", _DAY_MS), ("hours", _HOUR_MS)):
            if length_ms >= unit_ms:
                return self(f"ago.{unit}", n=length_ms // unit_ms)
        return self("ago.minutes", n=max(1, length_ms // _MINUTE_MS))

    def listed(self, names: list[str]) -> str:
        """Names one after the other, the last with an "and" where the language has one."""
        return self.written.listed(names)

    def beside(self, parts: list[str]) -> str:
        """Parts of one line, none of which is the last of anything."""
        return self.written.beside(parts)


def read_words() -> dict[str, Words]:
    """Every language, from its lists (`ja.toml`, those in `ja/`); keys of tables are joined by a dot."""
    folder = files("headoffice.web") / "languages"
    found = {}
    for language in LANGUAGES:
        lists = [folder / f"{language}.toml"]
        lists += sorted((folder / language).iterdir(), key=lambda each: each.name)
        texts: dict[str, str] = {}
        for each in lists:
            texts |= _joined(tomllib.loads(each.read_text("utf-8")))
        found[language] = Words(language, texts)
    return found


def chosen_language(request: Request) -> str:
    """The language of a request: `?lang=`, else the one chosen before, else the browser's, else Japanese."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    accepted = request.headers.get("accept-language")
    if not accepted:
        return LANGUAGES[0]
    ranked = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        ranked.append((-_weight(weight), place, tag.partition("-")[0].lower()))
    return next((tag for _, _, tag in sorted(ranked) if tag in LANGUAGES), "en")


def _weight(written: str) -> float:
    try:
        return float(written or "1")
    except ValueError:
        return 0.0


def _joined(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            joined.update(_joined(value, f"{prefix}{key}."))
        else:
            joined[f"{prefix}{key}"] = str(value)
    return joined
