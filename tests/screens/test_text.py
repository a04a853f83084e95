"""Open text at the real window: what is typed is what is stored, and nothing else is."""

import os
import random
from pathlib import Path

import pytest

from deploy.places import Places, Spot
from deploy.screen import Screen, wait_for
from kiosk.ui.mozc import find
from tests.screens.desk import Desk
from tests.screens.typist import Typist

TEXTS = """
[kiosk]
language = "LANGUAGE"
languages = ["ja", "en", "ko"]
idle_s = 5
thanks_s = 1
[screen]
motion = false
[[survey]]
id = "words"
kind = "in_the_moment"
title = { ja = "ことば", en = "Words", ko = "말" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "いかがでしたか?", en = "How was it?", ko = "어땠습니까?" }
  [[survey.question]]
  id = "words"
  type = "text"
  KEYS
  text = { ja = "くわしくお聞かせください", en = "Tell us more", ko = "더 말씀해 주세요" }
  [[survey.question]]
  id = "again"
  type = "faces"
  text = { ja = "また来たいですか?", en = "Would you come again?", ko = "또 오시겠습니까?" }
"""


class Writers(Desk):
    """A kiosk whose second question wants words, with the typist in front of it."""

    def sit(self, places: Places, language: str = "ja", wanted: str | None = None) -> Typist:
        """Start, answer the first question, and come to the second."""
        if not self.running:
            self.start()
        self.screen.still()
        self.screen.turn(*places.face("happy"))
        return Typist(self.screen, places, language, wanted)

    def send(self, button: Spot) -> None:
        """Touch a button that answers, and wait until the answer is stored and the next screen is up."""
        held = len(self.taps())
        self.screen.still()
        self.screen.tap(*button)
        self.wait_for_taps(held + 1)
        self.screen.still()

    def words(self) -> list[object]:
        """What is stored as answers to the text question."""
        return [answer for question, answer in self.taps() if question == "words"]


@pytest.fixture
def writers(screen: Screen, tmp_path: Path):
    """Makes a kiosk with keys of its own in the text question."""
    opened: list[Writers] = []

    def make(keys: str = "", language: str = "ja") -> Writers:
        config = TEXTS.replace("KEYS", keys).replace("LANGUAGE", language)
        opened.append(Writers(screen, tmp_path, config))
        return opened[-1]

    yield make
    for desk in opened:
        desk.__exit__()


def test_kana_latin_and_numbers_are_stored_as_they_were_typed(writers, places: Places):
    """Dakuten, handakuten, small kana, katakana, capitals and figures arrive in the ledger, none lost."""
    desk = writers()
    typist = desk.sit(places)
    typist.type("か゛つ小こうは゜んー、")
    typist.strike("shift")
    typist.type("レシ゛")
    typist.strike("ABC")
    typist.strike("shift")
    typist.type("Bus")
    typist.strike("123")
    typist.type("25%")
    desk.send(places.onward)
    assert desk.words() == ["がっこうぱんー、レジBus25%"]
    assert desk.errors() == ""


def test_fast_fingers_lose_no_key(writers, places: Places):
    """Sixty keys as fast as they can be sent arrive in their order."""
    desk = writers('keyboard = "latin"')
    typist = desk.sit(places, wanted="latin")
    text = "thequickbrownfoxjumpsoverthelazydog" + "acbd" * 6
    typist.type(text)
    desk.send(places.onward)
    assert desk.words() == [text]


def test_no_more_is_written_than_fits(writers, places: Places):
    """At the length limit further keys do nothing; erasing makes room again."""
    desk = writers('max_length = 5\nkeyboard = "numeric"')
    typist = desk.sit(places, wanted="numeric")
    typist.type("12345678")
    typist.strike("erase")
    typist.type("90")
    desk.send(places.onward)
    assert desk.words() == ["12349"]


def test_holding_erase_and_the_cross_take_everything_away(writers, places: Places):
    """A finger that rests on the erase key empties the field, and so does one touch of the cross."""
    desk = writers()
    typist = desk.sit(places)
    empty = typist.field()
    typist.type("あいうえお")
    assert typist.field() != empty
    desk.screen.press(*typist.find("erase")[1])
    wait_for(lambda: typist.glance() == empty, "an empty field")
    desk.screen.lift()
    typist.type("かきく")
    wait_for(lambda: typist.glance() != empty, "letters in the field")
    desk.screen.tap(*typist.clear)
    wait_for(lambda: typist.glance() == empty, "an empty field again")


