"""Every page that head office shows to people, out of the route table: so that none is forgotten.

Used by `pictures` and tests. Pure values: `PAGES` says how addresses are completed, `OTHERS` what is no page.
"""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Route

# What a pattern of the route table is asked as; `{…}` is filled by whoever asks.
PAGES = {
    "/": ("/",),
    "/sites": ("/sites", "/sites?site={site}", "/sites?site={site}&touchpoint={touchpoint}"),
    "/questions": ("/questions?funnel=1",),
    "/reasons": ("/reasons",),
    "/voices": ("/voices",),
    "/journey": ("/journey",),
    "/surveys": ("/surveys",),
    "/kiosks": ("/kiosks",),
    "/kiosks/{kiosk:int}": ("/kiosks/{kiosk}",),
    "/alerts": ("/alerts",),
    "/password": ("/password",),
    "/sign-in": ("/sign-in",),
    "/admin/people": ("/admin/people",),
    "/admin/sites": ("/admin/sites",),
    "/admin/tokens": ("/admin/tokens",),
    "/admin/misuse": ("/admin/misuse",),
    "/admin/audit": ("/admin/audit",),
    "/admin/settings": ("/admin/settings",),
    "/surveys/drafts": ("/surveys/drafts",),
    "/surveys/drafts/{draft}": ("/surveys/drafts/{draft}",),
    "/surveys/drafts/{draft}/questions/{question}": ("/surveys/drafts/{draft}/questions/1",),
    "/surveys/drafts/{draft}/texts": ("/surveys/drafts/{draft}/texts",),
    "/surveys/drafts/{draft}/settings": ("/surveys/drafts/{draft}/settings",),
    "/surveys/drafts/{draft:int}/publish": ("/surveys/drafts/{draft}/publish",),
    "/surveys/drafts/{draft:int}/preview": ("/surveys/drafts/{draft}/preview",),
    "/surveys/versions/{version}/publish": ("/surveys/versions/{version}/publish",),
    "/surveys/versions/{version}/preview": ("/surveys/versions/{version}/preview",),
    "/surveys/{survey}/history": ("/surveys/{survey}/history",),
    "/surveys/sheets": ("/surveys/sheets",),
}
# What answers GET, and is for programs, a part of a page, or leads elsewhere; a name with a dot is a file.
OTHERS = (
    "/api/",
    "/kiosk/",
    "/live/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/sign-in/provider",
    "/sign-in/back",
)


def forgotten(routes: Iterable[BaseRoute]) -> set[str]:
    """Give patterns that answer GET and stand in neither list, and pages that are gone."""
    asked = {each.path for each in routes if isinstance(each, Route) and "GET" in (each.methods or ())}
    shown = {path for path in asked if not path.startswith(OTHERS) and "." not in path}
    return shown ^ PAGES.keys()


def addresses(**known: object) -> list[str]:
    """Each page's address, completed by what is known of a head office."""
    return [each.format(**known) for several in PAGES.values() for each in several]
