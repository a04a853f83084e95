"""Every route of publishing.

Mounted by app.py. Makes the desk that they share.
"""

from functools import partial

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from headoffice.web.context import Context
from headoffice.web.office.desk import Desk
from headoffice.web.publishing import history, page, preview, sheets, withdraw
from headoffice.web.shell import make_shell
from headoffice.web.shipped import Screens, Telling, shipped

FONTS = "/preview-fonts"  # named in static/preview.css
SUBJECTS = ("/surveys/drafts/{draft:int}", "/surveys/versions/{version}")


def routes(context: Context) -> list[BaseRoute]:
    """The pages and their forms."""
    desk, telling, screens = Desk(context, make_shell()), Telling(), Screens()
    found: list[BaseRoute] = [
        Route("/surveys/{survey}/history", partial(history.show, desk), methods=["GET"]),
        Route("/surveys/{survey}/withdraw", partial(withdraw.show, desk), methods=["GET"]),
        Route("/surveys/{survey}/withdraw", partial(withdraw.put, desk), methods=["POST"]),
        Route(sheets.PATH, partial(sheets.show, desk), methods=["GET"]),
        Route(sheets.PATH, partial(sheets.put, desk, telling), methods=["POST"]),
        Mount(FONTS, StaticFiles(directory=shipped("fonts"))),
    ]
    for subject in SUBJECTS:
        found += [
            Route(f"{subject}/publish", partial(page.show, desk, telling), methods=["GET"]),
            Route(f"{subject}/publish", partial(page.put, desk, telling), methods=["POST"]),
            Route(f"{subject}/survey.{{form}}", partial(sheets.get, desk), methods=["GET"]),
            Route(f"{subject}/preview", partial(preview.show, desk, telling, screens), methods=["GET"]),
        ]
    return found
