"""Numbers, dates and lists as each language writes them, by Unicode's CLDR: the one room that knows Babel.

Used by web/words.py, one Written a language. Touches nothing; remembers dates and times by their value.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale
from babel.dates import get_day_names

_MINUS = "\N{MINUS SIGN}"  # as wide as the plus; CLDR's own is a hyphen
# English of no one country: 11/21 is read in two ways, so months are named.
_LOCALES = {"ja": "ja", "en": "en_GB"}
_DAY = {"ja": "Md", "en": "MMMd"}
_WEEKDAY = {"ja": "MEd", "en": "MMMEd"}
_FULL_DAY = {"ja": "yMd", "en": "yMMMd"}
_MONTH, _TIME = "yMMM", "Hm"
_HOUR = {"ja": "H", "en": "Hm"}
_FIGURES = tuple(f"{{:,.{digits}f}}".format for digits in range(4))  # by how many decimals
_SIGNED = tuple(f"{{:+,.{digits}f}}".format for digits in range(4))
_MOST = 8192  # days, times and moments remembered: years of days, every minute of a day


class Written:
    """How one language writes. Figures are Python's with the language's own signs: a page has thousands."""

    def __init__(self, language: str) -> None:
        self._language, self._locale = language, _locale(language)
        signs, pattern = self._locale.number_symbols["latn"], self._locale.percent_formats[None]
        self._signs = str.maketrans({",": signs["group"], ".": signs["decimal"]})
        self._as_python = signs["group"] == "," and signs["decimal"] == "."
        around = (part.replace("%", signs["percentSign"]) for part in (pattern.prefix[0], pattern.suffix[0]))
        before, after = around
        self._per_cent = tuple(f"{before}{{:,.{digits}f}}{after}" for digits in range(4))

    def number(self, value: float, digits: int = 0) -> str:
        """A number in groups of three, with so many decimals."""
        return self._own(_FIGURES[digits](value))

    def signed(self, value: float, digits: int) -> str:
        """The same with its sign, but for nothing at all."""
        rounded = round(value, digits)
        return self.number(abs(rounded), digits) if rounded == 0 else self._own(_SIGNED[digits](rounded))

    def _own(self, figure: str) -> str:
        """A figure as Python writes it, with the language's own signs."""
        if not self._as_python:
            figure = figure.translate(self._signs)
        return figure.replace("-", _MINUS) if "-" in figure else figure

    def percent(self, share: float, digits: int) -> str:
        """A share (0 … 1) as a percentage."""
        return self._own(self._per_cent[digits].format(share * 100))

    @property
    def plurals(self) -> Sequence[str]:
        """The forms that a word may take beside a number, by their names, but for the usual one."""
        return tuple(self._locale.plural_form.tags)

    def plural(self, n: int) -> str:
        """The form that a word takes beside a number."""
        return str(self._locale.plural_form(n))

    def day(self, day: date) -> str:
        """A date without its year: 11/21, or 21 Nov."""
        return _dated(self._language, _DAY[self._language], day)

    def full_day(self, day: date) -> str:
        """A date with its year: 2026/11/21, or 21 Nov 2026."""
        return _dated(self._language, _FULL_DAY[self._language], day)

    def weekday(self, day: date) -> str:
        """A date with its day of the week: 11/21(土), or Sat 21 Nov."""
        return _dated(self._language, _WEEKDAY[self._language], day)

    def month(self, year: int, month: int) -> str:
        """A month of a year: 2026年11月, or Nov 2026."""
        return _dated(self._language, _MONTH, date(year, month, 1))

    def weekday_name(self, place: int) -> str:
        """The short name of a day of the week, Monday being 0."""
        return str(get_day_names("abbreviated", "stand-alone", self._locale)[place])

    def hour(self, hour: int) -> str:
        """An hour of the day, by its beginning: 9時, or 09:00."""
        return _timed(self._language, _HOUR[self._language], time(hour))

    def time(self, at: datetime) -> str:
        """A time of day to the minute."""
        return _timed(self._language, _TIME, time(at.hour, at.minute))

    def together(self, day: str, time: str) -> str:
        """A date and a time of day that are written already, as one."""
        return _together(self._language).format(time, day)

    def listed(self, names: Sequence[str]) -> str:
        """Names one after the other: 東京、大阪, or Tokyo, Osaka and Nara."""
        return _joined(self._language, "standard", names)

    def beside(self, parts: Sequence[str]) -> str:
        """Parts of one line, none of which is the last of anything: 東京、8月, or Tokyo, August."""
        return _joined(self._language, "standard-narrow", parts)


@lru_cache(maxsize=len(_LOCALES))
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


@lru_cache(maxsize=_MOST)
def _dated(language: str, skeleton: str, day: date) -> str:
    locale = _locale(language)
    return str(locale.datetime_skeletons[skeleton].apply(day, locale))


@lru_cache(maxsize=_MOST)
def _timed(language: str, skeleton: str, at: time) -> str:
    locale = _locale(language)
    return str(locale.datetime_skeletons[skeleton].apply(at, locale))


def _joined(language: str, style: str, names: Sequence[str]) -> str:
    """Names with what stands between them; between the last two it may be something else."""
    two, others, last = _between(language, style)
    *most, end = names or [""]
    if len(most) > 1:
        return f"{others.join(most)}{last}{end}"
    return two.join(names)


@lru_cache(maxsize=2 * len(_LOCALES))
def _between(language: str, style: str) -> tuple[str, str, str]:
    """What stands between two names that are all, between others, and before the last of several."""
    known = _locale(language).list_patterns
    pattern = known[style if style in known else "standard"]
    two, others, last = (
        pattern[each].removeprefix("{0}").removesuffix("{1}") for each in ("2", "middle", "end")
    )
    return two, others, last


@lru_cache(maxsize=len(_LOCALES))
def _together(language: str) -> str:
    return str(_locale(language).datetime_formats["medium"])
