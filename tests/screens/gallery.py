"""Every screen of the kiosk, one after the other: what the pictures show and the tests measure.

Used by tests.screens.speaking in the process that has the window; puts each screen on as the app itself does.
A new screen is one line in `scenes`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from kiosk.ui.draft import Draft
from kiosk.ui.keys import planes
from kiosk.ui.mozc import Candidate
from kiosk.ui.scripts import script_of
from kiosk.visit import Ask
from survey.model import Question, Survey, Texts
from survey.parse import loads_toml

READY_MADE = Path(__file__).parents[2] / "assets" / "surveys" / "checkout.toml"
FEW, LONG = 4, 12  # questions of a visit, as its dots show them
LONG_S = 1e6  # no page goes away by itself
PHONE = "090-1234-5678"
BECOMES = ("今日は", "京は", "きょうは", "教派", "強は", "卿は", "狂は", "経は", "興は")


class Converter:
    """A conversion that is there and never answers: the candidates are put on by hand."""

    alive = True

    def warm(self) -> None:
        """Be ready."""

    def ask(self, reading: str) -> None:
        """Find nothing."""


def survey_text() -> str:
    """The ready-made survey, and after it the types of question that it lacks, as TOML in all languages."""
    asked = READY_MADE.read_text(encoding="utf-8").replace('"7-10" = "end"', '"7-10" = "ease"')
    (survey,) = loads_toml(READY_MADE.read_text(encoding="utf-8")).surveys
    rating, sad, end = (survey.question(name) for name in ("rating", "why_sad", "recommend"))
    options = [
        f"{{ id = {json.dumps(option.id + more)}, text = {_table(option.text)} }}"
        for more in ("", "_too")
        for option in sad.options
    ]
    ends = f"low = {_table(end.low)}, high = {_table(end.high)}"
    added = [
        ("ease", "scale", rating, f'metric = "ces"\nmin = 1\nmax = 7\nlabels = {{ {ends} }}'),
        ("staff", "stars", rating, ""),
        ("twelve", "choice", sad, f"many = true\noptions = [{', '.join(options)}]"),
        ("three", "choice", rating, f"options = [{', '.join(options[:3])}]"),
        ("tell", "text", sad, ""),
        ("number", "text", sad, 'keyboard = "numeric"'),
        ("bye", "notice", rating, ""),
    ]
    return asked + "".join(
        f'[[survey.question]]\nid = "{name}"\ntype = "{kind}"\n{more}\ntext = {_table(like.text)}\n'
        for name, kind, like, more in added
    )


def config(screen: str, *, languages: tuple[str, ...]) -> str:
    """The whole config.toml, with these lines about the screen."""
    kiosk = f'[kiosk]\nstore = "みどり市場"\nlanguages = {json.dumps(languages)}\n'
    (survey,) = loads_toml(READY_MADE.read_text(encoding="utf-8")).surveys
    says = {"words": "rating", "you_said": "recommend", "we_did": "why_sad"}
    thanks = "".join(f"{key} = {_table(survey.question(name).text)}\n" for key, name in says.items())
    return f"{kiosk}[screen]\nmotion = false\n{screen}\n[thanks]\n{thanks}{survey_text()}"


def scenes(app, survey: Survey, language: str) -> Iterator[str]:
    """Put one screen after the other on, and give its name."""
    app.language = language
    app._survey = survey
    yield from _questions(app, survey, language)
    yield from _writing(app, survey, language)
    yield from _pages(app)


def _questions(app, survey: Survey, language: str) -> Iterator[str]:
    asked = {question.id: question for question in survey.questions}
    many = [option.id for option in asked["why_sad"].options]
    given: dict[str, tuple[object, ...]] = {
        "rating": (None, "happy"),
        "why_sad": (None, many[:2]),
        "improve": (None, many[1]),
        "recommend": (None, 8),
        "ease": (6,),
        "staff": (None, 4),
        "twelve": ([option.id for option in asked["twelve"].options][4:6],),
        "three": (None,),
        "bye": (True,),
    }
    _ask(app, asked["rating"], None, place=0, language=language)
    app.aids.speaks = True  # as where there is a voice
    yield "rating-spoken"
    for place, (name, answers) in enumerate(given.items()):
        for answer in answers:
            _ask(app, asked[name], answer, place=place, language=language)
            yield name if answer is None else f"{name}-chosen"


def _writing(app, survey: Survey, language: str) -> Iterator[str]:
    panel, tell = app._question.text_panel, survey.question("tell")
    panel.forget()
    for plane in planes(language, tell.keyboard):
        _ask(app, tell, None, place=2, language=language)
        panel.keyboard._turn(plane.name)
        yield f"tell-{plane.name}"
        panel.keyboard.shifted = True
        panel.keyboard._label()
        yield f"tell-{plane.name}-shift"
        if groups := [cap.key for cap in panel.keyboard._shown if cap.key.act == "group"]:
            panel.keyboard._open(max(groups, key=lambda key: len(key.keys)))
            yield f"tell-{plane.name}-open"
    for name, words in (("written", _sample(tell, language)), ("covered", PHONE), ("full", "w" * 400)):
        _ask(app, tell, None, place=2, language=language)
        panel._show(Draft(words[: tell.longest_text]))
        yield f"tell-{name}"
    if script_of(language).furigana:
        panel.convert_with(Converter())
        _ask(app, tell, None, place=2, language=language)
        panel._show(Draft("", "きょうは"))
        panel.offer("きょうは", tuple(Candidate(words, 4) for words in BECOMES))
        yield "tell-candidates"
        panel._conversion = None
    panel.forget()
    _ask(app, survey.question("number"), None, place=2, language=language)
    yield "number"
    panel.forget()


def _pages(app) -> Iterator[str]:
    for key in ("thanks", "closed", "unsaved", "trouble"):
        app._say_message(key, None)
        yield key
    app._thank(LONG_S)
    yield "thanks-notice"
    warning = app._pages.warning
    warning.title, warning.left = app.say(app.language, "idle.title"), "20"
    app._turn_to(warning, None)
    yield "warning"
    app.read_privacy()
    yield "privacy"
    app.choose_language()
    yield "languages"
    two = list(dict.fromkeys((app.language, "en", "ja")))[:2]
    app._turn_to(app._pages.languages(two, app.language), None)
    yield "languages-two"
    yield from _night(app)


def _night(app) -> Iterator[str]:
    """The dark screen covers all else; here that is out of sight, as it is for a shopper."""
    from kiosk.ui.rest import Night  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

    frame, home = app._frame, app.home
    seen = [(widget, widget.opacity) for widget in frame.children]
    for widget, _ in seen:
        widget.opacity = 0
    app.home = app.language
    night = Night(clock="22:47", words=app.say(app.language, "night.touch"), spot=[1, 0])
    frame.add_widget(night)
    yield "night"
    frame.remove_widget(night)
    app.home = home
    for widget, opacity in seen:
        widget.opacity = opacity


def _ask(app, question: Question, answer: object, *, place: int, language: str) -> None:
    of = LONG if len(question.options) > FEW * 2 else FEW
    position = of if question.type == "notice" else min(place + 1, of - 1)
    step = Ask(question, answer, position=position, of=of, can_go_back=place > 0, language=language)
    app._question.show(step, lambda key: app.say(language, key))
    app._turn_to(app._question, None)


def _sample(question: Question, language: str) -> str:
    return "".join(part for part in question.text[language] if part not in "{|}")


def _table(texts: Texts | None) -> str:
    pairs = (f"{tag} = {json.dumps(text, ensure_ascii=False)}" for tag, text in (texts or {}).items())
    return f"{{ {', '.join(pairs)} }}"
