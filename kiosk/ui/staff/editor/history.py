"""The last versions of config.toml: who put which in force, when; a touch and a yes bring one back.

Opened from kiosk.ui.staff.editor.surveys. May touch Kivy's widgets; files only by way of desk.work.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.settings.versions import Version
from kiosk.ui.staff.lists import AskPage, ListPage
from kiosk.ui.staff.parts import Row, Words

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

KNOWN = ("staff", "technician", "hand")


class HistoryPage(ListPage):
    """The newest first; `rolled_back` is called when another one is in force."""

    def __init__(self, desk: "Desk", rolled_back: Callable[[], None]) -> None:
        self._rolled_back = rolled_back
        self._versions: list[tuple[Version, bool]] | None = None
        super().__init__(desk, title=desk.say("editor.history"))

    def opened(self) -> None:
        """Read them."""
        drafts = self.desk.backroom.drafts
        self.desk.work(lambda: [(each, drafts.is_in_force(each)) for each in drafts.versions()], self._read)
        super().opened()

    def rows(self) -> list[Widget]:
        """A version each."""
        say = self.desk.say
        if not self._versions:
            return [Words(words=say("editor.reading" if self._versions is None else "editor.no_history"))]
        now = next((version.number for version, is_now in self._versions if is_now), None)
        return [self._row(version, is_now=version.number == now) for version, _ in self._versions]

    def _read(self, versions: list[tuple[Version, bool]]) -> None:
        self._versions = versions
        self.fill()

    def _row(self, version: Version, *, is_now: bool) -> Row:
        say = self.desk.say
        who = say(f"editor.by_{version.role}") if version.role in KNOWN else version.role
        return Row(
            title=f"{datetime.fromtimestamp(version.at_ms / 1000).astimezone():%Y-%m-%d  %H:%M}",
            detail=who,
            value=say("editor.now_in_force") if is_now else "",
            sign="clock",
            on_tap=None if is_now else partial(self._ask, version),
        )

    def _ask(self, version: Version) -> None:
        say = self.desk.say
        at = f"{datetime.fromtimestamp(version.at_ms / 1000).astimezone():%m-%d %H:%M}"
        self.desk.open(
            AskPage(
                self.desk,
                partial(self._roll_back, version),
                question=say("editor.ask_rollback", at=at),
                body=say("editor.ask_rollback_body"),
                yes=say("editor.rollback_yes"),
            )
        )

    def _roll_back(self, version: Version) -> None:
        drafts = self.desk.backroom.drafts
        self.desk.work(partial(drafts.rollback, version.number, self.desk.role), lambda _: self._done())

    def _done(self) -> None:
        self._rolled_back()
        self.opened()
        self.toast(self.desk.say("editor.rolled_back"))
