"""Every route of the drafts.

Mounted by app.py. Makes the bench that they share.
"""

from functools import partial

from starlette.routing import Route

from headoffice.web.context import Context
from headoffice.web.drafts import acts, pages
from headoffice.web.drafts.pages import PATH, Bench
from headoffice.web.office.desk import Desk
from headoffice.web.shell import make_shell
from headoffice.web.shipped import Telling, library

ONE = f"{PATH}/{{draft}}"


def routes(context: Context) -> list[Route]:
    """The pages and their forms."""
    bench = Bench(desk=Desk(context, make_shell()), library=library(), telling=Telling())
    shown = (
        (PATH, pages.index, acts.begin),
        (ONE, pages.survey, acts.on_survey),
        (f"{ONE}/questions/{{question}}", pages.question, acts.on_question),
        (f"{ONE}/texts", pages.texts, acts.on_texts),
        (f"{ONE}/settings", pages.settings, acts.on_settings),
    )
    return [
        *(Route(path, partial(show, bench), methods=["GET"]) for path, show, _ in shown),
        *(Route(path, partial(act, bench), methods=["POST"]) for path, _, act in shown),
        Route(f"{ONE}/throw-away", partial(acts.throw_away, bench), methods=["POST"]),
    ]