def test_blank_words_are_no_answer_and_skipping_stores_none(writers, places: Places):
    """With nothing but spaces the way on does not open; what was typed before a skip is not stored."""
    desk = writers()
    typist = desk.sit(places)
    typist.strike(" ")
    desk.screen.still()
    desk.screen.tap(*places.onward)
    desk.screen.still()
    typist.type("あ")
    desk.send(places.skip)
    assert desk.taps() == [("rating", "happy"), ("words", None)]


def test_a_telephone_number_never_reaches_the_disk(writers, places: Places):
    """P6: the ledger holds the cover, no file of the kiosk holds the number, and the shopper was told."""
    desk = writers()
    typist = desk.sit(places)
    typist.type("てんわ")
    before = desk.screen.still()
    typist.strike("123")
    typist.type("09012345678")
    box = typist.hint
    told = before.crop(box).tobytes()
    wait_for(lambda: desk.screen.look().crop(box).tobytes() != told, "a word about what is covered")
    desk.send(places.onward)
    assert desk.words() == ["てんわ「●●●」"]
    files = [file for file in desk.data.rglob("*") if file.is_file()]
    assert files
    assert not any(b"9012345678" in file.read_bytes() for file in files)


def test_going_back_keeps_what_was_written(writers, places: Places):
    """Unsent words are still there after a look back, sent ones can be written on."""
    desk = writers()
    typist = desk.sit(places)
    typist.type("あい")
    desk.screen.turn(*places.back)
    desk.screen.turn(*places.face("sad"))
    typist.type("う")
    desk.send(places.onward)
    desk.screen.turn(*places.back)
    typist.type("え")
    desk.send(places.onward)
    assert desk.words() == ["あいう", "あいうえ"]


def test_words_left_behind_are_dropped(writers, places: Places):
    """Whoever walks away leaves nothing: the first screen returns, the next shopper finds an empty field."""
    desk = writers()
    first = desk.start().screen.still()
    typist = desk.sit(places)
    empty = typist.field()
    typist.type("ひみつ")
    wait_for(lambda: desk.screen.look().tobytes() == first.tobytes(), "the first screen", patience_s=60)
    assert desk.words() == []
    assert desk.sit(places).field() == empty


def test_hangul_grows_letter_by_letter(writers, places: Places):
    """The two-set keyboard makes syllables, also over a double consonant under shift."""
    desk = writers(language="ko")
    typist = desk.sit(places, "ko")
    typist.type("ㅁㅏㅅㅇㅣ")
    typist.strike("shift")
    typist.type("ㅆㅇㅓㅇㅛ")
    desk.send(places.onward)
    assert desk.words() == ["맛있어요"]


def test_monkeys_on_the_keyboard_break_nothing(writers, places: Places):
    """Four hundred touches anywhere around field and keys: no exception, and the kiosk goes on."""
    desk = writers()
    typist = desk.sit(places)
    chance = random.Random(20261121)  # noqa: S311 - monkeys
    for _ in range(400):
        desk.screen.press(chance.randrange(1280), chance.randrange(110, 656))
        if chance.random() < 0.2:
            desk.screen.move(chance.randrange(1280), chance.randrange(110, 656))
        desk.screen.lift()
    desk.screen.still()
    assert desk.errors() == ""
    assert desk.running
    assert typist.field()
    assert desk.taps() == [("rating", "happy")]


@pytest.mark.skipif(find() is None, reason="Mozc is not installed here")
def test_kana_become_kanji_and_outlive_the_converter(writers, places: Places):
    """A touch of the first candidate writes kanji; killed, the converter comes back, and none outlives us."""
    desk = writers()
    typist = desk.sit(places)
    strip = (48, 230, 700, 280)
    empty = desk.screen.still().crop(strip).tobytes()
    typist.type("まちし゛かん")
    wait_for(lambda: desk.screen.look().crop(strip).tobytes() != empty, "candidates")
    desk.screen.still()
    desk.screen.step(*typist.best)
    for number in converters(desk):
        os.kill(number, 9)
    typist.type("た゛")
    wait_for(lambda: len(converters(desk)) >= 2, "the converter to be back")
    numbers = converters(desk)
    desk.send(places.onward)
    assert desk.words() == ["待ち時間だ"]
    assert desk.stop() == 0
    assert not any(Path(f"/proc/{number}").exists() for number in numbers)


def converters(desk: Desk) -> list[int]:
    """The process numbers of the converters that this kiosk has started and that live."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        ours = int(fields["PPid"]) == desk.pid and fields["State"][0] != "Z"
        if ours and fields["Name"].startswith("mozc"):
            found.append(int(status.parent.name))
    return found
