"""What an answer can be grouped by, and how each value is found and ordered.

Called by work/report.py; web/parameters.py reads the names. Pure functions of values: touches nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from headoffice.store.results import Asked
from headoffice.store.spans import DAY, MONTH, WEEK, WEEKDAY

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Value = str | int
Key = tuple[Value, ...]


@lru_cache(maxsize=4000)
def _week(day: Value) -> str:
    year, week, _ = date.fromisoformat(str(day)).isocalendar()
    return f"{year}-W{week:02}"


@lru_cache(maxsize=4000)
def _weekday(day: Value) -> str:
    return WEEKDAYS[date.fromisoformat(str(day)).weekday()]


def _identity(value: Value) -> Value:
    return value


# Column → the key of the tallies it comes from, and what makes its value of that key's.
OF_TALLIES: Mapping[str, tuple[str, Callable[[Value], Value]]] = MappingProxyType(
    {
        "site": ("site", str),
        "touchpoint": ("touchpoint", _identity),
        "kiosk": ("kiosk", str),
        "language": ("language", _identity),
        "hour": ("hour", _identity),
        "day": ("day", _identity),
        "week": ("day", _week),
        "month": ("day", lambda day: str(day)[:7]),
        "weekday": ("day", _weekday),
    }
)
OF_QUESTION = ("survey", "version", "question")

COLUMNS = (*OF_TALLIES, *OF_QUESTION)
TAG = "tag."  # before a site's tag that is a column: tag.region

Tags = Mapping[int, Mapping[str, str]]  # by site
NO_TAGS: Tags = MappingProxyType({})


def tally_keys(columns: Sequence[str]) -> tuple[str, ...]:
    """The keys by which the tallies must be read for these columns."""
    of = {name: "site" if name.startswith(TAG) else OF_TALLIES[name][0] for name in columns if _has_key(name)}
    return tuple(dict.fromkeys(of.values()))


def grain(columns: Sequence[str]) -> str:
    """How finely days must be told apart for these columns."""
    finest = {name for name in columns if name in {DAY, WEEKDAY, WEEK, MONTH}}
    return finest.pop() if finest in ({WEEK}, {MONTH}, {WEEKDAY}) else DAY


def values_of(columns: Sequence[str], keys: Sequence[str]) -> Callable[[Asked, Key], Key]:
    """Give what `values` gives for these columns, of a tally's question and its key by these keys."""
    if not all(name in OF_TALLIES for name in columns):
        return lambda question, key: values(columns, question, dict(zip(keys, key, strict=True)))
    makers = [(keys.index(key), make) for key, make in (OF_TALLIES[name] for name in columns)]
    if all(make is _identity for _, make in makers) and [place for place, _ in makers] == [*range(len(keys))]:
        return lambda _, key: key
    return lambda _, key: tuple([make(key[place]) for place, make in makers])


def values(columns: Sequence[str], question: Asked, keys: Mapping[str, Value], tags: Tags = NO_TAGS) -> Key:
    """The value of each column for a tally of this question with these keys; a site without a tag has ""."""
    found: list[Value] = []
    for name in columns:
        if name in OF_TALLIES:
            key, make = OF_TALLIES[name]
            found.append(make(keys[key]))
        elif name.startswith(TAG):
            found.append(tags.get(int(keys["site"]), {}).get(name.removeprefix(TAG), ""))
        else:
            found.append(str(getattr(question, name)))
    return tuple(found)


def _has_key(name: str) -> bool:
    return name in OF_TALLIES or name.startswith(TAG)


_PLACES: Mapping[str, Callable[[Value], Value]] = MappingProxyType(
    {"site": int, "kiosk": int, "hour": int, "weekday": lambda value: WEEKDAYS.index(str(value))}
)


def order(columns: Sequence[str]) -> Callable[[Key], Key]:
    """Give what to sort keys by: numbers as numbers, weekdays from Monday on, all else by its letters."""
    makers = [_PLACES.get(name, str) for name in columns]
    if len(makers) == 1:
        [make] = makers
        return lambda key: (make(key[0]),)
    return lambda key: tuple([make(value) for make, value in zip(makers, key, strict=True)])
