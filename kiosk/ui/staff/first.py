"""The first start: language, screen, network, survey and PINs, one page after the other, in three minutes.

Opened by kiosk.ui.staff.entrance on a kiosk that nobody has set up. May touch Kivy's widgets.
What is chosen is written when the survey is; until then a power cut only means to begin anew.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.uix.widget import Widget

from kiosk.ui.staff.backroom import ReadyMade, Standing
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.measure import CornersPage, RulerPage
from kiosk.ui.staff.office import EnrolPage, known_server, wifi_row
from kiosk.ui.staff.parts import Row, Words
from kiosk.ui.staff.pins import NewPinPage
from kiosk.ui.staff.words import sync_words

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

STEPS = 7
SPOKEN = ("ja", "en")


class FirstStart:
    """Leads from page to page; `ended` hears that all is set up."""

    def __init__(self, desk: "Desk", inches: float) -> None:
        self._desk, self._inches = desk, inches
        self._values: dict[str, Any] = {}

    def begin(self) -> None:
        """In both languages: nobody has chosen one yet."""
        self._desk.open(WelcomePage(self._desk, self._language))

    def _language(self, tag: str) -> None:
        self._desk.language = tag
        others = [each for each in SPOKEN if each != tag]
        self._values |= {"kiosk.language": tag, "kiosk.languages": [tag, *others]}
        self._desk.open(RulerPage(self._desk, self._inches, self._size, note=self._note(2)))

    def _size(self, inches: float) -> None:
        self._inches = inches
        self._values["screen.diagonal_inches"] = inches
        self._desk.open(CornersPage(self._desk, self._corners, note=self._note(3)))

    def _corners(self) -> None:
        self._desk.open(NetworkPage(self._desk, self._network, note=self._note(4)))

    def _network(self) -> None:
        self._desk.open(SurveysPage(self._desk, self._survey, note=self._note(5)))

    def _survey(self, chosen: ReadyMade) -> None:
        values = dict(self._values)
        self._desk.work(lambda: self._desk.backroom.set_up(values, chosen.name), lambda _: self._technician())

    def _technician(self) -> None:
        page = NewPinPage(self._desk, "technician", self._done, note=self._note(6), back_words="")
        self._desk.open(page)

    def _done(self) -> None:
        self._desk.replace(DonePage(self._desk, self._ended, note=self._note(STEPS)))

    def _ended(self) -> None:
        self._desk.leave()

    def _note(self, step: int) -> str:
        return self._desk.say("first.step", step=step, of=STEPS)


class WelcomePage(ListPage):
    """A row for each language that staff's pages have."""

    def __init__(self, desk: "Desk", chosen: Callable[[str], None]) -> None:
        self._chosen = chosen
        super().__init__(desk, title=desk.say("first.welcome"), back_words=desk.say("first.later"))

    def rows(self) -> Sequence[Widget]:
        """Each by its own name."""
        words = [Words(words=self.desk.say("first.which"), loud=True)]
        return [*words, *(Row(partial(self._chosen, tag), title=self.desk.name_of(tag)) for tag in SPOKEN)]


class NetworkPage(ListPage):
    """How the network stands, and a code from head office, for those who have one."""

    def __init__(self, desk: "Desk", onward: Callable[[], None], **kwargs: object) -> None:
        self._onward = onward
        self._standing: Standing | None = None
        super().__init__(desk, title=desk.say("first.network"), action=desk.say("first.alone"), **kwargs)

    def opened(self) -> None:
        """Look."""
        super().opened()
        self.desk.work(self.desk.backroom.standing, self._know)

    def rows(self) -> Sequence[Widget]:
        """The address, a hint where there is none, and the way to enrol."""
        standing, say = self._standing, self.desk.say
        if standing is None:
            return ()
        rows: list[Widget] = [wifi_row(self.desk, standing)]
        if standing.server:
            rows += [
                Row(title=say("office.server"), value=standing.server),
                Words(words=sync_words(standing, say)),
            ]
        else:
            rows.append(
                Row(self._enrol, title=say("first.enrol"), detail=say("first.enrol_detail"), sign="link")
            )
            rows.append(Words(words=say("first.alone_is_fine")))
        return rows

    def act(self) -> None:
        """Go on."""
        self._onward()

    def _enrol(self) -> None:
        page = EnrolPage(self.desk, self._enrolled, server=known_server(self._standing))
        self.desk.open(page)
        page.begin()

    def _enrolled(self, site: str) -> None:
        self._onward()
        self.desk.toast(self.desk.say("office.enrolled", site=site))

    def _know(self, standing: Standing) -> None:
        self._standing = standing
        self.action = self.desk.say("first.next" if standing.server else "first.alone")
        self.fill()


class SurveysPage(ListPage):
    """What to ask, to begin with; all of it can be changed later."""

    def __init__(self, desk: "Desk", chosen: Callable[[ReadyMade], None], **kwargs: object) -> None:
        self._chosen = chosen
        self._surveys: tuple[ReadyMade, ...] = ()
        super().__init__(desk, title=desk.say("first.survey"), **kwargs)
        desk.work(desk.backroom.ready_made, self._know)

    def rows(self) -> Sequence[Widget]:
        """A row for each that is ready."""
        language = self.desk.language
        return [
            Row(
                partial(self._chosen, survey),
                title=survey.title.get(language, survey.name),
                value=self.desk.say("first.questions", count=survey.questions),
            )
            for survey in self._surveys
        ]

    def _know(self, surveys: tuple[ReadyMade, ...]) -> None:
        self._surveys = surveys
        self.fill()


class DonePage(ListPage):
    """What was set up, how to get back in, and the PIN of staff, which may wait."""

    def __init__(self, desk: "Desk", ended: Callable[[], None], **kwargs: object) -> None:
        self._ended, self._staff_is_set = ended, False
        words = {"title": desk.say("first.done"), "action": desk.say("first.begin"), "back_words": ""}
        super().__init__(desk, **{**words, **kwargs})

    def rows(self) -> Sequence[Widget]:
        """Where the way in is."""
        say = self.desk.say
        value = say("pins.set" if self._staff_is_set else "first.later")
        return [
            *(Words(words=say(f"first.done_{part}")) for part in ("shoppers", "corner")),
            Row(self._staff_pin, title=say("first.staff_pin"), value=value, sign="lock"),
        ]

    def act(self) -> None:
        """To the shoppers."""
        self._ended()

    def _staff_pin(self) -> None:
        self.desk.open(NewPinPage(self.desk, "staff", self._set, note=self.note))

    def _set(self) -> None:
        self._staff_is_set = True
        self.desk.back()
