"""Whether the branching of a survey is sound as a whole: every way leads on, and some way leads everywhere.

Called by parse.py with the questions as far as they could be read.
Touches nothing but the Notes it is given.

A mistake is told once: what cannot be judged because of another fault is judged when that one is mended.
"""

from collections import Counter
from collections.abc import Sequence

from survey.model import END
from survey.problems import at, did_you_mean, shown
from survey.questions import Draft
from survey.reading import Notes
from survey.told import told

# By number of a question: the questions it leads to, each with the place that says so.
Graph = list[dict[int, str]]


def check_routes(drafts: Sequence[Draft], notes: Notes) -> None:
    """Note ids that stand twice, ways to no question, ways round in a ring, and questions no way leads to."""
    faults_before = len(notes.faults)
    _check_ids(drafts, notes)
    names = Counter(draft.question.id for draft in drafts)
    if not any(draft.nameless for draft in drafts):
        _check_targets(drafts, [*names, END], notes=notes)
    # Where a name stands twice, it is unknown which of the two a way leads to.
    numbers = {
        draft.question.id: number for number, draft in enumerate(drafts) if names[draft.question.id] == 1
    }
    graph = [_edges(number, draft, numbers=numbers) for number, draft in enumerate(drafts)]
    _check_rings(drafts, graph, notes=notes)
    is_sound = all(draft.sound_next and not draft.nameless for draft in drafts)
    if is_sound and len(notes.faults) == faults_before:
        _check_reached(drafts, graph, notes=notes)


def _check_ids(drafts: Sequence[Draft], notes: Notes) -> None:
    first: dict[str, int] = {}
    for number, draft in enumerate(drafts):
        if draft.nameless:
            continue
        taken_by = first.setdefault(draft.question.id, number)
        if taken_by != number:
            name, taken = shown(draft.question.id), f"question[{taken_by}]"
            message = told("is {id}, as {taken} is; take another id", id=name, taken=taken)
            notes.fault(at(draft.place, "id"), message)


def _ways(draft: Draft) -> list[tuple[str, str]]:
    """The place and the target of every way that is written down."""
    place, ways = at(draft.place, "next"), draft.question.next
    if ways is None:
        return []
    if isinstance(ways, str):
        return [(place, ways)]
    return [(at(place, key), target) for key, target in ways.items()]


def _check_targets(drafts: Sequence[Draft], known: Sequence[str], *, notes: Notes) -> None:
    for draft in drafts:
        for place, target in _ways(draft):
            if target not in known:
                notes.fault(
                    place,
                    told(
                        "no question {target}{hint}", target=shown(target), hint=did_you_mean(target, known)
                    ),
                )


def _edges(number: int, draft: Draft, *, numbers: dict[str, int]) -> dict[int, str]:
    if draft.question.next is None and draft.sound_next:
        return {number + 1: at(draft.place, "next")}
    edges: dict[int, str] = {}
    for place, target in _ways(draft):
        if target in numbers:
            edges.setdefault(numbers[target], place)
    return edges


def _check_rings(drafts: Sequence[Draft], graph: Graph, *, notes: Notes) -> None:
    """Every ring has a way back in the document; cut each such way, and name the ring it closed."""
    for source, edges in enumerate(graph):
        for target in [target for target in edges if target <= source]:
            way = _shortest(graph, start=target, goal=source)
            if way:
                ring = " → ".join(shown(drafts[number].question.id) for number in [*way, target])
                notes.fault(
                    edges.pop(target),
                    told("leads round in a ring: {ring}; let one of them lead on or end", ring=ring),
                )


def _shortest(graph: Graph, *, start: int, goal: int) -> list[int]:
    """The questions from start to goal, both included; empty if no way leads there."""
    ways = [[start]]
    seen = {start}
    for way in ways:  # grows while it is walked: nearest first
        if way[-1] == goal:
            return way
        ahead = [target for target in graph[way[-1]] if target not in seen and target < len(graph)]
        seen.update(ahead)
        ways.extend([*way, target] for target in ahead)
    return []


def _check_reached(drafts: Sequence[Draft], graph: Graph, *, notes: Notes) -> None:
    reached, ahead = set[int](), {0}
    while ahead:
        reached |= ahead
        ahead = {target for number in ahead for target in graph[number] if target < len(graph)} - reached
    lost = set(range(len(graph))) - reached
    led_to = {target for number in lost for target in graph[number]}  # these are reached when that one is
    for number in sorted(lost - led_to):
        lost_id = shown(drafts[number].question.id)
        notes.fault(
            drafts[number].place,
            told("no way leads to {lost_id}; name it in a next or take it out", lost_id=lost_id),
        )
