"""The misuse rules: what is in force, a replay of others with both scores side by side, and the change.

Mounted by routing.py. For administrators; changes by way of work/flag.py.
"""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.metrics import METRICS
from headoffice.problems import Invalid
from headoffice.store import misuse
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.web.auth import Session
from headoffice.web.office.desk import Desk, go
from headoffice.work import flag
from headoffice.work.misuse import HOURS, KINDS, NUMBERS, Rules, read_rules
from headoffice.work.replay import Replay, replay
from survey.problems import Fault

PATH = "/admin/misuse"


def routes(desk: Desk) -> list[Route]:
    """The rules and the form."""
    return [
        Route(PATH, partial(show, desk), methods=["GET"]),
        Route(PATH, partial(change, desk), methods=["POST"]),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """The rules in force, ready to be changed."""
    session = await desk.enter(request)
    return await _page(desk, request, session)


async def change(desk: Desk, request: Request) -> Response:
    """Replay what the form says, or put it in force."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    try:
        rules = read_rules(_written(form))
        if form.get("act") == "force":
            await desk.context.write(partial(flag.change_rules, rules=rules, by=desk.by(session)))
            return go(PATH, done="in_force")
        return await _page(desk, request, session, rules=rules, tried=True)
    except Invalid as error:
        return await _page(desk, request, session, faults=error.faults, form=form)


def _written(form: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The rules of a form, as JSON would have them."""
    rules: dict[str, dict[str, object]] = {}
    for kind in KINDS:
        if form.get(kind) == "on":
            given = {name: form.get(f"{kind}.{name}", "").strip() for name in _names(kind)}
            rules[kind] = {name: _value(kind, value) for name, value in given.items() if value}
    return rules


def _value(kind: str, written: str) -> object:
    if kind == HOURS:
        return written
    try:
        number = float(written)
    except ValueError:
        return written
    return int(number) if number.is_integer() else number


def _names(kind: str) -> tuple[str, ...]:
    return ("hours",) if kind == HOURS else tuple(NUMBERS[kind])


async def _page(  # noqa: PLR0913 - what a page may be shown with
    desk: Desk,
    request: Request,
    session: Session,
    *,
    rules: Rules | None = None,
    tried: bool = False,
    faults: tuple[Fault, ...] = (),
    form: Mapping[str, str] | None = None,
) -> Response:
    in_force, behind, names = await desk.context.read(_read)
    shown = in_force.rules if rules is None else rules
    found: Replay | None = None
    if tried and rules is not None:
        try:
            found = await desk.context.read(partial(replay, rules=rules))
        except Invalid as error:
            faults = error.faults
    typed = _typed(shown) if form is None else form
    return desk.show(
        request,
        session,
        "misuse.html",
        here=PATH,
        in_force=in_force,
        behind=behind,
        kinds=[(kind, [(name, _bounds(kind, name)) for name in _names(kind)]) for kind in KINDS],
        typed=typed,
        found=found,
        names=names,
        metric=METRICS["csat"],
        faults=desk.told(request, faults),
    )


def _typed(rules: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    typed = dict.fromkeys(rules, "on")
    for kind, numbers in rules.items():
        typed |= {f"{kind}.{name}": str(value) for name, value in numbers.items()}
    return typed


def _bounds(kind: str, name: str) -> tuple[float, float, float] | None:
    """The least, the most and the usual of a number; None for hours."""
    if kind == HOURS:
        return None
    number = NUMBERS[kind][name]
    return number.low, number.high, number.usual


def _read(connection: Connection) -> tuple[misuse.Filter, bool, dict[int, str]]:
    names = {site.id: site.name for site in all_sites(connection)}
    return misuse.in_force(connection), flag.is_behind(connection), names
