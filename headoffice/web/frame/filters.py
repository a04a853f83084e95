"""The filters of a page, whole in its URL: what is asked for, and the bar by which people change it.

Called by frame/serve.py with a reading connection. May read sites, touchpoints and surveys.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from headoffice.metrics import FACES, SCORES
from headoffice.store.engine import Connection
from headoffice.store.lists import SiteSeen, all_sites
from headoffice.store.people import Person
from headoffice.store.results import touchpoints
from headoffice.web.frame.catalogue import Catalogue, read_catalogue
from headoffice.web.metrics_api import read_scope
from headoffice.web.parameters import Parameters
from headoffice.web.words import Words
from headoffice.work.compare import WITH
from headoffice.work.scope import Scope

DAYS = (7, 28, 56, 91, 364)
USUAL_DAYS = 28
OF_PERIOD = ("days", "from", "until")
FILTERS = ("site", "tag", "touchpoint", "survey", "question")
LONGEST_DAYS = 1100
TIMELESS = "always"  # beside a page's filters: it is of no period
FOR_ADMINS = ("face", "reason", "language")  # of single texts: they tie answers of one visit together
OF_TEXTS = "search"  # which filter tells a page of single texts from one of counts

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads a page, in which language, and when (ms since 1970 UTC)."""

    words: Words
    person: Person
    now_ms: int


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a page is asked for: its path and its query as it came."""

    path: str
    query: Query


class Choice(NamedTuple):
    """One of a menu's choices: what the URL says, and what people read. A chain's sites are a thousand."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A filter of the bar: its name in the URL, its label, what it may be; `all` stands for none."""

    name: str
    label: str
    all: str
    choices: tuple[Choice, ...]

    @property
    def is_set(self) -> bool:
        """Whether anything but the usual is chosen."""
        usual = 0 if self.all else 1
        return any(each.chosen for each in self.choices[usual:])

    @property
    def options(self) -> Markup:
        """The choices as HTML: made here since a template takes long for a chain's sites."""
        options = [
            f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(label)}</option>'
            for value, label, chosen in ((each.value, each.label, each.chosen) for each in self.choices)
        ]
        return Markup("".join(options))  # noqa: S704 - each value and label is escaped


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The filters as they are set, and links that change them."""

    path: str
    query: Query
    scope: Scope
    first: date
    last: date
    menus: tuple[Menu, ...]
    searches: bool
    is_timed: bool
    said: str

    def href(self, **changes: object) -> str:
        """The page's address with some filters changed; None takes one away."""
        kept = [(name, value) for name, value in self.query if name not in changes]
        kept += [(name, str(value)) for name, value in changes.items() if value is not None]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def elsewhere(self, path: str) -> str:
        """Another page's address with the period that is chosen here."""
        kept = [(name, value) for name, value in self.query if name in OF_PERIOD]
        return f"{path}?{urlencode(kept)}" if kept else path

    def value(self, name: str) -> str | None:
        """What the URL says of one name; None when nothing."""
        return next((value for given, value in self.query if given == name), None)

    @property
    def spans(self) -> tuple[int, ...]:
        """The lengths of a period up to today that can be chosen, in days."""
        return DAYS

    @property
    def days(self) -> int:
        """The length of the period."""
        return (self.last - self.first).days + 1

    @property
    def is_set(self) -> bool:
        """Whether the URL asks for anything but the usual."""
        return bool(self.query)

    @property
    def is_own_period(self) -> bool:
        """Whether the period is given by its dates."""
        return self.value("from") is not None or self.value("until") is not None


def read_filters(
    connection: Connection,
    parameters: Parameters,
    address: Address,
    *,
    reader: Reader,
    wanted: Sequence[str],
) -> tuple[Filters, Catalogue]:
    """What a page's URL asks for; faults are noted in `parameters`, for whoever checks them."""
    sites, words = all_sites(connection), reader.words
    catalogue = read_catalogue(connection, words)
    first, last = _period(parameters, _today(sites, reader.now_ms))
    scope = replace(read_scope(connection, parameters), first=first, end=last + timedelta(days=1))
    tags = _tags(sites)
    scope = replace(scope, sites=_tagged(parameters, sites, tags, scope.sites))
    kept = tuple((name, value) for name, value in address.query if value and name not in {"lang", "download"})
    menu = _MenuMaker(words, kept)
    languages = dict.fromkeys((*catalogue.languages, *(scope.languages or ())))
    faces = [(face, words(f"faces.{face}")) for face in FACES]
    makers: Mapping[str, Callable[[], Menu]] = {
        "face": lambda: menu.make("face", faces),
        "reason": lambda: menu.make("reason", catalogue.reasons),
        "language": lambda: menu.make("language", [(tag, words.language_name(tag)) for tag in languages]),
        "site": lambda: menu.make("site", [(str(each.id), each.name) for each in sites]),
        "tag": lambda: menu.make("tag", tags),
        "touchpoint": lambda: menu.make("touchpoint", [(name, name) for name in touchpoints(connection)]),
        "survey": lambda: menu.make("survey", catalogue.surveys),
        "question": lambda: menu.make("question", catalogue.questions),
        "metric": lambda: menu.one_of("metric", [(name, words(f"score.{name}")) for name in SCORES]),
        "compare": lambda: menu.make("compare", [(name, words(f"filter.{name}")) for name in WITH]),
    }
    hidden = FOR_ADMINS if OF_TEXTS in wanted and not reader.person.is_admin else ()
    menus = [makers[name]() for name in wanted if name in makers and name not in hidden]
    filters = Filters(
        path=address.path,
        query=kept,
        scope=scope,
        first=first,
        last=last,
        menus=tuple(menu for menu in menus if len(menu.choices) > 1 or any(c.chosen for c in menu.choices)),
        searches=OF_TEXTS in wanted,
        is_timed=TIMELESS not in wanted,
        said=_said(words, (first, last) if TIMELESS not in wanted else None, menus),
    )
    return filters, catalogue


