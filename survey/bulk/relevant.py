"""XLSForm's `relevant` as branching: simple conditions on one earlier question become its `next`.

Called by survey.bulk.xlsform. Pure functions of values. A question whose condition would need to be
remembered beyond where an answer can lead is asked always, and named.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from survey.model import END, SKIP

Document = dict[str, Any]
Answer = str | int | None  # None: skipped, or never asked

MOST_STATES = 20_000  # of a form whose conditions grow out of hand
COMPARED = re.compile(r"\$\{\s*([^}]+?)\s*\}\s*(!=|<=|>=|=|<|>)\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+))")
SELECTED = re.compile(r"selected\(\s*\$\{\s*([^}]+?)\s*\}\s*,\s*(?:'([^']*)'|\"([^\"]*)\")\s*\)")
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True)
class Condition:
    """On which question (its number), and the answers with which it holds."""

    on: int
    holds: frozenset[Answer]


def branch(
    questions: Sequence[Document], wanted: Mapping[int, str], id_of: Callable[[object], str]
) -> list[int]:
    """Give questions their `next` by the conditions that are wanted, by number; give those not to be had."""
    conditions = {
        number: found
        for number, words in wanted.items()
        if (found := _read(words, number, questions, id_of)) is not None
    }
    while (clash := _lay(questions, conditions)) is not None:
        del conditions[clash]
    return [number for number in wanted if number not in conditions]


def answers_of(question: Document) -> tuple[Answer, ...]:
    """Every answer that a question can branch on; one that cannot has none but being passed."""
    if question["type"] == "scale":
        return (*range(question["min"], question["max"] + 1), None)
    if question["type"] == "choice" and not question.get("many"):
        return (*(str(option["id"]) for option in question["options"]), None)
    return (None,)


def _read(
    words: str, number: int, questions: Sequence[Document], id_of: Callable[[object], str]
) -> Condition | None:
    """Read `${a} = 'x'`, `selected(${a}, 'x')` and several of one question joined by `and` or `or`."""
    joins = {word for word in ("and", "or") if re.search(rf"\s{word}\s", words)}
    parts = re.split(r"\s(?:and|or)\s", words)
    terms = [_term(part.strip(), id_of) for part in parts]
    names = {term[0] for term in terms if term}
    if len(joins) > 1 or None in terms or len(names) != 1:
        return None
    places = [at for at, each in enumerate(questions[:number]) if each["id"] in names]
    if len(places) != 1:
        return None
    answers = answers_of(questions[places[0]])
    each = [{answer for answer in answers if term and term[1](answer)} for term in terms]
    holds = frozenset(set.intersection(*each) if joins == {"and"} else set.union(*each))
    return Condition(places[0], holds) if len(answers) > 1 and holds else None


def _term(part: str, id_of: Callable[[object], str]) -> tuple[str, Callable[[Answer], bool]] | None:
    if found := SELECTED.fullmatch(part):
        name, sign, value = found[1], "=", found[2] or found[3] or ""
    elif found := COMPARED.fullmatch(part):
        name, sign, value = found[1], found[2], found[3] or found[4] or found[5] or ""
    else:
        return None

    def holds(answer: Answer) -> bool:
        if isinstance(answer, int):
            return value.isdecimal() and SIGNS[sign](answer, int(value))
        if sign in ("=", "!="):
            return SIGNS[sign](answer, id_of(value))  # a blank is other than any value
        return False

    return id_of(name), holds


def _lay(questions: Sequence[Document], conditions: Mapping[int, Condition]) -> int | None:
    """Write every `next`; give the question for which an answer alone cannot decide, or None."""
    ways: dict[tuple[int, Answer], int] = {}
    try:
        for here, answer, there in _walks(questions, conditions):
            known = ways.setdefault((here, answer), there)
            if known != there:
                return min(known, there)  # asked by its condition, or passed: the answer alone cannot tell
    except OverflowError:
        return max(conditions)
    for number, question in enumerate(questions):
        leads = {answer: ways[number, answer] for answer in answers_of(question) if (number, answer) in ways}
        _write(question, leads, [str(each["id"]) for each in questions], number)
    return None


def _walks(
    questions: Sequence[Document], conditions: Mapping[int, Condition]
) -> Iterator[tuple[int, Answer, int]]:
    """Every step that somebody who answers can take: from a question by an answer to another one.

    Raises OverflowError for conditions that grow out of hand.
    """
    start = _after(-1, frozenset(), questions, conditions)
    seen, open_ = {start}, [start]
    while open_:
        if len(seen) > MOST_STATES:
            raise OverflowError
        here, held = open_.pop()
        if here == len(questions):
            continue
        for answer in answers_of(questions[here]):
            now = held | {at for at, each in conditions.items() if each.on == here and answer in each.holds}
            state = _after(here, now, questions, conditions)
            yield here, answer, state[0]
            if state not in seen:
                seen.add(state)
                open_.append(state)


def _after(
    here: int, held: frozenset[int], questions: Sequence[Document], conditions: Mapping[int, Condition]
) -> tuple[int, frozenset[int]]:
    """Give the next question that is asked, and which later conditions hold; what is passed is blank."""
    for number in range(here + 1, len(questions)):
        if number not in conditions or number in held:
            return number, frozenset(at for at in held if at > number)
        held |= {at for at, each in conditions.items() if each.on == number and None in each.holds}
    return len(questions), frozenset()


def _write(question: Document, leads: Mapping[Answer, int], names: Sequence[str], number: int) -> None:
    """One way where all lead the same, else a way for each answer; numbers that lead alike stand together."""
    question.pop("next", None)
    targets = [*names, END]
    if len(set(leads.values())) <= 1:
        there = next(iter(leads.values()), number + 1)
        if there != number + 1:
            question["next"] = targets[there]
        return
    table: dict[str, str] = {}
    spans: list[list[int]] = []
    for answer, there in leads.items():
        if isinstance(answer, str):
            table[answer] = targets[there]
        elif isinstance(answer, int) and spans and spans[-1][2] == there:
            spans[-1][1] = answer
        elif isinstance(answer, int):
            spans.append([answer, answer, there])
    for low, high, there in spans:
        table[f"{low}-{high}" if low != high else f"{low}"] = targets[there]
    question["next"] = table | {SKIP: targets[leads[None]]}
