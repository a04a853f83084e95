"""From the text of a TOML or JSON file to the plain values in it.

Called by parse.py.
Pure functions of text: touches nothing.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable

from survey.problems import Fault, InvalidSurvey, printable, shown
from survey.told import told

TOML_POSITION = re.compile(
    r"(?P<reason>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)"
)


WITH_A_PART = (  # of the text: so tomllib's messages begin that name one
    *("Found invalid character", "Illegal character", "Cannot declare", "Cannot mutate immutable namespace"),
    *("Cannot redefine namespace", "Duplicate inline table key"),
)


class _StrictError(ValueError):
    """What Python's reader lets pass, but JSON does not; or what it keeps the last of."""


def from_toml(text: str | bytes) -> object:
    """Read TOML. Raises InvalidSurvey, with line and column where they are known."""
    try:
        return _read(text, tomllib.loads)
    except tomllib.TOMLDecodeError as error:
        found = TOML_POSITION.fullmatch(str(error))
        place = (
            told("line {line}, column {column}", line=found["line"], column=found["column"])
            if found and found["line"]
            else told("end of document")
        )
        raise _invalid(
            place, told("no TOML: {reason}", reason=_reason(found["reason"] if found else str(error)))
        ) from None


def from_json(text: str | bytes) -> object:
    """Read JSON, more strictly than Python does: no NaN, no key twice. Raises InvalidSurvey."""
    try:
        return _read(text, _loads_json)
    except json.JSONDecodeError as error:
        raise _invalid(
            told("line {line}, column {column}", line=error.lineno, column=error.colno),
            told("no JSON: {reason}", reason=_reason(error.msg)),
        ) from None
    except _StrictError as error:
        raise _invalid("document", error.args[0]) from None


def _read(text: str | bytes, loads: Callable[[str], object]) -> object:
    try:
        written = text if isinstance(text, str) else text.decode()
        return loads(written.removeprefix("\ufeff"))  # some editors put a byte order mark first
    except UnicodeDecodeError as error:
        raise _invalid(
            told("byte {at}", at=error.start), told("is not UTF-8; save the file as UTF-8")
        ) from None
    except RecursionError:
        raise _invalid("document", told("is nested too deep to be read; a survey needs 6 levels")) from None
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, _StrictError):
        raise
    except ValueError:
        raise _invalid("document", told("holds a number too long to be read; take it out")) from None


def _loads_json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        double, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _StrictError(told("has the key {double} twice in one object; leave one", double=shown(double)))
    return table


def _no_constant(constant: str) -> object:
    raise _StrictError(told("holds {constant}, which is no number in JSON", constant=constant))


def _reason(words: str) -> str:
    """What Python's reader says; a syntax error may quote what it stumbled over."""
    head = next((head for head in WITH_A_PART if words.startswith(head)), "")
    if head:
        return told(f"{head} {{part}}", part=printable(words.removeprefix(head).strip()))
    return told(printable(words).replace("{", "{{").replace("}", "}}"))


def _invalid(place: str, message: str) -> InvalidSurvey:
    return InvalidSurvey([Fault(place, message)])
