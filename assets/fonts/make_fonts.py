"""Cuts the kiosk's two fonts down to the characters that shops write.

Run by hand when Noto Sans JP has a new version; the fonts it writes are committed beside it.
Reads the unpacked npm package @expo-google-fonts/noto-sans-jp, writes into this folder only.

Example: npm pack @expo-google-fonts/noto-sans-jp; tar xzf *.tgz; python assets/fonts/make_fonts.py package
"""

import argparse
import shutil
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
WEIGHTS = {
    "NotoSansJP-Regular.ttf": "400Regular/NotoSansJP_400Regular.ttf",
    "NotoSansJP-Bold.ttf": "700Bold/NotoSansJP_700Bold.ttf",
}
LATIN = range(0x20, 0x180)  # ASCII, Latin-1 and Latin Extended-A
PUNCTUATION = range(0x2010, 0x2070)
BEYOND = "€™←↑→↓☆★✓〜\N{CJK UNIFIED IDEOGRAPH-20BB7}"  # the last: the other "yoshi" of many shops' names


def double_byte(codec: str) -> set[int]:
    """Every character that the codec writes in one or two bytes: JIS X 0208 and, in cp932, its extras."""
    pairs = [bytes((first, second)) for first in range(0x81, 0xFD) for second in range(0x40, 0xFD)]
    singles = [bytes((value,)) for value in range(0xA1, 0xE0)]  # half-width katakana
    texts = (code.decode(codec, errors="ignore") for code in pairs + singles)
    private = range(0xE000, 0xF900)
    return {ord(text) for text in texts if len(text) == 1 and ord(text) not in private}


def wanted() -> set[int]:
    """The code points that the fonts keep, where they have them."""
    japanese = double_byte("cp932") | double_byte("shift_jis")
    return japanese | set(LATIN) | set(PUNCTUATION) | {ord(sign) for sign in BEYOND}


def cut(source: Path, target: Path, code_points: set[int]) -> int:
    """Write the subset of `source` to `target`; returns how many characters it holds."""
    options = subset.Options()
    options.layout_features = []  # SDL_ttf shapes nothing; the kiosk breaks its lines itself
    options.drop_tables += ["BASE", "GPOS", "GSUB", "GDEF", "STAT", "vhea", "vmtx"]
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False  # the same package gives the same bytes
    with TTFont(source, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=code_points)
        cutter.subset(font)
        font.save(target)
        return len(font.getBestCmap())


def main() -> None:
    """Cut both weights and copy the licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("package", type=Path, help="the folder of the unpacked npm package")
    package = parser.parse_args().package
    for name, source in WEIGHTS.items():
        held = cut(package / source, HERE / name, wanted())
        print(f"{name}: {held} characters, {(HERE / name).stat().st_size / 1e6:.1f} MB")
    shutil.copyfile(package / "LICENSE_FONT", HERE / "OFL.txt")


if __name__ == "__main__":
    main()
