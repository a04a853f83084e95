"""Drafts of surveys: begun, changed step by step, taken back, thrown away; each with who did it.

Called by web/drafts. Raises Overtaken where somebody else was there first, Unknown where a draft is gone.
May touch `drafts`, `draft_steps` and the audit.
"""

from collections.abc import Mapping
from typing import Any

from headoffice.problems import Invalid
from headoffice.store import drafts
from headoffice.store.audit import By, note
from headoffice.store.drafts import Draft
from headoffice.store.engine import Connection
from survey.problems import Fault

MOST_DRAFTS = 200


def begin(connection: Connection, document: Mapping[str, Any], *, base: str | None, by: By) -> Draft:
    """Begin a draft. Raises Invalid when there are too many."""
    if len(drafts.all(connection)) >= MOST_DRAFTS:
        raise Invalid([Fault("drafts", f"there are {MOST_DRAFTS}: throw one away first")])
    draft = drafts.create(connection, document, base=base, by=by)
    _note(connection, draft, did="begin draft", by=by)
    return draft


def change(
    connection: Connection, draft: int, document: Mapping[str, Any], *, revision: int, by: By
) -> Draft:
    """Write a step down."""
    return _noted(connection, drafts.save(connection, draft, document, revision=revision, by=by), by=by)


def undo(connection: Connection, draft: int, *, revision: int, by: By) -> Draft:
    """Take the last step back."""
    return _noted(connection, drafts.undo(connection, draft, revision=revision, by=by), by=by)


def redo(connection: Connection, draft: int, *, revision: int, by: By) -> Draft:
    """Do a step again."""
    return _noted(connection, drafts.redo(connection, draft, revision=revision, by=by), by=by)


def throw_away(connection: Connection, draft: Draft, *, revision: int, by: By) -> None:
    """Throw a draft away, with all its steps."""
    drafts.remove(connection, draft.id, revision=revision)
    _note(connection, draft, did="throw draft away", by=by)


def _noted(connection: Connection, draft: Draft, *, by: By) -> Draft:
    _note(connection, draft, did="change draft", by=by)
    return draft


def _note(connection: Connection, draft: Draft, *, did: str, by: By) -> None:
    what = {"draft": draft.id, "survey": draft.survey, "revision": draft.revision}
    note(connection, by=by, did=did, what=what)
