"""Surveys while they are edited at head office: each with its revision, and the steps that can be taken back.

Called by `work.draft` and by the pages that show and publish drafts. May touch `drafts` and `draft_steps`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from headoffice.problems import Overtaken, Unknown
from headoffice.store.audit import By
from headoffice.store.engine import Connection

Document = Mapping[str, Any]
STEPS_BACK = 100


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A survey document that may have faults; `base` is the version it was begun from, None: made anew.

    `who` changed it last, as the audit names people; `changed_at` in ms since 1970 UTC. `revision` grows with
    every change. `undos` and `redos` tell how many steps lead back and on again.
    """

    id: int
    survey: str
    document: Document
    base: str | None
    who: str
    changed_at: int
    revision: int
    undos: int
    redos: int


def all(connection: Connection) -> list[Draft]:  # noqa: A001 - drafts.all is what they are asked for
    """Every draft, the one that was changed last first."""
    rows = connection.execute(text(f"{READ} ORDER BY drafts.changed_at DESC, drafts.id DESC"))
    return [_draft(row) for row in rows]


def read(connection: Connection, draft: int) -> Draft | None:
    """A draft; None where there is none."""
    row = connection.execute(text(f"{READ} WHERE drafts.id = :draft"), {"draft": draft}).one_or_none()
    return None if row is None else _draft(row)


def create(connection: Connection, document: Document, *, base: str | None, by: By) -> Draft:
    """Begin one, at revision 1."""
    draft = connection.execute(
        text(
            """
            INSERT INTO drafts (survey, base, who, changed_at, revision, step)
            VALUES (:survey, :base, :who, :at, 1, 1) RETURNING id
            """
        ),
        {"survey": _survey_of(document), "base": base, "who": by.who, "at": by.at},
    ).scalar_one()
    _write(connection, int(draft), 1, document)
    return _known(connection, int(draft))


def save(connection: Connection, draft: int, document: Document, *, revision: int, by: By) -> Draft:
    """Write one more step over the revision that was looked at; what was undone before is forgotten.

    Raises Overtaken where somebody else changed it meanwhile, Unknown where it is gone; nothing is written.
    """
    step = _step(connection, draft) + 1
    _turn(connection, draft, survey=_survey_of(document), step=step, revision=revision, by=by)
    connection.execute(
        text("DELETE FROM draft_steps WHERE draft = :draft AND (step >= :step OR step < :oldest)"),
        {"draft": draft, "step": step, "oldest": step - STEPS_BACK},
    )
    _write(connection, draft, step, document)
    return _known(connection, draft)


def undo(connection: Connection, draft: int, *, revision: int, by: By) -> Draft:
    """Take the last step back; without one nothing changes. Raises as `save` does."""
    return _go(connection, draft, -1, revision=revision, by=by)


def redo(connection: Connection, draft: int, *, revision: int, by: By) -> Draft:
    """Do again what was taken back last; without it nothing changes. Raises as `save` does."""
    return _go(connection, draft, 1, revision=revision, by=by)


def rebase(connection: Connection, draft: int, base: str, *, revision: int, by: By) -> Draft:
    """Note that a draft now comes from another version: it was published as that. Raises as `save` does."""
    found = _known(connection, draft)
    step = _step(connection, draft)
    _turn(connection, draft, survey=found.survey, step=step, revision=revision, by=by)
    connection.execute(
        text("UPDATE drafts SET base = :base WHERE id = :draft"), {"base": base, "draft": draft}
    )
    return _known(connection, draft)


def remove(connection: Connection, draft: int, *, revision: int | None = None) -> None:
    """Throw one away; of this revision only, where one is named. Raises as `save` does."""
    found = _known(connection, draft)
    if revision not in (None, found.revision):
        raise Overtaken(_overtaken(found))
    for statement in ("DELETE FROM draft_steps WHERE draft = :draft", "DELETE FROM drafts WHERE id = :draft"):
        connection.execute(text(statement), {"draft": draft})


def _go(connection: Connection, draft: int, by_steps: int, *, revision: int, by: By) -> Draft:
    step = _step(connection, draft) + by_steps
    document = connection.execute(
        text("SELECT document FROM draft_steps WHERE draft = :draft AND step = :step"),
        {"draft": draft, "step": step},
    ).scalar_one_or_none()
    if document is not None:
        survey = _survey_of(json.loads(document))
        _turn(connection, draft, survey=survey, step=step, revision=revision, by=by)
    return _known(connection, draft)


def _turn(  # noqa: PLR0913 - a row's columns
    connection: Connection, draft: int, *, survey: str, step: int, revision: int, by: By
) -> None:
    turned = connection.execute(
        text(
            """
            UPDATE drafts
               SET survey = :survey, step = :step, who = :who, changed_at = :at, revision = revision + 1
             WHERE id = :draft AND revision = :revision
            """
        ),
        {
            "survey": survey,
            "step": step,
            "who": by.who,
            "at": by.at,
            "draft": draft,
            "revision": revision,
        },
    )
    if not turned.rowcount:
        raise Overtaken(_overtaken(_known(connection, draft)))


def _overtaken(found: Draft) -> str:
    return f"draft {found.id} was changed by {found.who} meanwhile: look at it again"


def _known(connection: Connection, draft: int) -> Draft:
    found = read(connection, draft)
    if found is None:
        raise Unknown(f"there is no draft {draft} (any more)")
    return found


def _step(connection: Connection, draft: int) -> int:
    step = connection.execute(
        text("SELECT step FROM drafts WHERE id = :draft"), {"draft": draft}
    ).scalar_one_or_none()
    if step is None:
        raise Unknown(f"there is no draft {draft} (any more)")
    return int(step)


def _write(connection: Connection, draft: int, step: int, document: Document) -> None:
    connection.execute(
        text("INSERT INTO draft_steps (draft, step, document) VALUES (:draft, :step, :document)"),
        {"draft": draft, "step": step, "document": json.dumps(document, ensure_ascii=False)},
    )


def _survey_of(document: Document) -> str:
    name = document.get("id")
    return name if isinstance(name, str) else ""


def _draft(row: Any) -> Draft:
    named = dict(row._mapping)  # noqa: SLF001 - its public name
    return Draft(**{**named, "document": json.loads(row.document)})


READ = """
    SELECT drafts.id, drafts.survey, drafts.base, drafts.who, drafts.changed_at, drafts.revision,
           draft_steps.document,
           (SELECT count(*) FROM draft_steps WHERE draft = drafts.id AND step < drafts.step) AS undos,
           (SELECT count(*) FROM draft_steps WHERE draft = drafts.id AND step > drafts.step) AS redos
      FROM drafts
      JOIN draft_steps ON draft_steps.draft = drafts.id AND draft_steps.step = drafts.step
"""
