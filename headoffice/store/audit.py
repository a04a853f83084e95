"""The audit: who changed what and when.

Called by the verbs, in the transaction of the change itself.
May touch `audit`; it only ever grows.
"""

import json
from collections.abc import Mapping

from sqlalchemy import insert

from headoffice.store.engine import Connection
from headoffice.store.tables import audit

COMMAND_LINE = "command line"


def note(connection: Connection, *, who: str, did: str, what: Mapping[str, object], now: int) -> None:
    """Note a change; `what` names its subject and never holds a secret."""
    written = json.dumps(what, ensure_ascii=False)
    connection.execute(insert(audit).values(at=now, who=who, did=did, what=written))
