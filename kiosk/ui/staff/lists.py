"""The plainest pages for staff: a list of rows, one of several to choose, a question with yes and no.

Opened on kiosk.ui.staff.desk, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.staff.page import StaffPage
from kiosk.ui.staff.parts import PickRow, Rows

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk


class ListPage(StaffPage):
    """A page whose rows are made anew whenever it comes on the screen."""

    def __init__(self, desk: "Desk", **kwargs: object) -> None:
        super().__init__(desk, **kwargs)
        self.list = Rows()
        self.add_widget(self.list)
        self.fbind("box", self._place)
        self._place()

    def opened(self) -> None:
        """Make the rows."""
        self.fill()

    def fill(self) -> None:
        """Make the rows from how things stand now; a change that they show may ask for it again."""
        self.list.show(self.rows())

    def rows(self) -> Sequence[Widget]:
        """The rows, of kiosk.ui.staff.parts."""
        raise NotImplementedError

    def _place(self, *_: object) -> None:
        self.list.pos, self.list.size = self.box[:2], self.box[2:]


class PickPage(ListPage):
    """One of several: a touch chooses and returns."""

    def __init__(
        self,
        desk: "Desk",
        choices: Sequence[tuple[Any, str]],
        chosen: object,
        changed: Callable[[Any], None],
        **kwargs: object,
    ) -> None:
        self._choices, self._chosen, self._changed = choices, chosen, changed
        super().__init__(desk, **kwargs)

    def rows(self) -> Sequence[Widget]:
        """A row for each choice."""
        return [
            PickRow(
                title=words,
                chosen=key == self._chosen,
                leads_on=False,
                on_tap=partial(self._choose, key),
            )
            for key, words in self._choices
        ]

    def _choose(self, key: object) -> None:
        self.desk.back()
        self._changed(key)


class AskPage(StaffPage):
    """Something that cannot be taken back, or is worth a second thought: what it is, no and yes."""

    question = StringProperty()
    body = StringProperty()
    no = StringProperty()
    yes = StringProperty()
    middle = NumericProperty(0)

    def __init__(self, desk: "Desk", confirmed: Callable[[], None], **kwargs: object) -> None:
        self._confirmed = confirmed
        super().__init__(
            desk,
            **{"no": desk.say("buttons.cancel"), "yes": desk.say("buttons.ok"), "back_words": "", **kwargs},
        )

    def confirm(self) -> None:
        """Yes: the page goes, then it is done."""
        self.desk.back()
        self._confirmed()
