"""Whether the values of a question fit the screen and the metric it is to measure.

Called by questions.py for a question whose type is known.
Touches nothing but the Notes it is given.
"""

from collections.abc import Mapping
from types import MappingProxyType

from survey.model import SCALE_OF_METRIC, Question
from survey.reading import Table

MOST_VALUES = 11  # of a scale: 0 to 10
FEWEST_VALUES = 2
MOST_STARS = 10
TYPES_OF_METRIC: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "csat": ("faces", "scale", "stars"),
        "nps": ("scale",),
        "ces": ("scale",),
        "reasons": ("choice",),
        "expectation": ("text",),
        "prediction": ("scale",),
    }
)
VALUES_OF_METRIC: Mapping[str, tuple[tuple[int, int], ...]] = MappingProxyType(
    {"csat": ((1, 5), (1, 7)), "nps": ((0, 10),), "ces": ((1, 7),), "prediction": ((0, 10),)}
)


def check_values(table: Table, question: Question) -> None:
    """Note a scale or stars that have too few or too many values, or do not say which."""
    if question.type == "scale":
        _check_scale(table, question)
    elif question.type == "stars" and not FEWEST_VALUES <= question.highest <= MOST_STARS:
        table.fault(
            "max", f"is {question.highest}; {FEWEST_VALUES} to {MOST_STARS} stars fit the smallest screen"
        )


def check_type(table: Table, *, kind: str, metric: str) -> None:
    """Note a metric that a type of question cannot measure."""
    if kind not in TYPES_OF_METRIC[metric]:
        needs = " or ".join(TYPES_OF_METRIC[metric])
        table.fault("metric", f"is {metric}, which {kind} cannot measure; it needs type = {needs}")


def check_metric(table: Table, question: Question) -> None:
    """Note a metric that the values of a scale or stars cannot carry."""
    metric = question.metric
    if (
        metric is None
        or question.type not in {"scale", "stars"}
        or not table.broken.isdisjoint({"min", "max"})
    ):
        return
    if (question.lowest, question.highest) not in VALUES_OF_METRIC[metric]:
        allowed = " or ".join(f"{low} to {high}" for low, high in VALUES_OF_METRIC[metric])
        values = f"{question.lowest} to {question.highest}"
        table.fault("metric", f"is {metric}, which needs values from {allowed}; here they go from {values}")


def _check_scale(table: Table, question: Question) -> None:
    if question.metric not in SCALE_OF_METRIC and "metric" not in table.broken:
        absent = [key for key in ("min", "max") if key not in table.raw and key not in table.broken]
        if absent:
            needs = " and ".join(absent)
            table.fault(absent[0], f"is missing; a scale without a metric that implies them needs {needs}")
    if not table.broken.isdisjoint({"min", "max", "metric"}):
        return
    values = question.highest - question.lowest + 1
    if values < FEWEST_VALUES:
        table.fault("max", f"is {question.highest}; it needs to be above min ({question.lowest})")
    elif values > MOST_VALUES:
        table.fault(
            "max", f"is {question.highest}; {values} values, at most {MOST_VALUES} fit the smallest screen"
        )
