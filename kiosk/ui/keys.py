"""Keyboards as values: which keys a question and a language get, what each does, and where it stands.

Called by kiosk.ui.keyboard; the letters come from kiosk.ui.layouts and groups. Pure: values in, values out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from types import MappingProxyType
from unicodedata import category

from kiosk.ui.grids import ROUNDING, Box
from kiosk.ui.groups import GROUPED, MIRRORED
from kiosk.ui.kana import FORMS, katakana
from kiosk.ui.layouts import ADDRESS, CALLED, CODE, ENGLISH, LATIN, NUMBERS, NUMERIC, OWN, SYMBOLS

GAP = 8  # units between keys
WIDEST, WIDEST_NUMERIC = 150, 200  # units
ACROSS, LONG, LONG_ACROSS = (
    7,
    3,
    4,
)  # keys side by side in an opened group; with more than so many letters on one
WIDE_SPACE = "\u3000"
SHIFTS_TO = "カナ"  # what stands for the shift of kana among others
DOTTED_CIRCLE = "\u25cc"  # carries a mark that stands for itself
ALONE = MappingProxyType({"address": ADDRESS, "code": CODE})  # what staff enrol with
TONES = MappingProxyType(
    {"huyền": "\u0300", "sắc": "\u0301", "hỏi": "\u0309", "ngã": "\u0303", "nặng": "\u0323", "¨": "\u0308"}
)


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key: what stands on it, what striking it does, and how many keys wide it is.

    `act` is type, jamo, kana_mark, accent, erase, shift, turn (to the keyboard named by `value`), group
    (opens `keys`), close (the group), candidate (the one of this number) or none.
    """

    label: str = ""
    act: str = "type"
    value: str = ""
    wide: float = 1.0
    keys: "tuple[Key, ...]" = ()

    @property
    def writes(self) -> bool:
        """Whether it puts a letter down, as most do; the others look different."""
        return self.act in {"type", "jamo"} and not self.label.isspace()

    @property
    def looks_plain(self) -> bool:
        """Whether it leads to a letter, or is the space bar."""
        return (
            self.label.isspace() or any(key.writes for key in (self, *self.keys)) or self.act == "candidate"
        )


Rows = tuple[tuple[Key, ...], ...]
CLOSE = Key(act="close")


@dataclass(frozen=True, kw_only=True)
class Face:
    """One way in which a keyboard stands on the screen, with the rows that shift leads to."""

    rows: Rows
    shifted: Rows
    widest: float  # units: no key is wider

    def fits(self, wide: float, high: float, finger: float) -> bool:
        """Whether each key has room for a finger that needs so many units."""
        cells = max(sum(key.wide for key in row) for row in self.rows)
        least = finger * (1 - ROUNDING) - ROUNDING
        return (wide + GAP) / cells >= least and (high + GAP) / len(self.rows) >= least


@dataclass(frozen=True, kw_only=True)
class Plane:
    """One keyboard: its faces, the one with all keys first, that with the fewest last."""

    name: str
    faces: tuple[Face, ...]
    locks: bool = False  # shift stays until it is struck again
    mirrored: bool = False  # whether keys that a group opens begin on the right

    @property
    def rows(self) -> Rows:
        """All keys."""
        return self.faces[0].rows

    @property
    def shifted(self) -> Rows:
        """All keys under shift."""
        return self.faces[0].shifted


