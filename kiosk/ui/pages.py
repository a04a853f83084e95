"""The pages beside the questions, built once each: messages, thanks, what is read, languages, the warning.

Used by kiosk.ui.app, which turns to them. May touch Kivy's widgets.
"""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from kiosk.settings.model import ThanksSettings
from kiosk.ui.screens import MessagePage, Page, ReadingPage, WarningPage
from kiosk.ui.thanks import ThanksPage, own_words
from kiosk.ui.words import Words

if TYPE_CHECKING:
    from kiosk.ui.picker import LanguagePage


class Pages:
    """Each is built when it is first wanted; `read_rules` has its rules read before."""

    def __init__(self, words: Words, thanks: ThanksSettings, read_rules: Callable[[], None]) -> None:
        self._words, self._thanks, self._read_rules = words, thanks, read_rules

    def keep_thanks(self, thanks: ThanksSettings) -> None:
        """The store has other words of thanks from now on."""
        self._thanks = thanks

    def build(self) -> tuple[Page, ...]:
        """Build all, before a shopper waits for one; gives them."""
        return self._message, self._notice, self._reading, self._languages, self.warning

    def message(self, key: str, language: str) -> MessagePage:
        """Thanks, closed, trouble, unsaved: a few calm words."""
        page = self._message
        page.sign = "check" if key == "thanks" else ""
        page.title = self._words.say(language, f"{key}.title")
        page.body = self._words.say(language, f"{key}.body")
        return page

    def thanks(self, language: str) -> MessagePage | ThanksPage:
        """The thanks, in the store's own words, and with its notice where it has one in this language."""
        say = partial(self._words.say, language)
        if self._thanks.has_notice(language):
            self._notice.show(self._thanks, language, say)
            return self._notice
        page = self.message("thanks", language)
        page.body = own_words(self._thanks, language, say)
        return page

    def privacy(self, language: str) -> ReadingPage:
        """What becomes of the answers."""
        self._reading.title = self._words.say(language, "privacy.title")
        self._reading.paragraphs = self._words.lines(language, "privacy.body")
        return self._reading

    def languages(self, offered: Iterable[str], language: str) -> "LanguagePage":
        """The languages to choose from, each by its own name."""
        self._languages.title = self._words.say(language, "languages.title")
        self._languages.offer([(tag, self._words.say(tag, "name")) for tag in offered], language)
        return self._languages

    def is_ending(self, page: Page) -> bool:
        """Whether nothing of a visit is lost when this page goes by itself."""
        return page in (self._message, self._notice, self.warning)

    @cached_property
    def warning(self) -> WarningPage:
        """Nobody has touched anything for a while."""
        self._read_rules()
        return WarningPage()

    @cached_property
    def _message(self) -> MessagePage:
        self._read_rules()
        return MessagePage()

    @cached_property
    def _notice(self) -> ThanksPage:
        self._read_rules()
        return ThanksPage()

    @cached_property
    def _reading(self) -> ReadingPage:
        self._read_rules()
        return ReadingPage()

    @cached_property
    def _languages(self) -> "LanguagePage":
        from kiosk.ui.picker import LanguagePage  # noqa: PLC0415 - it comes after the first frame

        self._read_rules()
        return LanguagePage()
