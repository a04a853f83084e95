"""What keeps the surveys from being published: how many places, each a touch away.

Opened from kiosk.ui.staff.editor.surveys. May touch Kivy's widgets.
"""

from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.ui.staff.editor.bench import Bench, BenchPage
from kiosk.ui.staff.editor.question import AskedPage, OptionPage
from kiosk.ui.staff.editor.survey import SurveyPage
from kiosk.ui.staff.parts import Row
from survey.faults import Place, place_of

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk
    from survey.problems import Fault


class ProblemsPage(BenchPage):
    """The faults, the first one first."""

    def __init__(self, desk: "Desk", bench: Bench) -> None:
        super().__init__(desk, bench, title=desk.say("editor.problems"), action=desk.say("editor.first_one"))

    def rows(self) -> list[Widget]:
        """A fault each."""
        faults = self.bench.faults
        self.note = (
            self.desk.say("editor.mend", count=len(faults)) if faults else self.desk.say("editor.none_left")
        )
        self.action_enabled = bool(faults)
        return [
            Row(
                title=self.bench.words(fault),
                detail=self._where(place_of(fault)),
                sign="alert",
                on_tap=partial(self._lead, fault),
            )
            for fault in faults
        ]

    def act(self) -> None:
        """To the first."""
        if self.bench.faults:
            self._lead(self.bench.faults[0])

    def _where(self, place: Place) -> str:
        if not 0 <= place.survey < len(self.bench.editing.documents):
            return ""
        bench = self.bench
        parts = [bench.said(bench.survey(place.survey).get("title"))]
        if place.question >= 0:
            asked = bench.question(place)
            number = self.desk.say("editor.numbered", number=place.question + 1)
            parts.append(f"{number} {bench.said(asked.get('text'))}")
            if place.option >= 0:
                parts.append(bench.said(asked["options"][place.option].get("text")))
        return " › ".join(parts)

    def _lead(self, fault: "Fault") -> None:
        place = place_of(fault)
        if not 0 <= place.survey < len(self.bench.editing.documents):
            self.desk.back()
        elif place.question < 0:
            self.desk.open(SurveyPage(self.desk, self.bench, place.survey))
        elif place.option < 0:
            self.desk.open(AskedPage(self.desk, self.bench, place))
        else:
            self.desk.open(OptionPage(self.desk, self.bench, place))
