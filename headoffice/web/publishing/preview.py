"""The preview: a survey's screens as the shopper sees them, walked through by touching them. Stores nothing.

Mounted by publishing/routing.py. For those who see every site; drafts for administrators. Reads only.
Drawn in units of 1/800 of the screen's shorter side, as the kiosk draws (kiosk/ui/theme.py, kiosk.kv).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from headoffice.web.office.desk import ADMIN, Desk
from headoffice.web.publishing.history import HERE, WHO
from headoffice.web.publishing.page import find
from headoffice.web.publishing.subject import Subject
from headoffice.web.publishing.walk import READ, Walk, chosen, toggled, walk
from headoffice.web.shipped import Screens, Telling
from survey.model import FACES, Question, Texts
from survey.ruby import Part, parts

SIZES = ("800x480", "1280x800", "1080x1920")
THEMES = ("light", "contrast")
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur", "yi"})
WITH_RUBY = "ja"
UPRIGHT, SMALL = "1080x1920", "800x480"
WIDE_COLUMNS = (1, 1, 2, 3, 2, 3, 3, 4)  # as kiosk/ui/grids.py
MOST_IN_ONE_COLUMN = 4
MOST_DOTS = 9
CELLS_IN_A_ROW = {"800x480": 7, "1280x800": 11, "1080x1920": 6}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address says."""

    path: str
    size: str
    theme: str
    language: str
    answers: tuple[str, ...]
    touched: str

    def href(self, **changes: object) -> str:
        """The same page with something else."""
        now = {**vars(self), **changes}
        query = [("size", now["size"]), ("theme", now["theme"]), ("language", now["language"])]
        query += [("a", each) for each in now["answers"]]
        if now["touched"]:
            query.append(("c", now["touched"]))
        return f"{self.path}/preview?{urlencode(query)}"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something to touch: its words, where it leads, whether it is chosen, its picture."""

    name: str
    words: tuple[Part, ...]
    href: str
    chosen: bool = False
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One screen; `now` None is the thanks."""

    asked: Asked
    walk: Walk
    screens: Screens
    languages: tuple[tuple[str, str], ...]

    @property
    def now(self) -> Question | None:
        """The question."""
        return self.walk.now

    @property
    def first(self) -> bool:
        """Whether it is the visit's first screen."""
        return not self.walk.given

    @property
    def rtl(self) -> bool:
        """Whether the language is read from right to left."""
        return self.asked.language.partition("-")[0] in RIGHT_TO_LEFT

    @property
    def lang(self) -> str:
        """The language for the browser, which knows of no simple one."""
        return self.asked.language.removesuffix("-simple")

    def say(self, key: str) -> tuple[Part, ...]:
        """The kiosk's own words."""
        return self.shown(self.screens.say(self.asked.language, key))

    def of(self, texts: Texts | None) -> tuple[Part, ...]:
        """A survey's text in the language; with its furigana where that is drawn."""
        return self.shown((texts or {}).get(self.asked.language, ""))

    def shown(self, text: str) -> tuple[Part, ...]:
        """A text in its parts; furigana is drawn in Japanese only."""
        found = parts(text)
        if self.lang == WITH_RUBY:
            return found
        return tuple(Part(each.base) for each in found)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """What is chosen and not confirmed yet."""
        return chosen(self.now, self.asked.touched) if self.now else ()

    @property
    def help(self) -> tuple[Part, ...]:
        """The line below the question."""
        if self.now is None:
            return ()
        if self.now.help:
            return self.of(self.now.help)
        return self.say("help.many") if self.now.many else ()

    def answered(self, value: str) -> str:
        """Where an answer leads."""
        name = self.now.id if self.now else ""
        return self.asked.href(answers=(*self.walk.given, f"{name}:{value}"), touched="")

    @property
    def back(self) -> str:
        """Where the way back leads."""
        return self.asked.href(answers=self.walk.given[:-1], touched="")

    @property
    def confirms(self) -> bool:
        """Whether an answer is chosen first and confirmed then."""
        return self.now is not None and (
            self.now.type in {"scale", "stars", "text", "notice"} or bool(self.now.many)
        )

    @property
    def onward(self) -> str:
        """Where the confirming button leads; empty while nothing is chosen."""
        if self.now is None:
            return ""
        if self.now.type in {"text", "notice"}:
            return self.answered(READ)
        return self.answered(",".join(self.touched)) if self.touched else ""

    @property
    def last(self) -> bool:
        """Whether the visit can end with this question."""
        return self.walk.position >= self.walk.of

    @property
    def dots(self) -> list[bool]:
        """The dots of the visit's length, and which one is now."""
        count = min(self.walk.of, MOST_DOTS)
        here = self.walk.position - 1
        if count < self.walk.of:
            here = here * (count - 1) // (self.walk.of - 1)
        return [place == here for place in range(count)]

    @property
    def faces(self) -> list[Choice]:
        """The three faces."""
        return [
            Choice(name=name, words=self.say(f"faces.{name}"), href=self.answered(name)) for name in FACES
        ]

    @property
    def values(self) -> list[Choice]:
        """The cells of a scale, or stars."""
        if self.now is None:
            return []
        now = int(self.touched[0]) if self.touched else None
        stars = self.now.type == "stars"
        return [
            Choice(
                name=str(value),
                words=(Part(str(value)),),
                href=self.asked.href(touched=str(value)),
                chosen=now is not None and (value <= now if stars else value == now),
            )
            for value in range(self.now.lowest, self.now.highest + 1)
        ]

    @property
    def rows(self) -> list[list[Choice]]:
        """The same in the rows that the screen has room for."""
        found, most = self.values, CELLS_IN_A_ROW[self.asked.size]
        if len(found) <= most:
            return [found]
        # Upright the rows are as long as can be; elsewhere the second has room for what the highest means.
        half = (len(found) + (1 if self.asked.size == UPRIGHT else 2)) // 2
        return [found[:half], found[half:]]

    @property
    def cards(self) -> list[Choice]:
        """The options."""
        now = self.now
        if now is None:
            return []
        return [
            Choice(
                name=option.id,
                words=self.of(option.text),
                href=self.asked.href(touched=toggled(now, self.touched, option.id))
                if now.many
                else self.answered(option.id),
                chosen=option.id in self.touched,
                icon=option.icon or "",
            )
            for option in now.options
        ]

    @property
    def columns(self) -> int:
        """In how many columns the cards stand."""
        count = len(self.now.options) if self.now else 0
        if self.asked.size == UPRIGHT:
            return 1 if count <= MOST_IN_ONE_COLUMN else 2
        return WIDE_COLUMNS[min(count, len(WIDE_COLUMNS) - 1)]


