"""What goes wrong by name, and what /metrics counts: two pages of the reference, read from the code.

Called by deploy.reference. I read sources and classes, and write nothing.
"""

from __future__ import annotations

import ast
import tomllib
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from headoffice import problems
from headoffice.web.errors import problem_of
from headoffice.web.instruments import Instruments
from sync import errors
from sync.contract import ProblemName

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
STAFF = ROOT / "assets" / "languages" / "staff"
BY_FUNCTION = {  # the short ways to a problem in headoffice/web/errors.py: its name, its status
    "invalid": (ProblemName.INVALID.value, HTTPStatus.BAD_REQUEST),
    "unauthorised": (ProblemName.UNAUTHORISED.value, HTTPStatus.UNAUTHORIZED),
}
MEANS = {  # what it means for whoever asked, and the mend
    "gap": "kiosks: head office holds less than was thought; send again after `through`",
    "forked": "kiosks: other taps stand under these numbers (a copied card); `same` is the last that agrees",
    "survey_wanted": "kiosks: send the documents of `surveys` first",
    "overtaken": "somebody else changed it meanwhile; look again, nothing was written",
    "invalid": "`faults` has every fault with its place, counted from 0",
    "unauthorised": "no key, token or session, or one that is not known",
    "revoked": "this kiosk's key was taken back: enrol it again",
    "forbidden": "this token, role or address may not do that",
    "not_found": "there is no such path, or nothing by that name",
    "unknown": "there is no such chart on this page",
    "method_not_allowed": "the path is there, and does not take this method",
    "not_acceptable": "none of the forms that `Accept` names can be given",
    "too_large": "more than may come at once: send it in halves",
    "unsupported": "this kind of body is not read: see `Content-Type` and `Content-Encoding`",
    "timeout": "the request did not arrive in time (`--body-timeout-s`)",
    "busy": "come again after `Retry-After` seconds; 429: you ask too often, 503: too much in all",
    "internal": "head office has a fault of its own; its log says which",
}
ERRORS_INTRO = """\
An error of the HTTP interface is `application/problem+json`: `problem` is one of the names below, for
programs; `detail` is for people; `status` is the answer's.
"""
SYNC_INTRO = """\
What the kiosk calls it when talking to head office failed, and what staff read then. Whatever it is,
answers are kept and sent later.
"""
OFFICE_INTRO = """\
What `python -m headoffice` may end with; the text on stderr names the place and the mend. Exit code 2: wrong
usage, 1: all else.
"""
METRICS_INTRO = """\
`GET /metrics` in the form of Prometheus. It holds counts only, no words and no names of people, and wants no
token: keep it inside your own network (behind the proxies of `deploy/proxy` it cannot be reached).
"""


def row(*cells: object) -> str:
    """Draw a line of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def head(*names: str) -> list[str]:
    """Draw the first two lines of a Markdown table."""
    return [row(*names), row(*["---"] * len(names))]


def sent() -> dict[str, set[int]]:
    """Every problem that the sources of headoffice/web can send, with its statuses."""
    found: dict[str, set[int]] = {}
    for path in sorted((ROOT / "headoffice" / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for name, status in _problem(node.func.id, node):
                    found.setdefault(name, set()).add(status)
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):  # those that Starlette raises
        found.setdefault(problem_of(HTTPException(status)).problem, set()).add(status)
    return found


def _problem(function: str, call: ast.Call) -> Iterator[tuple[str, int]]:
    """A problem and its status, where the call makes one and both are written there."""
    if function in BY_FUNCTION:
        yield BY_FUNCTION[function]
    elif function == "busy":
        yield from ((ProblemName.BUSY.value, each) for each in _statuses(call))
    elif function == "_conflict" and (name := _name(call.args[0])):
        yield name, HTTPStatus.CONFLICT
    elif function == "HttpProblem" and len(call.args) > 1 and (name := _name(call.args[1])):
        yield from ((name, each) for each in _statuses(call))


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "ProblemName"
    ):
        return ProblemName[node.attr].value
    return None


def _statuses(call: ast.Call) -> Iterator[int]:
    for node in ast.walk(call):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "HTTPStatus"
        ):
            yield HTTPStatus[node.attr]


def below(kind: type) -> Iterator[type]:
    """Every class below this one, as a tree is read."""
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def first_line(kind: type) -> str:
    """What a class says of itself in its first line."""
    return str(kind.__doc__).strip().splitlines()[0].replace("``", "`")


def error_page(written: str) -> str:
    """Give the page of errors; `written` says whence it comes."""
    words = {
        language: tomllib.loads((STAFF / f"{language}.toml").read_text("utf-8"))["sync"]
        for language in ("en", "ja")
    }
    sent_names = sorted(sent().items(), key=lambda pair: (min(pair[1]), pair[0]))
    return "\n".join(
        [
            f"# Errors\n\n{written}\n## The HTTP interface\n\n{ERRORS_INTRO}",
            *head("`problem`", "Status", "What it means"),
            *(
                row(f"`{name}`", ", ".join(str(int(each)) for each in sorted(statuses)), MEANS[name])
                for name, statuses in sent_names
            ),
            f"\n## The kiosk's sync\n\n{SYNC_INTRO}",
            *head("Code", "What it means", "Staff read", "スタッフの画面"),
            *(
                row(
                    f"`{kind.code}`",
                    first_line(kind),
                    *(words[each].get(kind.code, words[each]["trouble"]) for each in ("en", "ja")),
                )
                for kind in below(errors.SyncError)
                if issubclass(kind, errors.SyncError)
            ),
            f"\n## Head office's commands\n\n{OFFICE_INTRO}",
            *head("Name in the code", "What it means"),
            *(row(f"`{kind.__name__}`", first_line(kind)) for kind in below(problems.HeadOfficeError)),
            "",
        ]
    )


def metrics_page(written: str) -> str:
    """Give the page of what /metrics counts; `written` says whence it comes."""
    found = Instruments()
    kinds = [
        (each.name, each.type, each._labelnames, each.documentation)  # noqa: SLF001 # it has no public way
        for each in found.requests.collect()
    ]
    kinds += [
        (each._name, each._type, each._labelnames, each._documentation)  # noqa: SLF001 # the same
        for each in vars(found).values()
        if hasattr(each, "_labelnames") and hasattr(each, "_documentation")
    ]
    rows = [
        row(
            f"`{name}{'_total' if kind == 'counter' else ''}`",
            kind,
            ", ".join(f"`{label}`" for label in labels),
            documentation,
        )
        for name, kind, labels, documentation in kinds
    ]
    return "\n".join(
        [
            f"# What /metrics counts\n\n{written}\n{METRICS_INTRO}",
            *head("Name", "Kind", "Labels", "What it counts"),
            *rows,
            "",
        ]
    )
