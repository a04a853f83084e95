"""Keyboards for panels on which not every key has 20 mm: several letters stand on one key, which opens them.

Read by kiosk.ui.keys. May touch nothing. Written as in kiosk.ui.layouts; `[abc]` is a key that opens three,
`[か|が]` one that shows what stands before the bar and opens all, `[shift;others]` opens keys with a task.
A line that ends with a backslash goes on in the next.
"""

from collections.abc import Mapping
from types import MappingProxyType

# Ten keys wide, four high: what a panel of 10 inches has room for, with seldom letters together on one key.
NUMBERS_NARROW = """
1 2 3 4 5 6 7 8 9 0
- / : ( ) & @ # % +
¥ $ € = * ~ … ' " erase
others*3 space*3 , . ? !
"""
SPANISH_NARROW = """
q w e r t y u i o p
a s d f g h j k l ñ
shift*1.5 z x c v b n m erase*1.5
others*2 space*2 [áéíóúü] , . [?!¿¡] - '
"""
FRENCH_NARROW = """
a z e r t y u i o p
q s d f g h j k l m
shift*1.5 w x c v b n ' erase*1.5
others*2 space*2 [éèê] [àâçîôœùû¨] , . [?!] -
"""
PORTUGUESE_NARROW = """
q w e r t y u i o p
a s d f g h j k l '
shift*1.5 z x c v b n m erase*1.5
others*2 space*2 [áâãà] [éêíç] [óôõú] , . [?!-]
"""
VIETNAMESE_NARROW = """
q w e r t y u i o p
a s d f g h j k l '
shift*1.5 z x c v b n m erase*1.5
others*2 space*2 [ăâêô] [ơưđ] [huyền;sắc;hỏi;ngã;nặng] , . [?!-]
"""
ARABIC_NARROW = """
ض ص ث ق ف غ ع ه خ ح
ج ش س ي ب ل ا ت ن م
ك ط ة و ز ظ د ذ ر erase
others*2 [أإآئءؤى] space*4 ، . ؟
"""
# Two rows of seven: what a panel of 7 inches has room for. The groups are those that telephones have.
KANA_GROUPS = """
[あいうえお|ぁぃぅぇぉ] [かきくけこ|がぎぐげご] [さしすせそ|ざじずぜぞ] [たちつてと|だぢづでどっ] \
[なにぬねの] [はひふへほ|ばびぶべぼ] [まみむめも]
[やゆよ|ゃゅょ] [らりるれろ] [わをんー] [゛゜小、。|！？・] [shift;others] space erase
"""
NUMBERS_GROUPS = """
1 2 3 4 5 6 7
8 9 0 [.,-/|?!:()&@#%+¥$€=*~…'"] others space erase
"""
NUMERIC_GROUPS = """
1 2 3 4 5 6 7
8 9 0 [.-/:] space*2 erase
"""
ENGLISH_GROUPS = """
[abc] [def] [ghi] [jkl] [mno] [pqrs] [tuv]
[wxyz] [.,?!'-] shift others space*2 erase
"""
GERMAN_GROUPS = """
[abcä] [def] [ghi] [jkl] [mnoö] [pqrsß] [tuvü]
[wxyz] [.,?!'-] shift others space*2 erase
"""
FRENCH_GROUPS = """
[abcàâç] [deféèê] [ghiî] [jkl] [mnoôœ] [pqrs] [tuvùû]
[wxyz] [.,?!'-¨] shift others space*2 erase
"""
SPANISH_GROUPS = """
[abcá] [defé] [ghií] [jkl] [mnñoó] [pqrs] [tuvúü]
[wxyz] [.,?!¿¡'-] shift others space*2 erase
"""
PORTUGUESE_GROUPS = """
[abcáâãàç] [deféê] [ghií] [jkl] [mnoóôõ] [pqrs] [tuvú]
[wxyz] [.,?!'-] shift others space*2 erase
"""
FILIPINO_GROUPS = """
[abc] [def] [ghi] [jkl] [mnño] [pqrs] [tuv]
[wxyz] [.,?!'-] shift others space*2 erase
"""
VIETNAMESE_GROUPS = """
[aăâbc] [dđeêf] [ghi] [jkl] [mnoôơ] [pqrs] [tuưv]
[wxyz] [huyền;sắc;hỏi;ngã;nặng] [.,?!'-] shift others space erase
"""
KOREAN_GROUPS = """
[ㄱㅋㄲ] [ㄴㄹ] [ㄷㅌㄸ] [ㅁㅂㅍㅃ] [ㅅㅆ] [ㅇㅎ] [ㅈㅊㅉ]
[ㅏㅑㅐㅒ] [ㅓㅕㅔㅖ] [ㅗㅛㅜㅠ] [ㅡㅣ.,?!|-] others space erase
"""
THAI_GROUPS = """
[กขฃคฅฆง] [จฉชซฌญ] [ฎฏฐฑฒณ] [ดตถทธน] [บปผฝพฟภม] [ยรลวฤฦ] \
[ศษสหฬอฮ]
[ะัาำิีึืุู] [เแโใไๅ็ๆ] [่้๊๋์ํฺ] \
[ฯ,.?!|-/()"+฿๐๑๒๓๔๕๖๗๘๙] others space erase
"""
ARABIC_GROUPS = """
[اأإآءؤئى] [بتثة] [جحخ] [دذرز] [سشصض] [طظعغ] [فقكل]
[منهوي] [،.؟] others space*2 erase
"""
HEBREW_GROUPS = """
[אבג] [דהו] [זחט] [יכךל] [מםנן] [סעפף] [צץק]
[רשת] [,.?-] others space*2 erase
"""

# By language for Latin letters, by the keyboard's name for all else; the least grouped first.
GROUPED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (ENGLISH_GROUPS,),
        "de": (GERMAN_GROUPS,),
        "fr": (FRENCH_NARROW, FRENCH_GROUPS),
        "es": (SPANISH_NARROW, SPANISH_GROUPS),
        "pt": (PORTUGUESE_NARROW, PORTUGUESE_GROUPS),
        "fil": (FILIPINO_GROUPS,),
        "tl": (FILIPINO_GROUPS,),
        "vi": (VIETNAMESE_NARROW, VIETNAMESE_GROUPS),
        "kana": (KANA_GROUPS,),
        "hangul": (KOREAN_GROUPS,),
        "thai": (THAI_GROUPS,),
        "arabic": (ARABIC_NARROW, ARABIC_GROUPS),
        "hebrew": (HEBREW_GROUPS,),
        "numbers": (NUMBERS_NARROW, NUMBERS_GROUPS),
        "numeric": (NUMERIC_GROUPS,),
    }
)
MIRRORED = frozenset({"arabic", "hebrew"})  # their groups begin on the right
