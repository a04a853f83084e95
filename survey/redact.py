"""Takes out of a shopper's own words what could tell who they are.

Called by the kiosk before a written answer is stored, and by head office for words from elsewhere.
Pure functions of text: touches nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from survey.values import frozen, frozen_named

COVER = "「●●●」"

DASHES = "‐‑‒–—―−ー－ｰ"  # all of them stand between the digits of telephone numbers in Japan
DOTS = "・･·"
KANJI_DIGITS = "〇一二三四五六七八九"
CARD_DIGITS = range(13, 20)
NATIONAL_DIGITS = range(9, 12)  # with the leading 0
MEMBERSHIP_DIGITS = 11
PRICE_DIGITS = 9

NO_DIGIT_BEFORE, NO_DIGIT_AFTER = r"(?<!\d)", r"(?!\d)"
GAP = r"[-. ()]{1,3}"
EMAIL = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+\s?@\s?(?:[a-z0-9-]+\.)+[a-z]{2,}"
INTERNATIONAL = r"(?:\+\s?|00[-. ]?)\d(?:[-. ()]{0,3}\d){6,14}"
NATIONAL_IN_GROUPS = r"\(?0\d{1,4}[-. ()/]{1,3}\d{1,4}[-. ()/]{1,3}\d{3,4}"
NATIONAL_IN_TWO = rf"\(?0\d{{1,4}}{GAP}\d{{5,8}}"
NATIONAL = r"0(?:[-. ]?\d){8,10}"
FOREIGN = rf"(?:1{GAP})?\(?\d{{3}}{GAP}\d{{3}}[-. ]\d{{4}}"
LOCAL = r"(?<![,.])(?!(?:19|20)\d\d-(?:19|20)\d\d)\d{3,4}-\d{4}(?!,\d)"  # a span of years is none
MEMBERSHIP = r"\d{3,6}(?:[- ]\d{3,6}){2,}"
LONG = r"\d{7,}"
MONEY_BEFORE = re.compile(r"[¥$€£]\s?$")
MONEY_AFTER = re.compile(r"\s?(?:円|圓|えん|エン|ドル|元|yen|jpy|usd|eur|[¥$€£])", re.IGNORECASE)


@frozen_named
class Redacted:
    """A text that names nobody, and the kinds of what was covered: email, phone, card, digits."""

    text: str
    kinds: tuple[str, ...]


@frozen
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    fits: Callable[[re.Match[str]], bool]


def redact(text: str) -> Redacted:
    """Cover e-mail addresses, telephone and card numbers and long digit runs, in any width of letters.

    Prices, dates and numbers of up to six digits stay. Redacting twice changes nothing more.
    """
    kinds: list[str] = []
    while found := list(_found(_plain(text))):
        kinds.extend(kind for _, _, kind in found)
        for start, end, _ in reversed(found):
            text = text[:start] + COVER + text[end:]
    return Redacted(text=text, kinds=tuple(dict.fromkeys(kinds)))


def _plain(text: str) -> str:
    """Write the text, character for character, with the digits, signs and letters that the rules know."""
    return "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    if character in KANJI_DIGITS:
        return str(KANJI_DIGITS.index(character))
    if character in DASHES:
        return "-"
    if character in DOTS:
        return "."
    if unicodedata.category(character) == "Zs":
        return " "
    narrow = unicodedata.normalize("NFKC", character)
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return narrow if len(narrow) == 1 else character


def _found(plain: str) -> Iterator[tuple[int, int, str]]:
    start = 0
    while start < len(plain):
        tried = ((rule, rule.pattern.match(plain, start)) for rule in _rules())
        end, kind = next(
            ((match.end(), rule.kind) for rule, match in tried if match and rule.fits(match)), (0, "")
        )
        if kind:
            yield start, end, kind
        start = end or start + 1


def _digits(match: re.Match[str]) -> str:
    return "".join(filter(str.isdecimal, match.group()))


def _always(_match: re.Match[str]) -> bool:
    return True


def _is_national(match: re.Match[str]) -> bool:
    return len(_digits(match)) in NATIONAL_DIGITS


def _is_card(match: re.Match[str]) -> bool:
    """Luhn's check (ISO/IEC 7812-1): every second digit from the right doubled, the digits' sum ends in 0."""
    digits = [int(digit) for digit in reversed(_digits(match))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_no_price(match: re.Match[str]) -> bool:
    return not (
        MONEY_BEFORE.search(match.string, 0, match.start()) or MONEY_AFTER.match(match.string, match.end())
    )


def _is_membership(match: re.Match[str]) -> bool:
    return len(_digits(match)) >= MEMBERSHIP_DIGITS and _is_no_price(match)


def _is_no_long_price(match: re.Match[str]) -> bool:
    return len(match.group()) > PRICE_DIGITS or match.group().startswith("0") or _is_no_price(match)


def _rule(kind: str, pattern: str, fits: Callable[[re.Match[str]], bool]) -> _Rule:
    return _Rule(kind, re.compile(NO_DIGIT_BEFORE + pattern + NO_DIGIT_AFTER), fits)


@cache
def _rules() -> tuple[_Rule, ...]:
    """In the order in which they are tried. Made when the first words come: no start waits for them."""
    return (
        _Rule("email", re.compile(EMAIL, re.IGNORECASE), _always),
        _rule("phone", INTERNATIONAL, _always),
        *(_rule("card", rf"\d(?:[- ]?\d){{{count - 1}}}", _is_card) for count in reversed(CARD_DIGITS)),
        _rule("phone", NATIONAL_IN_GROUPS, _is_national),
        _rule("phone", NATIONAL_IN_TWO, _is_national),
        _rule("phone", NATIONAL, _always),
        _rule("digits", MEMBERSHIP, _is_membership),
        _rule("phone", FOREIGN, _is_no_price),
        _rule("phone", LOCAL, _is_no_price),
        _rule("digits", LONG, _is_no_long_price),
    )
