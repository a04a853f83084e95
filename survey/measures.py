"""Whether the values of a question fit the screen and the metric it is to measure.

Called by questions.py for a question whose type is known.
Touches nothing but the Notes it is given.
"""

from collections.abc import Mapping
from types import MappingProxyType

from survey.model import SCALE_OF_METRIC, Question
from survey.reading import Table
from survey.told import either, told

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
            "max",
            told(
                "is {highest}; {fewest_values} to {most_stars} stars fit the smallest screen",
                highest=question.highest,
                fewest_values=FEWEST_VALUES,
                most_stars=MOST_STARS,
            ),
        )


def check_type(table: Table, *, kind: str, metric: str) -> None:
    """Note a metric that a type of question cannot measure."""
    if kind not in TYPES_OF_METRIC[metric]:
        needs = either(TYPES_OF_METRIC[metric])
        table.fault(
            "metric",
            told(
                "is {metric}, which {kind} cannot measure; it needs type = {needs}",
                metric=metric,
                kind=kind,
                needs=needs,
            ),
        )


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
        allowed = either([_span(low, high) for low, high in VALUES_OF_METRIC[metric]])
        values = _span(question.lowest, question.highest)
        table.fault(
            "metric",
            told(
                "is {metric}, which needs values from {allowed}; here they go from {values}",
                metric=metric,
                allowed=allowed,
                values=values,
            ),
        )


def _span(low: int, high: int) -> str:
    return told("{low} to {high}", low=low, high=high)


def _check_scale(table: Table, question: Question) -> None:
    if question.metric not in SCALE_OF_METRIC and "metric" not in table.broken:
        absent = [key for key in ("min", "max") if key not in table.raw and key not in table.broken]
        if absent:
            needs = ", ".join(absent)
            table.fault(
                absent[0],
                told("is missing; a scale without a metric that implies them needs {needs}", needs=needs),
            )
    if not table.broken.isdisjoint({"min", "max", "metric"}):
        return
    values = question.highest - question.lowest + 1
    if values < FEWEST_VALUES:
        table.fault(
            "max",
            told(
                "is {highest}; it needs to be above min ({lowest})",
                highest=question.highest,
                lowest=question.lowest,
            ),
        )
    elif values > MOST_VALUES:
        table.fault(
            "max",
            told(
                "is {highest}; {values} values, at most {most_values} fit the smallest screen",
                highest=question.highest,
                values=values,
                most_values=MOST_VALUES,
            ),
        )
