"""One text in every language of its survey, with a sign of what is missing; and which languages.

Opened from the pages beside me. May touch Kivy's widgets.
"""

from functools import partial
from typing import TYPE_CHECKING

from kivy.app import App
from kivy.uix.widget import Widget

from kiosk.ui.staff.editor.bench import Bench, BenchPage, name_of
from kiosk.ui.staff.lists import AskPage, PickPage
from kiosk.ui.staff.parts import Row
from kiosk.ui.staff.writing import Wanted, WritePage
from survey.faults import Place
from survey.outline import lacking, languages
from survey.parse import TITLE_CHARACTERS
from survey.questions import HELP_CHARACTERS, LABEL_CHARACTERS, OPTION_CHARACTERS, QUESTION_CHARACTERS

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

MOST = {
    "title": TITLE_CHARACTERS,
    "text": QUESTION_CHARACTERS,
    "help": HELP_CHARACTERS,
    "labels.low": LABEL_CHARACTERS,
    "labels.high": LABEL_CHARACTERS,
}
KEYS = {"title": "title_text", "labels.low": "labels_low", "labels.high": "labels_high"}  # of staff's words
OPTIONAL = ("help", "labels.low", "labels.high")


def text_row(page: BenchPage, place: Place) -> Row:
    """A row that says a text, names the languages that lack, and leads to them all."""
    bench, desk = page.bench, page.desk
    key = "option" if place.option >= 0 else KEYS.get(place.key, place.key)
    title = desk.say(f"editor.{key}")
    text = bench.text(place)
    words = bench.said(text) if text or place.key not in OPTIONAL else desk.say("editor.none")
    return Row(
        title=title,
        detail=words,
        on_tap=partial(open_text, desk, bench, place, title),
        **bench.mark(place),
    )


def open_text(desk: "Desk", bench: Bench, place: Place, title: str) -> None:
    """To the text's page; a survey of one language needs none, its keyboard opens at once."""
    tags = languages(bench.survey(place.survey))
    page = TextsPage(desk, bench, place, title)
    if len(tags) == 1:
        page.write(tags[0])
    else:
        desk.open(page)


class TextsPage(BenchPage):
    """A text in each language."""

    def __init__(self, desk: "Desk", bench: Bench, place: Place, title: str) -> None:
        self._place_of_text = place
        super().__init__(desk, bench, title=title)

    def rows(self) -> list[Widget]:
        """A language each."""
        place = self._place_of_text
        text = self.bench.text(place) or {}
        tags = languages(self.bench.survey(place.survey))
        lacks = lacking(text, tags) if text or place.key not in OPTIONAL else ()
        self.note = self.desk.say("editor.lacks", languages=self.bench.names(lacks)) if lacks else ""
        return [self._row(tag, str(text.get(tag, "")), is_lacking=tag in lacks) for tag in tags]

    def _row(self, tag: str, words: str, *, is_lacking: bool) -> Row:
        place = self._place_of_text
        wrong = self.bench.told(Place(place.survey, place.question, place.option, place.key, tag))
        return Row(
            title=name_of(tag),
            detail=words or self.desk.say("editor.touch_to_write"),
            value=self.desk.say("editor.missing") if is_lacking else wrong,
            warns=is_lacking or bool(wrong),
            on_tap=partial(self.write, tag),
        )

    def write(self, tag: str) -> None:
        """Write it in one language."""
        place = self._place_of_text
        longest = OPTION_CHARACTERS if place.option >= 0 else MOST[place.key]
        text = self.bench.text(place) or {}
        self.desk.open(
            WritePage(
                self.desk,
                str(text.get(tag, "")),
                partial(self._written, tag),
                Wanted(language=tag, longest=longest, needed=place.key not in OPTIONAL),
                title=f"{self.title} · {name_of(tag)}",
            )
        )

    def _written(self, tag: str, words: str) -> None:
        place = self._place_of_text
        tags = languages(self.bench.survey(place.survey))
        now = self.bench.text(place) or {}
        text = {each: str(now.get(each, "")) for each in tags} | {tag: words}
        is_gone = place.key in OPTIONAL and not any(each.strip() for each in text.values())
        self.bench.put(self.bench.with_text(place, None if is_gone else text))
        self.desk.show()


class LanguagesPage(BenchPage):
    """Which languages a survey speaks."""

    def __init__(self, desk: "Desk", bench: Bench, survey: int) -> None:
        self._survey = survey
        super().__init__(desk, bench, title=desk.say("editor.languages"))

    def rows(self) -> list[Widget]:
        """Those it speaks, each to be taken out, and one more."""
        survey = self.bench.survey(self._survey)
        tags = languages(survey)
        rows: list[Widget] = [
            Row(
                title=name_of(tag),
                detail=self.desk.say("editor.take_out"),
                on_tap=partial(self._ask, tag) if len(tags) > 1 else None,
            )
            for tag in tags
        ]
        return [*rows, Row(title=self.desk.say("editor.add_language"), sign="plus", on_tap=self._add)]

    def _add(self) -> None:
        tags = languages(self.bench.survey(self._survey))
        more = [(tag, name_of(tag)) for tag in App.get_running_app().spoken_languages if tag not in tags]
        self.desk.open(
            PickPage(self.desk, more, None, self._added, title=self.desk.say("editor.add_language"))
        )

    def _added(self, tag: str) -> None:
        done = self.desk.say("editor.language_added", language=name_of(tag))
        self.put(self.bench.editing.add_language(self._survey, tag), done)

    def _ask(self, tag: str) -> None:
        language = name_of(tag)
        self.desk.open(
            AskPage(
                self.desk,
                partial(self._removed, tag),
                question=self.desk.say("editor.remove_language", language=language),
                body=self.desk.say("editor.remove_language_body"),
                yes=self.desk.say("editor.take_out"),
            )
        )

    def _removed(self, tag: str) -> None:
        done = self.desk.say("editor.language_removed", language=name_of(tag))
        self.put(self.bench.editing.remove_language(self._survey, tag), done)
