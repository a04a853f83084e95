"""How one question of a survey document is read, and whether it is sound by itself.

Called by parse.py; where its answers lead is judged in routes.py.
Touches nothing but the Notes it is given.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from survey.measures import check_metric, check_type, check_values
from survey.model import KEYBOARDS, TYPES, Option, Question
from survey.problems import at, shown
from survey.reading import (
    Notes,
    ReadingError,
    Table,
    flag,
    identifier,
    name,
    one_of,
    several,
    share,
    table,
    whole,
)
from survey.told import either, told
from survey.values import frozen
from survey.ways import check_ways

QUESTION_CHARACTERS = 120
HELP_CHARACTERS = 120
LABEL_CHARACTERS = 40
OPTION_CHARACTERS = 40
MOST_TEXT_CHARACTERS = 1000
FEWEST_OPTIONS, MOST_OPTIONS = 2, 12
HIGHEST_VALUE = 100

KEYS = ("id", "type", "text", "metric", "help", "next", "ask")
KEYS_OF_TYPE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "faces": (),
        "scale": ("min", "max", "labels"),
        "stars": ("max", "labels"),
        "choice": ("options", "many", "shuffle"),
        "text": ("max_length", "keyboard"),
        "notice": (),
    }
)
ALL_KEYS = (*KEYS, *dict.fromkeys(key for keys in KEYS_OF_TYPE.values() for key in keys))
ANSWER_KEYS = frozenset({"min", "max", "options", "many", "next"})
TEXT_NEEDS = 'text = { ja = "…", en = "…" }'


@frozen
class Draft:
    """A question as far as it could be read; what was at fault in it is left out."""

    question: Question
    place: str
    nameless: bool  # any name might be meant for it
    sound_next: bool  # all its ways are known


def read_question(
    value: object, place: str, *, notes: Notes, is_first: bool, metrics: Sequence[str]
) -> Draft | None:
    """Read one question, which may measure one of some metrics; None when it is no table at all."""
    opened = table(value, place, notes=notes, known=ALL_KEYS)
    if opened is None:
        return None
    kind = opened.read("type", one_of(TYPES), needs='type = "faces"')
    metric = opened.read("metric", one_of(metrics))
    is_sure = kind is not None and _fits(opened, kind=kind, metric=metric)
    if is_first and "ask" in opened.raw:
        opened.fault("ask", told("is at the first question, which is always asked; take it out"))
    needs = "options = [{ id = …, text = … }, …]" if is_sure and kind == "choice" else ""
    options = _options(opened, needs=needs)
    question = _question(opened, kind=kind or "", metric=metric, options=options)
    if is_sure:
        _check_answers(opened, question)
    return Draft(question, place, nameless=not question.id, sound_next="next" not in opened.broken)


def _fits(opened: Table, *, kind: str, metric: str | None) -> bool:
    """Tell whether type, metric and keys go together; if not, the type may be the wrong one."""
    foreign = [key for key in ALL_KEYS if key in opened.raw and key not in (*KEYS, *KEYS_OF_TYPE[kind])]
    if foreign:
        owners = [each for each in TYPES if set(foreign) <= set(KEYS_OF_TYPE[each])]
        others = told(" (nor {keys})", keys=", ".join(foreign[1:])) if foreign[1:] else ""
        hint = told("that needs type = {types}", types=either(owners)) if owners else told("take them out")
        opened.fault(
            foreign[0],
            told("does not go with type = {kind}{others}; {hint}", kind=kind, others=others, hint=hint),
        )
        opened.broken.update(foreign)
    elif metric:
        check_type(opened, kind=kind, metric=metric)
    return not foreign and not (metric and "metric" in opened.broken)


def _check_answers(opened: Table, question: Question) -> None:
    """Check what can be answered, and if that is sound, whether every answer has its way."""
    check_values(opened, question)
    check_metric(opened, question)
    # An unreadable metric leaves the values of a scale unknown.
    unknown = ANSWER_KEYS | {"metric"} if question.type == "scale" or question.metric else ANSWER_KEYS
    if opened.broken.isdisjoint(unknown):
        check_ways(opened, question)


def _question(opened: Table, *, kind: str, metric: str | None, options: tuple[Option, ...]) -> Question:
    labels = opened.inner("labels", ("low", "high"))
    if labels and not labels.raw:
        opened.fault("labels", told("is empty; write low, high or both, or take it out"))
    return Question(
        id=opened.read("id", identifier, needs='id = "rating"') or _as_written(opened),
        type=kind,
        metric=metric,
        text=opened.texts("text", QUESTION_CHARACTERS, needs=TEXT_NEEDS) or {},
        help=opened.texts("help", HELP_CHARACTERS),
        ask=opened.read("ask", share),
        min=opened.read("min", whole(0, HIGHEST_VALUE)),
        max=opened.read("max", whole(1, HIGHEST_VALUE)),
        low=labels.texts("low", LABEL_CHARACTERS) if labels else None,
        high=labels.texts("high", LABEL_CHARACTERS) if labels else None,
        many=opened.read("many", flag),
        shuffle=opened.read("shuffle", flag),
        options=options,
        max_length=opened.read("max_length", whole(1, MOST_TEXT_CHARACTERS)),
        keyboard=opened.read("keyboard", one_of(KEYBOARDS)),
        next=_next(opened),
    )


def _as_written(opened: Table) -> str:
    # A badly written id is at fault where it stands, not once more wherever it is named.
    value = opened.raw.get("id")
    return value if isinstance(value, str) else ""


def _options(opened: Table, *, needs: str) -> tuple[Option, ...]:
    values = opened.read("options", several, needs=needs)
    if values is None:
        return ()
    if not FEWEST_OPTIONS <= len(values) <= MOST_OPTIONS:
        fit = told(
            "has {count}; {fewest} to {most} options fit the smallest screen",
            count=len(values),
            fewest=FEWEST_OPTIONS,
            most=MOST_OPTIONS,
        )
        opened.fault("options", fit)
    options: dict[str, Option] = {}
    place = opened.at("options")
    for number, value in enumerate(values):
        option = table(value, f"{place}[{number}]", notes=opened.notes, known=("id", "text", "icon"))
        read = option and _option(option)
        if option and read and read.id in options:
            option.fault("id", told('is "{id}" again; each option needs an id of its own', id=read.id))
        if read and read.id:
            options[read.id] = read
        else:
            opened.broken.add("options")
    return tuple(options.values())


def _option(opened: Table) -> Option:
    return Option(
        id=opened.read("id", identifier, needs='id = "queue"') or "",
        text=opened.texts("text", OPTION_CHARACTERS, needs=TEXT_NEEDS) or {},
        icon=opened.read("icon", name),
    )


def _next(opened: Table) -> str | Mapping[str, str] | None:
    value = opened.read("next", _route)
    if value is None or isinstance(value, str):
        return value
    for key, target in value.items():
        if not isinstance(target, str):
            opened.broken.add("next")
            opened.notes.fault(
                at(opened.at("next"), key),
                told("is {target}; it needs a question's id or end", target=shown(target)),
            )
    return {key: target for key, target in value.items() if isinstance(target, str)}


def _route(value: object) -> str | dict[str, object]:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    raise ReadingError(
        told('is {value}; it needs a question\'s id, "end", or a table of answers', value=shown(value))
    )
