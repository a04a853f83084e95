"""Who may change a survey of head office's programme: on what terms it is given to a store.

Used by head office when it publishes, by the kiosk to decide whose version is in force, and by its editor.
Pure functions of values: touches nothing. See docs/who-wins.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from survey.canonical import plain
from survey.model import END, SKIP
from survey.problems import Fault, has_unseen
from survey.told import told
from survey.values import frozen_named

Document = Mapping[str, Any]

MOST_PLACES = 10
MOST_CHARACTERS = 100


@frozen_named
class Terms:
    """`locked`: a store may not change it, but for `places` questions of its own at the end; `ask` says whom.

    `author` and `made_at` (ms since 1970 UTC) tell who published it, and when; None and "" where nobody said.
    """

    locked: bool = True
    places: int = 0
    ask: str = ""
    author: str = ""
    made_at: int | None = None

    def document(self) -> dict[str, object]:
        """Write them as they stand on the wire, beside the surveys: no survey's version depends on them."""
        return dict(vars(self))


def read_terms(value: object) -> Terms:
    """Read the terms of one survey; what is missing or not understood is taken at its strictest."""
    said = value if isinstance(value, Mapping) else {}
    places, made_at = said.get("places"), said.get("made_at")
    return Terms(
        locked=said.get("locked") is not False,
        places=places if type(places) is int and 0 <= places <= MOST_PLACES else 0,
        ask=_line(said.get("ask")),
        author=_line(said.get("author")),
        made_at=made_at if type(made_at) is int and made_at >= 0 else None,
    )


def beyond(terms: Terms, office: Document, store: Document) -> tuple[Fault, ...]:
    """Name all that a store's version changes in head office's without the right to."""
    if not terms.locked or plain(office) == plain(store):
        return ()
    who = told("; ask {whom}", whom=terms.ask) if terms.ask else told("; ask head office")
    if not terms.places:
        return (Fault("survey", told("is head office's, and locked{who}", who=who)),)
    kept = {question["id"]: question for question in office["question"]}
    own = [question["id"] for question in store["question"] if question["id"] not in kept]
    faults = [
        Fault(key, told("is head office's{who}", who=who))
        for key in dict.fromkeys([*office, *store])
        if key != "question" and plain(office.get(key)) != plain(store.get(key))
    ]
    if len(own) > terms.places:
        faults.append(
            Fault(
                "question",
                told(
                    "has {count} of the store's own; there are {places} places",
                    count=len(own),
                    places=terms.places,
                ),
            )
        )
    if [each["id"] for each in store["question"]] != [*kept, *own]:
        faults.append(
            Fault("question", told("has head office's questions first, all and in their order{who}", who=who))
        )
    faults += [
        Fault(
            f"question[{number}]",
            told("is head office's; only its ways to the end may lead on{who}", who=who),
        )
        for number, question in enumerate(store["question"])
        if question["id"] in kept and _ended(question, own) != _ended(kept[question["id"]], own)
    ]
    return tuple(faults)


def _ended(question: Document, own: Sequence[str]) -> object:
    """Write a question with every way into the store's own as the end that it was."""
    ways = question.get("next")
    if isinstance(ways, str):
        return plain({**question, "next": END if ways in own else ways})
    if isinstance(ways, Mapping):
        ended = {SKIP: END} | {answer: END if to in own else to for answer, to in ways.items()}
        return plain({**question, "next": ended})
    return plain(question)


def _line(value: object) -> str:
    return value[:MOST_CHARACTERS] if isinstance(value, str) and not has_unseen(value) else ""
