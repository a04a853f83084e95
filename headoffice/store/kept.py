"""What readers keep: within one read all that was asked, across reads what cannot have changed since.

Put on a connection by `sight.reading`; asked by whoever reads the same thing again and again.
Touches memory only.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

from headoffice.store.engine import Connection

T = TypeVar("T")
OPTION = "egao_kept"
MOST = 150_000  # things that are kept across reads, each of some hundred bytes


class Kept:
    """Keeps what was asked for last, up to so many things, for every thread; what is kept is never changed.

    A key must name all that the value depends on: a thing that can change has its revision in it.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held = 0
        self._lock = Lock()
        self._values: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """What is kept by a key, made now if it is not (None never is); `size`: how many things it is."""
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return cast("T", found[0])
        value = make()
        weight = size(value) + 1
        with self._lock:
            if value is not None and key not in self._values and weight <= self._most:
                self._values[key] = (value, weight)
                self._held += weight
            while self._held > self._most:
                self._held -= self._values.popitem(last=False)[1][1]
        return value


@dataclass(frozen=True)
class Keeping:
    """What a reading connection keeps: `seen` for itself, `kept` with all others, None to keep nothing."""

    kept: Kept | None
    seen: dict[Hashable, object] = field(default_factory=dict)


def once(connection: Connection, key: Hashable, make: Callable[[], T]) -> T:
    """What was found before over the same reading connection, which sees one state; else made now."""
    keeping = _keeping(connection)
    if keeping is None:
        return make()
    if key not in keeping.seen:
        keeping.seen[key] = make()
    return cast("T", keeping.seen[key])


def lasting(
    connection: Connection, key: Hashable, make: Callable[[], T], size: Callable[[Any], int] = lambda _: 1
) -> T:
    """What any reading connection found before by this key, which names all that it depends on."""
    keeping = _keeping(connection)
    if keeping is None or keeping.kept is None:
        return make()
    found: T = keeping.kept.get(key, make, size)
    return found


def _keeping(connection: Connection) -> Keeping | None:
    found: Keeping | None = connection.get_execution_options().get(OPTION)
    return found
