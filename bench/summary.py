"""One table of every goal, met or not, by which figure, measured when: of the tables of docs/benchmarks.md.

`python -m bench` prints it at its end, with `--write` also into the page; `python -m bench.summary` does only
that. I read tables as text and measure nothing.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- every goal -->", "<!-- /every goal -->"
BLOCK = re.compile(r"<!-- bench (\w+) -->\n(.*?)<!-- /bench \1 -->", re.DOTALL)
MEASURED = re.compile(r"^(\d{4}-\d\d-\d\d)(?:, (\w+) run)?")
BESIDE = re.compile(r"beside (?:much )?other work|busy machine", re.IGNORECASE)
MOST = 12  # goals of one benchmark that are shown each; of more, their number and the one furthest off
MET, MISSED = "met", "not met"


@dataclass(frozen=True)
class Row:
    """A figure that was set a goal, as its table has it."""

    what: str
    egao: str
    peer: str
    ratio: str
    goal: str
    verdict: str

    @property
    def share(self) -> float:
        """How far it is from its goal: below 1 is met."""
        bound = _number(self.goal.lstrip("≤≥ ").removesuffix(" ×"))
        value = _number(self.ratio if self.goal.endswith("×") else self.egao)
        if self.goal.startswith("≥"):
            bound, value = value, bound
        return value / bound if bound else value


def rows(table: str) -> Iterator[Row]:
    """Give the figures of a report's table that were set a goal."""
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[-1] in (MET, MISSED):
            yield Row(*cells)


def summary(found: Mapping[str, str]) -> str:
    """Make the one table of the text of each benchmark: its first line, its table, its notes."""
    lines = [
        "|   | Goal | Egao | beside | ratio | goal | measured |",
        "|:-:|------|-----:|-------:|------:|-----:|----------|",
    ]
    total: list[Row] = []
    for name, text in found.items():
        goals = list(rows(text))
        total += goals
        lines += [f"| {_line(row, name)} {_measured(text)} |" for row in _shown(goals)]
        if not goals:
            lines.append(f"| – | `{name}`: not measured yet | | | | | |")
    met = sum(row.verdict == MET for row in total)
    return f"**{met} of {len(total)} goals are met.**\n\n" + "\n".join(lines)


def _shown(goals: Sequence[Row]) -> Sequence[Row]:
    """Every goal, or of very many those that are met and those that are not as a row each."""
    if len(goals) <= MOST:
        return goals
    alike = []
    for verdict in (MET, MISSED):
        if some := [row for row in goals if row.verdict == verdict]:
            worst = max(some, key=lambda row: row.share)
            which = "closest to its goal" if verdict == MET else "furthest from it"
            what = f"{len(some)} of {len(goals)}, {which}: {worst.what}"
            alike.append(Row(what, worst.egao, worst.peer, worst.ratio, worst.goal, verdict))
    return alike


def _line(row: Row, name: str) -> str:
    sign = "✓" if row.verdict == MET else "✗"
    return f"{sign} | `{name}` {row.what} | {row.egao} | {row.peer} | {row.ratio} | {row.goal} |"


def _measured(text: str) -> str:
    found = MEASURED.match(text.strip())
    said = [part for part in found.groups() if part and part != "usual"] if found else []
    return ", ".join([*said, *(["beside other work"] if BESIDE.search(text) else [])])


def _number(cell: str) -> float:
    return float(cell.replace(",", "")) if cell else 0.0


def written(page: str) -> str:
    """Give the page with its summary made anew; RuntimeError where it has no place for one."""
    before, opened, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not opened or not closed:
        raise RuntimeError(f"{PAGE}: write the lines {BEGIN} and {END} where the table of goals belongs")
    found = {match[1]: match[2] for match in BLOCK.finditer(after)}
    return f"{before}{BEGIN}\n{summary(found)}\n{END}{after}"


def main() -> int:
    """Write the summary into docs/benchmarks.md."""
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
