"""One step of somebody who edits a draft: what a form says, and the button it was sent with.

Called by drafts/acts.py. Pure: a document and a form in, a document out.

A form was made from a document that may have changed since. Each part of it (a question, the survey's head)
carries what it was made from: where that part is still as it was, the step is taken on what is there now;
where it is not, nothing is to be saved and whoever typed sees both.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from headoffice.web.drafts import when
from headoffice.web.drafts.typed import Typed, clean, join, part
from survey.edit import Editing
from survey.editable import editable
from survey.languages import MAX_LANGUAGES, TAG
from survey.model import KINDS, TYPES
from survey.outline import languages
from survey.parse import MOST_QUESTIONS
from survey.problems import Fault
from survey.questions import FEWEST_OPTIONS, MOST_OPTIONS
from survey.shape import in_languages, new_option, new_question

Document = Mapping[str, Any]
Form = Mapping[str, str]
FIELD = re.compile(r"q([0-9]{1,3})\.(.+)")
NUMBER = re.compile(r"[0-9]{1,3}")
Focus = tuple[str, int | None]  # the button that has the focus then, and the question that is opened
NOWHERE: Focus = ("", None)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The survey after the step; `at` names the button or field that has the focus then.

    `opened` is a question that is to be shown, `here` the one that the form was about. `overtaken`: somebody
    else changed the same part meanwhile, so nothing is to be saved; `lost` is what was typed for questions
    that are gone.
    """

    document: Document
    at: str = ""
    opened: int | None = None
    here: int | None = None
    faults: tuple[Fault, ...] = ()
    overtaken: bool = False
    lost: tuple[str, ...] = ()


def seen(document: Document) -> str:
    """What a part looked like when a form was made from it, in short."""
    written = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def head_of(survey: Document) -> Document:
    """All of a survey but its questions."""
    return {key: each for key, each in survey.items() if key != "question"}


def take(document: Document, form: Form, *, fresh: bool, shelf: Sequence[Document] = ()) -> Taken:
    """Take a step; `fresh`: nobody changed anything since the form was made; `shelf`: questions at hand."""
    step = _Step(Editing((editable(document),)), form, fresh=fresh, shelf=shelf)
    taken = replace(step.take(), faults=tuple(step.faults), lost=tuple(step.lost))
    return replace(taken, overtaken=step.overtaken, here=step.here)


