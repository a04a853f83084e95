"""The panel on which a shopper writes: the field, what kana may become, the keyboard.

Shown by kiosk.ui.screens, drawn by kiosk.kv. May touch Kivy's widgets and the conversion it is handed.
What is typed here leaves it only as the answer that つぎへ sends; a visit's drafts go with the visit.
"""

from typing import Protocol

from kivy.app import App
from kivy.clock import Clock
from kivy.factory import Factory
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.ui.answers import HEAD, HEADLESS, Panel
from kiosk.ui.draft import Draft, struck
from kiosk.ui.field import Field
from kiosk.ui.grids import Box
from kiosk.ui.keyboard import Keyboard
from kiosk.ui.keys import GAP, Key, planes
from kiosk.ui.mozc import Candidate
from kiosk.ui.printing import Style
from kiosk.ui.scripts import JAPANESE
from kiosk.ui.sheet import Room, foot_of, lay_out
from kiosk.ui.touch import Target
from kiosk.visit import Ask
from survey.model import Question
from survey.redact import redact

MOST_CANDIDATES = 16
CANDIDATE_TYPE, CANDIDATE_AIR, MORE_WIDE = 30, 48, 72  # units
QUESTION_HIGH, HELP_HIGH = 62, 36
FOOT, UPRIGHT_FOOT = 144, 160  # what stays free below the keys


class Converting(Protocol):
    """What the panel asks of kiosk.ui.conversion."""

    alive: bool

    def warm(self) -> None:
        """Be ready soon."""

    def ask(self, reading: str) -> None:
        """Find out what the reading may become."""


class Clear(Target):
    """Takes the whole text away."""


class CandidateCard(Target):
    """Words that kana may become; without any it leads to the next ones."""

    panel = ObjectProperty()
    candidate = ObjectProperty(Candidate("", 0))
    words = StringProperty()
    best = BooleanProperty(False)


