"""Surveys from a file and into one: TOML, JSON or a workbook, by the file's name.

Called by the command `survey`. Touches the file it is given.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk.bulk.sheets import Reading, read_sheets, sheets_of
from kiosk.bulk.xlsform import is_xlsform, read_xlsform
from survey.documents import from_json, from_toml
from survey.model import Programme
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey

Way = TypeVar("Way")

FORMATS = (".toml", ".json", ".xlsx")
MOST_BYTES = 10 << 20


@dataclass(frozen=True)
class Imported:
    """A sound programme, and in words what of the file it could not hold."""

    programme: Programme
    left: tuple[str, ...] = ()


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
    document = from_toml(_content(path))
    surveys = document.get("survey") if isinstance(document, dict) else None
    return Imported(parse_programme(surveys))  # a whole config.toml will do


def _json(path: Path) -> Imported:
    document = from_json(_content(path))
    return Imported(parse_programme(document.get("survey") if isinstance(document, dict) else document))


def _workbook(path: Path) -> Imported:
    from kiosk.bulk.workbook import read_workbook  # noqa: PLC0415 - as above

    sheets = read_workbook(path)
    reading, left = read_xlsform(sheets) if is_xlsform(sheets) else (read_sheets(sheets), [])
    return Imported(_sound(reading), tuple(left))


def _sound(reading: Reading) -> Programme:
    try:
        programme = parse_programme(reading.documents)
    except InvalidSurvey as invalid:
        # Rows that could not be read leave holes in the documents, which are no faults of their own.
        own = [] if reading.faults else [reading.place(fault) for fault in invalid.faults]
        raise InvalidSurvey([*reading.faults, *own]) from None
    if reading.faults:
        raise InvalidSurvey(reading.faults)
    return programme


def _content(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise InvalidSurvey([Fault(path.name, f"is larger than {MOST_BYTES >> 20} MB")])
    return path.read_bytes()
