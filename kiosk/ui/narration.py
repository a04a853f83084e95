"""What is spoken: the screen that comes up, what a key moves to, and the same again when it is asked for.

Made by kiosk.ui.app where the store wants it and eSpeak NG is installed. May read the screens' widgets.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from kiosk.ui.answers import FacesPanel, Panel
from kiosk.ui.labels import Fitted
from kiosk.ui.scales import ScalePanel, StarsPanel
from kiosk.ui.screens import MessagePage, QuestionPage, ReadingPage, WarningPage
from kiosk.ui.thanks import ThanksPage
from kiosk.ui.touch import Target
from kiosk.ui.voices import readable, voice_of
from kiosk.ui.writing import TextPanel
from survey.model import FACES

PAUSE = "\n\n"  # a new paragraph: the voice takes a breath
Say = Callable[[str], str]


class Voice(Protocol):
    """What the narrator asks of kiosk.ui.speech."""

    def say(self, voice: str, text: str) -> None:
        """Say this now."""

    def hush(self) -> None:
        """Be silent at once."""

    @property
    def busy(self) -> bool:
        """Whether something is being said."""


class Narrator:
    """Turns screens into words. `say` gives the kiosk's own words: (language, key)."""

    def __init__(self, voice: Voice, say: Callable[[str, str], str], *, numbered: bool) -> None:
        self._voice, self._say, self._numbered = voice, say, numbered
        self._shown: tuple[Any, str] = (None, "en")

    def show(self, page: Any, language: str, *, aloud: bool) -> None:
        """Another screen has come up; a kiosk that rests keeps silent until it is asked."""
        self._shown = page, language
        if aloud:
            self.repeat()
        else:
            self._voice.hush()

    def knows(self, language: str) -> bool:
        """Whether there is a voice for a language."""
        return voice_of(language) is not None

    def repeat(self) -> None:
        """Say what is on the screen, from its beginning."""
        page, language = self._shown
        self._speak(texts_of(page, lambda key: self._say(language, key), numbered=self._numbered), language)

    def name(self, target: Target) -> None:
        """Say what the focus has come to."""
        language = getattr(target, "language", "") or self._shown[1]
        words = name_of(target)
        if words and getattr(target, "chosen", False):
            words += PAUSE + self._say(language, "aids.chosen")
        self._speak([words], language)

    def hush(self) -> None:
        """Be silent at once: somebody touches."""
        self._voice.hush()

    @property
    def busy(self) -> bool:
        """Whether something is being said."""
        return self._voice.busy

    def _speak(self, texts: Iterable[str], language: str) -> None:
        """Say it all, or nothing: half a question would mislead."""
        said = [text for text in texts if text]
        read = [readable(text, language) for text in said]
        voice = voice_of(language)
        if voice and said and all(read):
            self._voice.say(voice, PAUSE.join(read))
        else:
            self._voice.hush()


def texts_of(page: Any, say: Say, *, numbered: bool) -> Iterator[str]:
    """The texts of a page in the order of reading; answers with their keys where there is a keypad."""
    if isinstance(page, QuestionPage):
        yield from (page.question, page.help)
        names = list(answers_of(page.panel, say))
        keyed = numbered and not isinstance(page.panel, ScalePanel | StarsPanel | TextPanel)
        yield from (f"{at}. {name}" if keyed else name for at, name in enumerate(names, start=1))
    elif isinstance(page, MessagePage):
        yield from (page.title, page.body)
    elif isinstance(page, ThanksPage):
        yield from (page.title, page.body, say("thanks.you_said"), page.you_said)
        yield from (say("thanks.we_did"), page.we_did)
    elif isinstance(page, WarningPage):
        yield from (page.title, say("idle.go_on"), say("idle.anew"))
    elif isinstance(page, ReadingPage):
        yield from (page.title, *page.paragraphs)
    elif page is not None:
        yield page.title


def answers_of(panel: Panel, say: Say) -> Iterator[str]:
    """What can be answered: each option, or the two ends of a scale."""
    if isinstance(panel, FacesPanel):
        yield from (say(f"faces.{face}") for face in FACES)
    elif isinstance(panel, ScalePanel | StarsPanel):
        for target, meaning in ((panel.shown[0], panel.low), (panel.shown[-1], panel.high)):
            yield f"{target.value}{PAUSE if meaning else ''}{meaning}"
    elif isinstance(panel, TextPanel):
        yield say("writing.hint")
    else:
        yield from (card.words for card in getattr(panel, "shown", ()))


def name_of(target: Target) -> str:
    """What a target is called: the words on it, or its number; empty for a key that only has a sign."""
    if spoken := getattr(target, "spoken", ""):
        return str(spoken)
    texts = [child.words for child in reversed(target.children) if isinstance(child, Fitted)]
    return " ".join(filter(None, texts)) or str(getattr(target, "value", ""))
