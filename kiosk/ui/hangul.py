"""Hangul from single letters, as the two-set keyboard writes it: a syllable grows under the finger.

Called by kiosk.ui.draft. Pure: text in, text out; the syllable just written is looked at, nothing is kept.
Terms and arithmetic are those of the Unicode Standard, chapter 3.12: leading L, vowel V, trailing T.
"""

from types import MappingProxyType

FIRST, LAST = 0xAC00, 0xD7A3
LEADING = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TRAILING = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"  # the first: none
PAIRS = MappingProxyType(
    {
        "ㅗㅏ": "ㅘ",
        "ㅗㅐ": "ㅙ",
        "ㅗㅣ": "ㅚ",
        "ㅜㅓ": "ㅝ",
        "ㅜㅔ": "ㅞ",
        "ㅜㅣ": "ㅟ",
        "ㅡㅣ": "ㅢ",
        "ㄱㅅ": "ㄳ",
        "ㄴㅈ": "ㄵ",
        "ㄴㅎ": "ㄶ",
        "ㄹㄱ": "ㄺ",
        "ㄹㅁ": "ㄻ",
        "ㄹㅂ": "ㄼ",
        "ㄹㅅ": "ㄽ",
        "ㄹㅌ": "ㄾ",
        "ㄹㅍ": "ㄿ",
        "ㄹㅎ": "ㅀ",
        "ㅂㅅ": "ㅄ",
    }
)
HALVES = MappingProxyType({pair: halves for halves, pair in PAIRS.items()})


def typed(text: str, letter: str) -> str:
    """Add a letter to the text: to its last syllable where it belongs there."""
    before, last = text[:-1], text[-1:]
    leading, vowel, trailing = _parts(last)
    if letter in VOWELS:
        if trailing:  # the syllable's end is the beginning of the next
            stays, moves = tuple(HALVES.get(trailing, " " + trailing))
            return before + _syllable(leading, vowel, stays.strip()) + _syllable(moves, letter)
        if vowel:
            pair = PAIRS.get(vowel + letter)
            return before + _syllable(leading, pair) if pair else text + letter
        if leading:
            return before + _syllable(leading, letter)
        return before + PAIRS[last + letter] if last + letter in PAIRS else text + letter
    grown = PAIRS.get(trailing + letter, "") if trailing else letter
    if vowel and grown and grown in TRAILING:
        return before + _syllable(leading, vowel, grown)
    return text + letter


def erased(text: str) -> str:
    """Take the last letter off, out of its syllable."""
    before, last = text[:-1], text[-1:]
    leading, vowel, trailing = _parts(last)
    if trailing:
        return before + _syllable(leading, vowel, HALVES.get(trailing, " ")[0].strip())
    if vowel:
        return before + (_syllable(leading, HALVES[vowel][0]) if vowel in HALVES else leading)
    return before + HALVES.get(last, " ")[0].strip()


def _parts(last: str) -> tuple[str, str, str]:
    """Leading, vowel and trailing letter of a syllable; of a lone consonant only the first."""
    if last and FIRST <= ord(last) <= LAST:
        rest, trailing = divmod(ord(last) - FIRST, len(TRAILING))
        leading, vowel = divmod(rest, len(VOWELS))
        return LEADING[leading], VOWELS[vowel], TRAILING[trailing].strip()
    return (last, "", "") if last and last in LEADING else ("", "", "")


def _syllable(leading: str, vowel: str, trailing: str = "") -> str:
    place = LEADING.index(leading) * len(VOWELS) + VOWELS.index(vowel)
    return chr(FIRST + place * len(TRAILING) + TRAILING.index(trailing or " "))
