"""What staff find once they are in: each entry leads to a page, and each role sees its own.

Opened by kiosk.ui.staff.entrance. A new page joins with one line in ENTRIES, and its words in
assets/languages/staff/: `menu.<key>` and `menu.<key>_detail`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.ui.staff.about import AboutPage
from kiosk.ui.staff.backroom import Standing
from kiosk.ui.staff.editor.surveys import SurveysPage
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.office import OfficePage
from kiosk.ui.staff.page import StaffPage
from kiosk.ui.staff.parts import Row
from kiosk.ui.staff.pins import PinsPage
from kiosk.ui.staff.settings import SettingsPage
from kiosk.ui.staff.today import TodayPage

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

BOTH = frozenset({"staff", "technician"})
TECHNICIAN = frozenset({"technician"})


@dataclass(frozen=True)
class Entry:
    """A line of the menu: the key of its words, its sign, who sees it, and the page it leads to."""

    key: str
    sign: str
    roles: frozenset[str]
    page: Callable[["Desk"], StaffPage]


ENTRIES: tuple[Entry, ...] = (
    Entry("today", "bars", BOTH, TodayPage),
    Entry("surveys", "list", BOTH, SurveysPage),
    Entry("settings", "screen", TECHNICIAN, SettingsPage),
    Entry("office", "link", TECHNICIAN, OfficePage),
    Entry("pins", "lock", TECHNICIAN, PinsPage),
    Entry("about", "info", BOTH, AboutPage),
)


class MenuPage(ListPage):
    """The first page."""

    def __init__(self, desk: "Desk") -> None:
        self._is_troubled = False
        super().__init__(
            desk,
            title=desk.say("menu.title"),
            note=desk.say(f"roles.{desk.role}"),
            back_words=desk.say("buttons.leave"),
        )

    def rows(self) -> Sequence[Widget]:
        """What this role may do."""
        rows = [self._row(entry) for entry in ENTRIES if self.desk.role in entry.roles]
        return [self._trouble(), *rows] if self._is_troubled else rows

    def opened(self) -> None:
        """Look whether something is wrong that somebody should know of."""
        super().opened()
        self.desk.work(self.desk.backroom.standing, self._know, lambda _: None)

    def _know(self, standing: Standing) -> None:
        is_troubled = bool(standing.config_faults or standing.problems)
        if is_troubled != self._is_troubled:
            self._is_troubled = is_troubled
            self.fill()

    def _trouble(self) -> Row:
        return Row(
            title=self.desk.say("menu.trouble"),
            detail=self.desk.say("menu.trouble_detail"),
            value="!",
            sign="info",
            warns=True,
            on_tap=lambda: self.desk.open(AboutPage(self.desk)),
        )

    def _row(self, entry: Entry) -> Row:
        return Row(
            title=self.desk.say(f"menu.{entry.key}"),
            detail=self.desk.say(f"menu.{entry.key}_detail"),
            sign=entry.sign,
            on_tap=lambda: self.desk.open(entry.page(self.desk)),
        )
