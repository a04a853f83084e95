"""Kana as they are written on a keyboard of fifty sounds: marks and small forms act on the kana just written.

Called by kiosk.ui.draft and kiosk.ui.keys. Pure: text in, text out.
"""

from types import MappingProxyType

HIRAGANA = range(0x3041, 0x3097)
TO_KATAKANA = 0x60  # the two syllabaries lie so far apart, in the same order

PLAIN = "うかきくけこさしすせそたちつてとはひふへほ"
WITH_DAKUTEN = "ゔがぎぐげござじずぜぞだぢづでどばびぶべぼ"
TAKES_HANDAKUTEN = "はひふへほ"
WITH_HANDAKUTEN = "ぱぴぷぺぽ"
HAS_SMALL = "あいうえおつやゆよわ"
SMALL = "ぁぃぅぇぉっゃゅょゎ"


def katakana(text: str) -> str:
    """Write hiragana as katakana; all else stays."""
    return "".join(chr(ord(each) + TO_KATAKANA) if ord(each) in HIRAGANA else each for each in text)


def _both(plain: str, changed: str) -> dict[str, str]:
    return dict(zip(plain + katakana(plain), changed + katakana(changed), strict=True))


DAKUTEN = MappingProxyType(_both(PLAIN, WITH_DAKUTEN))
HANDAKUTEN = MappingProxyType(_both(TAKES_HANDAKUTEN, WITH_HANDAKUTEN))
SMALLER = MappingProxyType(_both(HAS_SMALL, SMALL) | {"カ": "ヵ", "ケ": "ヶ"})
FORMS = MappingProxyType({"゛": DAKUTEN, "゜": HANDAKUTEN, "小": SMALLER})
BARE = MappingProxyType({made: bare for form in FORMS.values() for bare, made in form.items()})


def altered(text: str, mark: str) -> str:
    """Give the last kana a mark (`゛`, `゜`, `小`) or take it off; one that has no such form stays."""
    last = text[-1:]
    bare = BARE.get(last, last)
    made = FORMS[mark].get(bare)
    if made is None:
        return text
    return text[:-1] + (bare if made == last else made)
