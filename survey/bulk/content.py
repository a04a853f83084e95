"""Surveys in what a file holds: TOML, JSON or a workbook, by the file's name.

Called by kiosk.bulk.files and headoffice.work.sheets. Pure functions of bytes: touches nothing.
"""

from dataclasses import dataclass

from survey.bulk.sheets import Reading, Sheet, read_sheets
from survey.bulk.xlsform import is_xlsform, read_xlsform
from survey.documents import from_json, from_toml
from survey.model import Programme
from survey.parse import parse_programme
from survey.problems import InvalidSurvey


@dataclass(frozen=True)
class Imported:
    """A sound programme, and in words what of the file it could not hold."""

    programme: Programme
    left: tuple[str, ...] = ()


def of_toml(content: bytes) -> Imported:
    """Read TOML; a whole config.toml will do. Raises InvalidSurvey with all faults at once."""
    document = from_toml(content)
    return Imported(parse_programme(document.get("survey") if isinstance(document, dict) else None))


def of_json(content: bytes) -> Imported:
    """Read JSON: the surveys, or an object with them. Raises InvalidSurvey with all faults at once."""
    document = from_json(content)
    return Imported(parse_programme(document.get("survey") if isinstance(document, dict) else document))


def of_sheets(sheets: dict[str, Sheet]) -> Imported:
    """Read a workbook's sheets. Raises InvalidSurvey with all faults, each with its sheet and cell."""
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
