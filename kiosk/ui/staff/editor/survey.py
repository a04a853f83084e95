"""One survey: its name, languages and times, its questions, and the ways through them as a tree.

Opened from kiosk.ui.staff.editor.surveys. May touch Kivy's widgets.
"""

from functools import partial
from typing import TYPE_CHECKING

from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from kiosk.ui.staff.editor.bench import Bench, BenchPage, name_of
from kiosk.ui.staff.editor.movable import MovableRow, MovableRows, MovePage, Moves
from kiosk.ui.staff.editor.question import AskedPage
from kiosk.ui.staff.editor.shelf import NewQuestionPage
from kiosk.ui.staff.editor.texts import LanguagesPage, text_row
from kiosk.ui.staff.editor.when import WhenPage, when_words
from kiosk.ui.staff.lists import PickPage
from kiosk.ui.staff.parts import Heading, Row, Rows, Words
from survey.faults import Place, place_of
from survey.model import FACES, KINDS
from survey.outline import Branch, languages, said, tree, ways

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk
    from survey.edit import Document

SIGNS = {
    "faces": "face",
    "scale": "bars",
    "stars": "star_line",
    "choice": "list",
    "text": "speech",
    "notice": "alert",
}


class SurveyPage(BenchPage):
    """What a survey is, and what it asks."""

    def __init__(self, desk: "Desk", bench: Bench, number: int) -> None:
        self._number = number
        super().__init__(desk, bench, action=desk.say("editor.try_out"))
        self.remove_widget(self.list)
        self.list = MovableRows(self._moved)
        self.add_widget(self.list)
        self._place()

    def rows(self) -> list[Widget]:
        """Its own keys, then its questions; a locked one is only read."""
        say, bench, number = self.desk.say, self.bench, self._number
        survey = bench.survey(number)
        self.title = bench.said(survey.get("title"))
        if bench.is_locked(number):
            return self._locked_rows()
        terms = bench.terms_of(number)
        own: list[Widget] = []
        if terms and terms.locked:
            own.append(Words(words=say("editor.places", count=terms.places, ask=self._ask), loud=True))
        own += [
            Words(words=bench.words(fault), loud=True)
            for fault in bench.faults
            if place_of(fault) in (Place(number), Place(number, key="question"), Place(number, key="id"))
        ]
        return [
            *own,
            Heading(words=say("editor.questions")),
            *(self._question(at) for at in range(len(survey["question"]))),
            Row(title=say("editor.add_question"), sign="plus", on_tap=self._add),
            Row(title=say("editor.tree"), sign="tree", on_tap=self._open_tree),
            Heading(words=say("editor.whole")),
            *self._keys(survey),
        ]

    def _keys(self, survey: "Document") -> list[Widget]:
        say, bench, number = self.desk.say, self.bench, self._number
        return [
            text_row(self, Place(number, key="title")),
            Row(
                title=say("editor.languages"),
                detail=bench.names(languages(survey)),
                on_tap=lambda: self.desk.open(LanguagesPage(self.desk, bench, number)),
            ),
            Row(
                title=say("editor.when"),
                detail=when_words(survey.get("when"), say),
                on_tap=lambda: self.desk.open(WhenPage(self.desk, bench, number)),
                **bench.mark(Place(number, key="when")),
            ),
            Row(title=say("editor.kind"), detail=say(f"editor.{survey.get('kind')}"), on_tap=self._pick_kind),
        ]

    def act(self) -> None:
        """Try it out, in any of its languages."""
        tags = languages(self.bench.survey(self._number))
        if len(tags) == 1:
            self.bench.try_out(self._number, tags[0])
        else:
            choices = [(tag, name_of(tag)) for tag in tags]
            begin = partial(self.bench.try_out, self._number)
            title = self.desk.say("editor.try_in")
            self.desk.open(PickPage(self.desk, choices, None, begin, title=title))

    @property
    def _ask(self) -> str:
        terms = self.bench.terms_of(self._number)
        return (terms and terms.ask) or self.desk.say("editor.head_office")

    def _locked_rows(self) -> list[Widget]:
        say, survey = self.desk.say, self.bench.survey(self._number)
        return [
            Words(words=say("editor.locked_why", ask=self._ask), loud=True),
            Row(title=say("editor.when"), detail=when_words(survey.get("when"), say)),
            Heading(words=say("editor.asks")),
            *(
                Row(
                    title=self.bench.said(asked.get("text")),
                    detail=say(f"types.{asked['type']}"),
                    sign=SIGNS[asked["type"]],
                )
                for asked in survey["question"]
            ),
            Row(title=say("editor.tree"), sign="tree", on_tap=self._open_tree),
        ]

    def _question(self, at: int) -> MovableRow:
        survey = self.bench.survey(self._number)
        asked = survey["question"][at]
        kind = self.desk.say(f"types.{asked.get('type')}")
        return MovableRow(
            partial(self._options, at),
            title=f"{self.desk.say('editor.numbered', number=at + 1)} {self.bench.said(asked.get('text'))}",
            detail=f"{kind} · {self._leads(at)}",
            sign=SIGNS.get(asked.get("type"), ""),
            on_tap=lambda: self.desk.open(AskedPage(self.desk, self.bench, Place(self._number, at))),
            **self.bench.mark(Place(self._number, at)),
        )

    def _leads(self, at: int) -> str:
        """Where a question's answers lead, in few words."""
        survey = self.bench.survey(self._number)
        led = ways(survey, at)
        numbers = {str(each.get("id")): number for number, each in enumerate(survey["question"], start=1)}
        named = [
            self.desk.say("editor.numbered", number=numbers[target])
            if target in numbers
            else self.desk.say("editor.the_end")
            for target in dict.fromkeys(led.values())
        ]
        return "→ " + " / ".join(named)

    def _moved(self, begin: int, end: int) -> None:
        self.put(self.bench.editing.move_question(self._number, begin, end))

    def _options(self, at: int) -> None:
        bench, number = self.bench, self._number
        moves = Moves(
            move=lambda begin, end: bench.put(bench.editing.move_question(number, begin, end)),
            duplicate=lambda each: self.put(
                bench.editing.duplicate_question(number, each), self.desk.say("editor.duplicated")
            ),
            delete=lambda each: self.put(
                bench.editing.delete_question(number, each), self.desk.say("editor.deleted")
            ),
        )
        asked = bench.survey(number)["question"]
        title = bench.said(asked[at].get("text"))
        self.desk.open(MovePage(self.desk, at, len(asked), moves, title=title))

    def _pick_kind(self) -> None:
        say = self.desk.say
        choices = [(kind, say(f"editor.{kind}")) for kind in KINDS]
        now = self.bench.survey(self._number).get("kind")
        self.desk.open(PickPage(self.desk, choices, now, self._set_kind, title=say("editor.kind")))

    def _set_kind(self, kind: str) -> None:
        self.put(self.bench.editing.set_survey(self._number, "kind", kind))

    def _add(self) -> None:
        self.desk.open(NewQuestionPage(self.desk, self.bench, self._number))

    def _open_tree(self) -> None:
        self.desk.open(TreePage(self.desk, self.bench, self._number))


