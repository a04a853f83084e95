"""Head office and the network: how they stand, and enrolling with a code.

Opened from kiosk.ui.staff.menu and the first start. May touch Kivy's widgets and clock.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.ui.staff.backroom import Standing
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.parts import Row, Words
from kiosk.ui.staff.wifi import WifiPage
from kiosk.ui.staff.words import sync_words
from kiosk.ui.staff.writing import Wanted, WritePage

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

AGAIN_S = 5.0
ADDRESS = Wanted(language="en", longest=200, keyboard="address", needed=True, counts=False)
CODE = Wanted(language="en", longest=40, keyboard="code", needed=True, counts=False)


class OfficePage(ListPage):
    """Sync, network and place, looked up again while the page is open."""

    def __init__(self, desk: "Desk") -> None:
        self._standing: Standing | None = None
        self._said = ""
        super().__init__(desk, title=desk.say("menu.office"), action=desk.say("office.enrol"))

    def opened(self) -> None:
        """Look, and look again."""
        super().opened()
        Clock.unschedule(self._look)
        Clock.schedule_interval(self._look, AGAIN_S)
        self._look(0)

    def closed(self) -> None:
        """Look no more."""
        Clock.unschedule(self._look)

    def rows(self) -> Sequence[Widget]:
        """How it stands."""
        standing, say = self._standing, self.desk.say
        if standing is None:
            return ()
        rows: list[Widget] = [Words(words=self._said or sync_words(standing, say), loud=True)]
        if standing.problem and self.desk.language == "en":
            rows.append(Words(words=standing.problem))
        if standing.server:
            rows.append(Row(self._try, title=say("office.try_now"), sign="link"))
        rows += [
            wifi_row(self.desk, standing),
            Row(title=say("office.server"), value=standing.server or say("office.nowhere")),
        ]
        if standing.server:
            rows += [
                Row(title=say("office.site"), value=standing.site),
                Row(title=say("office.touchpoint"), value=standing.touchpoint),
            ]
        return rows

    def act(self) -> None:
        """Enrol, or enrol again."""
        standing = self._standing
        page = EnrolPage(self.desk, self._enrolled, server=known_server(standing))
        self.desk.open(page)
        if standing is None or not standing.server:
            page.begin()

    def _try(self) -> None:
        self._said = self.desk.say("office.asking")
        self.fill()
        self.desk.work(self.desk.backroom.try_office, self._tried)

    def _tried(self, standing: Standing) -> None:
        self._said, self._standing = "", standing
        self.fill()

    def _enrolled(self, site: str) -> None:
        self.desk.toast(self.desk.say("office.enrolled", site=site))

    def _look(self, _: float) -> None:
        self.desk.work(self.desk.backroom.standing, self._know)

    def _know(self, standing: Standing) -> None:
        if standing != self._standing:
            self._standing = standing
            self.fill()


def wifi_row(desk: "Desk", standing: Standing) -> Row:
    """This machine's address in the network, and the way to its Wi-Fi."""
    return Row(
        lambda: desk.open(WifiPage(desk)),
        title=desk.say("office.network"),
        value=standing.address or desk.say("office.no_network"),
        detail="" if standing.address else desk.say("office.no_network_detail"),
        warns=not standing.address,
    )


def known_server(standing: Standing | None) -> str:
    """The address that this kiosk talks to, or was prepared for."""
    return (standing.server or standing.prepared) if standing else ""


class EnrolPage(ListPage):
    """Head office's address and the one-time code that it gave; `enrolled` hears the site's name.

    Each is written on a page of its own; when both are there head office is asked without another touch.
    """

    def __init__(self, desk: "Desk", enrolled: Callable[[str], None], *, server: str = "") -> None:
        self._enrolled, self._server, self._code, self._wrong = enrolled, server, "", ""
        super().__init__(desk, title=desk.say("office.enrol"), action=desk.say("office.enrol_now"))

    def begin(self) -> None:
        """Lead to what is not written yet, the address first; ask when nothing is missing."""
        if not self._server:
            self._write_server()
        elif not self._code:
            self._write_code()
        else:
            self.act()

    def rows(self) -> Sequence[Widget]:
        """What is to be written, and what was wrong."""
        say = self.desk.say
        self.action_enabled = bool(self._server and self._code)
        rows: list[Widget] = [
            Words(words=self._wrong or say("office.how"), loud=bool(self._wrong)),
            Row(self._write_server, title=say("office.server"), value=self._server or say("office.write")),
            Row(self._write_code, title=say("office.code"), value=self._code or say("office.write")),
        ]
        return rows

    def act(self) -> None:
        """Ask head office."""
        server, code = self._server, self._code
        self._wrong = self.desk.say("office.asking")
        self.fill()
        self.desk.work(lambda: self.desk.backroom.enrol(server, code), self._done, self._fail)

    def _done(self, site: str) -> None:
        self.desk.back()
        self._enrolled(site)

    def _fail(self, problem: Exception) -> None:
        self._wrong = self.desk.say("failed", why=self.desk.telling.problem(problem))
        self.fill()

    def _write_server(self) -> None:
        def written(words: str) -> None:
            self._server = words.rstrip("/")
            self._write_on()

        title = self.desk.say("office.server")
        self.desk.open(WritePage(self.desk, self._server, written, ADDRESS, title=title))

    def _write_code(self) -> None:
        def written(words: str) -> None:
            self._code = words
            self._write_on()

        title = self.desk.say("office.code")
        self.desk.open(WritePage(self.desk, self._code, written, CODE, title=title, note=self._server))

    def _write_on(self) -> None:
        """Show what is there; before head office was first asked, lead on."""
        self.fill()
        if not self._wrong:
            self.begin()
