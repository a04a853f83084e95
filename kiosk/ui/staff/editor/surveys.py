"""The editor's first page: the surveys in the order in which they are tried; publishing, history.

Opened from kiosk.ui.staff.menu. May touch Kivy's widgets; files only by way of desk.work.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.uix.widget import Widget

from kiosk.settings.drafts import Begun, Overtaken
from kiosk.settings.file import InvalidConfig
from kiosk.ui.staff.editor.bench import Bench
from kiosk.ui.staff.editor.history import HistoryPage
from kiosk.ui.staff.editor.movable import MovableRow, MovableRows, MovePage, Moves
from kiosk.ui.staff.editor.problems import ProblemsPage
from kiosk.ui.staff.editor.shelf import LibraryPage
from kiosk.ui.staff.editor.survey import SurveyPage
from kiosk.ui.staff.editor.when import when_words
from kiosk.ui.staff.lists import AskPage, ListPage
from kiosk.ui.staff.parts import Heading, Row, Words
from survey.edit import Editing
from survey.faults import Place
from survey.shape import new_survey

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk


class SurveysPage(ListPage):
    """All surveys."""

    def __init__(self, desk: "Desk") -> None:
        self._bench: Bench | None = None
        self._spoilt: InvalidConfig | None = None
        super().__init__(desk, title=desk.say("editor.title"))
        self.remove_widget(self.list)
        self.list = MovableRows(self._moved)
        self.add_widget(self.list)
        self._place()

    def opened(self) -> None:
        """Read them, the first time; later show them as they are by now."""
        self.hush()
        if self._bench is None:
            self._load()
        super().opened()

    def rows(self) -> list[Widget]:
        """A survey each, then what can be done."""
        say, bench = self.desk.say, self._bench
        if bench is None:
            return self._spoilt_rows() if self._spoilt else [Words(words=say("editor.reading"))]
        self.note = say("editor.draft" if bench.is_changed else "editor.in_force")
        self.action = say("editor.publish") if bench.is_changed else ""
        found = [self._row(bench, number) for number in range(len(bench.editing.documents))]
        more = [
            Row(title=say("editor.from_library"), sign="plus", on_tap=self._open_library),
            Row(title=say("editor.blank"), sign="plus", on_tap=self._add_blank),
            Row(title=say("editor.history"), sign="clock", on_tap=self._open_history),
        ]
        if bench.editing.past:
            more.append(Row(title=say("editor.undo"), sign="undo", on_tap=self._undo, leads_on=False))
        if bench.is_changed:
            more.append(Row(title=say("editor.discard"), sign="bin", on_tap=self._ask_discard))
        return [*found, Heading(words=say("editor.more")), *more]

    def act(self) -> None:
        """Publish; what keeps that from being done is shown instead."""
        if self._bench is None:
            return
        if self._bench.faults:
            self.desk.open(ProblemsPage(self.desk, self._bench))
        else:
            self._publish()

    def _row(self, bench: Bench, number: int) -> Row:
        survey = bench.survey(number)
        count = len(survey["question"])
        is_hidden = any(not earlier.get("when") for earlier in bench.editing.documents[:number])
        when = self.desk.say("when.hidden") if is_hidden else when_words(survey.get("when"), self.desk.say)
        shown: dict[str, Any] = {
            "title": bench.said(survey.get("title")),
            "detail": self.desk.say("editor.survey_line", when=when, count=count),
            "on_tap": partial(self._open, number),
        }
        if bench.is_locked(number):
            return Row(sign="lock", value=self.desk.say("editor.locked"), **shown)
        return MovableRow(partial(self._options, number), **shown, **bench.mark(Place(number)))

    def _spoilt_rows(self) -> list[Widget]:
        """config.toml has faults that only a text editor can mend, or an earlier version."""
        say, faults = self.desk.say, self._spoilt.faults if self._spoilt else ()
        told = [Words(words=self.desk.telling.fault(fault)) for fault in faults]
        history = Row(title=say("editor.history"), sign="clock", on_tap=self._open_history)
        return [Words(words=say("editor.spoilt"), loud=True), *told, history]

    def _load(self) -> None:
        self.desk.work(self.desk.backroom.drafts.begin, self._begun, self._failed)

    def _begun(self, begun: Begun) -> None:
        self._bench, self._spoilt = Bench(self.desk, begun), None
        self.fill()

    def _failed(self, problem: Exception) -> None:
        if isinstance(problem, InvalidConfig):
            self._spoilt = problem
            self.fill()
        elif isinstance(problem, Overtaken):
            self._ask_overtaken()
        else:
            self.toast(self.desk.say("failed", why=self.desk.telling.problem(problem)))

    def _put(self, editing: Editing, done: str = "") -> None:
        assert self._bench is not None  # noqa: S101 - for mypy: rows are there only with it
        self._bench.put(editing)
        self.desk.show()
        if done:
            self.toast(done, partial(self._take_back, editing))

    def _take_back(self, editing: Editing) -> None:
        if self._bench and self._bench.editing is editing:
            self._put(editing.undo())

    @property
    def _editing(self) -> Editing:
        assert self._bench is not None  # noqa: S101 - the same
        return self._bench.editing

    def _moved(self, begin: int, end: int) -> None:
        movable = [
            number
            for number in range(len(self._editing.documents))
            if self._bench and not self._bench.is_locked(number)
        ]
        self._put(self._editing.move_survey(movable[begin], movable[end]))

    def _options(self, number: int) -> None:
        moves = Moves(
            move=self._move,
            duplicate=lambda at: self._put(
                self._editing.duplicate_survey(at), self.desk.say("editor.duplicated")
            ),
            delete=lambda at: self._put(self._editing.delete_survey(at), self.desk.say("editor.deleted")),
        )
        title = self._bench.said(self._bench.survey(number).get("title")) if self._bench else ""
        count = len(self._editing.documents)
        self.desk.open(MovePage(self.desk, number, count, moves, title=title))

    def _move(self, at: int, to: int) -> None:
        if self._bench:
            self._bench.put(self._editing.move_survey(at, to))

    def _open(self, number: int) -> None:
        if self._bench:
            self.desk.open(SurveyPage(self.desk, self._bench, number))

    def _open_library(self) -> None:
        if self._bench:
            self.desk.open(LibraryPage(self.desk, self._bench))

    def _open_history(self) -> None:
        self.desk.open(HistoryPage(self.desk, self._begin_anew))

    def _add_blank(self) -> None:
        tags = [self.desk.language, *({"ja", "en"} - {self.desk.language})]
        self._put(self._editing.add_survey(0, new_survey(tags)), self.desk.say("editor.added"))
        self._open(0)

    def _undo(self) -> None:
        self._put(self._editing.undo())

    def _ask_discard(self) -> None:
        say = self.desk.say
        self.desk.open(
            AskPage(
                self.desk,
                self._discard,
                question=say("editor.ask_discard"),
                body=say("editor.ask_discard_body"),
                yes=say("editor.discard_yes"),
            )
        )

    def _discard(self) -> None:
        self.desk.work(self.desk.backroom.drafts.discard, lambda _: self._begin_anew())

    def _begin_anew(self) -> None:
        """What was edited is gone."""
        self._bench = None
        self._load()

    def _publish(self) -> None:
        bench, drafts = self._bench, self.desk.backroom.drafts
        if bench:
            job = partial(drafts.publish, bench.editing.documents, bench.base, self.desk.role)
            self.desk.work(job, lambda _: self._published(), self._not_published)

    def _published(self) -> None:
        self._begin_anew()
        self.toast(self.desk.say("editor.published"))

    def _not_published(self, problem: Exception) -> None:
        if isinstance(problem, InvalidConfig) and self._bench:
            self._bench.faults = problem.faults
            self.desk.open(ProblemsPage(self.desk, self._bench))
        else:
            self._failed(problem)

    def _ask_overtaken(self) -> None:
        say = self.desk.say
        self.desk.open(
            AskPage(
                self.desk,
                self._publish_anyway,
                question=say("editor.overtaken"),
                body=say("editor.overtaken_body"),
                yes=say("editor.overtaken_yes"),
            )
        )

    def _publish_anyway(self) -> None:
        """Over what somebody else wrote: that stays among the versions."""

        def begun(now: Begun) -> None:
            if self._bench:
                self._bench.base = now.now
                self._publish()

        self.desk.work(self.desk.backroom.drafts.begin, begun, self._failed)
