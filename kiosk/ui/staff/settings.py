"""The settings of config.toml by touch: a row for each, made from kiosk.settings.fields, saved together.

Opened from kiosk.ui.staff.menu and the first start. May touch Kivy's widgets; the file is the Backroom's.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.uix.widget import Widget

from kiosk.settings.fields import SETTINGS, Setting
from kiosk.ui.staff.lists import AskPage, ListPage, PickPage
from kiosk.ui.staff.parts import ChoiceRow, Heading, Row, StepperRow, SwitchRow
from kiosk.ui.staff.writing import Wanted, WritePage
from survey.reading import OneOf, ReadingError, Whole, flag

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

TABLES = ("kiosk", "screen", "thanks", "sync")
COARSE = 50  # from this range on a stepper goes by fives
LONGEST = 100


class SettingsPage(ListPage):
    """Every setting; nothing is in force before it is saved."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk, title=desk.say("menu.settings"), action=desk.say("buttons.save"))
        self._now: dict[str, Any] = {}
        self._changed: dict[str, Any] = {}
        self._rows: list[Widget] = []
        self._show()
        desk.work(desk.backroom.settings, self._know)

    def rows(self) -> Sequence[Widget]:
        """As they stand in the file, and as they were changed here."""
        return self._rows

    def go_back(self) -> None:
        """What was changed is not lost without a word."""
        if not self._changed:
            super().go_back()
            return
        self.desk.open(
            AskPage(
                self.desk,
                self._discard,
                question=self.desk.say("settings.discard"),
                body=self.desk.say("settings.discard_body"),
                yes=self.desk.say("settings.discard_yes"),
                no=self.desk.say("buttons.back"),
            )
        )

    def act(self) -> None:
        """Save them all at once, or none."""
        changed = dict(self._changed)
        self.desk.work(lambda: self.desk.backroom.change(changed, self.desk.role), self._saved)

    def _discard(self) -> None:
        self._changed = {}
        self.desk.back()

    def _know(self, now: dict[str, Any]) -> None:
        self._now = now
        self._make()

    def _saved(self, waiting: tuple[str, ...]) -> None:
        self._now |= self._changed
        self._changed = {}
        self._make()
        self.desk.toast(self.desk.say("settings.restart" if waiting else "settings.saved"))

    def _make(self) -> None:
        self._rows = []
        for table in TABLES:
            self._rows.append(Heading(words=self.desk.say(f"settings.{table}")))
            self._rows += [self._row(setting) for setting in SETTINGS if setting.table == table]
        self._show()

    def _show(self) -> None:
        self.action_enabled = bool(self._changed)
        self.fill()

    def _put(self, path: str, value: object) -> None:
        self._changed[path] = value
        if self._now.get(path) == value:
            del self._changed[path]
        self.action_enabled = bool(self._changed)

    def _row(self, setting: Setting) -> Widget:
        language, path = self.desk.language, setting.path
        value: Any = self._changed.get(path, self._now.get(path))
        head: dict[str, Any] = {"title": setting.label[language], "detail": setting.help[language]}
        put = partial(self._put, path)
        match setting.read:
            case OneOf(allowed):
                choices = [(each, self.desk.say(f"settings.{each}")) for each in allowed]
                return ChoiceRow(choices, value, put, **head)
            case Whole(low, high):
                step = 5 if high - low >= COARSE else 1
                return StepperRow(put, value=value, least=low, most=high, step=step, **head)
        if setting.read is flag:
            return SwitchRow(put, on=bool(value), **head)
        return self._leading_row(setting, value, head)

    def _leading_row(self, setting: Setting, value: Any, head: dict[str, Any]) -> Row:
        """One that leads to a page of its own."""
        lead: Callable[[], None]
        if setting.path == "kiosk.language":
            lead, shown = (lambda: self._pick_language(setting, value)), self.desk.name_of(value)
        elif setting.path == "kiosk.languages":
            lead, shown = (lambda: self._pick_languages(value)), ", ".join(value)
        elif isinstance(value, dict):
            lead, shown = (lambda: self._write_texts(setting, value)), self._shortened(value)
        else:
            lead, shown = (lambda: self._write(setting, value)), str(value)
        return Row(lead, value=shown, **head)

    def _shortened(self, texts: dict[str, str]) -> str:
        return texts.get(self.desk.language, "") or next(iter(texts.values()), "")

    def _write(self, setting: Setting, value: object) -> None:
        """A word or a number; what it may hold stands above it."""

        def written(words: str) -> None:
            try:
                read = setting.read(float(words) if isinstance(value, float | int) else words)
            except (ReadingError, ValueError) as problem:
                known = isinstance(problem, ReadingError)
                why = (
                    self.desk.telling.line(problem.args[0]) if known else self.desk.say("settings.no_number")
                )
                self.desk.toast(self.desk.say("settings.refused", why=why))
                return
            number = isinstance(value, float | int) and isinstance(read, float | int)
            self._put(setting.path, read if number else words or None)
            self._make()

        keyboard = "numeric" if isinstance(value, float | int) else "latin"
        keys = None if setting.path == "kiosk.store" else keyboard
        wanted = Wanted(language=self.desk.language, longest=LONGEST, keyboard=keys)
        title = setting.label[self.desk.language]
        self.desk.open(WritePage(self.desk, str(value), written, wanted, title=title))

    def _write_texts(self, setting: Setting, texts: dict[str, str]) -> None:
        self.desk.open(
            TextsPage(
                self.desk,
                texts,
                self._changed.get("kiosk.languages", self._now["kiosk.languages"]),
                partial(self._texts_written, setting.path),
                title=setting.label[self.desk.language],
            )
        )

    def _texts_written(self, path: str, texts: dict[str, str]) -> None:
        self._put(path, texts or None)
        self._make()

    def _pick_language(self, setting: Setting, chosen: str) -> None:
        """One of those that shoppers can choose."""
        tags = self._changed.get("kiosk.languages", self._now["kiosk.languages"])
        choices = [(tag, self.desk.name_of(tag)) for tag in tags]
        title = setting.label[self.desk.language]
        self.desk.open(PickPage(self.desk, choices, chosen, self._language_picked, title=title))

    def _language_picked(self, tag: str) -> None:
        self._put("kiosk.language", tag)
        self._make()

    def _pick_languages(self, chosen: list[str]) -> None:
        self.desk.open(LanguagesPage(self.desk, chosen, self._languages_picked))

    def _languages_picked(self, chosen: list[str]) -> None:
        self._put("kiosk.languages", chosen)
        self._make()


