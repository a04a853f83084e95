"""Keyboards as values: which there are, what stands on them, and that fingers can hit every key."""

from itertools import product
from math import inf
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.ui.grids import Box
from kiosk.ui.keys import GAP, Key, Plane, boxes, opened, planes
from kiosk.ui.sheet import FIELD_LOW, Room, foot_of, lay_out
from kiosk.ui.words import Words
from survey.answers import check_answer
from survey.model import Question

ASSETS = Path(__file__).parents[2] / "assets"
LANGUAGES = Words(ASSETS / "languages").languages
EVERY = [(tag, plane) for tag in LANGUAGES for plane in planes(tag, None)]
SIZES = [(1280, 800, 10.1), (800, 480, 7.0), (1080, 1920, 21.5), (1920, 1080, 15.6)]


def letters(plane: Plane) -> str:
    """Everything that a keyboard can write."""
    rows = (*plane.rows, *plane.shifted)
    return "".join(key.value for row in rows for key in row if key.act in ("type", "jamo"))


@pytest.mark.parametrize(
    ("language", "wanted", "names"),
    [
        ("ja", None, ["kana", "latin", "numbers"]),
        ("ja-simple", None, ["kana", "latin", "numbers"]),
        ("ja", "latin", ["latin", "kana", "numbers"]),
        ("en", None, ["latin", "numbers"]),
        ("en", "kana", ["latin", "numbers"]),
        ("ko", None, ["hangul", "latin", "numbers"]),
        ("th", "latin", ["latin", "thai", "numbers"]),
        ("zh-Hans", None, ["latin", "numbers"]),
        ("ja", "numeric", ["numeric"]),
    ],
)
def test_everybody_gets_a_keyboard_they_can_read(language: str, wanted: str | None, names: list[str]):
    """The question's wish comes first, then the language's own keyboard; kana are for Japanese only."""
    assert [plane.name for plane in planes(language, wanted)] == names


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("ja", "あいうえおかがきぎっゃゅょんーアイヴ、。"),
        ("en", "The quick brown fox, isn't it? 100%!"),
        ("de", "Größe, Äpfel, schön, Übung, Öl"),
        ("fr", "Où êtes-vous? Ça, c'est l'œuvre là-bas: naïf, château, août"),
        ("es", "¿Qué año? ¡Sí, señor! Vergüenza"),
        ("pt", "Não, às vezes é só coração, três avós, índio, útil"),
        ("vi", "Tiếng Việt: đường phố, người, sữa, kỹ thuật, ổn, ẵm"),
        ("fil", "Piñas, salamat po!"),
        ("ko", "안녕하세요? 닭갈비, 꿈 3"),
        ("th", "สวัสดีครับ ขอบคุณมาก น้ำแข็ง ผู้ใหญ่"),
        ("ar", "شكرا؟ أهلا، إلى آخر"),
        ("he", "שלום, תודה רבה! מים, סוף, ארץ, דרך, שמן"),
    ],
)
def test_a_language_can_be_written_with_its_keys(language: str, wanted: str):
    """Every letter of a sentence is on a key, or a mark's work away from one."""
    from unicodedata import normalize  # noqa: PLC0415 - said where it is used

    held = "".join(letters(plane) for plane in planes(language, None)) + "\u3000 "
    marks = {
        key.value
        for plane in planes(language, None)
        for row in plane.rows
        for key in row
        if key.act == "accent"
    }
    kana_marks = any(
        key.act == "kana_mark" for plane in planes(language, None) for row in plane.rows for key in row
    )
    for letter in wanted:
        parts = normalize("NFD", letter)
        jamo = "가" <= letter <= "힣"
        made = letter in held or jamo or (parts[0] in held and set(parts[1:]) <= marks | set("\u3099\u309a"))
        shaped = normalize("NFC", parts[:2]) in held and set(parts[2:]) <= marks
        small = kana_marks and letter in "っゃゅょヴ"
        assert (
            made or shaped or small or any(normalize("NFC", parts[0] + each) in held for each in parts[1:])
        ), letter


