"""What the commands write: stdout has what a program would read, stderr all else.

Used by kiosk.cli and kiosk.commands. Writes to this process's streams and its log.
"""

import logging
import sys

FAULT = 1  # the exit code where the input or the state is at fault


class Refused(Exception):  # noqa: N818 - told to people
    """A command that cannot do what it was asked; the text says why."""


def say(words: str) -> None:
    """Tell a person."""
    sys.stderr.write(f"{words}\n")


def give(line: str) -> None:
    """Hand a line to a program."""
    sys.stdout.write(f"{line}\n")


def log_to_stderr() -> None:
    """Show what the kiosk logs, and of others only what is wrong."""
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith("kiosk"))
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO, handlers=[handler])
