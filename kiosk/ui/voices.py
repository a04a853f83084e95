"""Which voice of eSpeak NG speaks a language, and what it is given to read.

Asked by kiosk.ui.narration. Pure: a language tag and a text in, a voice or a text out.
A language is not here when its voice cannot be understood: Thai and Hebrew come out garbled (eSpeak NG knows
neither where Thai words end nor which vowels Hebrew leaves out), Filipino has none.
"""

import re

from kiosk.ui.scripts import script_of
from survey.ruby import parts, plain

VOICES = {
    "ar": "ar",
    "de": "de",
    "en": "en",
    "es": "es-419",
    "fr": "fr",
    "ja": "ja",
    "ko": "ko",
    "pt": "pt-br",
    "vi": "vi",
    "zh": "cmn-latn-pinyin",  # `cmn` of version 1.51 reads the pinyin of its own dictionary as English
}
# The voice names kanji instead of reading them, so it is given kana. These are the kiosk's own words, and
# some that nearly every shop writes; a store gives the others with furigana: {売り場|うりば}.
READINGS = {
    "不満": "ふまん",
    "満足": "まんぞく",
    "店": "みせ",
    "お店": "おみせ",
    "名前": "なまえ",
    "お名前": "おなまえ",
    "届く": "とどく",
    "回答": "かいとう",
    "回答中": "かいとうちゅう",
    "取り扱い": "とりあつかい",
    "連絡先": "れんらくさき",
    "録音": "ろくおん",
    "使って": "つかって",
    "使います": "つかいます",
    "言語": "げんご",
    "日時": "にちじ",
    "時間": "じかん",
    "端末": "たんまつ",
    "番号": "ばんごう",
    "電話番号": "でんわばんごう",
    "本部": "ほんぶ",
    "声": "こえ",
    "お店づくり": "おみせづくり",
    "活かします": "いかします",
    "休み": "やすみ",
    "お休み": "おやすみ",
    "来店": "らいてん",
    "待ち": "まち",
    "待ち時間": "まちじかん",
    "お待ち": "おまち",
    "画面": "がめん",
    "触れる": "ふれる",
    "始まります": "はじまります",
    "保存": "ほぞん",
    "近く": "ちかく",
    "知らせ": "しらせ",
    "書か": "かか",
    "置き": "おき",
    "選んで": "えらんで",
    "選べます": "えらべます",
    "選びました": "えらびました",
    "読みあげ": "よみあげ",
    "見やすさ": "みやすさ",
    "文字": "もじ",
    "本日": "ほんじつ",
    "買い物": "かいもの",
    "日本語": "にほんご",
    "答え": "こたえ",
    "方": "かた",
    "何": "なに",
    "商品": "しょうひん",
    "品": "しな",
    "品ぞろえ": "しなぞろえ",
    "応対": "おうたい",
    "値段": "ねだん",
    "価格": "かかく",
    "売り場": "うりば",
    "清潔さ": "せいけつさ",
    "その他": "そのた",
    "家族": "かぞく",
    "友だち": "ともだち",
    "思う": "おもう",
    "思い": "おもい",
    "思わない": "おもわない",
    "来たい": "きたい",
    "越し": "こし",
    "客さま": "きゃくさま",
    "取り組み": "とりくみ",
    "選び": "えらび",
    "良く": "よく",
    "物足り": "ものたり",
}
KANJI = re.compile(r"[㐀-鿿豈-﫿々〆]")
WORD_ENDS = r"(?![㐀-鿿豈-﫿々〆])"  # a word that goes on in kanji is another word
KNOWN = re.compile("|".join(f"{each}{WORD_ENDS}" for each in sorted(READINGS, key=len, reverse=True)))
# The particle は is said wa: after kanji, katakana, furigana, and after の, に, で, と before a new word.
WA = re.compile(r"(?<=[㐀-鿿々ァ-ヶー}])は|(?<=[のにでと])は(?=[㐀-鿿ァ-ヶ{、。]|$)")


def voice_of(tag: str) -> str | None:
    """The name of the voice for a language tag of BCP 47; None where there is none to be understood."""
    return VOICES.get(tag.partition("-")[0])


def readable(text: str, tag: str) -> str:
    """What the voice of this language is given for a text; empty if it would not read it rightly."""
    if voice_of(tag) is None:
        return ""
    if not script_of(tag).furigana:
        return plain(text)
    pieces = parts(WA.sub("わ", text))
    read = "".join(each.reading or KNOWN.sub(lambda word: READINGS[word[0]], each.base) for each in pieces)
    return "" if KANJI.search(read) else read
