"""Whether an answer fits its question.

Called by the kiosk before a tap is stored, and by head office before it counts one.
Pure functions of values: touches nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from survey.model import FACES, Question
from survey.problems import InvalidAnswer, has_unseen, shown

Answer = None | bool | int | str | list[str]


def check_answer(question: Question, answer: object) -> Answer:
    """Give the answer back as it is to be stored, or raise InvalidAnswer.

    None is a skipped question and always fits. Several options come back in the order of the question's
    options, none of them as None.
    """
    return None if answer is None else CHECKS[question.type](question, answer)


def _face(_question: Question, answer: object) -> str:
    return _one_of(answer, FACES)


def _one_of(answer: object, allowed: Sequence[str]) -> str:
    if not isinstance(answer, str) or answer not in allowed:
        raise InvalidAnswer(f"{shown(answer)} is none of {', '.join(allowed)}")
    return answer


def _value(question: Question, answer: object) -> int:
    # True is an int to Python, and 5.0 equals 5: neither is a value that was tapped.
    if not isinstance(answer, int) or isinstance(answer, bool):
        raise InvalidAnswer(f"{shown(answer)} is no whole number")
    if not question.lowest <= answer <= question.highest:
        raise InvalidAnswer(f"{shown(answer)} is not within {question.lowest} to {question.highest}")
    return answer


def _choice(question: Question, answer: object) -> str | list[str] | None:
    return _several(question, answer) if question.many else _one_of(answer, _ids(question))


def _several(question: Question, answer: object) -> list[str] | None:
    if not isinstance(answer, list):
        raise InvalidAnswer(f"{shown(answer)} is no list of option ids")
    options = _ids(question)
    chosen = [_one_of(each, options) for each in answer]
    if len(set(chosen)) < len(chosen):
        raise InvalidAnswer("an option is chosen twice")
    return sorted(chosen, key=options.index) or None


def _text(question: Question, answer: object) -> str:
    if not isinstance(answer, str):
        raise InvalidAnswer(f"{shown(answer)} is no text")
    if not answer.strip():
        raise InvalidAnswer("the text is blank; a question without an answer is null")
    if len(answer) > question.longest_text:
        raise InvalidAnswer(f"the text has {len(answer)} characters; at most {question.longest_text} fit")
    if has_unseen(answer):
        raise InvalidAnswer("the text holds a control character")
    return answer


def _notice(_question: Question, answer: object) -> bool:
    if answer is not True:
        raise InvalidAnswer(f"{shown(answer)} is no answer to a notice; it is true or null")
    return True


def _ids(question: Question) -> list[str]:
    return [option.id for option in question.options]


CHECKS: Mapping[str, Callable[[Question, object], Answer]] = MappingProxyType(
    {"faces": _face, "scale": _value, "stars": _value, "choice": _choice, "text": _text, "notice": _notice}
)
