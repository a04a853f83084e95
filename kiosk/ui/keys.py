"""Keyboards as values: which keys a question and a language get, what each does, and where it stands.

Called by kiosk.ui.keyboard; the letters come from kiosk.ui.layouts. Pure: values in, values out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from unicodedata import category

from kiosk.ui.grids import Box
from kiosk.ui.kana import FORMS, katakana
from kiosk.ui.layouts import CALLED, ENGLISH, LATIN, NUMBERS, NUMERIC, OWN

GAP = 8  # units between keys
WIDEST, WIDEST_NUMERIC = 150, 200  # units
WIDE_SPACE = "\u3000"
DOTTED_CIRCLE = "\u25cc"  # carries a mark that stands for itself
TONES = MappingProxyType(
    {"huyền": "\u0300", "sắc": "\u0301", "hỏi": "\u0309", "ngã": "\u0303", "nặng": "\u0323", "¨": "\u0308"}
)


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key: what stands on it, what striking it does, and how many keys wide it is.

    `act` is type, jamo, kana_mark, accent, erase, shift, turn (to the keyboard named by `value`) or none.
    """

    label: str = ""
    act: str = "type"
    value: str = ""
    wide: float = 1.0

    @property
    def writes(self) -> bool:
        """Whether it puts a letter down, as most do; the others look different."""
        return self.act in {"type", "jamo"} and not self.label.isspace()


Rows = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Plane:
    """One keyboard, with the rows that shift leads to."""

    name: str
    rows: Rows
    shifted: Rows
    locks: bool = False  # shift stays until it is struck again


def planes(language: str, wanted: str | None) -> tuple[Plane, ...]:
    """The keyboards for whoever answers in this language; the first one is open when the question comes.

    `wanted` is the question's own wish: numeric (nothing but figures), latin, or kana, which is for those who
    answer in Japanese: anybody else gets the keyboard of the own language.
    """
    if wanted == "numeric":
        return (_plane("numeric", NUMERIC),)
    base = language.partition("-")[0]
    own, layout, shifted = OWN.get(base, ("", "", ""))
    names = [name for name in (own, "latin", "numbers") if name]
    latin = LATIN.get(base, ENGLISH)
    layouts = {own: (layout, shifted), "latin": (latin, ""), "numbers": (NUMBERS, "")}
    made = [
        _plane(
            name, *layouts[name], others=[each for each in names if each != name], wide_space=own == "kana"
        )
        for name in names
    ]
    return tuple(sorted(made, key=lambda plane: plane.name != "latin") if wanted == "latin" else made)


def boxes(rows: Sequence[Sequence[Key]], wide: float, high: float, *, widest: float) -> list[Box]:
    """Where the keys of all rows stand in a place so wide and high, in units; each row is centred."""
    cells = max(sum(key.wide for key in row) for row in rows)
    across = min(widest, (wide + GAP) / cells - GAP)
    tall = (high + GAP) / len(rows) - GAP
    found: list[Box] = []
    for at, row in enumerate(rows):
        x = (wide - sum(key.wide for key in row) * (across + GAP) + GAP) / 2
        for key in row:
            found.append(Box(x, at * (tall + GAP), key.wide * (across + GAP) - GAP, tall))
            x += key.wide * (across + GAP)
    return found


def _plane(
    name: str, layout: str, shifted: str = "", *, others: Sequence[str] = (), wide_space: bool = False
) -> Plane:
    kana = name == "kana"
    space = WIDE_SPACE if wide_space and name != "latin" else " "
    rows = tuple(_row(line, others, space=space, left=at) for at, line in _lines(layout))
    if shifted:
        other = tuple(_row(line, others, space=space, left=at) for at, line in _lines(shifted))
    else:
        other = tuple(tuple(_shifted(key, kana=kana) for key in row) for row in rows)
    return Plane(name=name, rows=rows, shifted=other, locks=kana)


def _lines(layout: str) -> Iterator[tuple[int, str]]:
    """Each line, with how many single `other` keys stand above it."""
    above = 0
    for line in layout.strip().splitlines():
        yield above, line
        above += sum(word.startswith("other*") or word == "other" for word in line.split())


def _row(line: str, others: Sequence[str], *, space: str, left: int) -> tuple[Key, ...]:
    keys: list[Key] = []
    for word in line.split():
        name, _, times = word.partition("*") if len(word) > 1 else (word, "", "")
        wide = float(times or 1)
        if name == "others":
            keys += [_turn(other, wide / len(others)) for other in others]
        elif name == "other":
            keys.append(_turn(others[left], wide))
        else:
            keys.append(_key(name, wide, space=space))
    return tuple(keys)


def _turn(other: str, wide: float) -> Key:
    return Key(label=CALLED[other], act="turn", value=other, wide=wide)


def _key(name: str, wide: float, *, space: str) -> Key:
    tasks: Mapping[str, Key] = {
        "erase": Key(act="erase", wide=wide),
        "shift": Key(act="shift", wide=wide),
        "space": Key(label=" ", value=space, wide=wide),
        "gap": Key(act="none", wide=wide),
    }
    if name in tasks:
        return tasks[name]
    if name in FORMS:
        return Key(label=name, act="kana_mark", value=name, wide=wide)
    if name in TONES:
        return Key(label=name, act="accent", value=TONES[name], wide=wide)
    jamo = "ㄱ" <= name <= "ㅣ"
    label = DOTTED_CIRCLE + name if category(name) == "Mn" else name
    return Key(label=label, act="jamo" if jamo else "type", value=name, wide=wide)


def _shifted(key: Key, *, kana: bool) -> Key:
    """The same key under shift: capital letters, or katakana."""
    if not key.writes:
        return key
    value = katakana(key.value) if kana else key.value.upper()
    if len(value) != 1:  # ß has no capital of one letter
        return key
    return Key(label=value, act=key.act, value=value, wide=key.wide)
