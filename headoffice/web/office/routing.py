"""Every route of the administration.

Mounted by app.py. Makes the desk that they share.
"""

from starlette.routing import Route

from headoffice.web.context import Context
from headoffice.web.office import alerts, audit, kiosks, misuse, people, sites, tokens
from headoffice.web.office.desk import Desk
from headoffice.web.shell import make_shell


def routes(context: Context) -> list[Route]:
    """The pages and their forms."""
    desk = Desk(context, make_shell())
    pages = (kiosks, alerts, people, sites, tokens, misuse, audit)
    return [route for page in pages for route in page.routes(desk)]