class TextPanel(Panel):
    """A text, written with the keys below it."""

    words = StringProperty()
    open_from = NumericProperty(0)  # where the kana begin that may still become kanji
    left = NumericProperty(0)  # characters that still fit
    covered = BooleanProperty(False)  # whether something in the text will be covered before it is stored
    offers = BooleanProperty(False)  # whether there are candidates to touch
    private = BooleanProperty(True)  # whether numbers and the like are covered before it is stored
    precise = BooleanProperty(False)  # whether whoever writes hits smaller keys: staff do
    counts = BooleanProperty(True)  # whether it says how many characters still fit
    inside = BooleanProperty(False)  # whether the line of words stands in the field
    field = ListProperty([0, 0, 0, 0])  # x, y, width, height in pixels, both
    strip = ListProperty([0, 0, 0, 0])

    def __init__(self, **kwargs: object) -> None:
        self._draft = Draft()
        self._most = 0
        self._question = ""
        self._drafts: dict[str, tuple[object, Draft]] = {}  # by question: the answer it began with, the draft
        self._conversion: Converting | None = None
        self._candidates: tuple[Candidate, ...] = ()
        self._first = 0  # the candidate that the row begins with
        self._check = Clock.create_trigger(self._check_private, 0)
        super().__init__(confirms=True, sinks=True, **kwargs)
        self._roomy = False  # whether candidates have a row of their own
        self.keyboard = Keyboard(hear=self.strike, turned=self.arrange)
        self._cards = [CandidateCard(panel=self) for _ in range(MOST_CANDIDATES + 1)]
        self.add_widget(self.keyboard)
        self.bind(pos=self.arrange, size=self.arrange)

    def convert_with(self, conversion: Converting) -> None:
        """Kana may become kanji from now on."""
        self._conversion = conversion

    def forget(self) -> None:
        """The visit is over: nothing of what was written stays."""
        self._question = ""
        self._drafts.clear()
        self.keyboard.rest()
        self._show(Draft())

    def show(self, ask: Ask) -> None:
        """Put the question's keyboard on the panel, with what was written before."""
        super().show(ask)
        began, draft = self._drafts.get(ask.question.id, (None, Draft()))
        if ask.question.id not in self._drafts or began != ask.answer:  # it was sent, and covered, meanwhile
            draft = Draft(ask.answer if isinstance(ask.answer, str) else "")
        self._question, self._most = ask.question.id, ask.question.longest_text
        self._drafts[self._question] = ask.answer, draft
        self._show(draft)

    def settle(self, ask: Ask) -> None:
        """The question's own place, and the foot's, as small as they may be."""
        look = App.get_running_app().look
        self.fills = not look.tall and (look.tight or (ask.can_go_back and not look.low))
        self.foot = UPRIGHT_FOOT if look.tall else max(FOOT, foot_of(look.target / look.unit) + GAP / 2)
        self.above = HEADLESS if self.fills else HEAD
        self.below = self.above + QUESTION_HIGH + (HELP_HIGH if ask.question.help else 0)

    def lay_keys(self, question: Question, language: str) -> None:
        """Put the question's keys on the keyboard."""
        self.language = language
        self.keyboard.open(planes(language, question.keyboard))

    def fill(self, question: Question) -> None:
        """Choose the keyboards."""
        self.lay_keys(question, self.language)
        if self._conversion and self._converts:
            self._conversion.warm()
        self.arrange()

    def writes_at(self, x: float, y: float) -> bool:
        """Whether a finger there types: it may come before the last one has gone."""
        return bool(self.keyboard.collide_point(x, y))

    def strike(self, key: Key) -> None:
        """A key that changes the text."""
        if key.act == "candidate":
            self.take(self._candidates[int(key.value)])
            return
        plane = self.keyboard.plane
        composes = self._converts and plane.name == "kana" and not self.keyboard.shifted
        self._show(struck(self._draft, key, most=self._most, composes=composes))

    def clear(self) -> None:
        """Take it all away."""
        self._show(Draft())

    def take(self, candidate: Candidate) -> None:
        """Put a candidate in the place of its kana, or turn to the next candidates."""
        if candidate.words:
            self._show(self._draft.chosen(candidate.words, candidate.length, most=self._most))
        else:
            self._lay_out()

    def offer(self, reading: str, candidates: tuple[Candidate, ...]) -> None:
        """What a reading may become, if it still stands."""
        if reading == self._draft.reading:
            self._candidates, self._first = candidates, 0
            self._lay_out()

    def arrange(self, *_: object) -> None:
        """The keyboard at the bottom, as high as it may be; the field above it."""
        look = App.get_running_app().look
        if not self.keyboard.plane:
            return
        unit = look.unit
        room = Room(
            wide=self.width / unit,
            high=self.height / unit,
            finger=0 if self.precise else look.target / unit,
            reach=look.reach - self.y / unit,  # the window begins at 0
        )
        board = self.keyboard
        sheet = lay_out(room, board.planes, board.plane, converts=self._converts)
        self.field, self.strip = self._pixels(sheet.field), self._pixels(sheet.strip)
        self.inside, self._roomy = sheet.inside, sheet.rows_of_candidates
        keys = self._pixels(sheet.keys)
        board.pos, board.size = keys[:2], keys[2:]
        board.wear(sheet.face)
        self._lay_out()

    def _pixels(self, box: Box) -> list[float]:
        unit = App.get_running_app().look.unit
        y = self.y + self.height - (box.y + box.height) * unit
        return [self.x + box.x * unit, y, box.width * unit, box.height * unit]

    @property
    def _converts(self) -> bool:
        return bool(self._conversion and self._conversion.alive and self.keyboard.has("kana"))

    def _show(self, draft: Draft) -> None:
        changed = draft.reading != self._draft.reading
        self._draft = draft
        if self._question:
            self._drafts[self._question] = self._drafts[self._question][0], draft
        self.words, self.open_from = draft.whole, len(draft.text)
        self.left = self._most - len(draft.whole)
        self.chosen = draft.whole.strip() or None
        self._check()
        if changed:
            self._candidates = ()
            self._lay_out()
            if draft.reading and self._conversion:
                self._conversion.ask(draft.reading)

    def _check_private(self, *_: object) -> None:
        self.covered = self.private and bool(redact(self.words).kinds)

    def _lay_out(self) -> None:
        """Show the candidates: in the strip, or behind the space bar where that has no room for them."""
        offered = self._candidates if self._converts and self.keyboard.plane.name == "kana" else ()
        self.offers = bool(offered)
        self.keyboard.offer(None if self._roomy or not offered else converting(offered))
        self._fill_strip(offered if self._roomy else ())

    def _fill_strip(self, offered: tuple[Candidate, ...]) -> None:
        """As many as there is room for; the last card leads to the others."""
        look = App.get_running_app().look
        x, y, width, height = self.strip
        least = 0 if self.precise else look.target - GAP * look.unit
        more = max(least, MORE_WIDE * look.unit)
        style = Style(JAPANESE, bold=False, px=int(CANDIDATE_TYPE * look.unit))
        shown = 0
        for candidate in offered[self._first : self._first + MOST_CANDIDATES]:
            wide = max(least, look.printer.width(candidate.words, style) + CANDIDATE_AIR * look.unit)
            if x + wide > self.strip[0] + width - more and shown:
                break
            wide = min(wide, width - more - GAP * look.unit)
            self._place(self._cards[shown], candidate, (x, y, wide, height))
            x += wide + GAP * look.unit
            shown += 1
        self._first = (self._first + shown) % max(1, len(offered))
        if 0 < shown < len(offered):
            self._place(self._cards[shown], Candidate("", 0), (self.strip[0] + width - more, y, more, height))
            shown += 1
        for card in self._cards[shown:]:
            self.remove_widget(card)

    def _place(
        self, card: CandidateCard, candidate: Candidate, box: tuple[float, float, float, float]
    ) -> None:
        card.candidate, card.words = candidate, candidate.words
        card.best = bool(self._candidates) and candidate is self._candidates[0]
        card.pos, card.size = box[:2], box[2:]
        if card.parent is None:
            self.add_widget(card)


def converting(candidates: tuple[Candidate, ...]) -> Key:
    """The key behind which candidates stand."""
    keys = tuple(
        Key(label=each.words, act="candidate", value=str(at))
        for at, each in enumerate(candidates[:MOST_CANDIDATES])
    )
    return Key(label="変換", act="group", keys=keys)


def make_panel() -> TextPanel:
    """The panel, and the field in it made known to its rule."""
    Factory.register("Field", cls=Field)
    return TextPanel()
