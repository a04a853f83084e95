"""The one way to write a survey document down, and the version that follows from it.

Called by model.py for a survey's version, by head office for a document that a kiosk sends.
Pure functions of documents: touches nothing.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime

from survey.problems import Fault, InvalidSurvey
from survey.told import told

VERSION_DIGITS = 12
MAX_DEPTH = 32  # a survey needs 6 levels


def canonical_of(document: object) -> bytes:
    """Write a document as canonical JSON: sorted keys, no spaces, UTF-8, dates as ISO, 1.0 as 1.

    Raises InvalidSurvey for what JSON cannot carry: NaN, lone surrogates, a date with a time, bottomless
    nesting.
    """
    try:
        written = json.dumps(
            plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return written.encode("utf-8")
    except ValueError:  # NaN, infinity, an integer beyond 4300 digits, a lone surrogate
        fault = Fault("survey", told("holds a number or a character that JSON cannot carry; take it out"))
        raise InvalidSurvey([fault]) from None


def version_of(document: object) -> str:
    """Name a document by the first 12 hex digits of the SHA-256 of its canonical JSON.

    Raises InvalidSurvey as `canonical_of` does.
    """
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, and a kiosk's first frame asks for no version

    return hashlib.sha256(canonical_of(document)).hexdigest()[:VERSION_DIGITS]


def plain(value: object, depth: int = 0) -> object:
    """Turn what TOML and JSON write differently into one form: dates into ISO text, 1.0 into 1."""
    if depth > MAX_DEPTH:
        raise InvalidSurvey(
            [
                Fault(
                    "survey",
                    told(
                        "is nested more than {max_depth} levels deep; a survey needs 6", max_depth=MAX_DEPTH
                    ),
                )
            ]
        )
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return int(value) if value.is_integer() else value
        case list() | tuple():
            return [plain(item, depth + 1) for item in value]
        case Mapping() if all(isinstance(key, str) for key in value):
            return {key: plain(item, depth + 1) for key, item in value.items()}
        case date() if not isinstance(value, datetime):
            return value.isoformat()
    raise InvalidSurvey(
        [Fault("survey", told("holds a {kind}, which JSON cannot carry", kind=type(value).__name__))]
    )
