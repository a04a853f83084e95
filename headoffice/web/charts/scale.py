"""A scale for any metric: round steps, and where each value stands in per cent of the box.

Called by the charts, so that one drawing fits every width. Pure functions: touches nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.metrics import Metric
from headoffice.web.words import Words

_ROUND = (1.0, 2.0, 5.0, 10.0)
_MOST_TICKS = 5
_NARROWEST = {"share": 0.1, "points": 10.0, "mean": 0.5}  # a narrower scale would make noise look large


@dataclass(frozen=True)
class Tick:
    """A line of the scale: where it stands (per cent), and what is written there."""

    at: float
    label: str


@dataclass(frozen=True)
class Scale:
    """A scale from `low` to `high` with a line at each `step`."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """Where a value stands, in per cent from the low end."""
        inside = min(max(value, self.low), self.high)
        return round((inside - self.low) / (self.high - self.low) * 100, 3)

    def ticks(self, words: Words, metric: Metric) -> tuple[Tick, ...]:
        """The lines with their values."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        return tuple(
            Tick(
                at=self.at(place * self.step),
                label=words.tick(metric, place * self.step, step=self.step),
            )
            for place in range(first, last + 1)
        )


def scale_for(metric: Metric, values: Sequence[float]) -> Scale:
    """The smallest scale of round steps that holds all values, within what the metric can be."""
    floor, ceiling = metric.bounds
    low, high = min(values, default=floor), max(values, default=ceiling)
    narrowest = _NARROWEST[metric.unit]
    if high - low < narrowest:
        middle = (low + high) / 2
        low, high = middle - narrowest / 2, middle + narrowest / 2
    low, high = max(floor, low), min(ceiling, high)
    step = round_step((high - low) / _MOST_TICKS)
    return Scale(
        low=math.floor(low / step + 1e-9) * step,
        high=max(math.ceil(high / step - 1e-9) * step, math.floor(low / step + 1e-9) * step + step),
        step=step,
    )


def scale_from_nothing(highest: float) -> Scale:
    """A scale of counts or shares that begins at nothing, as bars need it."""
    step = round_step(max(highest, 1e-9) / _MOST_TICKS)
    return Scale(low=0.0, high=max(1, math.ceil(highest / step - 1e-9)) * step, step=step)


def round_step(least: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in _ROUND if each * power >= least * (1 - 1e-9))
