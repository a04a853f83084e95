"""Cuts the kiosk's fonts down to the characters that shops write: one family for each script, two weights.

Run by hand when Noto Sans has a new version; the fonts it writes are committed beside it.
Reads the unpacked npm packages @expo-google-fonts/noto-sans-*, writes into this folder only.

Example: npm pack @expo-google-fonts/noto-sans-thai, unpack it to fonts/noto-sans-thai, likewise noto-sans and
noto-sans-jp, -sc, -tc, -kr, -arabic and -hebrew; then  python assets/fonts/make_fonts.py fonts
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
WEIGHTS = {"Regular": "400Regular", "Bold": "700Bold"}
ASCENT, DESCENT = 1160, 288  # of every font, in thousandths: lines of several scripts share their baseline
LATIN = range(0x20, 0x180)  # ASCII, Latin-1 and Latin Extended-A
MORE_LATIN = (*range(0x180, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00))  # Vietnamese, and accents
GREEK_AND_CYRILLIC = range(0x370, 0x530)
PUNCTUATION = range(0x2010, 0x2070)
CURRENCY = range(0x20A0, 0x20D0)
BEYOND = "€™←↑→↓☆★✓〜\N{CJK UNIFIED IDEOGRAPH-20BB7}"  # the last: the other "yoshi" of many shops' names
HANJA = range(0x4E00, 0xA000)
MORE_HANGUL = "똠샾숖랲펲헿햏뷁쟝쥬쵸쿄늬뎀쏘얖"  # beyond KS X 1001, but on shop signs
THAI = (*range(0xE00, 0xE80), 0x25CC)
ARABIC = (*range(0x600, 0x700), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00))  # with the joined forms
HEBREW = (*range(0x590, 0x600), *range(0xFB1D, 0xFB50))


@dataclass(frozen=True)
class Family:
    """A font of the kiosk: the npm package it comes from, what it keeps, and how its glyphs go together."""

    name: str
    package: str
    code_points: frozenset[int]
    features: tuple[str, ...] = ()


def double_byte(codec: str, leads: Iterable[int] = range(0x81, 0xFF)) -> set[int]:
    """Every character that the codec writes in two bytes of which the first is one of `leads`."""
    pairs = [bytes((first, second)) for first in leads for second in range(0x40, 0xFF)]
    texts = (code.decode(codec, errors="ignore") for code in pairs)
    private = range(0xE000, 0xF900)
    return {ord(text) for text in texts if len(text) == 1 and ord(text) not in private}


def keeping(*code_points: Iterable[int]) -> frozenset[int]:
    """These, and what stands between the letters of every language."""
    return frozenset(LATIN).union(PUNCTUATION, CURRENCY, map(ord, BEYOND), *code_points)


def families() -> tuple[Family, ...]:
    """All the fonts, smallest first."""
    half_width_kana = {ord(bytes((value,)).decode("cp932")) for value in range(0xA1, 0xE0)}
    japanese = double_byte("cp932") | double_byte("shift_jis") | half_width_kana
    simplified = double_byte("gb2312")  # levels 1 and 2
    traditional = double_byte("big5", range(0xA1, 0xC7))  # level 1
    korean = {point for point in double_byte("euc_kr") if point not in HANJA}
    marks = ("ccmp", "mark", "mkmk")
    return (
        Family("NotoSansHebrew", "noto-sans-hebrew", keeping(HEBREW), marks),
        Family("NotoSansThai", "noto-sans-thai", keeping(THAI), marks),
        Family("NotoSansArabic", "noto-sans-arabic", keeping(ARABIC)),  # joined by the kiosk itself
        Family("NotoSans", "noto-sans", keeping(MORE_LATIN, GREEK_AND_CYRILLIC), (*marks, "kern")),
        Family("NotoSansKR", "noto-sans-kr", keeping(korean, map(ord, MORE_HANGUL))),
        Family("NotoSansTC", "noto-sans-tc", keeping(traditional)),
        Family("NotoSansSC", "noto-sans-sc", keeping(simplified)),
        Family("NotoSansJP", "noto-sans-jp", keeping(japanese)),
    )


def cut(source: Path, target: Path, family: Family) -> int:
    """Write the family's subset of `source` to `target`; returns how many characters it holds."""
    options = subset.Options()
    options.layout_features = list(family.features)
    options.drop_tables += ["BASE", "STAT", "vhea", "vmtx"]
    if not family.features:
        options.drop_tables += ["GPOS", "GSUB", "GDEF"]
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False  # the same package gives the same bytes
    with TTFont(source, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=family.code_points)
        cutter.subset(font)
        lines, system = font["hhea"], font["OS/2"]
        lines.ascent, lines.descent, lines.lineGap = ASCENT, -DESCENT, 0
        system.sTypoAscender, system.sTypoDescender, system.sTypoLineGap = ASCENT, -DESCENT, 0
        system.usWinAscent, system.usWinDescent = ASCENT, DESCENT
        font.save(target)
        return len(font.getBestCmap())


def licence(packages: Iterable[Path]) -> str:
    """The licence that all of them have, under everyone's copyright."""
    texts = [(package / "LICENSE_FONT").read_text(encoding="utf-8") for package in packages]
    notices = dict.fromkeys(
        line for text in texts for line in text.splitlines() if line.startswith("Copyright")
    )
    (body,) = {text.partition("\n\n")[2] for text in texts}
    return "\n".join(notices) + "\n\n" + body


def main() -> None:
    """Cut every family in both weights, and write the licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder that holds the unpacked npm packages")
    parser.add_argument("only", nargs="*", help="the families to cut, such as NotoSansThai; all without it")
    asked = parser.parse_args()
    for family in families():
        for weight, source in WEIGHTS.items():
            if asked.only and family.name not in asked.only:
                continue
            (original,) = (asked.folder / family.package / source).glob("*.ttf")
            target = HERE / f"{family.name}-{weight}.ttf"
            held = cut(original, target, family)
            print(f"{target.name}: {held} characters, {target.stat().st_size / 1e6:.2f} MB")
    (HERE / "OFL.txt").write_text(
        licence(asked.folder / family.package for family in families()), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
