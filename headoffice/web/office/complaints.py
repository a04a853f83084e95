"""What kiosks complain of, in the reader's language and with the mend: kiosks say it in English only.

Made once by web/office/kiosks.py, asked by standing.py. Knows lines by the templates they are made of.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from headoffice.web.shipped import Telling
from headoffice.web.words import Words
from survey.told import Told, told

# Each line that a kiosk sends in its health, and the key of its mend. Those of `kiosk.store` staff read too;
# of the others the words stand in head office's own lists, by the same key.
OF_THE_STORE = {
    "{day}: the ledger was damaged; {saved} taps saved, {lost} lost": "damaged",
    "{day}: the ledger's log was missing; the newest taps before it may be lost": "log_missing",
    "{day}: head office held other taps under the same numbers; {saved} renumbered": "forked",
    "{count} damaged ledger(s) wait to be salvaged": "salvage",
    "the disk is almost full: the room kept for answers is in use": "full",
    "the ledger's log has grown to {mib} MiB: another program keeps it open": "log_grown",
    "this card was enrolled in another machine: nothing is sent until it is enrolled again here; "
    "every answer is kept": "elsewhere",
    "{count} answers of another machine are kept and not sent: it sends them itself; "
    "if it is gone for good, enrol with a code that replaces it": "others",
}
OF_THE_REST = {
    "{file} is not in force: {fault}": "config",
    "{file}: {count} more faults": "config_more",
    "{file}: with the next start: {settings}": "restart",
    "the programme from head office cannot be used: {fault} (and {count} more)": "programme_more",
    "the programme from head office cannot be used: {fault}": "programme",
}
FEWEST_LETTERS = 8  # of a template beside its values; a shorter one would fit what was never made by it


@dataclass(frozen=True)
class Complaint:
    """A line in words, and what to do about it; empty where that is not known."""

    words: str
    mend: str


class Complaints:
    """Says them."""

    def __init__(self, telling: Telling) -> None:
        """Make ready what lines are known by, the longest first."""
        self._telling = telling
        known = telling.known()
        self._lines = _patterns((*OF_THE_STORE, *OF_THE_REST))
        self._faults = _patterns(each for each in known if _letters(each) >= FEWEST_LETTERS)
        self._values = known

    def __call__(self, line: str, words: Words) -> Complaint:
        """A line as a kiosk sent it; one that is not known stays as it is."""
        said = self._made_of(line, self._lines)
        if not isinstance(said, Told):
            return Complaint(line, "")
        key = OF_THE_STORE.get(said.template)
        if key is not None:
            return Complaint(self._telling(said, words.language), words(f"office.mend.{key}"))
        key = OF_THE_REST[said.template]
        values = {name: self._fault(str(value), words) for name, value in said.values.items()}
        return Complaint(words(f"office.complaint.{key}", **values), words(f"office.mend.{key}"))

    def _fault(self, written: str, words: Words) -> str:
        """A fault within a line: its place, and what is wrong there."""
        place, colon, message = written.partition(": ")
        if not colon:
            return written
        return f"{place}: {self._telling(self._made_of(message, self._faults), words.language)}"

    def _made_of(self, line: str, patterns: Mapping[str, re.Pattern[str]]) -> str:
        """The line as it was told, with its template and values; the line itself where no template fits."""
        for template, pattern in patterns.items():
            if fits := pattern.fullmatch(line):
                values = fits.groupdict().items()
                return told(template, **{name: self._value(value) for name, value in values})
        return line

    def _value(self, written: str) -> str:
        return told(written) if "{" not in written and written in self._values else written


def _patterns(templates: Iterable[str]) -> dict[str, re.Pattern[str]]:
    return {each: _pattern(each) for each in sorted(templates, key=_letters, reverse=True)}


def _letters(template: str) -> int:
    return sum(len(literal) for literal, *_ in Formatter().parse(template))


def _pattern(template: str) -> re.Pattern[str]:
    parts, seen = [], set[str]()
    for literal, name, *_ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name is not None:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return re.compile("".join(parts))
