"""Every error that leaves head office over HTTP, in one shape: `application/problem+json`.

Handlers raise; `app` registers `HANDLERS`. Only here does an error become a response.
May touch nothing.

    HttpProblem             an error that only HTTP has: a status, a name, words and headers
    SignInWanted            303 to the sign-in page
    HeadOfficeError         the verbs' errors, turned into one by `problem_of`
    InvalidSurvey           400 with its faults
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse

from headoffice.problems import (
    Busy,
    Forked,
    Gap,
    HeadOfficeError,
    Invalid,
    KeyRevoked,
    KeyUnknown,
    Overtaken,
    StoreFailed,
    SurveyWanted,
    TooLarge,
    Unknown,
)
from survey.problems import Fault, InvalidSurvey
from sync.contract import ProblemName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

STORE_RETRY_AFTER_S = 10
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="egao"'}


class HttpProblem(Exception):  # noqa: N818 - named for what is sent
    """An error as it is sent: status, name, what is wrong and how to mend it, and what goes with its name."""

    def __init__(
        self,
        status: int,
        problem: str,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.problem = problem
        self.detail = detail
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


class SignInWanted(Exception):  # noqa: N818 - the same
    """A page was asked for without a session: the browser is sent to sign in."""


def invalid(detail: str, faults: Sequence[Fault] = ()) -> HttpProblem:
    """Say that input has faults, all of them at once, each with its place counted from 0."""
    listed = [{"place": fault.place, "message": fault.message} for fault in faults]
    return HttpProblem(HTTPStatus.BAD_REQUEST, ProblemName.INVALID, detail, extra={"faults": listed})


def unauthorised(detail: str) -> HttpProblem:
    """Say that a key or token is missing or unknown."""
    return HttpProblem(HTTPStatus.UNAUTHORIZED, ProblemName.UNAUTHORISED, detail, headers=CHALLENGE)


def busy(detail: str, *, status: int, retry_after_s: int) -> HttpProblem:
    """Say when to come again: 429 for one who asks too often, 503 when there is too much in all."""
    return HttpProblem(status, ProblemName.BUSY, detail, headers={"Retry-After": str(retry_after_s)})


def problem_of(error: BaseException) -> HttpProblem:  # noqa: C901, PLR0911, PLR0912 - one line an error
    """Turn any error that was meant for the one who asked into what is sent."""
    match error:
        case HttpProblem():
            return error
        case HTTPException():
            return _of_starlette(error)
        case InvalidSurvey() | Invalid():
            return invalid("the input has faults", error.faults)
        case Gap():
            return _conflict(ProblemName.GAP, error, through=error.through)
        case Forked():
            return _conflict(ProblemName.FORKED, error, same=error.same)
        case SurveyWanted():
            return _conflict(ProblemName.SURVEY_WANTED, error, surveys=list(error.versions))
        case Overtaken():
            return _conflict("overtaken", error)
        case KeyUnknown():
            return unauthorised(str(error))
        case KeyRevoked():
            return HttpProblem(HTTPStatus.FORBIDDEN, ProblemName.REVOKED, str(error))
        case TooLarge():
            return HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, ProblemName.TOO_LARGE, str(error))
        case Unknown():
            return HttpProblem(HTTPStatus.NOT_FOUND, ProblemName.NOT_FOUND, str(error))
        case Busy():
            return busy(str(error), status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after_s=error.retry_after_s)
        case StoreFailed():
            words = "head office cannot reach its database now: send it again later"
            return busy(words, status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after_s=STORE_RETRY_AFTER_S)
    return HttpProblem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "head office has a fault of its own; its log says more"
    )


async def respond(_request: Request, error: Exception) -> Response:
    """Send an error."""
    return response_of(error)


def response_of(error: BaseException) -> Response:
    """Make the answer that an error is."""
    problem = problem_of(error)
    return JSONResponse(
        {"problem": problem.problem, "detail": problem.detail, "status": problem.status, **problem.extra},
        status_code=problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )


def _conflict(name: str, error: Exception, **extra: Any) -> HttpProblem:
    return HttpProblem(HTTPStatus.CONFLICT, name, str(error), extra=extra)


def _of_starlette(error: HTTPException) -> HttpProblem:
    names = {
        HTTPStatus.NOT_FOUND: (ProblemName.NOT_FOUND, "there is nothing at this path"),
        HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "this path does not take this method"),
    }
    name, detail = names.get(HTTPStatus(error.status_code), (ProblemName.INVALID, error.detail))
    return HttpProblem(error.status_code, name, detail, headers=error.headers)


async def _to_sign_in(_request: Request, _error: Exception) -> Response:
    return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)


HANDLERS = {
    SignInWanted: _to_sign_in,
    HttpProblem: respond,
    HeadOfficeError: respond,
    InvalidSurvey: respond,
    HTTPException: respond,
    Exception: respond,
}
