"""What every page of the administration needs: who may come, what a form says, how faults and times are told.

Made once by web/office/routing.py. May read and change the store through the context.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headoffice.problems import Invalid, Unknown
from headoffice.store import sites
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.lists import SiteSeen, all_sites
from headoffice.store.roster import Granted
from headoffice.web.auth import Session, check_form, require_person
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem
from headoffice.web.forms import read_form
from headoffice.web.frame.serve import frame_of
from headoffice.web.shell import Shell
from headoffice.web.words import Words
from headoffice.work.access import Bounds
from survey.problems import Fault, shown

ADMIN = ("admin",)
ADMIN_PLACE = "/admin/people"
# The pages under one entry of the navigation: path and the key of the name.
TABS = (
    (ADMIN_PLACE, "office.people.title"),
    ("/admin/sites", "nav.sites"),
    ("/admin/tokens", "office.tokens.title"),
    ("/admin/misuse", "office.misuse.title"),
    ("/admin/audit", "office.audit.title"),
    ("/admin/settings", "office.settings.title"),
)


@dataclass(frozen=True)
class Clock:
    """Now, and the zone in which people at head office read moments: that of most of the sites."""

    zone: str
    now_ms: int


@dataclass(frozen=True)
class Desk:
    """The counter."""

    context: Context
    shell: Shell

    async def enter(self, request: Request, roles: Sequence[str] = ADMIN) -> Session:
        """Who is asking; raises 403 for who has none of the roles."""
        session = await require_person(self.context, request)
        if session.person.role not in roles:
            raise HttpProblem(HTTPStatus.FORBIDDEN, "forbidden", "this page is for others at head office")
        return session

    async def form(self, request: Request, session: Session) -> dict[str, str]:
        """What a form says that was made for this session."""
        form = await read_form(self.context, request)
        check_form(session, form.get("csrf"))
        return form

    def by(self, session: Session) -> By:
        """Who makes a change now."""
        return By(f"person {session.person.id}", self.context.now_ms())

    def show(
        self, request: Request, session: Session, template: str, *, here: str, **values: object
    ) -> Response:
        """A page; one with faults says so in its status too."""
        frame = frame_of(session, ADMIN_PLACE if here.startswith("/admin/") else here)
        status = HTTPStatus.BAD_REQUEST if values.get("faults") else HTTPStatus.OK
        usual = {"faults": (), "done": request.query_params.get("done", ""), "secret": None}
        return self.shell.page(
            request,
            f"office/{template}",
            status=status,
            **{**usual, "frame": frame, "tabs": TABS, "tab": here, **values},
        )

    def told(self, request: Request, faults: Sequence[Fault]) -> list[str]:
        """Faults in the reader's language where there are words for their place, else as they are."""
        words = self.shell.words(request)
        return [_told(words, fault) for fault in faults]


def _told(words: Words, fault: Fault) -> str:
    known = words.texts.get(f"office.fault.{fault.place}")
    return known or f"{fault.place}: {fault.message}"


def go(path: str, *, done: str = "") -> Response:
    """Send the browser on, with what was done."""
    return RedirectResponse(f"{path}?done={done}" if done else path, HTTPStatus.SEE_OTHER)


def clock(found: Sequence[SiteSeen], now_ms: int) -> Clock:
    """The clock of these sites."""
    zones = Counter(site.timezone for site in found).most_common(1)
    return Clock(zones[0][0] if zones else "UTC", now_ms)


def named(granted: Granted, names: Mapping[int, str]) -> list[str]:
    """What somebody is bound to, as they write it: names of sites, and tags as key=value."""
    return [
        *(names.get(site, str(site)) for site in granted.sites),
        *(f"{tag}={value}" for tag, value in granted.tags),
    ]


def read_bounds(connection: Connection, written: str) -> Bounds:
    """Read sites and tags, one a line or parted by commas. Raises Invalid with every one that is unknown."""
    found, tags, faults = [], {}, []
    names = {site.name for site in all_sites(connection)}
    for each in filter(None, (part.strip() for part in written.replace(",", "\n").splitlines())):
        tag, equals, value = each.partition("=")
        if equals and tag and value and each not in names:
            if tag in tags:
                faults.append(Fault("bounds", f"{shown(tag)} stands there twice"))
            tags[tag] = value
            continue
        try:
            found.append(sites.find_site(connection, each).id)
        except Unknown as error:
            faults.append(Fault("bounds", str(error)))
    if faults:
        raise Invalid(faults)
    return Bounds(sites=found, tags=tags)
