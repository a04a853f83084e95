"""Today's view: visits, faces, hours, reasons, remarks, the sync, and what staff predict.

Opened from kiosk.ui.staff.menu, drawn by kiosk.kv. May touch Kivy's widgets and clock; the figures come from
kiosk.store.today by way of the Backroom.
"""

from functools import partial
from typing import TYPE_CHECKING

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.ui.staff.backroom import Standing
from kiosk.ui.staff.charts import Bar, FaceShare, HoursChart, RemarkRow, percent
from kiosk.ui.staff.page import StaffPage
from kiosk.ui.staff.parts import Rows, Segmented, Words
from kiosk.ui.staff.words import sync_words
from kiosk.ui.touch import Target
from survey.model import FACES

if TYPE_CHECKING:
    from kiosk.store.today import Today
    from kiosk.ui.staff.desk import Desk

AGAIN_S = 30.0
VIEWS = ("faces", "reasons", "remarks")
OF_TEN = 10


class TodayPage(StaffPage):
    """Three views of one day: faces and hours, reasons, remarks."""

    tabs = ListProperty([0, 0, 0, 0])  # x, y, width, height in pixels, all of these
    faces_box = ListProperty([0, 0, 0, 0])
    hours_box = ListProperty([0, 0, 0, 0])
    half = NumericProperty(0)
    stacked = BooleanProperty(False)
    visits = StringProperty()
    week = StringProperty()
    foresight = StringProperty()  # what was predicted, and how it is so far
    hours_title = StringProperty()
    sync = StringProperty()
    view = StringProperty("faces")

    def __init__(self, desk: "Desk") -> None:
        self._today: Today | None = None
        super().__init__(desk, title=desk.say("today.title"), action=desk.say("today.predict"))
        self._tabs = Segmented([(view, desk.say(f"today.{view}")) for view in VIEWS], self.view, self.turn)
        self._list = Rows()
        self._chart = HoursChart()
        self._shares = [FaceShare(name=name) for name in reversed(FACES)]
        self.hours_title = desk.say("today.by_hour")
        self.add_widget(self._tabs)
        for name in ("tabs", "faces_box", "hours_box", "box"):
            self.fbind(name, self._place)
        self.turn(self.view)

    def opened(self) -> None:
        """Look, and look again while it stays open."""
        Clock.unschedule(self._look)
        Clock.schedule_interval(self._look, AGAIN_S)
        self._look(0)

    def closed(self) -> None:
        """Look no more."""
        Clock.unschedule(self._look)

    def turn(self, view: str) -> None:
        """Another view."""
        self.view = view
        for widget in (self._list, self._chart, *self._shares):
            self.remove_widget(widget)
        for widget in (self._chart, *self._shares) if view == "faces" else (self._list,):
            self.add_widget(widget)
        self._fill()
        self._place()

    def act(self) -> None:
        """Predict."""
        self.desk.open(PredictPage(self.desk))

    def _look(self, _: float) -> None:
        self.desk.work(self.desk.backroom.today, self._know)
        self.desk.work(self.desk.backroom.standing, self._hear)

    def _hear(self, standing: Standing) -> None:
        self.sync = sync_words(standing, self.desk.say)

    def _know(self, today: "Today | None") -> None:
        self._today = today
        self._fill()
        App.get_running_app().painter.whole()

    def _fill(self) -> None:
        today, say = self._today, self.desk.say
        if today is None:
            return
        self.visits, self.week = str(today.day.visits), say("today.week", count=today.week.visits)
        self.foresight = self._foresight(today)
        for share in self._shares:
            count = getattr(today.day, share.name)
            share.words = App.get_running_app().say(self.desk.language, f"faces.{share.name}")
            share.count, share.shown = str(count), percent(count, today.day.faces)
            share.share = count / today.day.faces if today.day.faces else 0
        self._chart.hours = list(today.hours)
        if self.view == "reasons":
            self._list.show(self._reasons(today) or [Words(words=say("today.no_reasons"))])
        elif self.view == "remarks":
            self._list.show(self._remarks(today) or [Words(words=say("today.no_remarks"))])

    def _foresight(self, today: "Today") -> str:
        if today.predicted is None:
            return ""
        said = self.desk.say("today.predicted", count=today.predicted)
        if today.day.faces:
            so_far = f"{OF_TEN * today.day.happy / today.day.faces:.1f}"
            said += self.desk.say("today.so_far", count=so_far)
        return said

    def _reasons(self, today: "Today") -> list[Bar]:
        most = max((reason.count for reason in today.reasons), default=1)
        language = self.desk.language
        return [
            Bar(
                words=reason.option.text.get(language) or next(iter(reason.option.text.values())),
                sign=reason.option.icon or "",
                count=str(reason.count),
                share=reason.count / most,
            )
            for reason in today.reasons
        ]

    def _remarks(self, today: "Today") -> list[RemarkRow]:
        return [
            RemarkRow(
                words=remark.text,
                face=remark.face or "",
                when=f"{remark.at:%m/%d %H:%M}",
                language=remark.language,
            )
            for remark in today.remarks
        ]

    def _place(self, *_: object) -> None:
        self._tabs.pos, self._tabs.size = self.tabs[:2], self.tabs[2:]
        self._list.pos, self._list.size = self.box[:2], self.box[2:]
        self._chart.pos, self._chart.size = self.hours_box[:2], self.hours_box[2:]
        x, y, width, height = self.faces_box
        for at, share in enumerate(self._shares):
            share.pos, share.size = (x, y + height - (at + 1) * height / 3), (width, height / 3)


class Guess(Target):
    """One number of eleven."""

    panel = ObjectProperty()  # a keypad's digits touch it: see kiosk.ui.steering
    value = NumericProperty(0)
    chosen = BooleanProperty(False)


class PredictPage(StaffPage):
    """How many of ten shoppers were happy today, before anybody has looked."""

    question = StringProperty()
    body = StringProperty()
    guessed = NumericProperty(-1)
    side = NumericProperty(0)  # pixels of a number's place
    line = NumericProperty(0)  # pixels from the bottom

    def __init__(self, desk: "Desk") -> None:
        super().__init__(
            desk,
            title=desk.say("predict.title"),
            question=desk.say("predict.question"),
            body=desk.say("predict.body"),
            action=desk.say("buttons.ok"),
            action_enabled=False,
        )
        self._guesses = [Guess(value=value, panel=self, on_tap=self._guess) for value in range(OF_TEN + 1)]
        for guess in self._guesses:
            self.add_widget(guess)
        for name in ("side", "line", "pos", "size"):
            self.fbind(name, self._place)
        self._place()

    def act(self) -> None:
        """Store it."""
        backroom, of_ten = self.desk.backroom, int(self.guessed)
        self.desk.work(partial(backroom.predict, of_ten, self.desk.language), self._stored)

    def _stored(self, _: None) -> None:
        self.desk.back()
        self.desk.toast(self.desk.say("predict.stored"))

    def _guess(self, guess: Guess) -> None:
        self.guessed, self.action_enabled = guess.value, True
        for each in self._guesses:
            each.chosen = each is guess

    def _place(self, *_: object) -> None:
        for at, guess in enumerate(self._guesses):
            guess.size = self.side * 0.88, self.side * 1.1
            guess.pos = self.center_x + (at - OF_TEN / 2) * self.side - guess.width / 2, self.line
