"""What a benchmark hands back: figures beside a peer's, with the goal each was set, as a table.

Made by every benchmark, printed by `__main__`, written into docs/benchmarks.md by `pages`.
May touch nothing: these are values and their text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np


class Scale(StrEnum):
    """How long to measure: `quick` only shows that it runs, `usual` is what is published."""

    QUICK = "quick"
    USUAL = "usual"
    FULL = "full"


@dataclass(frozen=True)
class Goal:
    """A bound on the figure itself, or on its ratio to the peer's."""

    kind: Literal["at most", "at least"]
    bound: float
    of: Literal["ratio", "figure"] = "ratio"

    def met(self, figure: "Figure") -> bool | None:
        """Whether the figure keeps it; None where there is no ratio."""
        value = figure.ratio if self.of == "ratio" else figure.value
        if value is None:
            return None
        return value <= self.bound if self.kind == "at most" else value >= self.bound

    def __str__(self) -> str:
        sign = "≤" if self.kind == "at most" else "≥"
        return f"{sign} {self.bound:,g}{' ×' if self.of == 'ratio' else ''}"


FLAT = Goal("at most", 1.1)  # of memory in the second half of a run, over the first


@dataclass(frozen=True)
class Figure:
    """One measured number of Egao, and the peer's in the same run; `what` names the unit too."""

    what: str
    value: float
    peer: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Egao's over the peer's."""
        return self.value / self.peer if self.peer else None

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        met = self.goal.met(self) if self.goal else None
        return (
            self.what,
            number(self.value),
            number(self.peer),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.goal is None else str(self.goal),
            {None: "", True: "met", False: "not met"}[met],
        )


@dataclass(frozen=True)
class Report:
    """What one benchmark found. `peer` heads the peer's column, `notes` say how it was measured."""

    title: str
    peer: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    def table(self) -> str:
        """Give the figures as a Markdown table that also reads well in a terminal."""
        rows = [("", "Egao", self.peer, "ratio", "goal", ""), *(figure.cells() for figure in self.figures)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_line(row, widths) for row in rows]
        rule = "|" + "|".join(
            "-" * (width + 1) + ("-" if at == 0 else ":") for at, width in enumerate(widths)
        )
        return "\n".join([lines[0], rule + "|", *lines[1:]])


def median(values: Sequence[float]) -> float:
    """Give the median."""
    return float(np.median(values))


def p99(values: Sequence[float]) -> float:
    """Give the 99th percentile, the value itself rather than a mixture of two."""
    return float(np.percentile(values, 99, method="higher"))


def p95(values: Sequence[float]) -> float:
    """Give the 95th percentile, the value itself rather than a mixture of two."""
    return float(np.percentile(values, 95, method="higher"))


def halves(weights: Sequence[float]) -> tuple[float, float]:
    """Give the most of the second half, and of the first: memory is flat when they are alike."""
    middle = max(1, len(weights) // 2)
    return max(weights[middle:]), max(weights[:middle])


def number(value: float | None) -> str:
    """Write a number with three digits that mean something."""
    if value is None:
        return ""
    if abs(value) >= 100 or not value:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if at == 0 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "| " + " | ".join(cells) + " |"
