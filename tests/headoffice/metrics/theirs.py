"""SciPy's statistics, loaded when a test asks for them: every worker of `make test` imports every test."""

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def stats() -> ModuleType:
    """What ours are held against."""
    return import_module("scipy.stats")
