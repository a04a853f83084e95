"""One shopper's run through a survey: each answer is saved first, then the next step is decided.

Called by kiosk.ui and by the simulator; tests run whole journeys through it without a window.
May touch survey and the shape of a tap only: saving, time and new ids are handed in.
"""

from collections.abc import Callable

from kiosk.store.tap import Answered
from survey.answers import Answer, check_answer
from survey.branching import longest, path
from survey.model import Question, Survey
from survey.problems import InvalidAnswer
from survey.redact import redact
from survey.values import frozen

__all__ = ["Answered", "Ask", "NotSaved", "Save", "Step", "Thanks", "Visit"]


class NotSaved(Exception):  # noqa: N818 - it is told to people
    """The answer could not be stored: the visit stays where it is, and the shopper may tap again."""


Save = Callable[[Answered], object]  # returns once the tap is safe, or raises NotSaved


@frozen
class Ask:
    """Show this question. `position` counts from 1; `of` is the most questions this visit can reach."""

    question: Question
    answer: Answer  # given before the shopper went back; None if none was, or if it was skipped
    position: int
    of: int
    can_go_back: bool
    language: str


@frozen
class Thanks:
    """The visit is over: thank the shopper."""

    language: str


Step = Ask | Thanks


class Visit:
    """A visit in progress. It belongs to one thread; `step` is what the screen has to show now."""

    def __init__(
        self,
        survey: Survey,
        *,
        language: str,
        save: Save,
        monotonic_ms: Callable[[], int],
        new_id: Callable[[], str],
    ) -> None:
        self._survey = survey
        self._language = language if language in survey.languages else survey.languages[0]
        self._save = save
        self._monotonic_ms = monotonic_ms
        self._new_id = new_id
        # Made with the first answer: the time inside the id is the shopper's, not that of an idle screen.
        self._id: str | None = None
        self._answers: dict[str, Answer] = {}
        self._behind: list[str] = []  # the questions the shopper came through to this one
        self._here: str | None = survey.first.id
        self._shown_ms = monotonic_ms()

    @property
    def started(self) -> bool:
        """Whether a tap of this visit has been saved."""
        return bool(self._answers)

    @property
    def step(self) -> Step:
        """What to show now."""
        if self._here is None:
            return Thanks(self._language)
        return Ask(
            question=self._survey.question(self._here),
            answer=self._answers.get(self._here),
            position=len(self._behind) + 1,
            of=len(self._behind) + longest(self._survey, self._here),
            can_go_back=bool(self._behind),
            language=self._language,
        )

    def answer(self, value: object) -> Step:
        """Check the answer, save it, and only then move on.

        Raises InvalidAnswer when it does not fit the question on screen, and NotSaved when it could not be
        stored; either way the visit stays where it is and the shopper may tap again.
        """
        if self._here is None:
            raise InvalidAnswer("this visit is over: begin a new one")
        question = self._survey.question(self._here)
        answer = check_answer(question, value)
        if question.type == "text" and isinstance(answer, str):
            answer = redact(answer).text  # before it is stored anywhere, so that no shopper is identified
        self._id = self._id or self._new_id()
        took_ms = max(0, self._monotonic_ms() - self._shown_ms)
        self._save(
            Answered(
                visit=self._id,
                survey=self._survey.version,
                question=question.id,
                answer=answer,
                language=self._language,
                took_ms=took_ms,
            )
        )
        self._answers[question.id] = answer
        self._behind.append(question.id)
        route = {passed: self._answers[passed] for passed in self._behind}
        return self._show(path(self._survey, route, self._id).next)

    def skip(self) -> Step:
        """Pass over the question on screen; that it was skipped is saved too."""
        return self.answer(None)

    def back(self) -> Step:
        """Return to the question before; at the first one, and after the thanks, nothing moves."""
        if self._here is None or not self._behind:
            return self.step
        return self._show(self._behind.pop())

    def speak(self, language: str) -> Step:
        """Go on in another language; one that the survey lacks changes nothing."""
        if language in self._survey.languages:
            self._language = language
        return self.step

    def _show(self, question: str | None) -> Step:
        self._here = question
        self._shown_ms = self._monotonic_ms()
        return self.step
