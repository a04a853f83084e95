"""The next thing is made while the one before is used, by a thread of its own.

Used by `stretches` and `parquet`, where what takes long keeps Python's lock for half of the time at most.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(things: Iterator[T]) -> Iterator[T]:
    """The same things, each begun when the one before is given out. None is not among them.

    What is raised while one is made is raised where it is asked for. The thread ends with the iterator.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(next, things, None)
        while (thing := coming.result()) is not None:
            coming = thread.submit(next, things, None)
            yield thing
