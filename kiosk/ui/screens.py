"""The screens: they show a Step, and know nothing else of a visit. Built once, used for every shopper.

Driven by kiosk.ui.app, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.ui.answers import (
    BarePanel,
    ChoicePanel,
    FacesPanel,
    Panel,
    spoken,
)
from kiosk.ui.drawing import Plate
from kiosk.ui.idle import Settling
from kiosk.ui.scales import ScalePanel, StarsPanel
from kiosk.ui.touch import Target
from kiosk.ui.typeset import breadth
from kiosk.visit import Ask

if TYPE_CHECKING:
    from kiosk.ui.writing import Converting, TextPanel

FADE_S = 0.16
BEGINS = 0.25  # the first frame of a page already shows it: nobody waits for an empty one
TRAVEL = 12  # units
MOST_DOTS = 9
ROUND = 32  # units: half of what a round button is wide
CROWDED = 96  # half-width characters: more than two lines of a question
PANELS: Mapping[str, type[Panel]] = {  # the one for a text comes with its keyboards
    "faces": FacesPanel,
    "scale": ScalePanel,
    "stars": StarsPanel,
    "choice": ChoicePanel,
    "notice": BarePanel,
}
RESTING_S = 10.0  # a finger or an arm that lies on the glass so long no longer keeps others out


def make_writing() -> "TextPanel":
    """The panel that nobody waits for."""
    from kiosk.ui.writing import make_panel  # noqa: PLC0415 - the keyboards come after the first frame

    return make_panel()


class Pill(Target):
    """A button."""

    words = StringProperty()
    primary = BooleanProperty(False)


class Link(Target):
    """A word to touch, without a button around it."""

    words = StringProperty()
    inset = NumericProperty(0)  # pixels from the page's edge


class LanguageButton(Target):
    """Names the language in its own script, and says Language to those who cannot read that."""

    lee = NumericProperty(0)  # pixels by which it may be missed above and below


class Dots(Widget):  # type: ignore[misc] # Kivy ships no types
    """How far along the visit is: a dot for each question, a longer one for this."""

    position = NumericProperty(1)
    of = NumericProperty(1)
    shade = ColorProperty()
    tint = ColorProperty()
    unit = NumericProperty(1)
    edge = ObjectProperty()
    rtl = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        redraw = Clock.create_trigger(self.redraw, -1)
        for name in ("position", "of", "shade", "tint", "unit", "edge", "rtl", "pos", "size"):
            self.fbind(name, redraw)
        redraw()

    def redraw(self, *_: object) -> None:
        """Draw them anew, centred; a very long survey shows its progress in fewer dots."""
        self.canvas.clear()
        count = min(self.of, MOST_DOTS)
        here = self.position - 1 if count == self.of else (self.position - 1) * (count - 1) // (self.of - 1)
        here = count - 1 - here if self.rtl else here
        x = self.center_x - (14 * count + 12 * (count - 1) + 26) * self.unit / 2
        for at in range(count if count > 1 else 0):
            width = (40 if at == here else 14) * self.unit
            self.canvas.add(Color(*(self.tint if at == here else self.shade)))
            plate = Plate(texture=self.edge)
            plate.radius, plate.box = 7 * self.unit, (x, self.center_y - 7 * self.unit, width, 14 * self.unit)
            self.canvas.add(plate)
            x += width + 12 * self.unit


class Page(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """What stands below the header."""

    lift = NumericProperty(0)  # pixels: how much lower an upright screen has it, where hands are
    tools_inset = NumericProperty(48)  # units, where the frame's buttons stand below: from the line's end
    tools_room = NumericProperty(1e6)  # pixels that they may take there
    sunk = BooleanProperty(False)  # whether the frame's buttons stand below on a screen that is not upright
    titled = BooleanProperty(False)  # whether its title takes the header's place

    def writes_at(self, _x: float, _y: float) -> bool:
        """Whether a finger at this place types."""
        return False


class QuestionPage(Page):
    """A question, its panel, and the way on and back."""

    question = StringProperty()
    help = StringProperty()
    first = BooleanProperty(True)
    position = NumericProperty(1)
    of = NumericProperty(1)
    last = BooleanProperty(False)
    crowded = BooleanProperty(False)  # whether question and help need more room than usual
    panel = ObjectProperty(None, rebind=True)
    words_top = NumericProperty(0)  # pixels, all four
    words_room = NumericProperty(0)
    words_height = NumericProperty(0)
    place_top = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        self._panels: dict[str, Panel] = {}
        self._seed = 0.0
        self.panel = self._panel("faces")
        super().__init__(**kwargs)

    def show(self, ask: Ask, say: Callable[[str], str]) -> None:
        """Show the step."""
        question = ask.question
        self.question = spoken(question.text, ask.language)
        self.help = spoken(question.help, ask.language) or self._own_help(ask, say)
        self.crowded = breadth(self.question + self.help) > CROWDED
        self.first, self.position, self.of = not ask.can_go_back, ask.position, ask.of
        self.last = ask.position >= ask.of
        panel = self._panel(question.type)
        if panel is not self.panel or panel.parent is None:
            self.ids.place.clear_widgets()
            self.ids.place.add_widget(panel)
            self.panel = panel
        panel.visit_seed = self._seed
        panel.show(ask)
        self.titled = panel.fills

    def build_panels(self) -> None:
        """Build what the first question did not need, before a shopper waits for it."""
        for kind in (*PANELS, "text"):
            self._panel(kind)

    def begin(self, seed: float) -> None:
        """A new visit: options that are shuffled come in a new order, what was written is forgotten."""
        self._seed = seed
        if "text" in self._panels:
            self.text_panel.forget()

    def convert_with(self, conversion: "Converting") -> None:
        """Kana may become kanji from now on."""
        self.text_panel.convert_with(conversion)

    def writes_at(self, x: float, y: float) -> bool:
        """As its panel says."""
        return bool(self.panel.writes_at(x, y))

    @property
    def text_panel(self) -> "TextPanel":
        """Where shoppers write."""
        return cast("TextPanel", self._panel("text"))

    def _panel(self, kind: str) -> Panel:
        if kind not in self._panels:
            self._panels[kind] = make_writing() if kind == "text" else PANELS[kind]()
        return self._panels[kind]

    def _own_help(self, ask: Ask, say: Callable[[str], str]) -> str:
        return say("help.many") if ask.question.type == "choice" and ask.question.many else ""


class MessagePage(Page):
    """Thanks, closed, trouble: a few calm words."""

    sign = StringProperty()
    title = StringProperty()
    body = StringProperty()
    middle = NumericProperty(0)


class WarningPage(Page):
    """Nobody has touched anything for a while: the seconds that are left, and a way to go on."""

    title = StringProperty()
    left = StringProperty()
    middle = NumericProperty(0)


class ReadingPage(Page):
    """What becomes of the answers."""

    title = StringProperty()
    column = NumericProperty(0)
    paragraphs = ListProperty(["", "", ""])


class Frame(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """The whole window: the header, and one page at a time."""

    page = ObjectProperty(None, allownone=True, rebind=True)
    shown = NumericProperty(1)  # how much of the page has come through the paper, 0 … 1
    travel = NumericProperty(0)  # units
    turn = NumericProperty(0)  # counts the changes of screen
    step = NumericProperty(0)  # pixels from the middle of one round button to the next one's
    apart = NumericProperty(0)  # pixels between the first of them and the language button
    lee = NumericProperty(0)  # pixels by which they may be missed above and below
    below = BooleanProperty(False)  # whether the buttons stand in the foot
    shy = NumericProperty(0)  # pixels by which the first of them stands further in
    tools_y = NumericProperty(0)  # pixels: the middle of the buttons that stand on every question
    inset = NumericProperty(0)  # pixels from the line's end to the first of them
    aided = NumericProperty(0)  # pixels that the round ones take
    roomy = BooleanProperty(True)  # whether there is room for the language button
    named = NumericProperty(0)  # pixels of the header's end that the language button takes
    dressed = NumericProperty(0)  # and the button beside it
    tools = NumericProperty(0)  # and all of them

    def __init__(self, *, now: Callable[[], float], touched: Callable[[], None], motion: bool) -> None:
        self._now, self._touched, self._motion = now, touched, motion
        self._settling = Settling()
        self._finger: tuple[Any, float] | None = None
        self.awake = False  # until taps can be stored, no touch is taken
        super().__init__()
        self.fbind("shown", lambda *_: App.get_running_app().painter.whole())

    def on_tools(self, _: object, room: float) -> None:
        """Pages leave room for its buttons where these stand below."""
        app = App.get_running_app()
        app.aids.air = self.step / 2 - ROUND * app.look.unit if self.aided else self.apart
        app.aids.room = room

    def turn_to(self, page: Page) -> None:
        """Show a page; what it holds has changed, be it the same page or not."""
        self.turn += 1
        if self.awake:
            self._settling.change(self._now())
        if page is not self.page:
            self.ids.body.clear_widgets()
            self.ids.body.add_widget(page)
            self.page = page
        App.get_running_app().painter.whole()
        Animation.cancel_all(self, "shown", "travel")
        if self._motion and self.awake:  # the very first page need not wait
            self.shown, self.travel = BEGINS, TRAVEL
            Animation(shown=1, travel=0, duration=FADE_S, transition="out_quad").start(self)

    def accepts(self) -> bool:
        """Whether a key that comes now is meant for this screen."""
        return self.awake and self._settling.accepts(self._now())

    def hear_of_someone(self) -> None:
        """Somebody is there, though no finger touches."""
        self._touched()

    def on_touch_down(self, touch: Any) -> bool:
        """Let one finger at a time through, and none that was meant for the screen before."""
        now = self._now()
        self._touched()
        if not self.awake or (touch.button or "left") != "left":
            return True
        if self._finger and now - self._finger[1] < RESTING_S and not self.page.writes_at(*touch.pos):
            return True
        if not self._settling.accepts(now):
            return True
        self._finger = touch, now
        super().on_touch_down(touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """The finger is gone."""
        if self._finger and touch is self._finger[0]:
            self._finger = None
        super().on_touch_up(touch)
        return True
