"""Surveys from a file and into one: TOML, JSON or a workbook, by the file's name.

Called by the command `survey`. Touches the file it is given.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from survey.bulk.content import Imported, of_json, of_sheets, of_toml
from survey.bulk.sheets import sheets_of
from survey.model import Programme
from survey.problems import Fault, InvalidSurvey

Way = TypeVar("Way")

FORMATS = (".toml", ".json", ".xlsx")
MOST_BYTES = 10 << 20


def import_file(path: Path) -> Imported:
    """Read a file. Raises InvalidSurvey with all faults at once, each with its sheet and cell."""
    read = _by_suffix(path, {".toml": _toml, ".json": _json, ".xlsx": _workbook})
    return read(path)


def export_file(path: Path, programme: Programme, write_toml: Callable[[Sequence[Any]], str]) -> None:
    """Write a file; a text that a spreadsheet would take for a formula is defused.

    Raises InvalidSurvey for what the format cannot hold, OSError.
    """
    documents = [survey.document() for survey in programme.surveys]

    def workbook(path: Path) -> None:
        from kiosk.bulk.workbook import write_workbook  # noqa: PLC0415 - a third of a second, for workbooks

        write_workbook(path, sheets_of(documents))

    def as_json(path: Path) -> None:
        path.write_text(json.dumps({"survey": documents}, ensure_ascii=False, indent=2) + "\n", "utf-8")

    def as_toml(path: Path) -> None:
        path.write_text(write_toml(documents), "utf-8")

    _by_suffix(path, {".toml": as_toml, ".json": as_json, ".xlsx": workbook})(path)


def _by_suffix(path: Path, ways: Mapping[str, Way]) -> Way:
    way = ways.get(path.suffix.lower())
    if way is None:
        raise InvalidSurvey([Fault(path.name, f"ends in none of {', '.join(FORMATS)}")])
    return way


def _toml(path: Path) -> Imported:
    return of_toml(_content(path))


def _json(path: Path) -> Imported:
    return of_json(_content(path))


def _workbook(path: Path) -> Imported:
    from kiosk.bulk.workbook import read_workbook  # noqa: PLC0415 - as above

    return of_sheets(read_workbook(path))


def _content(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise InvalidSurvey([Fault(path.name, f"is larger than {MOST_BYTES >> 20} MB")])
    return path.read_bytes()
