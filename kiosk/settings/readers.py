"""How the value of a setting is read, with its bounds as values where it has any.

Used by the rows in kiosk.settings.fields; the staff's pages ask a reader for its bounds.
May touch nothing but the system's list of time zones.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from survey.languages import TAG
from survey.model import When
from survey.problems import did_you_mean, has_unseen, shown
from survey.reading import ReadingError, Whole
from survey.schedule import hours_of_day
from survey.told import told
from survey.values import frozen

LANGUAGES_MOST = 20
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@frozen
class OrZero:
    """The reader of a whole number within bounds, or of 0, which stands for none."""

    whole: Whole

    def __call__(self, value: object) -> int:
        """Read it. Raises ReadingError."""
        return 0 if value == 0 and not isinstance(value, bool) else self.whole(value)


@frozen
class Number:
    """The reader of a number within bounds, both included."""

    low: float
    high: float

    def __call__(self, value: object) -> float:
        """Read it. Raises ReadingError."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.low <= value <= self.high
        ):
            raise ReadingError(
                told(
                    "is {value}; it needs a number from {low} to {high}",
                    value=shown(value),
                    low=f"{self.low:g}",
                    high=f"{self.high:g}",
                )
            )
        return float(value)


@frozen
class Line:
    """The reader of one line of text, which may be empty."""

    longest: int

    def __call__(self, value: object) -> str:
        """Read it. Raises ReadingError."""
        if not isinstance(value, str):
            raise ReadingError(told("is {value}; it needs a text", value=shown(value)))
        if len(value) > self.longest or has_unseen(value):
            raise ReadingError(told("needs one line of up to {longest} characters", longest=self.longest))
        return value.strip()


def language(value: object) -> str:
    """Read the tag of a language."""
    if not isinstance(value, str) or not TAG.fullmatch(value):
        raise ReadingError(
            told('is {value}; it needs a language tag such as "ja", "en" or "pt-BR"', value=shown(value))
        )
    return value


def languages(value: object) -> tuple[str, ...]:
    """Read a list of languages."""
    if not isinstance(value, list) or not 1 <= len(value) <= LANGUAGES_MOST:
        raise ReadingError(
            told(
                'is {value}; it needs 1 to {languages_most} languages: ["ja", "en"]',
                value=shown(value),
                languages_most=LANGUAGES_MOST,
            )
        )
    tags = tuple(map(language, value))
    if len(set(tags)) < len(tags):
        raise ReadingError(told("names a language twice"))
    return tags


def timezone(value: object) -> str:
    """Read the name of a time zone."""
    try:
        if isinstance(value, str):
            ZoneInfo(value)
            return value
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        hint = did_you_mean(str(value), available_timezones())
        raise ReadingError(
            told("is {value}, which is no time zone{hint}", value=shown(value), hint=hint)
        ) from None
    raise ReadingError(told('is {value}; it needs a time zone such as "Asia/Tokyo"', value=shown(value)))


def file(value: object) -> str:
    """Read the name of a picture."""
    if not isinstance(value, str) or has_unseen(value):
        raise ReadingError(
            told('is {value}; it needs the name of a picture such as "logo.png"', value=shown(value))
        )
    return value


def colour(value: object) -> str:
    """Read a colour; "" is the kiosk's own."""
    if value == "":
        return ""
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise ReadingError(told('is {value}; it needs a colour such as "#0F6B63"', value=shown(value)))
    return value.upper()


def hours(value: object) -> When | None:
    """Read opening hours; "" is always."""
    return None if value == "" else When(hours=hours_of_day(value))
