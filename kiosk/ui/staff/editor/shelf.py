"""What the library has: surveys by a shopper's way and by themselves, and single questions.

Opened from the pages beside me. May touch Kivy's widgets; files only by way of desk.work.
"""

from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.ui.staff.editor.bench import Bench, BenchPage
from kiosk.ui.staff.editor.question import AskedPage
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.parts import Heading, Row, Words
from survey.faults import Place
from survey.library import Journey, Library
from survey.model import END, TYPES
from survey.outline import languages
from survey.parse import parse_survey
from survey.shape import in_languages, new_question

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk
    from survey.edit import Document


class ShelfPage(BenchPage):
    """A page that needs the library."""

    def __init__(self, desk: "Desk", bench: Bench, **kwargs: object) -> None:
        self.library: Library | None = None
        super().__init__(desk, bench, **kwargs)

    def opened(self) -> None:
        """Read it, once."""
        if self.library is None:
            self.desk.work(self.desk.backroom.library, self._read)
        super().opened()

    def rows(self) -> list[Widget]:
        """What it has."""
        if self.library is None:
            return [Words(words=self.desk.say("editor.reading"))]
        return self.shelves(self.library)

    def shelves(self, library: Library) -> list[Widget]:
        """The rows, once it is read."""
        raise NotImplementedError

    def _read(self, library: Library) -> None:
        self.library = library
        self.fill()


class LibraryPage(ShelfPage):
    """Ready-made surveys."""

    def __init__(self, desk: "Desk", bench: Bench) -> None:
        super().__init__(desk, bench, title=desk.say("shelf.title"))

    def shelves(self, library: Library) -> list[Widget]:
        """Journeys first, then every survey."""
        say = self.desk.say
        rows: list[Widget] = [Heading(words=say("shelf.journeys"))]
        rows += [
            Row(
                title=self.bench.said(journey.title),
                detail=" → ".join(self.bench.said(stop.place) for stop in journey.stops),
                sign="tree",
                on_tap=partial(self._walk, library, journey),
            )
            for journey in library.journeys
        ]
        rows.append(Heading(words=say("shelf.surveys")))
        rows += [survey_row(self, self.bench, survey) for survey in library.surveys.values()]
        return rows

    def _walk(self, library: Library, journey: Journey) -> None:
        self.desk.open(StopsPage(self.desk, self.bench, library, journey))


def survey_row(page: ListPage, bench: Bench, survey: "Document", place: str = "") -> Row:
    """A ready-made survey: its name, and what it asks first."""
    count = len(survey["question"])
    title = bench.said(survey["title"])
    return Row(
        title=f"{place} · {title}" if place else title,
        detail=page.desk.say(
            "shelf.survey_line", count=count, first=bench.said(survey["question"][0]["text"])
        ),
        on_tap=lambda: page.desk.open(OfferPage(page.desk, bench, survey)),
    )


class StopsPage(ListPage):
    """Where on a shopper's way this kiosk stands."""

    def __init__(self, desk: "Desk", bench: Bench, library: Library, journey: Journey) -> None:
        self._bench, self._library = bench, library
        self._journey = journey
        super().__init__(desk, title=bench.said(self._journey.title), note=desk.say("shelf.where"))

    def rows(self) -> list[Widget]:
        """A survey for each place."""
        return [
            survey_row(self, self._bench, self._library.surveys[stop.survey], self._bench.said(stop.place))
            for stop in self._journey.stops
        ]


class OfferPage(BenchPage):
    """A ready-made survey: look at it, try it out, take it."""

    def __init__(self, desk: "Desk", bench: Bench, survey: "Document") -> None:
        self._survey = survey
        super().__init__(desk, bench, title=bench.said(survey["title"]), action=desk.say("shelf.take"))

    def rows(self) -> list[Widget]:
        """What it asks."""
        return [
            Row(title=self.desk.say("editor.try_out"), sign="speech", on_tap=self._try_out),
            *(
                Row(title=self.bench.said(asked["text"]), detail=self.desk.say(f"types.{asked['type']}"))
                for asked in self._survey["question"]
            ),
        ]

    def act(self) -> None:
        """Take it, as the first survey, so that it is the one that is shown."""
        editing = self.bench.editing.add_survey(0, self._survey)
        self.bench.put(editing)
        self.bench.go_home()
        self.desk.toast(self.desk.say("shelf.taken"))

    def _try_out(self) -> None:
        tags = languages(self._survey)
        language = self.desk.language if self.desk.language in tags else tags[0]
        self.desk.try_out(parse_survey(self._survey), language)


class NewQuestionPage(ShelfPage):
    """A question to add: of a type, or a ready-made one."""

    def __init__(self, desk: "Desk", bench: Bench, survey: int) -> None:
        self._survey = survey
        super().__init__(desk, bench, title=desk.say("editor.add_question"))

    def shelves(self, library: Library) -> list[Widget]:
        """Ready-made ones first: nothing need be written."""
        say = self.desk.say
        tags = languages(self.bench.survey(self._survey))
        rows: list[Widget] = [Heading(words=say("shelf.questions"))]
        rows += [
            Row(
                title=self.bench.said(asked["text"]),
                detail=say(f"types.{asked['type']}"),
                on_tap=partial(self._add, in_languages(asked, tags)),
            )
            for asked in library.questions
        ]
        rows.append(Heading(words=say("shelf.blank")))
        rows += [
            Row(
                title=say(f"types.{kind}"),
                detail=say(f"types.{kind}_detail"),
                on_tap=partial(self._blank, kind),
            )
            for kind in TYPES
        ]
        return rows

    def _blank(self, kind: str) -> None:
        self._add(new_question(kind, languages(self.bench.survey(self._survey))))

    def _add(self, document: "Document") -> None:
        """At the end; whatever ended there leads to it."""
        asked = self.bench.survey(self._survey)["question"]
        at, editing = len(asked), self.bench.editing
        if asked and asked[-1].get("next") == END:
            editing = editing.set_question(self._survey, at - 1, "next", None)
        editing = editing.add_question(self._survey, at, {**document, "next": END})
        self.bench.put(editing)
        self.desk.back()
        self.desk.open(AskedPage(self.desk, self.bench, Place(self._survey, at)))
