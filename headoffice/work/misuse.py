"""What counts as misuse: rules with their numbers, and a judge who goes through a ledger's taps in order.

Used by `work.flag`. Pure functions of values: touches nothing.

A visit is judged when its first tap is seen, by the taps before it and never by later ones: so judging taps
as they come and judging all again give the same flags. Every tap of a visit has the visit's flag.
"""

import json
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from headoffice.problems import Invalid
from headoffice.store.misuse import Place
from headoffice.store.taps import StoredTap
from survey.problems import Fault, did_you_mean

MOST_LOOKED_BACK = 100  # visits; no rule may want more
MOST_VISITS_KNOWN = 1000  # whose taps may still come
MOST_SECONDS = 3600

Rules = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Number:
    """A number of a rule: its bounds, and what it is where nothing is said."""

    low: float
    high: float
    usual: float


NUMBERS: Mapping[str, Mapping[str, Number]] = MappingProxyType(
    {
        "too_soon": {"seconds": Number(0.1, MOST_SECONDS, 5)},
        "same_answers": {
            "visits": Number(3, MOST_LOOKED_BACK, 5),
            "seconds": Number(0.1, MOST_SECONDS, 15),
            "jitter": Number(0, 60, 1),
        },
        "burst": {"visits": Number(2, MOST_LOOKED_BACK, 10), "seconds": Number(1, MOST_SECONDS, 60)},
    }
)
HOURS = "outside_hours"
KINDS = (*NUMBERS, HOURS)


@dataclass(frozen=True)
class Begun:
    """How a visit began: when, with which answer, and how long after the last one's end; in ms."""

    at: int
    question: int
    answer: str
    gap: int | None


def read_rules(document: object) -> Rules:
    """Read rules as a person wrote them, with the usual numbers where none stand. Raises Invalid."""
    if not isinstance(document, dict):
        raise Invalid([Fault("rules", 'must be an object, such as {"too_soon": {"seconds": 5}}')])
    faults: list[Fault] = []
    rules: dict[str, Mapping[str, object]] = {}
    for name, numbers in document.items():
        if name not in KINDS:
            faults.append(Fault(f"rules.{name}", f"there is no such rule{did_you_mean(str(name), KINDS)}"))
        elif not isinstance(numbers, dict):
            faults.append(Fault(f"rules.{name}", "must be an object of its numbers; {} for the usual ones"))
        else:
            rules[name] = _hours(numbers, faults) if name == HOURS else _numbers(name, numbers, faults)
    if faults:
        raise Invalid(faults)
    return rules


def read_json(written: bytes) -> object:
    """Read the JSON that rules are written in. Raises Invalid."""
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise Invalid([Fault("rules", f"are not JSON: {error}")]) from None


def read_hours(written: str) -> tuple[time, time] | None:
    """Read opening hours such as 09:00-22:00; None for what is none."""
    opens, dash, closes = written.partition("-")
    try:
        return (time.fromisoformat(opens), time.fromisoformat(closes)) if dash else None
    except ValueError:
        return None


@dataclass
class Judge:
    """Goes through one ledger's taps in order."""

    rules: Rules
    places: Mapping[int, Place]
    staffs: frozenset[int] = frozenset()  # questions to staff, whose taps are no visits
    _known: OrderedDict[object, str | None] = field(default_factory=OrderedDict)
    _begun: deque[Begun] = field(default_factory=lambda: deque(maxlen=MOST_LOOKED_BACK))
    _last_at: int | None = None

    def flag(self, tap: StoredTap) -> str | None:
        """Why a tap is not counted, or None; every tap must be shown, in the ledger's order."""
        if tap.question in self.staffs:
            return None
        if tap.visit not in self._known:
            gap = None if self._last_at is None else tap.tapped_at - self._last_at
            self._begun.append(Begun(tap.tapped_at, tap.question, tap.answer, gap))
            self._known[tap.visit] = self._judged(tap)
            if len(self._known) > MOST_VISITS_KNOWN:
                self._known.popitem(last=False)
        self._last_at = tap.tapped_at
        return self._known[tap.visit]

    def trust(self, tap: StoredTap) -> None:
        """Take a tap that was judged before as it stands; what is looked back at may begin in mid-run."""
        self.flag(tap)
        if tap.visit in self._known:
            self._known[tap.visit] = tap.flag

    def _judged(self, tap: StoredTap) -> str | None:
        for name in KINDS:
            numbers = self.rules.get(name)
            if numbers is None:
                continue
            if self._holds(name, numbers, tap):
                return name
        return None

    def _holds(self, name: str, numbers: Mapping[str, object], tap: StoredTap) -> bool:
        if name == HOURS:
            return _outside(numbers, tap, self.places)
        return CHECKS[name](self._begun, {key: float(str(value)) for key, value in numbers.items()})


def _too_soon(begun: deque[Begun], numbers: Mapping[str, float]) -> bool:
    gap = begun[-1].gap
    return gap is not None and 0 <= gap < numbers["seconds"] * 1000


def _same_answers(begun: deque[Begun], numbers: Mapping[str, float]) -> bool:
    run = list(begun)[-int(numbers["visits"]) :]
    gaps = [after.at - before.at for before, after in pairwise(run)]
    return (
        len(run) == int(numbers["visits"])
        and len({(each.question, each.answer) for each in run}) == 1
        and all(0 <= gap <= numbers["seconds"] * 1000 for gap in gaps)
        and max(gaps) - min(gaps) <= numbers["jitter"] * 1000
    )


def _burst(begun: deque[Begun], numbers: Mapping[str, float]) -> bool:
    run = list(begun)[-int(numbers["visits"]) :]
    return len(run) == int(numbers["visits"]) and 0 <= run[-1].at - run[0].at <= numbers["seconds"] * 1000


def _outside(numbers: Mapping[str, object], tap: StoredTap, places: Mapping[int, Place]) -> bool:
    place = places[tap.placement]
    hours = read_hours(place.hours or "") or read_hours(str(numbers.get("hours", "")))
    if hours is None or hours[0] == hours[1]:
        return False
    now = datetime.fromtimestamp(tap.tapped_at / 1000, ZoneInfo(place.timezone)).time()
    opens, closes = hours
    return not (opens <= now < closes) if opens < closes else closes <= now < opens


CHECKS: Mapping[str, Callable[[deque[Begun], Mapping[str, float]], bool]] = MappingProxyType(
    {"too_soon": _too_soon, "same_answers": _same_answers, "burst": _burst}
)


def _numbers(rule: str, given: Mapping[str, object], faults: list[Fault]) -> Mapping[str, object]:
    known = NUMBERS[rule]
    for name, value in given.items():
        place = f"rules.{rule}.{name}"
        if name not in known:
            faults.append(Fault(place, f"there is no such number{did_you_mean(str(name), known)}"))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            faults.append(Fault(place, "must be a number"))
        elif not known[name].low <= value <= known[name].high:
            faults.append(Fault(place, f"must be from {known[name].low:g} to {known[name].high:g}"))
        elif name == "visits" and value != int(value):
            faults.append(Fault(place, "must be a whole number"))
    return {name: given.get(name, number.usual) for name, number in known.items()}


def _hours(given: Mapping[str, object], faults: list[Fault]) -> Mapping[str, object]:
    hours = given.get("hours", "")
    if set(given) - {"hours"}:
        faults.append(Fault(f"rules.{HOURS}", "knows hours only; a site's own stand in its tag `hours`"))
    if not isinstance(hours, str) or (hours and read_hours(hours) is None):
        faults.append(Fault(f"rules.{HOURS}.hours", "write opening hours as 09:00-22:00"))
    return {"hours": hours}