@dataclass(frozen=True)
class _MenuMaker:
    """Makes menus of what there is, in one language, for one URL."""

    words: Words
    query: Query

    def one_of(self, name: str, known: Sequence[tuple[str, str]]) -> Menu:
        """A menu of which one thing is always chosen, the first when the URL says nothing."""
        given = next((value for key, value in self.query if key == name), known[0][0])
        choices = [Choice(value=value, label=label, chosen=value == given) for value, label in known]
        return Menu(name=name, label=self.words(f"filter.{name}"), all="", choices=tuple(choices))

    def make(self, name: str, known: Sequence[tuple[str, str]]) -> Menu:
        """A menu; several values at once, as a URL may have them, are one more choice."""
        given = [part for key, value in self.query if key == name for part in value.split(",") if part]
        choices = [
            Choice(value=value, label=label, chosen=given in ([value], [label])) for value, label in known
        ]
        if len(given) > 1:
            many = self.words("filter.several", n=len(given))
            choices.append(Choice(value=",".join(given), label=many, chosen=True))
        return Menu(
            name=name,
            label=self.words(f"filter.{name}"),
            all=self.words(f"filter.{name}_all"),
            choices=tuple(choices),
        )


def _today(sites: Sequence[SiteSeen], now_ms: int) -> date:
    """The latest date that any of the sites has now."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    zones = {site.timezone for site in sites} or {"UTC"}
    return max(now.astimezone(ZoneInfo(zone)).date() for zone in zones)


def _period(parameters: Parameters, today: date) -> tuple[date, date]:
    """First and last day, both included: by their dates, else so many days up to today."""
    days = int(parameters.choice("days", [str(each) for each in DAYS], default=str(USUAL_DAYS)) or 0)
    first, last = parameters.day("from"), parameters.day("until")
    if last is None:
        last = max(today, first) if first is not None else today
    if first is None:
        first = date.fromordinal(max(1, last.toordinal() - days + 1))
    if last < first:
        parameters.fault("until", f"must not be before `from` ({first})")
        return first, first
    if (last - first).days >= LONGEST_DAYS:
        parameters.fault("from", f"more than {LONGEST_DAYS} days are not shown at once: choose fewer")
    return first, min(last, date.max - timedelta(days=2))


def _tagged(
    parameters: Parameters,
    sites: Sequence[SiteSeen],
    tags: Sequence[tuple[str, str]],
    chosen: tuple[int, ...] | None,
) -> tuple[int, ...] | None:
    """The sites that have the tags: one of the values of each tag that is named."""
    wanted = parameters.named("tag", {name: name for name, _ in tags})
    if wanted is None:
        return chosen
    by_tag: dict[str, set[str]] = {}
    for each in wanted:
        tag, _, value = each.partition(":")
        by_tag.setdefault(tag, set()).add(value)
    return tuple(
        site.id
        for site in sites
        if all(site.tags.get(tag) in values for tag, values in by_tag.items())
        and (chosen is None or site.id in chosen)
    )


def _tags(sites: Sequence[SiteSeen]) -> list[tuple[str, str]]:
    found = sorted({(tag, value) for site in sites for tag, value in site.tags.items() if "," not in value})
    return [(f"{tag}:{value}", f"{tag}: {value}") for tag, value in found]


def _said(words: Words, period: tuple[date, date] | None, menus: Sequence[Menu]) -> str:
    """The filters in words, for the bar when it is folded and for print."""
    chosen = [
        f"{menu.label}: {each.label}"
        if menu.name == "language"
        else each.label  # "English" alone is the page's
        for menu in menus
        for each in menu.choices
        if each.chosen
    ]
    if period is None:
        return words.beside(chosen) or words("filter.title")
    span = words("filter.span", first=words.day(period[0]), last=words.day(period[1]))
    return words.beside([span, *chosen])
