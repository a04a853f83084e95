"""One question, and one option of a choice: everything about them, with what is wrong at its place.

Opened from kiosk.ui.staff.editor.survey. May touch Kivy's widgets.
"""

from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.ui.shapes import ICONS
from kiosk.ui.staff.editor.bench import Bench, BenchPage
from kiosk.ui.staff.editor.icons import IconPage
from kiosk.ui.staff.editor.movable import MovableRow, MovableRows, MovePage, Moves
from kiosk.ui.staff.editor.texts import text_row
from kiosk.ui.staff.editor.ways import WaysPage, way_words
from kiosk.ui.staff.lists import PickPage
from kiosk.ui.staff.parts import Heading, Row, StepperRow, SwitchRow, Words
from survey.faults import Place, place_of, within
from survey.measures import MOST_STARS, MOST_VALUES, TYPES_OF_METRIC
from survey.model import DEFAULT_TEXT_CHARACTERS, KEYBOARDS, METRICS, TYPES
from survey.outline import bounds, languages
from survey.questions import FEWEST_OPTIONS, MOST_OPTIONS, MOST_TEXT_CHARACTERS
from survey.shape import bounded, measuring, new_option, of_many, retyped

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk
    from survey.edit import Document

WHOLE, PERCENT = 100, 5


class AskedPage(BenchPage):
    """A question."""

    def __init__(self, desk: "Desk", bench: Bench, place: Place) -> None:
        self._at = Place(place.survey, place.question)
        super().__init__(desk, bench, action=desk.say("editor.try_out"))
        self.remove_widget(self.list)
        self.list = MovableRows(self._moved)
        self.add_widget(self.list)
        self._place()

    def rows(self) -> list[Widget]:
        """What every question has, what its type has, and where it leads."""
        say, asked = self.desk.say, self._asked
        self.title = say("editor.question_number", number=self._at.question + 1)
        self.note = say(f"types.{asked.get('type')}")
        general = [
            Words(words=self.bench.words(fault), loud=True)
            for fault in within(self.bench.faults, self._at)
            if place_of(fault).option < 0 and place_of(fault).key in ("", "id", "options")
        ]
        return [
            *general,
            text_row(self, self._key("text")),
            text_row(self, self._key("help")),
            Row(title=say("editor.type"), value=say(f"types.{asked.get('type')}"), on_tap=self._pick_type),
            *self._of_type(asked),
            *self._counting(asked),
            Heading(words=say("editor.after_it")),
            Row(
                title=say("editor.leads_to"),
                detail=way_words(self.bench, self._at, self.desk),
                sign="tree",
                on_tap=lambda: self.desk.open(WaysPage(self.desk, self.bench, self._at)),
                **self.bench.mark(self._key("next")),
            ),
        ]

    def act(self) -> None:
        """Try the whole survey out in staff's own language, or in its first."""
        tags = languages(self.bench.survey(self._at.survey))
        language = self.desk.language if self.desk.language in tags else tags[0]
        self.bench.try_out(self._at.survey, language)

    @property
    def _asked(self) -> "Document":
        return self.bench.question(self._at)

    def _key(self, key: str) -> Place:
        return Place(self._at.survey, self._at.question, key=key)

    def _replace(self, document: "Document") -> None:
        at = self._at
        self.put(self.bench.editing.replace_question(at.survey, at.question, document))

    def _set(self, key: str, value: object) -> None:
        self.put(self.bench.editing.set_question(self._at.survey, self._at.question, key, value))

    def _of_type(self, asked: "Document") -> list[Widget]:
        match asked.get("type"):
            case "choice":
                return self._of_choice(asked)
            case "scale":
                return [*self._of_scale(asked), *self._labels()]
            case "stars":
                most = bounds(asked)[1]
                stars = StepperRow(
                    lambda value: self._replace(bounded(self._asked, 1, int(value))),
                    title=self.desk.say("editor.stars"),
                    value=most,
                    least=2,
                    most=MOST_STARS,
                )
                return [stars, *self._labels()]
            case "text":
                return self._of_text(asked)
        return []

    def _of_choice(self, asked: "Document") -> list[Widget]:
        say = self.desk.say
        options = asked.get("options", ())
        add = Row(
            title=say("editor.add_option"),
            sign="plus",
            on_tap=self._add_option if len(options) < MOST_OPTIONS else None,
        )
        return [
            Heading(words=say("editor.options")),
            *(self._option(number, option) for number, option in enumerate(options)),
            add,
            SwitchRow(
                lambda on: self._replace(of_many(self._asked, many=on)),
                title=say("editor.many"),
                detail=say("editor.many_detail"),
                on=bool(asked.get("many")),
            ),
            SwitchRow(
                lambda on: self._set("shuffle", on or None),
                title=say("editor.shuffle"),
                detail=say("editor.shuffle_detail"),
                on=bool(asked.get("shuffle")),
            ),
        ]

    def _option(self, number: int, option: "Document") -> MovableRow:
        place = Place(self._at.survey, self._at.question, number)
        return MovableRow(
            partial(self._options, number),
            title=self.bench.said(option.get("text")),
            sign=str(option.get("icon", "")),
            on_tap=lambda: self.desk.open(OptionPage(self.desk, self.bench, place)),
            **self.bench.mark(place),
        )

    def _of_scale(self, asked: "Document") -> list[Widget]:
        say, (low, high) = self.desk.say, bounds(asked)
        if asked.get("metric") in ("nps", "ces"):
            return [
                Row(title=say("editor.values"), value=f"{low} – {high}", detail=say("editor.values_fixed"))
            ]
        return [
            StepperRow(
                lambda value: self._replace(bounded(self._asked, int(value), bounds(self._asked)[1])),
                title=say("editor.lowest"),
                value=low,
                least=max(0, high - MOST_VALUES + 1),
                most=high - 1,
            ),
            StepperRow(
                lambda value: self._replace(bounded(self._asked, bounds(self._asked)[0], int(value))),
                title=say("editor.highest"),
                value=high,
                least=low + 1,
                most=low + MOST_VALUES - 1,
            ),
        ]

    def _labels(self) -> list[Widget]:
        return [text_row(self, self._key(f"labels.{side}")) for side in ("low", "high")]

    def _of_text(self, asked: "Document") -> list[Widget]:
        say = self.desk.say
        keyboard = asked.get("keyboard")
        return [
            Row(
                title=say("editor.keyboard"),
                value=say(f"editor.keyboard_{keyboard or 'own'}"),
                on_tap=self._pick_keyboard,
            ),
            StepperRow(
                lambda value: self._set("max_length", int(value)),
                title=say("editor.longest"),
                value=asked.get("max_length", DEFAULT_TEXT_CHARACTERS),
                least=20,
                most=MOST_TEXT_CHARACTERS,
                step=20,
            ),
        ]

    def _counting(self, asked: "Document") -> list[Widget]:
        """What its answers count for, and how many are asked."""
        say, kind = self.desk.say, asked.get("type", "")
        rows: list[Widget] = []
        if any(kind in TYPES_OF_METRIC[metric] for metric in METRICS):
            rows.append(
                Row(
                    title=say("editor.metric"),
                    value=say(f"metrics.{asked.get('metric') or 'none'}"),
                    on_tap=self._pick_metric,
                    **{
                        key: value
                        for key, value in self.bench.mark(self._key("metric")).items()
                        if key != "value"
                    },
                )
            )
        if self._at.question or "ask" in asked:
            rows.append(
                StepperRow(
                    self._set_share,
                    self._share,
                    title=say("editor.ask"),
                    detail=self.bench.told(self._key("ask")) or say("editor.ask_detail"),
                    value=round(asked.get("ask", 1) * WHOLE),
                    least=PERCENT,
                    most=WHOLE,
                    step=PERCENT,
                )
            )
        return rows

    def _share(self, percent: float) -> str:
        return self.desk.say("editor.all") if percent >= WHOLE else f"{percent:g} %"

    def _set_share(self, percent: float) -> None:
        self._set("ask", None if percent >= WHOLE else percent / WHOLE)

    def _pick_type(self) -> None:
        say = self.desk.say
        choices = [(kind, say(f"types.{kind}")) for kind in TYPES]
        self.desk.open(
            PickPage(self.desk, choices, self._asked.get("type"), self._set_type, title=say("editor.type"))
        )

    def _set_type(self, kind: str) -> None:
        if kind != self._asked.get("type"):
            tags = languages(self.bench.survey(self._at.survey))
            self._replace(retyped(self._asked, kind, tags))
            editing = self.bench.editing
            self.toast(self.desk.say("editor.retyped"), partial(self._take_back, editing))

    def _pick_metric(self) -> None:
        say, kind = self.desk.say, self._asked.get("type", "")
        fitting = [metric for metric in METRICS if kind in TYPES_OF_METRIC[metric]]
        choices = [(None, say("metrics.none")), *((metric, say(f"metrics.{metric}")) for metric in fitting)]
        now = self._asked.get("metric")
        self.desk.open(PickPage(self.desk, choices, now, self._set_metric, title=say("editor.metric")))

    def _set_metric(self, metric: str | None) -> None:
        self._replace(measuring(self._asked, metric))

    def _pick_keyboard(self) -> None:
        say = self.desk.say
        choices = [
            (None, say("editor.keyboard_own")),
            *((each, say(f"editor.keyboard_{each}")) for each in KEYBOARDS),
        ]
        now = self._asked.get("keyboard")
        pick = partial(self._set, "keyboard")
        self.desk.open(PickPage(self.desk, choices, now, pick, title=say("editor.keyboard")))

    def _add_option(self) -> None:
        at, tags = self._at, languages(self.bench.survey(self._at.survey))
        number = len(self._asked.get("options", ()))
        self.bench.put(self.bench.editing.add_option(at.survey, at.question, number, new_option(tags)))
        self.desk.open(OptionPage(self.desk, self.bench, Place(at.survey, at.question, number)))

    def _moved(self, begin: int, end: int) -> None:
        self.put(self.bench.editing.move_option(self._at.survey, self._at.question, begin, end))

    def _options(self, number: int) -> None:
        bench, at, say = self.bench, self._at, self.desk.say
        options = self._asked["options"]
        moves = Moves(
            move=lambda begin, end: bench.put(bench.editing.move_option(at.survey, at.question, begin, end)),
            duplicate=lambda each: self.put(
                bench.editing.duplicate_option(at.survey, at.question, each), say("editor.duplicated")
            ),
            delete=lambda each: self.put(
                bench.editing.delete_option(at.survey, at.question, each), say("editor.deleted")
            ),
            fewest=FEWEST_OPTIONS,
        )
        title = bench.said(options[number].get("text"))
        self.desk.open(MovePage(self.desk, number, len(options), moves, title=title))


class OptionPage(BenchPage):
    """What stands on a card: words and an icon."""

    def __init__(self, desk: "Desk", bench: Bench, place: Place) -> None:
        self._at = Place(place.survey, place.question, place.option)
        super().__init__(desk, bench, title=desk.say("editor.option"))

    def rows(self) -> list[Widget]:
        """Its words, its icon."""
        at = self._at
        option = self.bench.question(at)["options"][at.option]
        icon = option.get("icon", "")
        return [
            text_row(self, Place(at.survey, at.question, at.option, "text")),
            Row(
                title=self.desk.say("editor.icon"),
                detail="" if icon else self.desk.say("editor.none"),
                sign=icon if icon in ICONS else "",
                on_tap=lambda: self.desk.open(
                    IconPage(self.desk, icon, self._set_icon, title=self.desk.say("editor.icon"))
                ),
            ),
        ]

    def _set_icon(self, icon: str) -> None:
        at = self._at
        self.put(self.bench.editing.set_option(at.survey, at.question, at.option, "icon", icon or None))
