"""Cursors of lists: two numbers and the life of the database they are from, opaque to whoever keeps them.

Used by feed_api, verbatims_api and alerts_api. Pure: touches nothing.
"""

import base64
import json

from headoffice.problems import Invalid
from survey.problems import Fault

LARGEST = (1 << 63) - 1
NOT_OURS = 'is not a cursor: pass on what the last page gave as "next", unchanged'
RESTORED = "is from before a backup was restored: read from the beginning, without `after`"


def write_numbers(life: str, first: int, second: int) -> str:
    """Write where a reader stands."""
    packed = json.dumps([life, first, second], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_numbers(written: str, life: str) -> tuple[int, int]:
    """Read it again. Raises Invalid for one that is not from here, or from before a restore."""
    try:
        packed = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
        named, first, second = json.loads(packed)
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid([Fault("after", NOT_OURS)]) from error
    if not all(type(number) is int and 0 <= number <= LARGEST for number in (first, second)):
        raise Invalid([Fault("after", NOT_OURS)])
    if named != life:
        raise Invalid([Fault("after", RESTORED)])
    return first, second
