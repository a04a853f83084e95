"""The first steps of a new head office: which command to run next.

Called by page.py. Pure functions of values: touches nothing.
"""

from dataclasses import dataclass

from headoffice.web.words import Words


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do before the first answer can arrive."""

    words: str
    command: str
    done: bool


def first_steps(words: Words, *, address: str, sites: list[str], kiosks: int) -> tuple[Step, ...]:
    """From nothing to the first tap; what is done already is marked."""
    site = sites[0] if sites else words("empty.store_example")
    touchpoint = words("empty.touchpoint_example")
    timezone = "Asia/Tokyo" if words.language == "ja" else "Europe/London"
    code = words("empty.code_word")
    return (
        Step(
            words=words("empty.site"),
            command=f'python -m headoffice add-site "{site}" --timezone {timezone}',
            done=bool(sites),
        ),
        Step(
            words=words("empty.code"),
            command=f'python -m headoffice enrol-code "{site}" --touchpoint {touchpoint}',
            done=kiosks > 0,
        ),
        Step(
            words=words("empty.kiosk"),
            command=f"python -m kiosk enrol {address} {code}",
            done=kiosks > 0,
        ),
        Step(words=words("empty.run"), command="python -m kiosk run", done=False),
    )
