"""The kiosk's app: begins visits, hands each touch to the visit, and shows what the visit says next.

Run by kiosk.bootstrap once kiosk.ui.window has prepared Kivy. May touch Kivy, visits and what it is handed.
"""

import gc
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import ceil
from random import random
from typing import TYPE_CHECKING

from kivy.app import App
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.factory import Factory
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from kiosk.ui import brand, drawing, guard, sleep, snapshot
from kiosk.ui.aids import AidButton, Aids
from kiosk.ui.chime import Chime
from kiosk.ui.idle import Countdown
from kiosk.ui.labels import Fitted
from kiosk.ui.pages import Pages
from kiosk.ui.painting import Painter
from kiosk.ui.rest import Habits, Rest
from kiosk.ui.rules import Rules
from kiosk.ui.screens import Frame, Page, QuestionPage
from kiosk.ui.scripts import script_of
from kiosk.ui.steering import Steering
from kiosk.ui.thanks import ThanksPage
from kiosk.ui.theme import Look
from kiosk.ui.touch import Target
from kiosk.ui.wiring import Wiring
from kiosk.ui.words import Words
from kiosk.visit import Ask, NotSaved, Visit

if TYPE_CHECKING:
    from kiosk.ui.conversion import Conversion
    from kiosk.ui.mozc import Candidate
    from kiosk.ui.staff.entrance import Door, Entrance
    from kiosk.ui.staff.page import StaffPage
    from kiosk.ui.staff.trial import Trial
    from kiosk.ui.writing import TextPanel
    from survey.model import Survey

LOOK_AGAIN_S = 10.0  # how often a resting kiosk asks which survey is in force
READING_FACTOR = 3  # a page to read stays so much longer, and one to write on
UNSAVED_S = 8.0
STAFF_IDLE_S = 120.0  # so long a page waits for staff
log = logging.getLogger(__name__)


def run_app(wiring: Wiring) -> int:
    """Show the kiosk until it is told to stop; returns the exit code. What fails before that is raised."""
    app = KioskApp(wiring)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, app.stop_soon)
    try:
        with guard.kept_going(app):
            app.run()
    finally:
        wiring.on_stop()
    return 0