def planes(language: str, wanted: str | None) -> tuple[Plane, ...]:
    """The keyboards for whoever answers in this language; the first one is open when the question comes.

    `wanted` is the question's own wish: numeric (nothing but figures), latin, or kana, which is for those who
    answer in Japanese: anybody else gets the keyboard of the own language. Staff want others.
    """
    if wanted is not None and wanted in ALONE:
        return (_plane(wanted, (ALONE[wanted], ""), ()),)
    if wanted == "password":
        first = _plane("latin", (ENGLISH, ""), (), others=("numbers",))
        return first, _plane("numbers", (SYMBOLS, ""), (), others=("latin",))
    if wanted == "numeric":
        return (_plane("numeric", (NUMERIC, ""), GROUPED["numeric"]),)
    base = language.partition("-")[0]
    own, layout, shifted = OWN.get(base, ("", "", ""))
    names = [name for name in (own, "latin", "numbers") if name]
    letters = base if base in LATIN else "en"
    layouts = {own: (layout, shifted), "latin": (LATIN.get(letters, ENGLISH), ""), "numbers": (NUMBERS, "")}
    made = [
        _plane(
            name,
            layouts[name],
            GROUPED[letters if name == "latin" else name],
            others=[each for each in names if each != name],
            wide_space=own == "kana",
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


def opened(keys: tuple[Key, ...], *, mirrored: bool = False) -> Rows:
    """The keys of a group in two rows, the way back last; those without room lie one further."""
    across = LONG_ACROSS if max(len(key.label) for key in keys) > LONG else ACROSS
    if len(keys) > 2 * across - 1:
        most = 2 * across - 2
        keys = (*keys[:most], Key(act="group", keys=keys[most:]))
    first = min(len(keys), across)
    wide = ACROSS / across
    upper = tuple(replace(key, wide=max(wide, min(2.0, ACROSS / first))) for key in keys[:first])
    lower = (*(replace(key, wide=wide) for key in keys[first:]), replace(CLOSE, wide=max(wide, 2.0)))
    rows = (upper, lower)
    width = max(sum(key.wide for key in row) for row in rows)
    if width > ACROSS:  # the way back is as wide as is left
        rows = (upper, (*lower[:-1], replace(CLOSE, wide=lower[-1].wide - width + ACROSS)))
    return tuple(tuple(reversed(row)) for row in rows) if mirrored else rows


def _plane(
    name: str,
    layout: tuple[str, str],
    grouped: Sequence[str],
    *,
    others: Sequence[str] = (),
    wide_space: bool = False,
) -> Plane:
    kana, mirrored = name == "kana", name in MIRRORED
    space = WIDE_SPACE if wide_space and name != "latin" else " "
    widest = WIDEST_NUMERIC if name == "numeric" else WIDEST

    def rows(text: str) -> Rows:
        return tuple(_row(line, others, space=space, left=at) for at, line in _lines(text))

    def face(text: str, shifted: str, widest: float) -> Face:
        plain = rows(text)
        if mirrored and text == grouped[-1]:
            plain = tuple(tuple(reversed(row)) for row in plain)
        other = (
            rows(shifted)
            if shifted
            else tuple(tuple(_shifted(key, kana=kana) for key in row) for row in plain)
        )
        return Face(rows=plain, shifted=other, widest=widest)

    faces = (face(*layout, widest), *(face(text, "", inf) for text in grouped))
    return Plane(name=name, faces=faces, locks=kana, mirrored=mirrored)


def _lines(layout: str) -> Iterator[tuple[int, str]]:
    """Each line, with how many single `other` keys stand above it."""
    above = 0
    for line in layout.strip().splitlines():
        yield above, line
        above += sum(word.startswith("other*") or word == "other" for word in line.split())


def _row(line: str, others: Sequence[str], *, space: str, left: int) -> tuple[Key, ...]:
    keys: list[Key] = []
    for word in line.split():
        if word.startswith("[") and len(word) > 1:
            keys.append(_group(word[1:-1], others, space=space))
            continue
        name, _, times = word.partition("*") if len(word) > 1 else (word, "", "")
        wide = float(times or 1)
        if name == "others" and wide >= len(others):
            keys += [_turn(other, wide / len(others)) for other in others]
        elif name == "others":
            keys.append(_together([_turn(other) for other in others], wide=wide))
        elif name == "other":
            keys.append(_turn(others[left], wide))
        else:
            keys.append(_key(name, wide, space=space))
    return tuple(keys)


def _group(names: str, others: Sequence[str], *, space: str) -> Key:
    """A key that opens others: of one letter each, or of the words between the semicolons."""
    shown, _, hidden = names.partition("|")
    parts = names.split(";") if ";" in names else [*shown, *hidden]
    keys: list[Key] = []
    for part in parts:
        keys += [_turn(other) for other in others] if part == "others" else [_key(part, 1.0, space=space)]
    return _together(keys, seen=len(keys) if ";" in names else len(shown))


def _together(keys: Sequence[Key], *, seen: int | None = None, wide: float = 1.0) -> Key:
    labels = [SHIFTS_TO if key.act == "shift" else key.label for key in keys[:seen]]
    narrow = all(len(label) == 1 and label >= "ぁ" for label in labels)
    return Key(label=("" if narrow else " ").join(labels), act="group", keys=tuple(keys), wide=wide)


def _turn(other: str, wide: float = 1.0) -> Key:
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
    label = DOTTED_CIRCLE + name if category(name[0]) == "Mn" else name
    return Key(label=label, act="jamo" if jamo else "type", value=name, wide=wide)


def _shifted(key: Key, *, kana: bool) -> Key:
    """The same key under shift: capital letters, or katakana."""
    if key.act == "group" and not any(each.writes for each in key.keys):
        return key
    if key.act == "group":
        keys = tuple(_shifted(each, kana=kana) for each in key.keys)
        return replace(key, keys=keys, label=katakana(key.label) if kana else _capitals(key.label))
    if not key.writes:
        return key
    value = katakana(key.value) if kana else key.value.upper()
    if len(value) != 1:  # ß has no capital of one letter
        return key
    return Key(label=value, act=key.act, value=value, wide=key.wide)


def _capitals(text: str) -> str:
    return "".join(each.upper() if len(each.upper()) == 1 else each for each in text)
