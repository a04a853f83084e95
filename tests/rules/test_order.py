"""The order of the suite."""

from tests.conftest import HERE, LONGEST


def test_the_longest_files_are_there():
    """A file that was renamed does not silently lose its place at the front."""
    assert [name for name in LONGEST if not (HERE / name).is_file()] == []
