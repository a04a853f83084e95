"""Wi-Fi: how the machine is connected, which networks are near, and a password for the one that is chosen.

Opened from kiosk.ui.staff.office and the first start, both for technicians only. May touch Kivy's widgets.
A password is handed to the Backroom and kept nowhere else; the field that it is written in forgets it.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.ui.staff.backroom import Joined, Network, Wifi
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.parts import Heading, Row, Words
from kiosk.ui.staff.writing import Wanted, WritePage

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

PASSWORD = Wanted(language="en", longest=63, keyboard="password", needed=True, counts=False)
STRONG, FAIR = 67, 34  # per cent of signal


class WifiPage(ListPage):
    """The networks that are near, the strongest first; a touch joins one."""

    def __init__(self, desk: "Desk") -> None:
        self._network: Network | None = None
        self._near: tuple[Wifi, ...] | None = None
        self._said = ""
        super().__init__(desk, title=desk.say("wifi.title"), action=desk.say("wifi.look_again"))

    def opened(self) -> None:
        """Look how things stand."""
        super().opened()
        if self._network is None:
            self.act()

    def rows(self) -> Sequence[Widget]:
        """How it stands, then a row for each network."""
        say, network = self.desk.say, self._network
        if network is None:
            return [Words(words=self._said or say("wifi.looking"))]
        rows: list[Widget] = [Words(words=self._said or network_words(network, self.desk), loud=True)]
        if not network.managed:
            return [*rows, Words(words=say("wifi.unmanaged_how"))]
        if not network.has_wifi:
            return [*rows, Words(words=say("wifi.none_here"))]
        rows.append(Heading(words=say("wifi.near")))
        if self._near is None:
            rows.append(Words(words=say("wifi.looking")))
        elif not self._near:
            rows.append(Words(words=say("wifi.nothing_near")))
        return [*rows, *map(self._row, self._near or ())]

    def act(self) -> None:
        """Look anew."""
        self._near, backroom = None, self.desk.backroom
        self.desk.work(backroom.network, self._know)
        self.desk.work(backroom.networks, self._see)

    def _row(self, wifi: Wifi) -> Row:
        say = self.desk.say
        strength = "strong" if wifi.percent >= STRONG else "fair" if wifi.percent >= FAIR else "weak"
        return Row(
            None if wifi.joined else partial(self._choose, wifi),
            title=wifi.name,
            value=say("wifi.joined" if wifi.joined else f"wifi.{strength}"),
            sign="lock" if wifi.locked else "link",
        )

    def _choose(self, wifi: Wifi) -> None:
        if not wifi.locked:
            self._join(wifi, "")
            return
        title = self.desk.say("wifi.password", name=wifi.name)
        self.desk.open(WritePage(self.desk, "", partial(self._join, wifi), PASSWORD, title=title))

    def _join(self, wifi: Wifi, password: str) -> None:
        self._said = self.desk.say("wifi.joining", name=wifi.name)
        self.fill()
        backroom = self.desk.backroom
        self.desk.work(lambda: backroom.join(wifi.name, password), partial(self._heard, wifi))

    def _heard(self, wifi: Wifi, joined: Joined) -> None:
        well = joined is Joined.WELL
        self._said = "" if well else self.desk.say(f"wifi.{joined.value}", name=wifi.name)
        self.fill()
        self.act()

    def _know(self, network: Network) -> None:
        self._network = network
        self.fill()

    def _see(self, near: tuple[Wifi, ...]) -> None:
        self._near = near
        self.fill()


def network_words(network: Network, desk: "Desk") -> str:
    """What the machine is connected by, in a sentence."""
    if not network.managed:
        return desk.say("wifi.unmanaged")
    if not network.by:
        return desk.say("wifi.not_connected")
    return desk.say("wifi.by_wifi" if network.by == "wifi" else "wifi.by_cable", name=network.name)
