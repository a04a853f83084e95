"""What the long proofs counted, as a table that is pasted into docs/durability.md.

Filled through the fixture `count` of conftest.py, printed at the end of a run; works across pytest-xdist.
Pure: touches nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

MARK = "figure: "  # before the name of a figure among the properties of a report


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Sum up each file's figures, with its tests and seconds; nothing for files that count nothing."""
    figures: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seconds: Counter[str] = Counter()
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        file = PurePosixPath(report.nodeid.partition("::")[0]).name
        seconds[file] += report.duration
        if report.when == "call":
            outcomes[file][report.outcome] += 1
            for name, number in report.user_properties:
                if name.startswith(MARK):
                    figures[file][name[len(MARK) :]] += number
    lines = []
    for file, counted in figures.items():
        if counted:
            ended = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes[file].items()))
            lines.append(f"| **{file}** | {ended}, {seconds[file]:,.0f} s |")
            lines += [f"| {name} | {number:,} |" for name, number in counted.items()]
    return ["| | |", "|---|---|", *lines] if lines else []
