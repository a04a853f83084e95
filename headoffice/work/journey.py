"""Put the touchpoints in the order of a customer's way, for everybody who looks at the journey.

Called by web/journey/act.py in the writer's transaction. May touch the kept order and the audit.
"""

from collections.abc import Sequence

from headoffice.problems import Invalid
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.results import touchpoints
from headoffice.store.way import keep_way, kept_way
from survey.problems import Fault, shown


def order_touchpoints(connection: Connection, named: Sequence[str], *, by: By) -> None:
    """Keep an order; touchpoints of the order before that are not named come after. None: forget it.

    Raises Invalid with every name that is no touchpoint.
    """
    known = set(touchpoints(connection))
    faults = [Fault("way", f"there is no touchpoint {shown(name)}") for name in named if name not in known]
    if faults:
        raise Invalid(faults)
    before = kept_way(connection)
    after = tuple(dict.fromkeys((*named, *before))) if named else ()
    if after == before:
        return
    keep_way(connection, after)
    note(connection, by=by, did="order touchpoints", what={"from": list(before), "to": list(after)})