async def show(desk: Desk, telling: Telling, screens: Screens, request: Request) -> Response:
    """The screen that the address leads to."""
    session = await desk.enter(request, WHO if "version" in request.path_params else ADMIN)
    words = desk.shell.words(request)
    subject = await desk.context.read(find(request))
    title = subject.title(words.language)
    broken = [(each.place, telling(each.message, words.language)) for each in subject.faults]
    screen = _screen(subject, screens, request, words.language)
    return desk.show(
        request,
        session,
        "preview.html",
        here=HERE,
        subject=subject,
        title=title,
        screen=screen,
        sizes=SIZES,
        themes=THEMES,
        faults=(),
        broken=broken,
    )


def _screen(subject: Subject, screens: Screens, request: Request, reader: str) -> Screen | None:
    if subject.survey is None:
        return None
    asked, survey = request.query_params, subject.survey
    languages = survey.languages
    preferred = reader if reader in languages else languages[0]
    at = Asked(
        path=subject.path,
        size=_one_of(asked, "size", SIZES, SIZES[1]),
        theme=_one_of(asked, "theme", THEMES, THEMES[0]),
        language=_one_of(asked, "language", languages, preferred),
        answers=tuple(asked.getlist("a")),
        touched=asked.get("c", ""),
    )
    went = walk(survey, at.answers)
    at = Asked(**{**vars(at), "answers": went.given})
    names = tuple((tag, screens.name(tag)) for tag in languages)
    return Screen(asked=at, walk=went, screens=screens, languages=names)


def _one_of(asked: Mapping[str, str], name: str, known: Sequence[str], usual: str) -> str:
    value = asked.get(name, "")
    return value if value in known else usual
