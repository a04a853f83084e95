"""What this kiosk is and what is wrong with it: version, places, room, problems, faults of config.toml.

Opened from kiosk.ui.staff.menu. May touch Kivy's widgets.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.settings.fields import SETTINGS
from kiosk.ui.staff.backroom import Standing
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.parts import Heading, Row, Words

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk


class AboutPage(ListPage):
    """Looked up when it comes on the screen."""

    def __init__(self, desk: "Desk") -> None:
        self._standing: Standing | None = None
        super().__init__(desk, title=desk.say("menu.about"))

    def opened(self) -> None:
        """Look."""
        super().opened()
        self.desk.work(self.desk.backroom.standing, self._know)

    def rows(self) -> Sequence[Widget]:
        """Problems first."""
        standing, say, telling = self._standing, self.desk.say, self.desk.telling
        if standing is None:
            return ()
        rows: list[Widget] = []
        if wrong := standing.config_faults:
            rows += [
                Heading(words=say("about.config_faults")),
                *(Words(words=telling.fault(fault), loud=True) for fault in wrong),
            ]
        if standing.waiting:
            rows += [
                Heading(words=say("about.waiting")),
                Words(words=say("about.comma").join(map(self._label, standing.waiting))),
            ]
        rows.append(Heading(words=say("about.problems")))
        problems = [telling.line(problem) for problem in standing.problems]
        rows += [Words(words=problem) for problem in problems or (say("about.none"),)]
        rows.append(Heading(words=say("about.this")))
        told = (
            ("version", standing.version),
            ("answers", str(standing.taps)),
            ("config", standing.config),
            ("data", standing.data),
            ("free", say("about.mib", count=standing.free_mib)),
        )
        return [*rows, *(Row(title=say(f"about.{key}"), value=value) for key, value in told)]

    def _label(self, path: str) -> str:
        return next(each.label[self.desk.language] for each in SETTINGS if each.path == path)

    def _know(self, standing: Standing) -> None:
        self._standing = standing
        self.fill()