class TextsPage(ListPage):
    """A text in each of the kiosk's languages."""

    def __init__(
        self,
        desk: "Desk",
        texts: dict[str, str],
        languages: Sequence[str],
        changed: Callable[[dict[str, str]], None],
        **kwargs: object,
    ) -> None:
        self._texts, self._tags, self._changed = dict(texts), languages, changed
        super().__init__(desk, action=desk.say("buttons.ok"), **kwargs)

    def rows(self) -> Sequence[Widget]:
        """A row for each language; one that is missing says so."""
        return [
            Row(
                partial(self._write, tag),
                title=self._texts.get(tag, "") or self.desk.say("settings.nothing"),
                value=self.desk.name_of(tag),
                warns=not self._texts.get(tag),
            )
            for tag in self._tags
        ]

    def act(self) -> None:
        """Hand them over."""
        texts = {tag: words for tag, words in self._texts.items() if words}
        self.desk.back()
        self._changed(texts)

    def _write(self, tag: str) -> None:
        def written(words: str) -> None:
            self._texts[tag] = words
            self.fill()

        wanted = Wanted(language=tag, longest=LONGEST)
        title = f"{self.title}  {self.desk.name_of(tag)}"
        self.desk.open(WritePage(self.desk, self._texts.get(tag, ""), written, wanted, title=title))


class LanguagesPage(ListPage):
    """Which languages a shopper can choose from; the first one stays."""

    def __init__(self, desk: "Desk", chosen: Sequence[str], changed: Callable[[list[str]], None]) -> None:
        self._chosen, self._changed = list(chosen), changed
        super().__init__(desk, title=desk.say("settings.languages"), action=desk.say("buttons.ok"))

    def rows(self) -> Sequence[Widget]:
        """A switch for each language that the kiosk speaks."""
        return [
            SwitchRow(
                partial(self._turn, tag), title=self.desk.name_of(tag), value=tag, on=tag in self._chosen
            )
            for tag in self.desk.languages
        ]

    def act(self) -> None:
        """Hand them over."""
        self.desk.back()
        self._changed(self._chosen)

    def _turn(self, tag: str, on: bool) -> None:  # noqa: FBT001 - a switch has nothing else to say
        self._chosen = [each for each in self._chosen if each != tag] + ([tag] if on else [])
        self.action_enabled = bool(self._chosen)