@pytest.mark.parametrize(("tag", "plane"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_what_a_key_writes_is_an_answer(tag: str, plane: Plane):
    """Each letter of each keyboard is accepted by the survey's own check."""
    question = Question(id="q", type="text", text={})
    for letter in letters(plane):
        if not letter.isspace():
            assert check_answer(question, letter) == letter


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_key_and_every_result_has_a_glyph(tag: str):
    """No key stands empty, and nothing that the keyboards write shows as a box."""
    held: set[int] = set()
    for file in (ASSETS / "fonts").glob("*-Regular.ttf"):
        with TTFont(file) as font:
            held |= set(font.getBestCmap())
    shown = "".join(
        key.label + key.value
        for plane in planes(tag, None)
        for row in (*plane.rows, *plane.shifted)
        for key in row
    )
    assert {letter for letter in shown if ord(letter) not in held and not letter.isspace()} == set()


def every_key(rows) -> list[Key]:
    """All keys of some rows, with those that a key opens."""
    found: list[Key] = []
    for key in (key for row in rows for key in row):
        found += every_key((key.keys,)) if key.keys else [key]
    return found


@pytest.mark.parametrize(("tag", "plane"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_grouped_keys_write_all_that_single_ones_do(tag: str, plane: Plane):
    """Whatever face a keyboard has, each of its letters, marks and tasks is a strike or two away."""
    wanted = {(key.act, key.value) for key in every_key((*plane.rows, *plane.shifted)) if key.act != "shift"}
    for face in plane.faces[1:]:
        held = {(key.act, key.value) for key in every_key((*face.rows, *face.shifted))}
        assert wanted - held == set()
        assert all(sum(key.wide for key in row) <= 10 for row in face.rows)
    last = plane.faces[-1]
    assert len(last.rows) == 2
    assert all(sum(key.wide for key in row) <= 7 for row in last.rows)


@pytest.mark.parametrize("count", range(1, 40))
def test_an_opened_group_has_all_its_keys_and_a_way_back(count: int):
    """In two rows of seven, however many there are; those without room open from one of them."""
    keys = tuple(Key(label=chr(0x41 + at), value=chr(0x41 + at)) for at in range(count))
    seen, rows = [], opened(keys)
    while rows:
        assert len(rows) == 2
        assert all(sum(key.wide for key in row) <= 7 + 1e-6 for row in rows)
        assert min(key.wide for row in rows for key in row) >= 1
        assert rows[-1][-1].act == "close"
        seen += [key.value for row in rows for key in row if key.act == "type"]
        more = [key for row in rows for key in row if key.act == "group"]
        rows = opened(more[0].keys) if more else ()
    assert seen == [key.value for key in keys]


@pytest.mark.parametrize(("width", "height", "inches"), SIZES)
@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("tag", LANGUAGES)
def test_keys_stand_apart_and_have_20_mm(width: int, height: int, inches: float, tag: str, *, low: bool):
    """On every screen, in each face that it has room for, no two keys overlap and a finger hits each."""
    unit = min(width, height) / 800
    finger = 20 * (width**2 + height**2) ** 0.5 / (inches * 25.4) / unit
    tall = max(0.0, height / unit - 800)
    foot = 160 + (168 if low else 40) if tall else max(144, foot_of(finger) + GAP / 2)
    high = height / unit - (128 + 62 + tall / 2 if tall or (low and finger < 128) else 98) - foot
    reach = max(0.6 * height / unit, 3.05 * finger) - foot if low else inf
    room = Room(wide=width / unit, high=high, finger=finger, reach=reach)
    every = planes(tag, None)
    for plane, converts in product(every, (False, True)):
        sheet = lay_out(room, every, plane, converts=converts)
        keys = sheet.keys
        places = boxes(sheet.face.rows, keys.width, keys.height, widest=sheet.face.widest)
        assert sheet.field.y >= -1e-6
        assert sheet.field.height >= FIELD_LOW - 1e-6
        assert keys.y + keys.height <= high + 1e-6
        for box in places:
            assert box.x >= -1e-6
            assert box.x + box.width <= keys.width + 1e-6
            assert min(box.width, box.height) + GAP >= finger * 0.997, (plane.name, sheet)
        assert not any(overlap(one, other) for at, one in enumerate(places) for other in places[at + 1 :])


def overlap(one: Box, other: Box) -> bool:
    """Whether two keys come closer than half the gap."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > -GAP / 2 and down > -GAP / 2


def test_shift_changes_letters_and_nothing_else():
    """A plane and its shifted rows have the same keys in the same places, which write one letter each."""
    for _, plane in EVERY:
        for row, other in zip(plane.rows, plane.shifted, strict=True):
            assert [key.wide for key in row] == [key.wide for key in other]
            assert [key.act for key in row if not key.writes] == [key.act for key in other if not key.writes]
            assert all(len(key.value) == 1 for key in (*row, *other) if key.act in ("type", "jamo"))


def test_a_password_may_hold_anything_that_an_access_point_takes():
    """Every printable sign of ASCII is on a key of the keyboards that a Wi-Fi's password is written with."""
    both = planes("en", "password")
    keys = {
        key.value for plane in both for rows in (plane.rows, plane.shifted) for row in rows for key in row
    }
    assert set(map(chr, range(32, 127))) <= keys
