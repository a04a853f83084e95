"""How deep the page looks: all sites, one site's touchpoints, a touchpoint's questions, a question's hours.

Called by sites/page.py. Pure functions of what is asked: touches nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headoffice.store.lists import SiteSeen
from headoffice.web.frame.serve import Asked
from headoffice.work.columns import Value


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """A step on the way down; the last one leads nowhere."""

    name: str
    href: str | None


@dataclass(frozen=True, kw_only=True)
class Level:
    """What the ranking is by, and how its lines are named and lead further down."""

    column: str
    asked: Asked
    sites: Mapping[str, str]
    crumbs: tuple[Crumb, ...]

    def name(self, key: Value) -> str:
        """A line's name."""
        match self.column:
            case "site":
                return self.sites.get(str(key), str(key))
            case "question":
                return self.asked.catalogue.question(str(key))
            case "hour":
                return self.asked.words.hour(int(key))
        return str(key)

    def href(self, key: Value) -> str | None:
        """Where a line leads: one level down."""
        return None if self.column == "hour" else self.asked.filters.href(**{self.column: key, "all": None})


def read_level(asked: Asked, sites: Sequence[SiteSeen]) -> Level:
    """The level of a URL: the first of site, touchpoint and question that it leaves open."""
    scope, filters, words = asked.filters.scope, asked.filters, asked.words
    named = {str(site.id): site.name for site in sites}
    column = "site"
    crumbs = [(words("sites.all"), filters.href(site=None, touchpoint=None, question=None))]
    if len(sites) == 1 or (scope.sites is not None and len(scope.sites) == 1 and filters.value("site")):
        column = "touchpoint"
        [site] = scope.sites or [site.id for site in sites]
        crumbs.append((named[str(site)], filters.href(touchpoint=None, question=None)))
        if scope.touchpoints is not None and len(scope.touchpoints) == 1:
            column = "question"
            crumbs.append((scope.touchpoints[0], filters.href(question=None)))
            if scope.questions is not None and len(scope.questions) == 1:
                column = "hour"
                crumbs.append((asked.catalogue.question(scope.questions[0]), filters.href()))
    last = len(crumbs) - 1
    return Level(
        column=column,
        asked=asked,
        sites=named,
        crumbs=tuple(
            Crumb(name=name, href=None if place == last else href)
            for place, (name, href) in enumerate(crumbs)
        ),
    )
