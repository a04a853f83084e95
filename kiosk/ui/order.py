"""In which order the options of a question stand on the screen.

Called by kiosk.ui.answers. Pure: a question and a visit's number in, the options out.
"""

from random import Random

from survey.model import Option, Question

OTHER = "other"  # an option of this id that the survey has last stays last: nobody looks for it elsewhere


def ordered(question: Question, seed: float) -> list[Option]:
    """The options in the survey's order, or shuffled: the same again for the same seed and question."""
    options = list(question.options)
    if not question.shuffle:
        return options
    last = [options.pop()] if options[-1].id == OTHER else []
    Random(f"{seed}{question.id}").shuffle(options)  # noqa: S311 # an order, not a secret
    return options + last
