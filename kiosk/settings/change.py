"""Settings changed in config.toml: the rows of fields.py, with every remark and all else left as it is.

Called by kiosk.backroom for staff's settings and for the first start.
Touches config.toml, its folder, and the versions in the data directory; one process at a time.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.settings import table
from kiosk.settings.blocks import cut
from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import Config, InvalidConfig, load, parse
from kiosk.settings.publish import Author, put, text_of
from kiosk.settings.versions import Versions
from survey.documents import from_toml
from survey.problems import Fault, InvalidSurvey
from survey.told import told

Values = Mapping[str, Any]  # by path, as TOML has them; None: not in the file, so as it is by itself


def values_in(path: Path) -> dict[str, Any]:
    """Read what the file says of each setting, or what it is by itself. Raises InvalidConfig."""
    return values_of(text_of(path))


def values_of(text: str) -> dict[str, Any]:
    """The same for a text that was read before."""
    said: Any = from_toml(text)
    return {
        setting.path: said.get(setting.table, {}).get(setting.key, _plain(setting.default))
        for setting in SETTINGS
    }


def change(path: Path, values: Values, *, versions: Versions, author: Author) -> Config:
    """Put values into the file; gives what it now says.

    Raises InvalidConfig with all faults at once, and OSError; the file is then as it was, or where only its
    folder could not be brought to the disk, the new one.
    """
    with versions.alone():
        text = text_of(path)
        load(path)  # a file with faults is mended by hand first: nobody knows what is meant
        try:
            changed = with_settings(text, values)
            parse(changed)
        except InvalidSurvey as invalid:
            raise InvalidConfig(path.name, invalid.faults) from invalid
        return put(path, text, changed, versions=versions, author=author)


def with_settings(text: str, values: Values) -> str:
    """Put values into a file's text. Raises InvalidSurvey where they are written in an unusual way."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    for name in dict.fromkeys(path.partition(".")[0] for path in values):
        own = {path: value for path, value in values.items() if path.partition(".")[0] == name}
        keys = {path.partition(".")[2]: value for path, value in own.items()}
        body = _with_table(body, name, keys)
    before, after = from_toml(text), from_toml(body)
    if not _is_just(before, after, values):
        raise InvalidSurvey([Fault("settings", told("are laid out in a way that cannot be changed here"))])
    return mark + body


def _with_table(body: str, name: str, keys: Mapping[str, Any]) -> str:
    """Change one table; a new key stands right below its header, a new table above the surveys."""
    pieces = [piece if isinstance(piece, str) else piece.text() for piece in cut(body)]
    at = next((at for at, piece in enumerate(pieces) if name in _tables(piece)), None)
    line_end = "\r\n" if "\r\n" in body else "\n"
    if at is None:
        new = {key: value for key, value in keys.items() if value is not None}
        lines = [f"[{name}]", *table.lines(new), ""]
        return line_end.join(lines) + line_end + body if new else body
    now = dict(_tables(pieces[at])[name])
    wanted = {key: value for key, value in {**now, **keys}.items() if value is not None and key in now}
    changed = table.changed(pieces[at], (name,), wanted)
    if changed is None:
        raise InvalidSurvey([Fault(name, told("is laid out in a way that cannot be changed here"))])
    fresh = {key: value for key, value in keys.items() if value is not None and key not in now}
    pieces[at] = _below_header(changed, name, table.lines(fresh), line_end)
    return "".join(pieces)


def _below_header(text: str, name: str, lines: list[str], line_end: str) -> str:
    header = re.search(rf"^[ \t]*\[[ \t]*{name}[ \t]*\][^\n]*\n", text, re.MULTILINE)
    if not lines or header is None:
        return text
    return text[: header.end()] + "".join(line + line_end for line in lines) + text[header.end() :]


def _tables(piece: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(piece.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        return {}


def _is_just(before: Any, after: Any, values: Values) -> bool:
    """Whether nothing but these values differs."""
    expected = {name: dict(said) if isinstance(said, Mapping) else said for name, said in before.items()}
    for path, value in values.items():
        name, _, key = path.partition(".")
        held = expected.setdefault(name, {})
        if value is None:
            held.pop(key, None)
        else:
            held[key] = value
    return {name: said for name, said in expected.items() if said != {}} == {
        name: said for name, said in after.items() if said != {}
    }


def _plain(value: object) -> object:
    """A default as TOML would have it."""
    return list(value) if isinstance(value, tuple) else "" if value is None else value