class _Step:
    """The step while it is taken."""

    def __init__(self, editing: Editing, form: Form, *, fresh: bool, shelf: Sequence[Document]) -> None:
        self._editing, self._form, self._fresh, self._shelf = editing, form, fresh, shelf
        self.faults: list[Fault] = []
        self.lost: list[str] = []
        self.overtaken = False
        self.here: int | None = None  # the question that the form is about

    @property
    def _survey(self) -> Document:
        return self._editing.documents[0]

    def take(self) -> Taken:
        """What was typed first, then the button."""
        self._type_head()
        for number, fields in _parts(self._form).items():
            self._type_question(number, fields)
        verb, _, rest = self._form.get("act", "save").partition(":")
        acts = {
            "question": self._question,
            "option": self._option,
            "way": self._way,
            "language": self._language,
        }
        if verb not in acts or self.overtaken:
            return Taken(document=self._survey)
        if verb in ("question", "language") and not self._fresh:
            self.overtaken = True  # their numbers may mean others now
            return Taken(document=self._survey)
        at, opened = acts[verb](*rest.partition(":")[::2])
        return Taken(document=self._survey, at=at, opened=opened)

    def _type_head(self) -> None:
        form, survey = self._form, self._survey
        if "head.seen" not in form:
            return
        self.overtaken |= not self._fresh and form["head.seen"] != seen(head_of(survey))
        tags = languages(survey)
        title = Typed(form, tags).texts("title", survey.get("title"))
        editing = self._editing.set_survey(0, "title", title)
        if "id" in form:
            editing = editing.set_survey(0, "id", form["id"].strip())
        if form.get("kind") in KINDS:
            editing = editing.set_survey(0, "kind", form["kind"])
        self._editing = editing.set_survey(0, "when", when.typed(form, survey.get("when", {})))

    def _type_question(self, number: int, fields: Form) -> None:
        at = self._find(number, fields)
        if at is None:
            self.overtaken = True
            self.lost += [clean(text) for name, text in fields.items() if _is_text(name) and clean(text)]
            return
        typed = Typed(fields, languages(self._survey))
        made = typed.question(self._survey, at)
        self.faults += typed.faults
        editing = self._editing.replace_question(0, at, made)
        for place, option in enumerate(made.get("options", ())):
            name = fields.get(f"option.{place}.id", option["id"]).strip()
            if name != option["id"]:
                editing = editing.set_option(0, at, place, "id", name)
        if "id" in fields and fields["id"].strip() != made.get("id"):
            editing = editing.set_question(0, at, "id", fields["id"].strip())
        self._editing, self.here = editing, at

    def _find(self, number: int, fields: Form) -> int | None:
        """Where the question is now that a form was made from; None where it is gone."""
        asked = self._survey["question"]
        if self._fresh:
            return number if number < len(asked) else None
        named = [at for at, each in enumerate(asked) if each.get("id") == fields.get("was")]
        same = [at for at in named if seen(asked[at]) == fields.get("seen")]
        self.overtaken |= not same
        return next(iter(same or named), None)

    def _question(self, verb: str, which: str) -> Focus:
        editing, count = self._editing, len(self._survey["question"])
        at = _number(which, count)
        if verb == "add":
            return self._add_question(count)
        if at is None:
            return NOWHERE
        match verb:
            case "up" | "down" if 0 <= (to := _beside(verb, at)) < count:
                self._editing = editing.move_question(0, at, to)
                return _moved("question", verb, to, count), None
            case "copy" if count < MOST_QUESTIONS:
                self._editing = editing.duplicate_question(0, at)
                return f"question-open-{at + 1}", None
            case "delete":
                self._editing = editing.delete_question(0, at)
                return "undo", None
        return NOWHERE

    def _add_question(self, count: int) -> Focus:
        wanted, tags = self._form.get("new", ""), languages(self._survey)
        ready = {f"library:{each['id']}": each for each in self._shelf}
        if count >= MOST_QUESTIONS or wanted not in (*TYPES, *ready):
            return NOWHERE
        document = new_question(wanted, tags) if wanted in TYPES else in_languages(ready[wanted], tags)
        self._editing = self._editing.add_question(0, count, document)
        return "", count

    def _option(self, verb: str, which: str) -> Focus:  # noqa: PLR0911 - one line a button
        here, editing = self.here, self._editing
        options = None if here is None else self._survey["question"][here].get("options")
        if here is None or options is None:
            return NOWHERE
        count = len(options)
        at = count if verb == "add" else _number(which, count)
        if at is None:
            return NOWHERE
        match verb:
            case "add" if count < MOST_OPTIONS:
                self._editing = editing.add_option(0, here, count, new_option(languages(self._survey)))
                return f"option-{count}", None
            case "up" | "down" if 0 <= (to := _beside(verb, at)) < count:
                self._editing = editing.move_option(0, here, at, to)
                return _moved("option", verb, to, count), None
            case "copy" if count < MOST_OPTIONS:
                self._editing = editing.duplicate_option(0, here, at)
                return f"option-{at + 1}", None
            case "delete" if count > FEWEST_OPTIONS:
                self._editing = editing.delete_option(0, here, at)
                return "undo", None
        return NOWHERE

    def _way(self, verb: str, which: str) -> Focus:
        here = self.here
        if here is None or not isinstance(self._survey["question"][here].get("next"), Mapping):
            return NOWHERE
        if self._survey["question"][here]["type"] not in ("scale", "stars"):
            return NOWHERE
        number = _number(which, 100)
        led = part(self._survey, here) if verb == "part" else join(self._survey, here, number or 0)
        self._editing = self._editing.set_question(0, here, "next", led)
        return "ways", None

    def _language(self, verb: str, tag: str) -> Focus:
        tags = languages(self._survey)
        tag = tag or self._form.get("language", "")
        if verb == "add" and TAG.fullmatch(tag) and tag not in tags and len(tags) < MAX_LANGUAGES:
            self._editing = self._editing.add_language(0, tag)
        if verb == "remove" and tag in tags and len(tags) > 1:
            self._editing = self._editing.remove_language(0, tag)
        return "languages", None


def _parts(form: Form) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        if field := FIELD.fullmatch(name):
            found.setdefault(int(field[1]), {})[field[2]] = value
    return found


def _number(written: str, count: int) -> int | None:
    number = int(written) if NUMBER.fullmatch(written) else count
    return number if number < count else None


def _beside(verb: str, at: int) -> int:
    return at + (1 if verb == "down" else -1)


def _moved(what: str, verb: str, to: int, count: int) -> str:
    """The button that has the focus after a move: the same, or the other one at an end."""
    at_end = to == (0 if verb == "up" else count - 1)
    return f"{what}-{('down' if verb == 'up' else 'up') if at_end else verb}-{to}"


def _is_text(name: str) -> bool:
    return name.partition(".")[0] in ("text", "help", "low", "high") or ".text." in name
