"""Every route of publishing.

Mounted by app.py. Makes the desk that they share.
"""

from functools import partial

from starlette.routing import Route

from headoffice.web.context import Context
from headoffice.web.office.desk import Desk
from headoffice.web.publishing import history, page
from headoffice.web.shell import make_shell
from headoffice.web.shipped import Telling

SUBJECTS = ("/surveys/drafts/{draft:int}", "/surveys/versions/{version}")


def routes(context: Context) -> list[Route]:
    """The pages and their forms."""
    desk, telling = Desk(context, make_shell()), Telling()
    found = [Route("/surveys/{survey}/history", partial(history.show, desk), methods=["GET"])]
    for subject in SUBJECTS:
        found += [
            Route(f"{subject}/publish", partial(page.show, desk, telling), methods=["GET"]),
            Route(f"{subject}/publish", partial(page.put, desk, telling), methods=["POST"]),
        ]
    return found
