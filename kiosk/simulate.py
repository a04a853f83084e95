"""Shoppers who are not there: visits through the real visit code, for trying out and for load.

Called by the command `simulate`.
May touch the visit only: saving, ids and pauses are handed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random

from kiosk.visit import Ask, Save, Visit
from survey.branching import asked
from survey.model import FACES, Question, Survey

LEAVES, SKIPS, GOES_BACK = 0.03, 0.05, 0.02  # shares of the answers
SPEAKS_FIRST_LANGUAGE = 0.85
HAPPY_FROM, NEUTRAL_FROM = 0.5, 0.3  # of a mood from 0 to 1; with the moods below 70, 20 and 10 %
TOOK_MS = (700, 6_000)
HURRIED_MS = (150, 600)
MOST_DRAWS = 10_000
REMARKS = {
    "ja": ("レジが速くて助かりました", "駐車場が少しせまいです", "惣菜がおいしかったです"),
    "en": ("Quick at the till, thank you", "The car park is a little tight", "Lovely fresh bread"),
}


@dataclass(frozen=True)
class Manner:
    """How a shopper comes, where the seed is not to decide it; moods are from 0 to 1."""

    mood: float | None = None
    language: str | None = None
    most_answers: int | None = None  # then they walk away
    hurried: bool = False


USUAL = Manner()


@dataclass(frozen=True)
class Simulation:
    """What the visits need; the same seed gives the same shoppers, with new ids."""

    survey: Survey
    seed: str
    save: Save
    new_id: Callable[[], str]

    def visit(self, number: int, manner: Manner = USUAL) -> None:
        """Let one shopper answer, from the first question to the thanks or until they walk away."""
        shopper = Shopper(f"{self.seed}/{number}", self.survey, manner)
        visit = Visit(
            self.survey,
            language=shopper.language,
            save=self.save,
            monotonic_ms=shopper.now_ms,
            new_id=lambda: shopper.fitting(self.new_id),
        )
        for turn in count():
            step = visit.step
            if not isinstance(step, Ask) or turn == manner.most_answers:
                return
            if turn and shopper.does(LEAVES, turn):
                return
            if step.can_go_back and shopper.does(GOES_BACK, turn):
                visit.back()
            elif turn and shopper.does(SKIPS, turn, step.question.id):
                visit.skip()
            else:
                visit.answer(shopper.answer(step.question, turn))


class Shopper:
    """One shopper, all of whose dice are thrown from a seed."""

    def __init__(self, seed: str, survey: Survey, manner: Manner = USUAL) -> None:
        self._seed, self._survey = seed, survey
        dice = self._dice("mood")
        mood = dice.betavariate(3.2, 2)
        self._mood = mood if manner.mood is None else min(1.0, max(0.0, manner.mood))
        first, *_ = languages = survey.languages
        language = first if dice.random() < SPEAKS_FIRST_LANGUAGE else dice.choice(languages)
        self.language = manner.language or language
        self._took_ms = HURRIED_MS if manner.hurried else TOOK_MS
        self._clock_ms = 0

    def now_ms(self) -> int:
        """Give the time on the shopper's own clock: between two looks they read, think and tap."""
        self._clock_ms += self._dice("clock", self._clock_ms).randint(*self._took_ms)
        return self._clock_ms

    def fitting(self, new_id: Callable[[], str]) -> str:
        """Give a new id for the visit under whose lots this shopper is asked what the seed says.

        Which questions a visit is asked hangs on its id, and ids never come twice.
        """
        sampled = [question for question in self._survey.questions if question.ask is not None]
        lots = [self._dice("lot", question.id).random() < (question.ask or 1) for question in sampled]
        for _ in range(MOST_DRAWS):
            visit = new_id()
            if [asked(question, visit) for question in sampled] == lots:
                return visit
        return new_id()

    def does(self, share: float, *what: object) -> bool:
        """Throw the dice for something that happens so often."""
        return self._dice("does", share, *what).random() < share

    def answer(self, question: Question, turn: int) -> object:
        """Answer as the mood has it."""
        dice = self._dice("answer", question.id, turn)
        match question.type:
            case "faces":
                return FACES[(self._mood >= NEUTRAL_FROM) + (self._mood >= HAPPY_FROM)]
            case "scale" | "stars":
                felt = min(1.0, max(0.0, dice.gauss(self._mood + 0.15, 0.15)))
                return round(question.lowest + felt * (question.highest - question.lowest))
            case "choice":
                return self._choice(question, dice)
            case "text":
                remark = dice.choice(REMARKS.get(self.language, REMARKS["en"]))
                return remark[: question.longest_text]
        return True

    def _choice(self, question: Question, dice: Random) -> str | list[str]:
        options = [option.id for option in question.options]
        common_first = [1 / rank for rank in range(1, len(options) + 1)]
        chosen = dice.choices(options, common_first, k=dice.randint(1, 3) if question.many else 1)
        return list(dict.fromkeys(chosen)) if question.many else chosen[0]

    def _dice(self, *what: object) -> Random:
        # Each throw has dice of its own, so that one answer more does not change all that follow.
        return Random("/".join(map(str, (self._seed, *what))))  # noqa: S311 - shoppers are no secret
