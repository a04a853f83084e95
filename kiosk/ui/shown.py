"""What these screens can show, so that a survey beyond it is refused before a shopper stands in front of it.

Asked by kiosk.cli for `check`, by kiosk.bootstrap for what head office sends. No Kivy; reads font files.
"""

from collections.abc import Iterator
from pathlib import Path

from kiosk.ui.glyphs import Fonts
from kiosk.ui.legible import illegible
from kiosk.ui.shapes import ICONS
from survey.model import Programme, Question
from survey.problems import Fault, did_you_mean, shown
from survey.told import told


def beyond_us(programme: Programme, *, fonts: Path, place: str = "survey") -> tuple[Fault, ...]:
    """Every question and every text that these screens, with the fonts of a folder, cannot show."""
    return *unshowable(programme, place), *illegible(programme, Fonts(fonts), place)


def unshowable(programme: Programme, place: str = "survey") -> tuple[Fault, ...]:
    """Every question that this kiosk could not ask as it is written, with its place and the mend."""
    return tuple(
        fault
        for number, survey in enumerate(programme.surveys)
        for at, question in enumerate(survey.questions)
        for fault in _faults(question, f"{place}[{number}].question[{at}]")
    )


def _faults(question: Question, place: str) -> Iterator[Fault]:
    for at, option in enumerate(question.options):
        if option.icon is not None and option.icon not in ICONS:
            hint = did_you_mean(option.icon, ICONS) or told(
                "; there are {names}", names=", ".join(sorted(ICONS))
            )
            yield Fault(
                f"{place}.options[{at}].icon",
                told("there is no icon {icon}{hint}", icon=shown(option.icon), hint=hint),
            )
