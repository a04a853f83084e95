"""Draws every page of the question editor: `python -m tests.screens.editing FOLDER [SIZE …] [LINE …]`.

Each in ja and en, over real drafts in a folder. `scenes` also gives the tests every page.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from kiosk.bootstrap import shipped
from kiosk.settings.drafts import Doors, Drafts
from kiosk.settings.file import load
from survey.library import read_library
from survey.terms import Terms
from tests.screens.speaking import open_app
from tests.screens.staffroom import MadeUp, apart, photograph, rest_of

LOCKED = """
[[survey]]
id = "office"
kind = "relationship"
title = { ja = "全店共通アンケート", en = "All stores" }
when = { weekdays = "sat,sun", hours = "10:00-18:00" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "当店はいかがですか？", en = "How do you like us?" }
"""


class EditingRoom(MadeUp):
    """A Backroom with real drafts over a config.toml of its own."""

    def __init__(self, folder: Path, *, locked: bool = False) -> None:
        super().__init__()
        self.config = folder / "config.toml"
        text = shipped("config.toml").read_text("utf-8")
        self.config.write_text(text + LOCKED if locked else text, encoding="utf-8")
        terms = Terms(locked=True, ask="内線 210")
        doors = Doors(
            now_ms=lambda: 1_795_250_000_000,
            beyond_us=lambda _: (),
            look_at_config=lambda: None,
            terms=lambda name: terms if name == "office" else None,
        )
        self.drafts = Drafts(self.config, folder / "data", doors)

    def library(self):
        return read_library(shipped("assets"))


def scenes(app, room: EditingRoom, language: str) -> Iterator[str]:
    """Show one page after the other, and name each."""
    from kiosk.ui.staff.editor import surveys  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported
    from survey.faults import Place  # noqa: PLC0415 - the same

    app.home = language
    app._entrance.come(language)
    app._entrance._let_in("staff")
    desk = app._entrance._desk
    first = surveys.SurveysPage(desk)
    desk.open(first)
    rest_of(app)
    yield "surveys"
    bench = first._bench
    other = "en" if language == "ja" else "ja"
    asked = bench.question(Place(0, 1))
    half = bench.editing.set_question(0, 1, "text", asked["text"] | {other: ""})
    first._put(half.set_option(0, 1, 2, "text", asked["options"][2]["text"] | {other: ""}))
    rest_of(app)
    yield "surveys-draft"
    yield from _pages(desk, bench, room)
    yield from _moving(desk, bench, language)
    yield from _publishing(desk, first, room)
    first._bench.try_out(0, language)
    rest_of(app)
    yield "trial"
    app.rest()
    rest_of(app)
    app.rest()
    room.drafts.rollback(1, "staff")


def _pages(desk, bench, room: EditingRoom) -> Iterator[str]:
    """Each page of a survey with faults, and where it scrolls its end too."""
    from kiosk.ui.staff.editor import icons, problems, question, shelf, survey, texts, ways, when  # noqa: PLC0415 - the same  # noqa: PLC0415 - the same
    from survey.faults import Place  # noqa: PLC0415 - the same

    for name, page in (
        ("problems", lambda: problems.ProblemsPage(desk, bench)),
        ("survey", lambda: survey.SurveyPage(desk, bench, 0)),
        ("tree", lambda: survey.TreePage(desk, bench, 0)),
        ("languages", lambda: texts.LanguagesPage(desk, bench, 0)),
        ("when", lambda: when.WhenPage(desk, bench, 0)),
        ("question-faces", lambda: question.AskedPage(desk, bench, Place(0, 0))),
        ("question-choice", lambda: question.AskedPage(desk, bench, Place(0, 1))),
        ("question-scale", lambda: question.AskedPage(desk, bench, Place(0, 3))),
        ("question-text", lambda: question.AskedPage(desk, bench, Place(0, 4))),
        ("option", lambda: question.OptionPage(desk, bench, Place(0, 1, 2))),
        ("icons", lambda: icons.IconPage(desk, "clock", print, title=desk.say("editor.icon"))),
        ("texts", lambda: texts.TextsPage(desk, bench, Place(0, 1, key="text"), desk.say("editor.text"))),
        ("ways", lambda: ways.WaysPage(desk, bench, Place(0, 0))),
        ("ways-scale", lambda: ways.WaysPage(desk, bench, Place(0, 3))),
        ("library", lambda: shelf.LibraryPage(desk, bench)),
        ("stops", lambda: shelf.StopsPage(desk, bench, room.library(), room.library().journeys[0])),
        ("offer", lambda: shelf.OfferPage(desk, bench, room.library().surveys["fitting_room"])),
        ("new-question", lambda: shelf.NewQuestionPage(desk, bench, 0)),
    ):
        desk.open(page())
        rest_of(desk._floor)
        yield name
        if name in ("question-choice", "question-scale", "survey", "ways-scale"):
            desk.top.list.offset = 1e6
            rest_of(desk._floor)
            yield f"{name}-end"
        desk.back()


def _moving(desk, bench, language: str) -> Iterator[str]:
    from kiosk.ui.staff.editor import survey, texts  # noqa: PLC0415 - the same
    from survey.faults import Place  # noqa: PLC0415 - the same

    desk.open(survey.SurveyPage(desk, bench, 0))
    desk.top._options(1)
    yield "move"
    desk.back()
    desk.top.put(bench.editing.delete_question(0, 1), desk.say("editor.deleted"))
    yield "deleted"
    bench.editing = bench.editing.undo()
    desk.open(texts.TextsPage(desk, bench, Place(0, 0, key="text"), desk.say("editor.text")))
    desk.top.write(language)
    yield "write"
    bench.go_home()


def _publishing(desk, first, room: EditingRoom) -> Iterator[str]:
    from kiosk.ui.staff.editor import history, survey  # noqa: PLC0415 - the same

    app = desk._floor
    first._ask_discard()
    yield "ask-discard"
    desk.back()
    first._discard()
    rest_of(app)
    first._put(first._bench.editing.set_question(0, 3, "ask", 0.5))
    rest_of(app)
    first.act()
    rest_of(app)
    yield "published"
    desk.open(history.HistoryPage(desk, first._begin_anew))
    rest_of(app)
    yield "history"
    desk.top._ask(room.drafts.versions()[-1])
    yield "ask-rollback"
    desk.back()
    desk.back()
    if len(first._bench.editing.documents) > 1:
        desk.open(survey.SurveyPage(desk, first._bench, 1))
        yield "locked"
        desk.back()


def open_room(folder: Path, *, locked: bool, screen: str = ""):
    """The app over a room of its own, not running; `screen` has lines about it."""
    room = EditingRoom(folder, locked=locked)
    config = folder / "app.toml"
    text = shipped("config.toml").read_text("utf-8").replace("motion = true", "motion = false")
    for line in screen.splitlines():
        text = re.sub(rf"^{line.partition('=')[0].strip()} =.*", line, text, count=1, flags=re.MULTILINE)
    config.write_text(text, encoding="utf-8")
    app, _ = open_app(load(config), staff=lambda: room)
    app._make_a_way_in()
    app.ready = True
    return app, room


def main(folder: str, *words: str) -> int:
    """Draw them all."""
    target, (screen, sizes) = Path(folder), apart(words)
    target.mkdir(parents=True, exist_ok=True)
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    app, room = open_room(target, locked=True, screen=screen)
    photograph(app, room, scenes, target, sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
