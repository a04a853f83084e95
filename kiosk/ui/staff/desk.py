"""Where staff work once they are in: a stack of pages, each opened from the one below it.

Made by kiosk.ui.staff.entrance after the right PIN, gone when staff leave or nobody touches it for a while.
May touch Kivy's widgets; nothing that is done here is a visit, and nothing of it is stored as one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from kiosk.ui.staff.backroom import Backroom
from kiosk.ui.staff.errands import Errands
from kiosk.ui.staff.page import StaffPage
from kiosk.ui.staff.words import Telling
from kiosk.ui.words import Words
from kiosk.ui.writing import TextPanel, make_panel
from survey.model import Survey

Found = TypeVar("Found")


class Floor(Protocol):
    """What the desk asks of the app, so that it need not know it."""

    def turn_to_staff(self, page: StaffPage) -> None:
        """Show a page; leave when nobody touches it for a while."""

    def try_out(self, survey: Survey, language: str, words: str, ended: Callable[[], None]) -> None:
        """Let somebody answer a survey under a sign of these words, store nothing, say when it has ended."""

    def rest(self) -> None:
        """Back to the first screen."""


@dataclass(frozen=True)
class Tools:
    """What every desk has at hand."""

    backroom: Backroom
    errands: Errands
    floor: Floor
    words: Words  # staff's
    told: Words  # by what is told in English, in the languages that are not
    shoppers: Words


class Desk:
    """The open pages; the topmost one is on the screen."""

    def __init__(self, tools: Tools, *, role: str, language: str) -> None:
        self.backroom, self.role, self.language = tools.backroom, role, language
        self._errands, self._floor, self._words = tools.errands, tools.floor, tools.words
        self._shoppers, self._told = tools.shoppers, tools.told
        self._pages: list[StaffPage] = []
        self._is_open = True
        self.idle_s: float | None = None  # how long its pages wait, if not as long as any

    def say(self, key: str, **values: object) -> str:
        """Staff's own words in their language, such as `menu.title`; `{name}` in them becomes a value."""
        words = self._words.say(self.language, key)
        return words.format(**values) if values else words

    @property
    def telling(self) -> Telling:
        """How the rest of the kiosk is told to staff in their language."""
        tag = self.language
        known = self._told.keys(tag) if tag in self._told.languages else ()
        return Telling(tag, self.say, {words: self._told.say(tag, words) for words in known})

    def name_of(self, tag: str) -> str:
        """A language by its own name."""
        return self._shoppers.say(tag, "name")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that shoppers can be spoken to in."""
        return self._shoppers.languages

    def open(self, page: StaffPage) -> None:
        """Put a page on top."""
        self._pages.append(page)
        self.show()

    def replace(self, page: StaffPage) -> None:
        """Put a page in the place of the topmost one."""
        self._pages.pop().closed()
        self.open(page)

    def back(self) -> None:
        """Return to the page below; from the first one, leave."""
        self._pages.pop().closed()
        if self._pages:
            self.show()
        else:
            self.leave()

    def home(self) -> None:
        """Return to the first page."""
        while len(self._pages) > 1:
            self._pages.pop().closed()
        self.show()

    def show(self) -> None:
        """Show the topmost page as things stand now."""
        if self._is_open and self._pages:
            page = self._pages[-1]
            page.opened()
            self._floor.turn_to_staff(page)

    def leave(self) -> None:
        """Back to the shoppers."""
        self._floor.rest()

    def close(self) -> None:
        """Whoever was here has gone: every page hears of it, the topmost first."""
        self._is_open = False
        while self._pages:
            self._pages.pop().closed()

    def work(
        self,
        job: Callable[[], Found],
        done: Callable[[Found], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do what takes time beside the window; what comes of it reaches the page while it is still open.

        Without `failed`, the topmost page says in a toast what was wrong.
        """
        page = self.top
        if page:
            page.busy += 1

        def heard(tell: Callable[[Found], None] | Callable[[Exception], None]) -> Callable[[object], None]:
            def hear(what: object) -> None:
                if page:
                    page.busy -= 1
                if self._is_open and (page is None or page in self._pages):
                    tell(what)  # type: ignore[arg-type] # `done` hears what the job gave, `failed` what it raised

            return hear

        self._errands.send(job, heard(done), heard(failed or self._say_failed))

    def toast(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Say a few words at the foot of the page, for a while, with a way to take back what was done."""
        if self.top:
            self.top.toast(words, undo)

    def try_out(self, survey: Survey, language: str) -> None:
        """Show a survey as shoppers would see it, storing nothing; the page comes back when it has ended."""
        self._floor.try_out(survey, language, self.say("trial"), self.show)

    @cached_property
    def text_panel(self) -> TextPanel:
        """The keyboards, built when they are first wanted."""
        panel = make_panel()
        panel.private, panel.pos_hint, panel.size_hint = False, {}, (None, None)
        panel.precise = True  # who sets a kiosk up writes more, and has time
        return panel

    @property
    def top(self) -> StaffPage | None:
        """The page on the screen."""
        return self._pages[-1] if self._pages else None

    def _say_failed(self, problem: Exception) -> None:
        self.toast(self.say("failed", why=self.telling.problem(problem)))
