"""Waiting for a condition, instead of sleeping."""

import threading
import time


def until(condition, timeout_s=5.0):
    """Wait until the condition gives something true, and give that."""
    pause = threading.Event()
    ends_s = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < ends_s, "waited in vain"
        pause.wait(0.005)
    return found