class KioskApp(App):  # type: ignore[misc] # Kivy ships no types
    """One window, one visit at a time."""

    title = "Egao"
    language = StringProperty("en")
    store = StringProperty()  # its name; empty while a logo stands in its place
    logo = ObjectProperty(None, allownone=True)  # a texture
    home = StringProperty("en")  # the store's own language
    speaks_more = BooleanProperty(False)  # whether there is a language to choose
    look = ObjectProperty()
    aids = ObjectProperty()
    staffed = BooleanProperty(False)  # whether staff's pages are on the screen

    def __init__(self, wiring: Wiring) -> None:
        super().__init__()
        self.ready = False  # whether taps can be stored
        self._failures = guard.Failures()
        self._chime = Chime()
        self._shown: tuple[Page, float | None]  # the page on screen, and how long it waits in seconds
        self._interrupted: tuple[Page, float | None]  # the one that a warning came before
        self._wiring = wiring
        self._words = Words(wiring.assets / "languages")
        self._survey: Survey | None = None
        self._visit: Visit | None = None
        self._sleeper: sleep.Sleeper | None = None
        self._countdown: Countdown | None = None  # None while the kiosk rests
        self._conversion: Conversion | None = None  # None where kana stay kana
        self._borrower: TextPanel | None = None  # whose kana become kanji while staff write
        self._entrance: Entrance | None = None  # None where there is no way in for staff
        self._door: Door | None = None
        self._trial: Trial | None = None

    # What a finger can do; each is one line in kiosk.kv.

    def answer(self, value: object) -> None:
        """Answer the question on screen; the next one comes when the answer is safe."""
        if self._visit:
            self._save(partial(self._visit.answer, value))

    def skip(self) -> None:
        """Pass over the question."""
        if self._visit:
            self._save(self._visit.skip)

    def back(self) -> None:
        """Return to the question before."""
        if self._visit:
            self._visit.back()
            self._show_step()

    def read_privacy(self) -> None:
        """Say what becomes of the answers."""
        self._turn_to(self._pages.privacy(self.language), self._wiring.settings.kiosk.idle_s * READING_FACTOR)

    def choose_language(self) -> None:
        """Offer the languages."""
        page = self._pages.languages(self._offered(), self.language)
        self._turn_to(page, self._wiring.settings.kiosk.idle_s)

    def speak(self, tag: str) -> None:
        """Go on in another language."""
        self.language = tag
        if self._visit:
            self._visit.speak(tag)
        self._show_step()

    def change_look(self) -> None:
        """Turn to other letters and colours, for this visit; what is on the screen stays as it is."""
        self.aids.change_look()
        page, limit_s = self._shown
        self._turn_to(page, limit_s or self._wiring.settings.kiosk.idle_s)

    def close(self) -> None:
        """Return from a page that was opened."""
        self._show_step()

    def go_on(self) -> None:
        """Somebody is still there: return to what was on screen, as it was."""
        self._turn_to(*self._interrupted)

    def rest(self) -> None:
        """Begin anew, in the store's language: the first question, or the closed screen."""
        if self._trial:
            self._end_trial()
            return
        self._send_staff_away()
        self._take_settings()
        self.language = self._wiring.settings.kiosk.language
        self.aids.put_back()
        self._survey = self._wiring.survey_now()
        self._visit = self._wiring.begin(self._survey, self.language) if self._survey else None
        if self._survey is None or self._survey.first.type != "faces":
            self._rules.all()
        self._question.begin(random())  # noqa: S311 # an order of options, not a secret
        self._show_step()
        if self.ready:
            self._lay_keys()

    def say(self, language: str, key: str) -> str:
        """The kiosk's own words, such as `buttons.back`."""
        return self._words.say(language, key)

    # What staff can do; kiosk.ui.staff asks for it.

    @property
    def spoken_languages(self) -> tuple[str, ...]:
        """Those in which the kiosk has words of its own, so that a survey can be asked in them."""
        return self._words.languages

    def turn_to_staff(self, page: "StaffPage") -> None:
        """Show one of staff's pages; whoever leaves it alone for a while is sent away."""
        self.staffed, self.language = True, page.desk.language
        is_in = self._entrance and self._entrance.is_in
        patience_s = STAFF_IDLE_S if is_in else self._wiring.settings.kiosk.idle_s
        self._turn_to(page, page.desk.idle_s or patience_s)

    def try_out(self, survey: "Survey", language: str, words: str, ended: Callable[[], None]) -> None:
        """Let staff answer a survey as shoppers do, under a sign of these words; nothing is stored."""
        from kiosk.ui.staff.trial import Trial  # noqa: PLC0415 - only staff need it

        self._trial = Trial(self.root, self.rest, ended, words)
        self.staffed, self.language = False, language
        self._survey, self._visit = survey, self._trial.visit(survey, language)
        self._question.begin(random())  # noqa: S311 # as in rest()
        self._show_step()

    def lend_conversion(self, panel: "TextPanel | None") -> None:
        """Have kana become kanji on this panel, instead of on the shoppers'."""
        self._borrower = panel
        if panel and self._conversion:
            panel.convert_with(self._conversion)

    # The app's life.

    def on_language(self, _: object, tag: str) -> None:
        """Turn the layout to the side on which this language begins."""
        self.look.rtl = script_of(tag).right_to_left

    def load_kv(self, *_: object, **__: object) -> None:
        """Leave the rules to `build`: Kivy would look for them beside this module."""

    def open_settings(self, *_: object) -> bool:
        """F1 opens nothing."""
        return False

    def build(self) -> Frame:
        """The window's content, with the first question on it."""
        settings = self._wiring.settings
        drawing.register()
        Factory.register("Fitted", cls=Fitted)
        Factory.register("AidButton", cls=AidButton)
        self._rules = Rules(self._wiring.kv)
        self._pages = Pages(self._words, settings.thanks, self._rules.all)
        self.store = "" if settings.screen.logo else settings.kiosk.store
        self.home = settings.kiosk.language
        self.look = Look(settings.screen, self._wiring.assets / "fonts", drawing.soft_edge())
        self.look.resize(*Window.size)
        self.aids = Aids(settings.kiosk, settings.screen, self.look)
        self.look.bind(paper=lambda _, paper: setattr(Window, "clearcolor", paper))
        Window.clearcolor = self.look.paper
        Window.bind(size=lambda _, size: self.look.resize(*size))
        self._question = QuestionPage()
        self.painter = Painter()
        self._frame = Frame(now=time.monotonic, touched=self._on_touch, motion=settings.screen.motion)
        self._resting = Rest(self._frame, self.painter, self._habits())
        guard.close_the_ways_out()
        if settings.kiosk.keypad:
            scan_s = settings.kiosk.scan_s
            self._steering = Steering(self._frame, self.aids, scan_s=scan_s, rtl=lambda: self.look.rtl)
        self.rest()
        return self._frame

    def _habits(self) -> Habits:
        screen = self._wiring.settings.screen
        return Habits(
            motion=screen.motion,
            hours=lambda: self._wiring.settings.screen.hours,
            local_time=self._wiring.local_time,
            invitation=lambda: self.say(self.home, "night.touch"),
        )

    def on_start(self) -> None:
        """Sleep well from now on, and go on once the first frame is on the screen."""
        self._sleeper = sleep.install()
        Window.bind(on_flip=self._on_first_flip)

    def on_stop(self) -> None:
        """End what runs beside the screens."""
        self.aids.close()
        if self._conversion:
            self._conversion.close()

    def stop_soon(self, *_: object) -> None:
        """End the loop after the frame in hand; a signal's handler may call it."""
        EventLoop.quit = True
        if self._sleeper:
            self._sleeper.wake()

    def recover(self) -> None:
        """Something failed: begin anew; if that does not help, say so kindly and keep trying."""
        if self._failures.again(time.monotonic()):
            self._say_message("trouble", LOOK_AGAIN_S)
            return
        try:
            self.rest()
        except Exception:
            log.exception("cannot begin anew; trying again in %g s", LOOK_AGAIN_S)
            self._say_message("trouble", LOOK_AGAIN_S)

    def _on_first_flip(self, *_: object) -> None:
        Window.unbind(on_flip=self._on_first_flip)
        gc.enable()  # kiosk.__main__ switched it off for the start
        Clock.schedule_once(self._after_first_frame, 0)

    def _after_first_frame(self, _: float) -> None:
        self._wiring.after_first_frame()
        self._show_logo()
        if self._wiring.settings.screen.sound:
            self._chime.load(self._wiring.assets / "sounds" / "chime.wav")
        self._build_the_rest()
        self.aids.begin_to_speak(self.say)
        self._offer_kanji()
        self._make_a_way_in()
        self._look_again(0)  # the ledger may hold a programme that was not known before
        Clock.schedule_interval(self._look_again, LOOK_AGAIN_S)
        self.ready = self._frame.awake = True
        if self._entrance and self._wiring.first_start:
            self._entrance.set_up(self.home, self._wiring.settings.screen.diagonal_inches)
        self._wiring.on_ready()

    def _show_logo(self) -> None:
        """After the first frame: to decode a picture takes longer than to draw a page."""
        settings = self._wiring.settings
        if settings.screen.logo:
            self.logo = brand.load_logo(settings.screen.logo)
            self.store = "" if self.logo else settings.kiosk.store
            self.painter.whole()

    def _offer_kanji(self) -> None:
        from kiosk.ui.conversion import Conversion  # noqa: PLC0415 - it comes after the first frame
        from kiosk.ui.mozc import find  # noqa: PLC0415

        if tools := find():
            self._conversion = Conversion(tools, self._offer)
            self._question.convert_with(self._conversion)

    def _offer(self, reading: str, candidates: "tuple[Candidate, ...]") -> None:
        """Kana may become these; called on the conversion's thread."""
        Clock.schedule_once(lambda _: self._writer.offer(reading, candidates), 0)

    @property
    def _writer(self) -> "TextPanel":
        return self._borrower or self._question.text_panel

    def _make_a_way_in(self) -> None:
        if not self._wiring.staff:
            return
        from kiosk.ui.staff.entrance import Behind, Door, Entrance  # noqa: PLC0415 - after the first frame

        words = self._wiring.assets / "languages" / "staff"
        entrance = Entrance(Behind(self._wiring.staff, self, words, self._words, self._rules.staff))
        self._entrance = entrance
        self._door = Door(
            lambda: self.ready and not self.staffed and not (self._visit and self._visit.started),
            lambda: entrance.come(self.home),  # as it is by then: the first start may change it
            lambda: self.look.rtl,
        )

    def _send_staff_away(self) -> None:
        if self._entrance and self._entrance.is_open:
            self.staffed = False
            self._entrance.close()

    def _end_trial(self) -> None:
        trial, self._trial = self._trial, None
        self._visit = None
        self.aids.put_back()
        if trial:
            trial.end()

    def _build_the_rest(self) -> None:
        """Build the pages that the first frame did not need, and have the driver learn to paint a patch."""
        self._rules.all()
        self._question.build_panels()
        self._lay_keys()
        log.debug("%d more pages are built", len(self._pages.build()))
        self.painter.learn([each for each in self._question.walk() if isinstance(each, Target)])
        gc.freeze()  # they live as long as the app: no collection needs to look at them while a shopper taps

    def _lay_keys(self) -> None:
        """Where the survey asks for words, its keyboard is there before anybody waits for it."""
        asked = self._survey.questions if self._survey else ()
        if question := next((each for each in asked if each.type == "text"), None):
            self._question.text_panel.lay_keys(question, self.language)

    def _look_again(self, _: float) -> None:
        """A resting kiosk turns to the survey and the settings that have come into force meanwhile."""
        now, wiring = (self._survey, self._wiring.settings), self._wiring
        if self._countdown is None and (wiring.survey_now(), wiring.settings_now()) != now:
            self.rest()
        if wiring.camera and wiring.camera.wanted and self._is_nobody_there():
            snapshot.snap(self.painter, is_free=self._is_nobody_there, taken=wiring.camera.snap)

    def _is_nobody_there(self) -> bool:
        """Whether the screen rests, with no visit, nobody of the staff and no written word on it."""
        rests = self._countdown is None and not self.staffed and not self._trial
        return rests and self._frame.shown == 1 and not self._question.text_panel.words

    def _take_settings(self) -> None:
        """Between two visits, and never inside one, changed settings come in force."""
        settings = self._wiring.settings_now()
        if settings == self._wiring.settings:
            return
        self._wiring = replace(self._wiring, settings=settings)
        self._pages.keep_thanks(settings.thanks)
        self.home = settings.kiosk.language
        self.store = "" if self.logo else settings.kiosk.store
        self.look.measure(settings.screen)
        self.look.resize(*Window.size)
        self.painter.whole()

    def _save(self, move: Callable[[], object]) -> None:
        """Move the visit on; an answer that could not be stored is not thanked for."""
        asked = self._visit.step if self._visit else None
        try:
            move()
        except NotSaved:
            log.exception("an answer was not stored")
            self._say_message("unsaved", UNSAVED_S)
        else:
            self._show_step()
            if isinstance(asked, Ask) and (asked.question.type == "faces" or self._is_over()):
                self._chime.play()

    def _is_over(self) -> bool:
        return self._visit is not None and not isinstance(self._visit.step, Ask)

    def _show_step(self) -> None:
        kiosk = self._wiring.settings.kiosk
        step = self._visit.step if self._visit else None
        if isinstance(step, Ask):
            self.language = step.language
            self._question.show(step, lambda key: self.say(step.language, key))
            resting = self._visit and not self._visit.started and self.language == kiosk.language
            resting = resting and not self.aids.changed and not self._trial
            patience_s = kiosk.idle_s * (READING_FACTOR if step.question.type == "text" else 1)
            self._turn_to(self._question, None if resting else patience_s)
        elif step:
            self._thank(kiosk.thanks_s)
        else:
            self._say_message("closed", None if self.language == kiosk.language else kiosk.idle_s)

    def _thank(self, limit_s: float) -> None:
        page = self._pages.thanks(self.language)
        self._turn_to(page, limit_s * (READING_FACTOR if isinstance(page, ThanksPage) else 1))
        page.ids.seal.celebrate()

    def _say_message(self, key: str, limit_s: float | None) -> None:
        self._turn_to(self._pages.message(key, self.language), limit_s)

    def _turn_to(self, page: Page, limit_s: float | None) -> None:
        """Show a page; return to rest when nobody touches it for a while, or never."""
        self.speaks_more = (
            page is self._question and (page.first or not page.titled) and len(self._offered()) > 1
        )
        self._frame.turn_to(page)
        self._shown = page, limit_s
        self.aids.show(page, self.language, aloud=limit_s is not None and not self.staffed)
        Clock.unschedule(self._on_alarm)
        self._countdown = None
        if limit_s is None:
            self._resting.begin()
        else:
            self._resting.end()
            self._countdown = Countdown(limit_s, time.monotonic())
            Clock.schedule_once(self._on_alarm, limit_s)

    def _offered(self) -> list[str]:
        """The languages that the store wants, the survey has and the kiosk speaks."""
        spoken = self._survey.languages if self._survey else ()
        wanted = self._wiring.settings.kiosk.languages
        return [tag for tag in wanted if tag in spoken and tag in self._words.languages]

    def _on_touch(self) -> None:
        self._wiring.touched()
        self.aids.hush()
        if self._resting.touched():
            self.rest()  # the first screen comes up as new, and takes no touch that woke it
        if self._countdown:
            self._countdown.touch(time.monotonic())

    def _on_alarm(self, _: float) -> None:
        left_s = self._countdown.left_s(time.monotonic()) if self._countdown else 0.0
        if left_s > 0:
            Clock.schedule_once(self._on_alarm, left_s)
        elif self._wiring.settings.kiosk.warn_s and self._is_interrupted():
            self._warn()
        else:
            self.rest()

    def _is_interrupted(self) -> bool:
        """Whether a shopper's answers are under way, and nothing has been said of that yet."""
        begun = bool(self._visit and self._visit.started) or bool(self._entrance and self._entrance.is_in)
        return begun and not self._pages.is_ending(self._shown[0])

    def _warn(self) -> None:
        """Say that the first question comes back, and count the seconds."""
        self._interrupted = self._shown
        self._pages.warning.title = self.say(self.language, "idle.title")
        self._turn_to(self._pages.warning, self._wiring.settings.kiosk.warn_s)
        self._count_down(0)
        Clock.schedule_interval(self._count_down, 1)

    def _count_down(self, _: float) -> bool:
        """Show what is left; false ends the counting."""
        if self._shown[0] is not self._pages.warning or not self._countdown:
            return False
        self._pages.warning.left = str(ceil(self._countdown.left_s(time.monotonic())))
        return True
