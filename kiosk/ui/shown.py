"""What these screens can show, so that a survey beyond it is refused before a shopper stands in front of it.

Asked by kiosk.cli and kiosk.bootstrap; needs no Kivy. May touch nothing.
"""

from collections.abc import Iterator

from kiosk.ui.shapes import ICONS
from survey.model import Programme, Question
from survey.problems import Fault, did_you_mean, shown

SHOWN_TYPES = frozenset({"faces", "scale", "stars", "choice", "notice"})


def unshowable(programme: Programme, place: str = "survey") -> tuple[Fault, ...]:
    """Every question that this kiosk could not ask as it is written, with its place and the mend."""
    return tuple(
        fault
        for number, survey in enumerate(programme.surveys)
        for at, question in enumerate(survey.questions)
        for fault in _faults(question, f"{place}[{number}].question[{at}]")
    )


def _faults(question: Question, place: str) -> Iterator[Fault]:
    if question.type not in SHOWN_TYPES:
        known = ", ".join(sorted(SHOWN_TYPES))
        yield Fault(
            f"{place}.type",
            f"question {shown(question.id)}: this kiosk cannot ask for {shown(question.type)} yet; "
            f"use one of {known}",
        )
    for at, option in enumerate(question.options):
        if option.icon is not None and option.icon not in ICONS:
            hint = did_you_mean(option.icon, ICONS) or f"; there are {', '.join(sorted(ICONS))}"
            yield Fault(f"{place}.options[{at}].icon", f"there is no icon {shown(option.icon)}{hint}")
