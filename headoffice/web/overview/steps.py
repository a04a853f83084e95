"""The first steps of a new head office: which command to run next.

Called by page.py. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from headoffice.web.words import Words


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do before the first answer can arrive."""

    words: str
    command: str
    done: bool


@dataclass(frozen=True, kw_only=True)
class Here:
    """Where this head office is: its address, and the options that name its database on the command line."""

    address: str
    options: str


def first_steps(words: Words, here: Here, *, sites: Sequence[str], kiosks: int) -> tuple[Step, ...]:
    """From nothing to the first tap; what is done already is marked."""
    site = quote(sites[0] if sites else words("empty.store_example"))
    touchpoint = quote(words("empty.touchpoint_example"))
    timezone = "Asia/Tokyo" if words.language == "ja" else "Europe/London"
    code = words("empty.code_word")
    commands = (
        (
            "empty.site",
            f"python -m headoffice add-site {site} --timezone {timezone}{here.options}",
            bool(sites),
        ),
        (
            "empty.code",
            f"python -m headoffice enrol-code {site} --touchpoint {touchpoint}{here.options}",
            kiosks > 0,
        ),
        ("empty.kiosk", f"python -m kiosk enrol {quote(here.address)} {code}", kiosks > 0),
        ("empty.run", "python -m kiosk run", False),
    )
    return tuple(Step(words=words(key), command=command, done=done) for key, command, done in commands)
