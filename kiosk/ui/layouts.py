"""The keyboards as people know them: rows of keys in the order in which they stand.

Read by kiosk.ui.keys. May touch nothing.
A word of two letters or more is a key with a task; `*2` makes a key so many keys wide, `gap` leaves room.
Where a second layout stands beside the first, shift leads to it.
"""

from collections.abc import Mapping
from types import MappingProxyType

KANA = """
あ か さ た な は ま や ら わ ゛ erase*1.3
い き し ち に ひ み ！ り を ゜ shift*1.3
う く す つ ぬ ふ む ゆ る ん 小 other*1.3
え け せ て ね へ め ？ れ ー 、 other*1.3
お こ そ と の ほ も よ ろ ・ 。 space*1.3
"""
NUMBERS = """
1 2 3 4 5 6 7 8 9 0 erase
- / : ( ) & @ # % +
¥ $ € = * ~ … ' "
others*3 space*4 , . ? !
"""
NUMERIC = """
1 2 3 erase
4 5 6 -
7 8 9 /
. 0 : space
"""
# Nothing to turn to, and what addresses end in as one key; the letters that a one-time code is made of.
ADDRESS = """
1 2 3 4 5 6 7 8 9 0
q w e r t y u i o p
a s d f g h j k l -
z x c v b n m . : erase
www.*1.8 .co.jp*2 .jp*1.5 .com*1.7 .net*1.5 /*1.5
"""
CODE = """
1 2 3 4 5 6 7 8 9 0
Q W E R T Y P
A S D F G H J K
Z X C V B N M - erase
"""
# All that a password of a Wi-Fi may hold besides letters.
SYMBOLS = """
1 2 3 4 5 6 7 8 9 0 erase
! " # $ % & ' ( ) = ~
^ \\ | @ ` [ ] { } + *
others*2 ; : < > , . / ? _ -
"""
ENGLISH = """
q w e r t y u i o p
a s d f g h j k l '
shift*1.5 z x c v b n m erase*1.5
others*2 space*3 , . - ? !
"""
GERMAN = """
q w e r t z u i o p
a s d f g h j k l ö
shift y x c v b n m ü ä
others*2 space*2 ß , . ? ! erase
"""
FRENCH = """
à â ç é è ê î ô œ ù û ¨
a z e r t y u i o p erase
q s d f g h j k l m
shift*2 w x c v b n ' , .
others*3 space*5 - ? !
"""
SPANISH = """
á é í ó ú ü ¿ ¡
q w e r t y u i o p erase
a s d f g h j k l ñ
shift*2 z x c v b n m , .
others*3 space*5 - ? !
"""
PORTUGUESE = """
á â ã à ç é ê í ó ô õ ú
q w e r t y u i o p erase
a s d f g h j k l '
shift*2 z x c v b n m , .
others*3 space*5 - ? !
"""
FILIPINO = """
q w e r t y u i o p
a s d f g h j k l ñ
shift*1.5 z x c v b n m erase*1.5
others*2 space*3 , . - ? !
"""
VIETNAMESE = """
ă â đ ê ô ơ ư huyền sắc hỏi ngã nặng
q w e r t y u i o p erase
a s d f g h j k l '
shift*2 z x c v b n m , .
others*3 space*5 - ? !
"""
KOREAN = """
ㅂ ㅈ ㄷ ㄱ ㅅ ㅛ ㅕ ㅑ ㅐ ㅔ
ㅁ ㄴ ㅇ ㄹ ㅎ ㅗ ㅓ ㅏ ㅣ
shift*1.5 ㅋ ㅌ ㅊ ㅍ ㅠ ㅜ ㅡ erase*1.5
others*2 space*3 , . - ? !
"""
KOREAN_SHIFTED = """
ㅃ ㅉ ㄸ ㄲ ㅆ ㅛ ㅕ ㅑ ㅒ ㅖ
ㅁ ㄴ ㅇ ㄹ ㅎ ㅗ ㅓ ㅏ ㅣ
shift*1.5 ㅋ ㅌ ㅊ ㅍ ㅠ ㅜ ㅡ erase*1.5
others*2 space*3 , . - ? !
"""
THAI = """
ๅ / - ภ ถ ุ ึ ค ต จ ข ช
ๆ ไ ำ พ ะ ั ี ร น ย บ ล
ฟ ห ก ด เ ้ ่ า ส ว ง ฃ
shift ผ ป แ อ ิ ื ท ม ใ ฝ erase
others*3 space*6 . ? !
"""
THAI_SHIFTED = """
+ ๑ ๒ ๓ ๔ ู ฿ ๕ ๖ ๗ ๘ ๙
๐ " ฎ ฑ ธ ํ ๊ ณ ฯ ญ ฐ ,
ฤ ฆ ฏ โ ฌ ็ ๋ ษ ศ ซ . ฅ
shift ( ) ฉ ฮ ฺ ์ ? ฒ ฬ ฦ erase
others*3 space*6 . ? !
"""
ARABIC = """
ض ص ث ق ف غ ع ه خ ح ج erase
ش س ي ب ل ا ت ن م ك ط
ئ ء ؤ ر ى ة و ز ظ د ذ
others*3 أ إ آ space*3 ، . ؟
"""
HEBREW = """
ק ר א ט ו ן ם פ erase*2
ש ד ג כ ע י ח ל ך ף
ז ס ב ה נ מ צ ת ץ
others*2 space*4 , . ? -
"""

LATIN: Mapping[str, str] = MappingProxyType(
    {
        "en": ENGLISH,
        "de": GERMAN,
        "fr": FRENCH,
        "es": SPANISH,
        "pt": PORTUGUESE,
        "fil": FILIPINO,
        "tl": FILIPINO,
        "vi": VIETNAMESE,
    }
)
# Languages that are not written in Latin letters: name of the keyboard, layout, layout under shift.
OWN: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "ja": ("kana", KANA, ""),
        "ko": ("hangul", KOREAN, KOREAN_SHIFTED),
        "th": ("thai", THAI, THAI_SHIFTED),
        "ar": ("arabic", ARABIC, ""),
        "he": ("hebrew", HEBREW, ""),
    }
)
# What stands on the key that leads to a keyboard.
CALLED: Mapping[str, str] = MappingProxyType(
    {
        "kana": "あ",
        "latin": "ABC",
        "numbers": "123",
        "hangul": "가",
        "thai": "กขค",
        "arabic": "أبج",
        "hebrew": "אבג",
    }
)
