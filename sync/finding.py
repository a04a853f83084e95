"""What the doctor found out about one matter.

Made by kiosk.doctor and headoffice.work.doctor, said by their commands. A value: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How much it matters."""

    FINE = "ok"
    WATCH = "look"  # it works, but somebody should know
    BROKEN = "bad"  # shoppers or answers suffer


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it stands, and the mend where one is wanted."""

    matter: str
    verdict: Verdict
    words: str
    mend: str = ""


def fine(matter: str, words: str) -> Finding:
    """All is well."""
    return Finding(matter, Verdict.FINE, words)


def watch(matter: str, words: str, mend: str) -> Finding:
    """It works, but somebody should know."""
    return Finding(matter, Verdict.WATCH, words, mend)


def broken(matter: str, words: str, mend: str) -> Finding:
    """Shoppers or answers suffer."""
    return Finding(matter, Verdict.BROKEN, words, mend)


def lines(findings: Sequence[Finding]) -> str:
    """Say them to people: a line each, the mend below it."""
    wide = max(len(each.matter) for each in findings) + 2
    told = [
        f"{each.verdict:<6}{each.matter:<{wide}}{each.words}"
        + (f"\n{'':<6}{'':<{wide}}→ {each.mend}" if each.mend else "")
        for each in findings
    ]
    worst = [each for each in findings if each.verdict is not Verdict.FINE]
    broken_ones = sum(each.verdict is Verdict.BROKEN for each in worst)
    told.append(
        f"{broken_ones} to mend, {len(worst) - broken_ones} to look at"
        if worst
        else f"all {len(findings)} matters are well"
    )
    return "\n".join(told)
