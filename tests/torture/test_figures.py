"""What is pasted into the documents is what was counted."""

from types import SimpleNamespace

from tests.torture.figures import MARK, table


def report(name, outcome, *figures, when="call", duration=1.0):
    marked = [(f"{MARK}{figure}", number) for figure, number in figures]
    return SimpleNamespace(
        nodeid=f"tests/torture/{name}",
        when=when,
        outcome=outcome,
        duration=duration,
        user_properties=[*marked, ("another property", "of somebody else")],
    )


def test_figures_are_added_up_by_file():
    """A figure that one test counts twice, or two tests count, is their sum; failed tests count too."""
    lines = table(
        [
            report("test_a.py::test_1", "passed", ("cuts", 1_000), ("cuts", 500), duration=60.0),
            report("test_a.py::test_1", "passed", ("cuts", 9), when="teardown", duration=2.0),
            report("test_a.py::test_2[x]", "failed", ("cuts", 7), ("lost", 0)),
            report("test_b.py::test_3", "passed"),
        ]
    )
    assert lines[2:] == [
        "| **test_a.py** | 1 failed, 1 passed, 63 s |",
        "| cuts | 1,507 |",
        "| lost | 0 |",
    ]


def test_nothing_counted_is_no_table():
    """A run of tests that count nothing says nothing."""
    assert table([report("test_b.py::test_3", "passed")]) == []
