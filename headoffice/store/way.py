"""The way through the shop: in which order an administrator put the touchpoints.

Called by `work.journey` and the page of the journey. May touch the row `journey` of `settings`.
"""

import json

from sqlalchemy import delete, insert, select

from headoffice.store.engine import Connection
from headoffice.store.tables import settings

NAME = "journey"


def kept_way(connection: Connection) -> tuple[str, ...]:
    """The touchpoints in their order; none where nobody has put them in any."""
    found = connection.execute(select(settings.c.value).where(settings.c.name == NAME)).scalar_one_or_none()
    return () if found is None else tuple(map(str, json.loads(found)))


def keep_way(connection: Connection, touchpoints: tuple[str, ...]) -> None:
    """Keep an order in the place of the one before; none forgets it."""
    connection.execute(delete(settings).where(settings.c.name == NAME))
    if touchpoints:
        written = json.dumps(touchpoints, ensure_ascii=False)
        connection.execute(insert(settings).values(name=NAME, value=written))
