"""The kiosk's own question to its staff: of ten shoppers, how many were happy today?

Asked by the kiosk's staff screen, and kept as a tap of this survey, so that it reaches head office exactly
once, which compares it with what shoppers said. Pure values: touches nothing.
"""

from functools import cache

from survey.model import STAFF, STAFF_METRICS, Question, Survey

QUESTION = "happy_of_ten"


@cache
def prediction() -> Survey:
    """Give that survey: the same document, and so the same version, on every kiosk."""
    asked = Question(
        id=QUESTION,
        type="scale",
        metric=STAFF_METRICS[0],
        text={
            "ja": "今日、お客さま 10 人のうち何人が満足したと思いますか?",
            "en": "Of ten shoppers today, how many do you think were happy?",
        },
    )
    title = {"ja": "スタッフの予想", "en": "Staff's prediction"}
    return Survey(id="staff_prediction", kind=STAFF, title=title, questions=(asked,))
