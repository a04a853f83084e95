"""I say what an answer means, or the want of one: which error of the tree, in words that staff can read.

``client`` asks me about everything that is not the answer it hoped for.
I am pure: the time is given to me.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.backoff import http_date, retry_after_s
from sync.contract import Problem, ProblemName, read_problem
from sync.errors import (
    Busy,
    Forked,
    Gap,
    NotAnAck,
    Refused,
    Revoked,
    ServerTrouble,
    SurveyWanted,
    SyncError,
    TooLarge,
    Unauthorised,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_MAX_WORDS_CHARS = 300
_SIGN_IN_PAGE = "something on the way answered instead of head office ({}): does this network want a sign-in?"
_TROUBLE = "head office has trouble of its own ({})"
_BUSY = "head office is busy and asks to wait"

# What a status means when head office adds no words of its own.
_MEANINGS: dict[int, tuple[type[SyncError], str]] = {
    400: (Refused, "head office refused what was sent (400)"),
    401: (Unauthorised, "head office does not know this kiosk's key: enrol it again"),
    403: (Revoked, "head office has withdrawn this kiosk's key: enrol it again"),
    404: (NotAnAck, "there is no head office at this address (404)"),
    405: (NotAnAck, "there is no head office at this address (405)"),
    410: (NotAnAck, "there is no head office at this address any more (410)"),
    413: (TooLarge, "head office takes less than this at once"),
    422: (Refused, "head office refused what was sent (422)"),
}
_FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "no encrypted connection to head office could be made"),
    (socket.gaierror, "head office's name cannot be found: is this kiosk on the network?"),
    (ConnectionRefusedError, "nothing listens at head office's address"),
    (TimeoutError, "head office did not answer in time"),
    (ConnectionError, "the connection to head office was cut"),
    (AttributeError, "the connection to head office was cut"),  # see sync.client
)
_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's X509_V_ERR_…, the two that a wrong clock brings about


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: status, headers by lower-case name, decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def error_in(answer: Answer, now: datetime) -> SyncError:
    """Give the error that an answer stands for which is not a success; ``now`` is the wall clock."""
    problem = read_problem(answer.body)
    if answer.status == 409:  # noqa: PLR2004 - the only status with several meanings
        return _conflict(problem)
    detail = _words(problem.detail) if problem else ""
    if answer.status in {429, 503}:
        sent_at = http_date(answer.headers.get("date")) or now
        return Busy(detail or _BUSY, retry_after_s(answer.headers.get("retry-after"), sent_at))
    if answer.status in _MEANINGS:
        error, words = _MEANINGS[answer.status]
        return error(detail or words)
    if answer.status >= 500 and answer.status != 511:  # noqa: PLR2004 - 511 is a network's sign-in page
        return ServerTrouble(_TROUBLE.format(answer.status))
    return NotAnAck(_SIGN_IN_PAGE.format(answer.status))


def unreachable(error: BaseException) -> Unreachable:
    """Put into words why no answer came, from what the network library raised."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = ": is this kiosk's clock right?" if cause.verify_code in {_NOT_YET_VALID, _EXPIRED} else ""
            return Unreachable(f"head office's certificate is not trusted ({cause.verify_message}){hint}")
        for kind, words in _FAILURES:
            if isinstance(cause, kind):
                return Unreachable(words)
    return Unreachable(f"no answer from head office: {_words(str(causes[0]))}")


def _conflict(problem: Problem | None) -> SyncError:
    match problem:
        case Problem(problem=ProblemName.GAP, through=int(through)):
            return Gap(through)
        case Problem(problem=ProblemName.FORKED, same=int(same)):
            return Forked(same)
        case Problem(problem=ProblemName.SURVEY_WANTED, surveys=(_, *_) as surveys):
            return SurveyWanted(surveys)
        case _:
            return NotAnAck("the answer is a conflict that head office would not name so (409)")


def _words(text: str) -> str:
    """Make words from outside safe to show."""
    return "".join(sign for sign in text if sign.isprintable())[:_MAX_WORDS_CHARS]


def _causes(error: BaseException) -> list[BaseException]:
    """Give the chain of causes, the innermost first."""
    causes = [error]
    while (inner := causes[-1].__cause__ or causes[-1].__context__) is not None and inner not in causes:
        causes.append(inner)
    return causes[::-1]
