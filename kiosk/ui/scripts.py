"""How a language is written: its font, the direction of its lines, and where they may break.

Asked by kiosk.ui.glyphs, kiosk.ui.typeset and the screens. Pure: a language tag in, a Script out.
"""

from survey.values import frozen


@frozen
class Script:
    """What the screens must know of a script; `font` is a family in assets/fonts."""

    font: str
    right_to_left: bool = False
    furigana: bool = False  # whether small kana above the line are drawn
    words: str = ""  # the model that finds words where no spaces part them


LATIN = Script("NotoSans")
JAPANESE = Script("NotoSansJP", furigana=True)
SIMPLIFIED = Script("NotoSansSC", words="zh-hans")
TRADITIONAL = Script("NotoSansTC", words="zh-hant")
KOREAN = Script("NotoSansKR")
THAI = Script("NotoSansThai", words="th")
ARABIC = Script("NotoSansArabic", right_to_left=True)
HEBREW = Script("NotoSansHebrew", right_to_left=True)

ALL = (LATIN, JAPANESE, SIMPLIFIED, TRADITIONAL, KOREAN, THAI, ARABIC, HEBREW)
BY_LANGUAGE = {
    "ja": JAPANESE,
    "zh": SIMPLIFIED,
    "yue": TRADITIONAL,
    "ko": KOREAN,
    "th": THAI,
    "ar": ARABIC,
    "fa": ARABIC,
    "ur": ARABIC,
    "he": HEBREW,
    "yi": HEBREW,
}
TRADITIONAL_IN = frozenset({"Hant", "TW", "HK", "MO"})


def script_of(tag: str) -> Script:
    """The script of a language tag of BCP 47; what is not known is written in Latin letters."""
    language, *more = tag.split("-")
    if language == "zh" and TRADITIONAL_IN.intersection(more):
        return TRADITIONAL
    return BY_LANGUAGE.get(language, LATIN)
