"""Every page that head office shows to people, out of the route table: so that none is forgotten.

Used by `pictures` and tests. Pure values: what is no page, and what is asked of some pages besides.
"""

import re
from collections.abc import Iterable

from starlette.routing import BaseRoute, Route

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
BESIDES = {
    "/sites": ("/sites?site={site}", "/sites?site={site}&touchpoint={touchpoint}"),
    "/questions": ("/questions?funnel=1",),
}


def addresses(routes: Iterable[BaseRoute], **known: object) -> list[str]:
    """Each page's address, its parts filled in by what is known; a KeyError names a part that is not."""
    found = []
    for path in dict.fromkeys(each.path for each in routes if isinstance(each, Route) and is_page(each)):
        patterns = (re.sub(r":\w+}", "}", path), *BESIDES.get(path, ()))
        found += [each.format(question=1, **known) for each in patterns]
    return found


def is_page(route: Route) -> bool:
    """Whether people look at it."""
    return "GET" in (route.methods or ()) and not route.path.startswith(OTHERS) and "." not in route.path