class TreeRow(Row):
    """A question in the tree, as far in as there are answers before it."""

    depth = NumericProperty(0)
    inset = NumericProperty(0)  # pixels, both
    stem = NumericProperty(0)  # how far up its line goes, from its middle


class TreeRows(Rows):
    """Rows that stand further in the deeper they are, each with a line to what it hangs on."""

    def arrange(self, *_: object) -> None:
        """Below each other, then each to its depth."""
        super().arrange()
        above: list[TreeRow] = []
        for row in self._rows:
            row.x += row.inset
            row.width -= row.inset
            hung = next((each for each in reversed(above) if each.depth <= row.depth), row)
            row.stem = (hung.center_y if hung.depth == row.depth else hung.y) - row.center_y
            above.append(row)


class TreePage(BenchPage):
    """Which answer leads to which question."""

    def __init__(self, desk: "Desk", bench: Bench, survey: int) -> None:
        self._survey = survey
        super().__init__(desk, bench, title=desk.say("editor.tree"))
        self.remove_widget(self.list)
        self.list = TreeRows()
        self.add_widget(self.list)
        self._place()

    def rows(self) -> list[Widget]:
        """A line each, the deeper the more answers it takes to come there."""
        survey = self.bench.survey(self._survey)
        return [self._row(branch) for branch in tree(survey)]

    def _row(self, branch: Branch) -> TreeRow:
        say, survey = self.desk.say, self.bench.survey(self._survey)
        if branch.question is None:
            return TreeRow(
                title=say("editor.the_end"), detail=self._after(branch), depth=branch.depth, sign="check"
            )
        asked = survey["question"][branch.question]
        number = say("editor.numbered", number=branch.question + 1)
        place = Place(self._survey, branch.question)
        can_open = not self.bench.is_locked(self._survey)
        return TreeRow(
            title=f"{number} {self.bench.said(asked.get('text'))}",
            detail=self._after(branch) + (say("editor.again") if branch.again else ""),
            depth=branch.depth,
            sign=SIGNS.get(asked.get("type"), ""),
            on_tap=(lambda: self.desk.open(AskedPage(self.desk, self.bench, place))) if can_open else None,
        )

    def _after(self, branch: Branch) -> str:
        """The answers that lead there."""
        if not branch.answers:
            return self.desk.say("editor.every_answer") if branch.depth else ""
        return self.desk.say("editor.comma").join(self._answer(key) for key in branch.answers)

    def _answer(self, key: str) -> str:
        if key in FACES or key == "skip":
            return self.desk.say(f"answers.{key}")
        for asked in self.bench.survey(self._survey)["question"]:
            for option in asked.get("options", ()):
                if option.get("id") == key:
                    return said(option.get("text"), self.desk.language)
        return key.replace("-", "–")
