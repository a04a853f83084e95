"""`python -m bench [NAME …]`: measure, print each table and one of all goals; --write: also into the docs.

Called by `make bench`. I know every benchmark by name and touch no figure.
"""

import argparse
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import dashboard, database, export, fleet, ingest, kiosk, ledger, pages, sync, visits
from bench.figures import Report, Scale
from bench.machine import describe
from bench.summary import PAGE, summary, written

BENCHMARKS: dict[str, Callable[[Scale], Report]] = {
    "kiosk": kiosk.measure,
    "visits": visits.measure,
    "ledger": ledger.measure,
    "sync": sync.measure,
    "ingest": ingest.measure,
    "database": database.measure,
    "export": export.measure,
    "fleet": fleet.measure,
    "dashboard": dashboard.measure,
    "pages": pages.measure,
}


def main() -> int:
    """Run what was asked for; 1 when something could not be measured, never because of a number."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: python -m bench kiosk ledger --quick"
    )
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    much = parser.add_mutually_exclusive_group()
    much.add_argument(
        "--quick", action="store_const", dest="scale", const=Scale.QUICK, help="only show that it runs"
    )
    much.add_argument(
        "--full", action="store_const", dest="scale", const=Scale.FULL, help="the long measurement"
    )
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    parser.add_argument(
        "--folder", type=Path, help="where `dashboard` keeps the year it fills, for another time"
    )
    options = parser.parse_args()
    scale = options.scale or Scale.USUAL
    machine = f"{datetime.now(UTC):%Y-%m-%d}, {scale} run: {describe()}"
    print(machine, flush=True)
    failed, found = False, {}
    for name in options.names or BENCHMARKS:
        try:
            report = measured(name, scale, options.folder)
        except Exception:  # noqa: BLE001  # the next benchmark is still worth running
            failed = True
            print(f"\n{name} could not be measured:\n{traceback.format_exc()}", flush=True)
            continue
        print(f"\n{name}: {render(report)}", flush=True)
        found[name] = f"{machine}\n\n{report.table()}\n\n{notes(report)}"
        if options.write:
            write(name, found[name])
    print(f"\n{summary(found)}", flush=True)
    return int(failed)


def measured(name: str, scale: Scale, folder: Path | None) -> Report:
    """Run one of them; `dashboard` may keep what it fills."""
    return dashboard.measure(scale, folder=folder) if name == "dashboard" else BENCHMARKS[name](scale)


def render(report: Report) -> str:
    """Give the report as text for a terminal."""
    return f"{report.title}\n{report.table()}\n{notes(report)}"


def notes(report: Report) -> str:
    """Give how it was measured, as a list."""
    return "\n".join(f"- {note}" for note in report.notes)


def write(name: str, text: str) -> None:
    """Put a benchmark's table between its two markers, and its goals into the table of all of them."""
    begin, end = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    before, opened, rest = PAGE.read_text("utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise RuntimeError(f"{PAGE}: write the lines {begin} and {end} where the table of {name} belongs")
    PAGE.write_text(written(f"{before}{begin}\n{text}\n{end}{after}"), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
