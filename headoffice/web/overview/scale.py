"""A scale of shares: round steps, and where each value stands in per cent of the box.

Called by trend.py and sites.py, so that one drawing fits every width. Pure functions: touches nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MOST_TICKS = 6
_NARROWEST = 0.1  # a narrower scale would make noise look large


@dataclass(frozen=True)
class Tick:
    """A line of the scale: where it stands (per cent), and the share it means."""

    at: float
    value: float


@dataclass(frozen=True)
class Scale:
    """A scale of shares from `low` to `high`."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """Where a share stands, in per cent from the low end."""
        return round((value - self.low) / (self.high - self.low) * 100, 3)

    @property
    def ticks(self) -> list[Tick]:
        """The lines, at whole steps."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        return [Tick(self.at(place * self.step), place * self.step) for place in range(first, last + 1)]


def scale_of(values: Sequence[float]) -> Scale:
    """The smallest scale of round steps that holds all values, at least ten points wide."""
    low, high = min(values), max(values)
    if high - low < _NARROWEST:
        middle = (low + high) / 2
        low, high = middle - _NARROWEST / 2, middle + _NARROWEST / 2
    low, high = max(0.0, low), min(1.0, high)
    step = next((each for each in _STEPS if (high - low) / each <= _MOST_TICKS - 1), _STEPS[-1])
    first = math.floor(low / step + 1e-9) * step
    last = math.ceil(high / step - 1e-9) * step
    return Scale(low=first, high=min(last, 1.0), step=step)
