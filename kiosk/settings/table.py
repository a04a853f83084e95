"""One table of a config.toml, changed with its remarks and its layout kept, or written anew.

Called by kiosk.settings.write, which proves what comes out. The only place that knows tomlkit; apart from
file.py, for which the first frame waits. Pure functions of text: touches nothing.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

from survey.canonical import plain

BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")  # "0-6" may be bare too, but reads better in quotes
LISTS_IN_LINES = ("options",)  # each of theirs has a line of its own


def changed(text: str, path: tuple[str, ...], wanted: Mapping[str, Any]) -> str | None:
    """Change the one table in a text, the last of `path`, into what is wanted; None when it cannot be."""
    try:
        document = tomlkit.parse(text)
        table: Any = document
        for name in path:
            table = table[name]
            table = table[0] if isinstance(table, AoT) else table
        _change(table, wanted)
        return document.as_string()
    except (TOMLKitError, ValueError, TypeError, LookupError, AttributeError):
        return None  # it stumbles over some layouts; the caller writes the table anew


def lines(document: Mapping[str, Any]) -> list[str]:
    """Write a table's keys as they stand in the shipped file, one a line."""
    written: list[str] = []
    for key, value in document.items():
        if key in LISTS_IN_LINES:
            written += [f"{key} = [", *(f"  {_value(each)}," for each in value), "]"]
        else:
            written.append(f"{_key(key)} = {_value(value)}")
    return written


def _change(table: Any, wanted: Mapping[str, Any]) -> None:
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if key not in table:
            table[key] = _item(value)
        elif plain(_unwrapped(table[key])) == plain(value):
            continue
        elif isinstance(value, Mapping) and isinstance(table[key], Mapping):
            _change(table[key], value)
        elif isinstance(table[key], Array | AoT) and _has_ids(table[key].unwrap()) and _has_ids(value):
            if isinstance(table[key], Array):
                table[key] = _in_order(table[key], [each["id"] for each in value])
            _change_list(table[key], value)
        else:
            table[key] = _item(value)


def _unwrapped(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item  # true and false come as they are


def _has_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) and "id" in each for each in value)


def _change_list(array: Array | AoT, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Change options in place; those that go or come, and tables that move, are written anew."""
    kept = {each["id"] for each in wanted}
    for number in reversed(range(len(array))):
        if array[number]["id"] not in kept:
            del array[number]
    for number, value in enumerate(wanted):
        here = [each["id"] for each in array]
        if value["id"] in here[number + 1 :]:
            del array[here.index(value["id"], number)]
        if number < len(here) and here[number] == value["id"]:
            _change(array[number], value)
        else:
            array.insert(number, _item(value) if isinstance(array, Array) else tomlkit.item(dict(value)))


def _in_order(array: Array, wanted: Sequence[str]) -> Array:
    """Give the same list with its options in the wanted order, each with the remarks above and behind it.

    Those that are not wanted stand at the end, what follows the last one stays there.
    """
    here = [each["id"] for each in array]
    ranks = {name: at for at, name in enumerate(wanted)}
    order = sorted(range(len(here)), key=lambda at: ranks.get(here[at], len(ranks) + at))
    if order == sorted(order):
        return array
    blocks: list[tuple[str, str, str]] = []
    head = above = ""
    for group in array._value:  # noqa: SLF001 - tomlkit has no other way to a list's remarks; what comes of it is proved
        indent, value, comma, remark = (
            part.as_string() if part is not None else ""
            for part in (group.indent, group.value, group.comma, group.comment)
        )
        if value:
            blocks.append((above + indent, value, remark))
            above = ""
        elif not blocks and not above and "\n" not in indent:
            head = indent + remark  # behind the bracket that opens the list
        else:
            above += indent + comma + remark
    is_one_line = "\n" not in array.as_string()
    moved = [blocks[at] for at in order]
    indents = [indent for indent, *_ in (blocks if is_one_line else moved)]
    text = "".join(
        f"{indent}{value},{remark}" for indent, (_, value, remark) in zip(indents, moved, strict=True)
    )
    if is_one_line:
        text = text.removesuffix(",")
    reordered = tomlkit.parse(f"value = [{head}{text}{above}]")["value"]
    assert isinstance(reordered, Array)  # noqa: S101 - for mypy: a list was written
    return reordered


def _item(value: Any) -> Any:
    return tomlkit.parse(f"value = {_value(value)}")["value"]


def _value(value: Any) -> str:
    match value:
        case Mapping():
            inner = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
            return f"{{ {inner} }}"
        case list() | tuple():
            return f"[{', '.join(_value(each) for each in value)}]"
    return str(tomlkit.item(value).as_string())


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else tomlkit.item(key).as_string()
