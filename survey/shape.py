"""New surveys, questions and options, and questions that become another kind without losing what still fits.

Called by both editors, the kiosk's and head office's, which put the outcome into an Editing.
Pure: documents in, documents out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from survey.measures import TYPES_OF_METRIC, VALUES_OF_METRIC
from survey.model import END, SCALE_OF_METRIC, SKIP
from survey.questions import FEWEST_OPTIONS, KEYS, KEYS_OF_TYPE

Document = dict[str, Any]
NEW_SCALE = (1, 5)


def new_survey(languages: Sequence[str]) -> Document:
    """A survey with one question, all of it still to be written."""
    return {
        "id": "survey",
        "kind": "in_the_moment",
        "title": blank(languages),
        "question": [new_question("faces", languages)],
    }


def new_question(kind: str, languages: Sequence[str]) -> Document:
    """A question of a type, still to be written."""
    return retyped({"id": "question", "type": kind, "text": blank(languages)}, kind, languages)


def new_option(languages: Sequence[str]) -> Document:
    """An option, still to be written."""
    return {"id": "option", "text": blank(languages)}


def blank(languages: Sequence[str]) -> dict[str, str]:
    """A text with a place for each language."""
    return dict.fromkeys(languages, "")


def in_languages(document: Mapping[str, Any], languages: Sequence[str]) -> Document:
    """A question of the library, in the languages of the survey that it goes into."""

    def spoken(value: Any) -> Any:
        if isinstance(value, dict) and value and all(isinstance(each, str) for each in value.values()):
            return {tag: value.get(tag, "") for tag in languages}
        if isinstance(value, dict):
            return {key: spoken(each) for key, each in value.items()}
        return [spoken(each) for each in value] if isinstance(value, list) else value

    return {key: each if key == "next" else spoken(each) for key, each in document.items()}


def retyped(question: Mapping[str, Any], kind: str, languages: Sequence[str]) -> Document:
    """The question as another type: what that type does not know goes, what it needs is there."""
    made = {key: value for key, value in question.items() if key in (*KEYS, *KEYS_OF_TYPE[kind])}
    made["type"] = kind
    if made.get("metric") and kind not in TYPES_OF_METRIC[made["metric"]]:
        del made["metric"]
    if isinstance(made.get("next"), Mapping):
        made["next"] = END
    if kind == "choice":
        options = list(made.get("options", ()))
        while len(options) < FEWEST_OPTIONS:
            options.append({"id": f"option_{len(options) + 1}", "text": blank(languages)})
        made["options"] = options
    if kind == "scale" and made.get("metric") not in SCALE_OF_METRIC:
        made["min"], made["max"] = made.get("min", NEW_SCALE[0]), made.get("max", NEW_SCALE[1])
    return made


def measuring(question: Mapping[str, Any], metric: str | None) -> Document:
    """The question counting for a metric, with the values that this needs."""
    made = {key: value for key, value in question.items() if key != "metric"}
    if metric is not None:
        made["metric"] = metric
    values = VALUES_OF_METRIC.get(metric or "")
    if made["type"] == "scale":
        now = (
            made.get("min", SCALE_OF_METRIC.get(question.get("metric", ""), NEW_SCALE)[0]),
            made.get("max", SCALE_OF_METRIC.get(question.get("metric", ""), NEW_SCALE)[1]),
        )
        low, high = now if values is None or now in values else values[0]
        return bounded(made, low, high)
    if made["type"] == "stars" and values and (1, made.get("max", 5)) not in values:
        return bounded(made, 1, values[0][1])
    return made


def bounded(question: Mapping[str, Any], low: int, high: int) -> Document:
    """A scale or stars with other values; the ways follow: a new value goes where its neighbour went."""
    made = {**question, "max": high}
    if question["type"] == "scale":
        made["min"] = low
    if isinstance(question.get("next"), Mapping):
        made["next"] = _clipped(question["next"], low, high)
    return made


def of_many(question: Mapping[str, Any], *, many: bool) -> Document:
    """A choice of one or of several; several have one way on only."""
    made = {key: value for key, value in question.items() if key != "many"}
    if many:
        made["many"] = True
        if isinstance(made.get("next"), Mapping):
            made["next"] = END
    return made


def _clipped(ways: Mapping[str, str], low: int, high: int) -> dict[str, str]:
    spans = sorted(
        (int(first), int(last or first), target)
        for key, target in ways.items()
        if key != SKIP
        for first, _, last in [key.partition("-")]
    )
    kept = [span for span in spans if span[0] <= high and span[1] >= low] or [(low, high, END)]
    ends = [min(span[1], high) for span in kept[:-1]] + [high]
    begins = [low, *(end + 1 for end in ends[:-1])]
    clipped = {
        str(begin) if begin == end else f"{begin}-{end}": span[2]
        for begin, end, span in zip(begins, ends, kept, strict=True)
    }
    return clipped | ({SKIP: ways[SKIP]} if SKIP in ways else {})
