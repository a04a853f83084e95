"""Where a line may break: between words, after particles, never before a sign that must not begin a line.

Called by kiosk.ui.typeset. Pure. Japanese breaks by a rule of particles and scripts (BudouX parts verbs from
endings); Thai and Chinese, which have no spaces, by BudouX, loaded with the first such text.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from survey.ruby import Part, parts, plain

if TYPE_CHECKING:
    from budoux.parser import Parser

OPENING = "「『([〔【《〈“‘（［｛"
NOT_FIRST = (
    "、。,.・:;?!)」』]〕】》〉”’"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶーゝゞ々〜…%，．：；？！）］｝％ๆฯ"
)
NOT_FIRST_WORDS = "吗嗎呢吧了的"  # Chinese: they belong to what stands before them
WHOLE = (  # Thai: BudouX parts compounds, and even borrowed words
    "ครอบครัว",
    "คำตอบ",
    "ตัวอักษร",
    "ติดต่อ",
    "ต้อนรับ",
    "บันทึก",
    "สอบถาม",
    "หมายเลข",
    "หลากหลาย",
    "ไมโครโฟน",
)
STOPS = "。.?!؟？！．"
PAUSES = "、。,・?!،؛؟？！，"
CLOSING = ")」』】）］"
PARTICLES = "はがをにでともへやの"
HIRAGANA = re.compile(r"[ぁ-ゖー]")
# From and to, not patterns: a pattern of three such stretches takes 2 ms of every start to compile.
Stretches = tuple[tuple[str, str], ...]
JAPANESE: Stretches = (("ぁ", "ヿ"), ("一", "鿿"), ("々", "〆"))
KANJI: Stretches = (("一", "鿿"), ("々", "〆"), ("ァ", "ヺ"))  # and katakana
PARTABLE: Stretches = (*JAPANESE, ("가", "힣"))  # may be parted anywhere, if it must be
BEGINNINGS = ("いかが",)  # after a particle a phrase begins with them, whatever their first letter looks like
# A particle before hiragana is a boundary only where what follows does not look like its own continuation.
GLUE = "はがをにでともへやのかねよしまならりるれろさせっゃゅょんーい"


def phrases(text: str, words: str = "") -> list[str]:
    """The pieces of a text that should stay on one line; together they are the text, furigana and all.

    `words` names the BudouX model of a language that writes without spaces.
    """
    breaks = _breaks_at_words(plain(text), words) if words else _breaks(plain(text))
    pieces, at = [""], 0
    for part in parts(text):
        if part.reading:
            if at in breaks:
                pieces.append("")
            pieces[-1] += _written(part)
            at += len(part.base)
            continue
        for letter in part.base:
            if at in breaks:
                pieces.append("")
            pieces[-1] += letter
            at += 1
    return pieces


def compounds(text: str) -> list[str]:
    """A Japanese phrase parted where kanji or a reading follow hiragana: やさしい, 日本語."""
    pieces = [""]
    for part in parts(text):
        for letter in [part] if part.reading else map(Part, part.base):
            after_hiragana = pieces[-1] and HIRAGANA.match(plain(pieces[-1])[-1])
            if after_hiragana and _has(letter.base[:1], KANJI):
                pieces.append("")
            pieces[-1] += _written(letter)
    return pieces


def letters(text: str) -> list[str]:
    """A phrase parted wherever it may be at worst; one in letters that form words stays whole."""
    if not _has(plain(text), PARTABLE):
        return [text]
    result: list[str] = []
    for part in parts(text):
        for letter in [_written(part)] if part.reading else part.base:
            if result and (letter in NOT_FIRST or result[-1][-1] in OPENING):
                result[-1] += letter
            else:
                result.append(letter)
    return result


def _written(part: Part) -> str:
    return f"{{{part.base}|{part.reading}}}" if part.reading else part.base


def _breaks(text: str) -> set[int]:
    """The places before which a line may end."""
    found, start = set(), 0
    for at in range(1, len(text)):
        if _boundary(text, start, at):
            found.add(at)
            start = at
    return found


def _breaks_at_words(text: str, words: str) -> set[int]:
    found, at = set(), 0
    for word in _parser(words).parse(text):
        if at and _may_begin(word[0], text[at - 1]):
            found.add(at)
        at += len(word)
    found |= {at for at in range(1, len(text)) if text[at - 1].isspace() and _may_begin(text[at], " ")}
    return found - {at for word in WHOLE for at in _inside(word, text)}


def _inside(word: str, text: str) -> Iterator[int]:
    """Every place within the word, wherever it stands in the text."""
    at = text.find(word)
    while at >= 0:
        yield from range(at + 1, at + len(word))
        at = text.find(word, at + len(word))


def _may_begin(letter: str, before: str) -> bool:
    """Whether a line may begin with a word's first letter."""
    return not letter.isspace() and letter not in NOT_FIRST + NOT_FIRST_WORDS and before not in OPENING


@cache
def _parser(words: str) -> "Parser":
    from budoux import parser  # noqa: PLC0415 - few kiosks need it

    load = {
        "th": parser.load_default_thai_parser,
        "zh-hans": parser.load_default_simplified_chinese_parser,
        "zh-hant": parser.load_default_traditional_chinese_parser,
    }[words]
    return load()


def _has(text: str, stretches: Stretches) -> bool:
    return any(low <= letter <= high for letter in text for low, high in stretches)


def _boundary(text: str, start: int, at: int) -> bool:
    """Whether a line may end before the character `at`, in a phrase that began at `start`."""
    before, after = text[at - 1], text[at]
    if after in NOT_FIRST or after.isspace() or before in OPENING:
        return False
    if before.isspace() or before in PAUSES:
        return True
    if not _has(before + after, JAPANESE):
        return False
    if after in OPENING or (before in CLOSING and not HIRAGANA.match(after)):
        return True
    return _after_particle(text, start, at)


def _after_particle(text: str, start: int, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before not in PARTICLES or at - start < 2:  # noqa: PLR2004 # a phrase of one character is none
        return False
    honorific = after in "おご" and at + 1 < len(text) and not HIRAGANA.match(text[at + 1])
    if before == "を" or honorific or not HIRAGANA.match(after):
        return True
    return before in "にはも" and (after not in GLUE or text.startswith(BEGINNINGS, at))
