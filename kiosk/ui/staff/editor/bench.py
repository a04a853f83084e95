"""The surveys under edit while staff are in: each step kept at once, its faults told where they stand.

Made by the first page of the editor, handed from page to page. May touch the desk, through which drafts are
kept off the window's thread.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.app import App

from kiosk.settings.drafts import Begun
from kiosk.ui.staff.lists import ListPage
from survey.edit import Document, Editing
from survey.faults import Place, within, words_of
from survey.outline import lacking, languages, said
from survey.parse import parse_survey
from survey.problems import Fault, InvalidSurvey
from survey.terms import Terms

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk
    from survey.model import Survey


class Bench:
    """What is edited, and what is wrong with it."""

    def __init__(self, desk: "Desk", begun: Begun) -> None:
        self._home = desk.top
        self._desk, self.start, self.base, self.terms = desk, begun.start, begun.base, begun.terms
        self.editing = Editing(begun.documents)
        self.faults = self.editing.faults()

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to publish."""
        return self.editing.documents != self.start

    def put(self, editing: Editing) -> None:
        """Go on with another value, and keep it."""
        if editing.documents == self.editing.documents:
            return
        self.editing, self.faults = editing, editing.faults()
        drafts = self._desk.backroom.drafts
        self._desk.work(
            partial(drafts.keep, editing.documents, self.base), partial(self._heard, editing.documents)
        )

    def go_home(self) -> None:
        """Back to the page on which the surveys stand."""
        while self._desk.top not in (None, self._home):
            self._desk.back()

    def survey(self, number: int) -> Document:
        """One survey."""
        return self.editing.documents[number]

    def question(self, place: Place) -> Document:
        """One question."""
        asked: Document = self.survey(place.survey)["question"][place.question]
        return asked

    def text(self, place: Place) -> Any:
        """The text at a place: a title, a question's text, help or label, an option's."""
        table = self.survey(place.survey)
        if place.question >= 0:
            table = self.question(place)
        if place.option >= 0:
            table = table["options"][place.option]
        key, _, side = place.key.partition(".")
        return table.get(key, {}).get(side) if side else table.get(key)

    def with_text(self, place: Place, text: dict[str, str] | None) -> Editing:
        """The surveys with another text there; None takes it out."""
        now = self.editing
        if place.option >= 0:
            return now.set_option(place.survey, place.question, place.option, place.key, text)
        if place.question < 0:
            return now.set_survey(place.survey, place.key, text)
        key, _, side = place.key.partition(".")
        if not side:
            return now.set_question(place.survey, place.question, key, text)
        labels = {**self.question(place).get("labels", {}), side: text}
        labels = {end: words for end, words in labels.items() if words}
        return now.set_question(place.survey, place.question, key, labels or None)

    def terms_of(self, survey: int) -> Terms | None:
        """Those on which head office gives a survey, None for the store's own."""
        return self.terms.get(str(self.survey(survey).get("id")))

    def is_locked(self, survey: int) -> bool:
        """Whether nothing of a survey may be changed here."""
        terms = self.terms_of(survey)
        return terms is not None and terms.locked and not terms.places

    def mark(self, place: Place) -> dict[str, Any]:
        """How a row shows that something at its place is to be mended; nothing where all is well."""
        found = within(self.faults, place)
        if not found:
            return {}
        lacks = self._lacking(place) if place.key else ()
        value = (
            self._desk.say("editor.lacks", languages=self.names(lacks))
            if lacks
            else self._desk.say("editor.mend", count=len(found))
        )
        return {"value": value, "warns": True}

    def told(self, place: Place) -> str:
        """The first thing that is wrong at exactly this place, in words."""
        found = within(self.faults, place)
        return self.words(found[0]) if found else ""

    def words(self, fault: Fault) -> str:
        """A fault in staff's words."""
        return words_of(fault, self._desk.say, name_of, self._desk.telling.line)

    def names(self, tags: tuple[str, ...]) -> str:
        """Languages by their names."""
        return self._desk.say("editor.comma").join(map(name_of, tags))

    def try_out(self, survey: int, language: str) -> None:
        """Have a survey tried out as it is now, and all asked that is asked of some; not one with faults."""
        document = self.survey(survey)
        asked = [{key: each[key] for key in each if key != "ask"} for each in document["question"]]
        try:
            found: Survey = parse_survey({**document, "question": asked})
        except InvalidSurvey:
            self._desk.toast(self._desk.say("editor.mend_first"))
        else:
            self._desk.try_out(found, language)

    def said(self, text: object) -> str:
        """A text in staff's language, or that it is not written yet."""
        return said(text, self._desk.language) or self._desk.say("editor.unwritten")

    def _lacking(self, place: Place) -> tuple[str, ...]:
        return lacking(self.text(place), languages(self.survey(place.survey)))

    def _heard(self, documents: tuple[Document, ...], faults: tuple[Fault, ...]) -> None:
        """What the checks that read files found too."""
        if documents is self.editing.documents and faults != self.faults:
            self.faults = faults
            if isinstance(self._desk.top, ListPage):
                self._desk.top.fill()


class BenchPage(ListPage):
    """A page of the editor: it changes the surveys, and shows them as they are then."""

    def __init__(self, desk: "Desk", bench: Bench, **kwargs: object) -> None:
        self.bench = bench
        super().__init__(desk, **kwargs)

    def opened(self) -> None:
        """A toast from before would take back what was done since."""
        self.hush()
        super().opened()

    def put(self, editing: Editing, done: str = "") -> None:
        """Take a step; where `done` says what it was, it can be taken back."""
        self.bench.put(editing)
        self.fill()
        if done:
            self.toast(done, partial(self._take_back, editing))

    def _take_back(self, editing: Editing) -> None:
        if self.bench.editing is editing:
            self.bench.put(editing.undo())
            self.fill()


def name_of(tag: str) -> str:
    """A language by its own name."""
    app = App.get_running_app()
    return str(app.say(tag, "name")) if tag in app.spoken_languages else tag
