"""The audit: who changed what and when.

Called by the verbs, in the transaction of the change itself.
May touch `audit`; it grows, and loses what is older than its retention.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert

from headoffice.store.engine import Connection
from headoffice.store.tables import audit


@dataclass(frozen=True)
class By:
    """Who makes a change, and when (ms): 'command line', 'kiosk 3', 'person 2', 'token 1'."""

    who: str
    at: int


def forget_before(connection: Connection, before_ms: int) -> int:
    """Forget the lines from before a moment (ms); returns how many."""
    return int(connection.execute(delete(audit).where(audit.c.at < before_ms)).rowcount)


def note(connection: Connection, *, by: By, did: str, what: Mapping[str, object]) -> None:
    """Note a change; `what` names its subject and never holds a secret."""
    written = json.dumps(what, ensure_ascii=False)
    connection.execute(insert(audit).values(at=by.at, who=by.who, did=did, what=written))
