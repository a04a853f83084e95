import sqlite3
from contextlib import closing
from pathlib import Path

from kiosk.ui.spent import CODE, give_back, unmap_code

LIBRARY = "libsqlite3"


def _mapped_kb() -> int:
    """How much of the library's code is in this process's memory."""
    kb, is_code = 0, False
    for line in Path("/proc/self/smaps").read_text("utf-8", "replace").splitlines():
        words = line.split()
        if "-" in words[0]:
            is_code = words[1] == CODE and LIBRARY in words[-1]
        elif is_code and words[0] == "Rss:":
            kb += int(words[1])
    return kb


def test_code_that_is_given_back_still_works():
    """A library's code leaves the memory, and comes back as it was when it is called."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)")
        before = _mapped_kb()

        unmap_code(LIBRARY)

        assert _mapped_kb() < before / 2
        assert database.execute("SELECT sum(n) FROM t").fetchone() == (3,)
        assert _mapped_kb() > 0


def test_all_of_it_can_be_given_back_at_any_time():
    """Where there is no such compiler, or no more to give, nothing happens."""
    give_back()
    give_back()
