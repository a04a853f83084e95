"""Which answers a question to the results is about: when, where, of which surveys and questions.

Made by web/parameters.py and work/overview.py, used by work/report.py and work/tally_rows.py.
Pure values: touches nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from headoffice.store.results import Asked
from headoffice.store.sources import Wanted
from headoffice.work.columns import Key, Value


@dataclass(frozen=True, kw_only=True)
class Scope:
    """None means all. `first` is included, `end` is not; both are local dates of the site."""

    first: date | None = None
    end: date | None = None
    sites: tuple[int, ...] | None = None
    touchpoints: tuple[str, ...] | None = None
    versions: tuple[str, ...] | None = None
    questions: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None

    @property
    def unfiltered(self) -> "Scope":
        """The same days, of everything."""
        return Scope(first=self.first, end=self.end)

    @property
    def filters(self) -> dict[str, frozenset[Value]]:
        """The filters that are set: the column and which values it may have."""
        wanted: dict[str, Sequence[Value] | None] = {
            "site": None if self.sites is None else [str(site) for site in self.sites],
            "touchpoint": self.touchpoints,
            "version": self.versions,
            "question": self.questions,
            "language": self.languages,
        }
        return {name: frozenset(values) for name, values in wanted.items() if values is not None}

    def holds(self, asked: Asked) -> bool:
        """Whether the answers to a question are among those asked for."""
        return (self.versions is None or asked.version in self.versions) and (
            self.questions is None or asked.question in self.questions
        )

    def of_key(self, columns: Sequence[str]) -> Callable[[Key], bool]:
        """Tells whether a group, known by the values of these columns, is among those asked for."""
        filters = [
            (columns.index(name), allowed) for name, allowed in self.filters.items() if name in columns
        ]
        return lambda key: all(key[place] in allowed for place, allowed in filters)

    def wanted(self, asked: Iterable[Asked]) -> Wanted:
        """The tallies to read for these questions."""
        known = tuple(asked)
        return Wanted(
            questions=tuple(each.id for each in known),
            slots=max((each.slots for each in known), default=0),
            first=self.first,
            end=self.end,
            sites=self.sites,
            touchpoints=self.touchpoints,
            languages=self.languages,
        )
