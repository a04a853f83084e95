"""The fields of a form that a browser posts, read within the limits that every body has.

Called by the pages with forms. May touch nothing.
"""

from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import Request

from headoffice.web.body import read_body
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem, invalid
from sync.contract import ProblemName

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 20


async def read_form(context: Context, request: Request, *, most_fields: int = MOST_FIELDS) -> dict[str, str]:
    """A form's fields, the last of each name. Raises HttpProblem for what is no form, or too large a one."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        words = f"send the form as {MEDIA_TYPE}"
        raise HttpProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, ProblemName.UNSUPPORTED, words)
    with context.bodies.share() as take:
        body = await read_body(request, take=take, timeout_s=context.settings.body_timeout_s)
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most_fields
        )
    except ValueError:
        raise invalid("the form cannot be read: send it as a browser does") from None
    return dict(fields)
