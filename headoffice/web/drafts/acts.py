"""The forms of drafts: begin one, take a step, take it back, throw it away.

Mounted by drafts/routing.py. For administrators; changes by way of work/draft.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headoffice.problems import Invalid, Overtaken
from headoffice.store.audit import By
from headoffice.store.drafts import Draft
from headoffice.store.engine import Connection
from headoffice.store.lists import all_surveys
from headoffice.web.auth import Session, check_form
from headoffice.web.drafts import pages
from headoffice.web.drafts.pages import PATH, Bench, Shown
from headoffice.web.drafts.steps import Taken, take
from headoffice.web.forms import read_form
from headoffice.work import draft as work
from survey.problems import Fault
from survey.shape import new_survey

MOST_FIELDS = 400  # a title, or twelve options in two languages with all that a question has
NEW_LANGUAGES = ("ja", "en")
MOST_DIGITS = 9
AGAIN = 3  # tries, where others keep changing other parts


async def begin(bench: Bench, request: Request) -> Response:
    """Begin a draft from the library, from a version, or blank."""
    session = await bench.desk.enter(request)
    form = await bench.desk.form(request, session)
    kind, _, name = form.get("from", "").partition(":")
    ready = bench.library.surveys.get(name) if kind == "library" else None
    by = bench.desk.by(session)
    try:
        if kind == "version":
            made = await bench.desk.context.write(partial(_begin_from, version=name, by=by))
        elif kind == "blank" or ready is not None:
            document = ready or new_survey(NEW_LANGUAGES)
            made = await bench.desk.context.write(partial(work.begin, document=document, base=None, by=by))
        else:
            return _go(PATH)
    except Invalid as error:
        told = [str(fault) for fault in error.faults]
        return await pages.show_index(bench, request, session, faults=told)
    return _go(f"{PATH}/{made.id}")


async def on_survey(bench: Bench, request: Request) -> Response:
    """A step on the survey's page."""
    step = await _step(bench, request)
    return step.answer or pages.show_survey(bench, request, step.session, step.shown)


async def on_question(bench: Bench, request: Request) -> Response:
    """A step on a question's page."""
    step = await _step(bench, request)
    if step.answer is not None:
        return step.answer
    here = None if step.shown.taken is None else step.shown.taken.here
    if here is None:  # the question is gone
        return pages.show_survey(bench, request, step.session, step.shown)
    return pages.show_question(bench, request, step.session, step.shown, here)


async def on_texts(bench: Bench, request: Request) -> Response:
    """A step on the page of the languages."""
    step = await _step(bench, request)
    return step.answer or pages.show_texts(bench, request, step.session, step.shown)


async def on_settings(bench: Bench, request: Request) -> Response:
    """A step on the page of all but the questions."""
    step = await _step(bench, request)
    return step.answer or pages.show_settings(bench, request, step.session, step.shown)


async def throw_away(bench: Bench, request: Request) -> Response:
    """Throw a draft away, as it was when that was asked for."""
    session = await bench.desk.enter(request)
    form = await bench.desk.form(request, session)
    shown = await pages.read(bench, request)
    remove = partial(work.throw_away, draft=shown.draft, revision=_revision(form), by=bench.desk.by(session))
    try:
        await bench.desk.context.write(remove)
    except Overtaken:
        shown = await _again(bench, request)
        return pages.show_survey(bench, request, session, shown)
    return _go(PATH, done="thrown_away")


@dataclass(frozen=True, kw_only=True)
class _Stepped:
    """What came of a form: where to go, or what to show because nothing was saved."""

    session: Session
    shown: Shown
    answer: Response | None = None


async def _step(bench: Bench, request: Request) -> _Stepped:
    session = await bench.desk.enter(request)
    form = await read_form(bench.desk.context, request, most_fields=MOST_FIELDS)
    check_form(session, form.get("csrf"))
    for _ in range(AGAIN):
        shown = await pages.read(bench, request)
        try:
            return await _try(bench, request, session, shown, form)
        except Overtaken:
            continue  # somebody was faster just now: take the step on what is there now
    return _Stepped(session=session, shown=await _again(bench, request))


async def _try(
    bench: Bench, request: Request, session: Session, shown: Shown, form: Mapping[str, str]
) -> _Stepped:
    """Take the step on what is there. Raises Overtaken where that changes meanwhile."""
    act, revision, by = form.get("act", "save"), shown.draft.revision, bench.desk.by(session)
    if act in ("undo", "redo"):
        if revision != _revision(form):
            return _Stepped(session=session, shown=await _again(bench, request))
        moved = Taken(document={}, at=act)
        go = work.undo if act == "undo" else work.redo
        made = await bench.desk.context.write(partial(go, draft=shown.draft.id, revision=revision, by=by))
        return _Stepped(session=session, shown=shown, answer=_back(request, form, made, moved))
    shelf = bench.library.questions
    taken = take(shown.draft.document, form, fresh=revision == _revision(form), shelf=shelf)
    if taken.overtaken or taken.faults:
        words = bench.desk.shell.words(request)
        told = [words("drafts.no_number", value=fault.message) for fault in taken.faults]
        return _Stepped(session=session, shown=replace(shown, survey=taken.document, taken=taken, told=told))
    made = shown.draft
    if taken.document != dict(shown.draft.document):
        change = partial(work.change, draft=shown.draft.id, document=taken.document, revision=revision, by=by)
        made = await bench.desk.context.write(change)
    return _Stepped(session=session, shown=shown, answer=_back(request, form, made, taken))


async def _again(bench: Bench, request: Request) -> Shown:
    """The draft as it is now, with the word that somebody else was there first."""
    shown = await pages.read(bench, request)
    return replace(shown, taken=Taken(document=shown.survey, overtaken=True))


def _back(request: Request, form: Mapping[str, str], draft: Draft, taken: Taken) -> Response:
    """To the page that the form stood on, or to a question that was added."""
    path = f"{PATH}/{draft.id}"
    asked = {"beside": form.get("beside", ""), "at": taken.at}
    if taken.opened is not None:
        return _go(f"{path}/questions/{taken.opened}", **asked)
    if "question" in request.path_params:
        number = pages.number_in(request, "question") if taken.here is None else taken.here
        questions = draft.document.get("question")
        if isinstance(questions, list) and number < len(questions):
            path += f"/questions/{number}"
    elif request.url.path.rpartition("/")[2] in ("texts", "settings"):
        path += f"/{request.url.path.rpartition('/')[2]}"
    act, _, tag = form.get("act", "").partition(":")
    if act == "beside":
        asked["beside"] = tag
    return _go(path, **asked)


def _go(path: str, **asked: str) -> Response:
    query = urlencode({name: value for name, value in asked.items() if value})
    return RedirectResponse(f"{path}?{query}" if query else path, HTTPStatus.SEE_OTHER)


def _revision(form: Mapping[str, str]) -> int:
    written = form.get("revision", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS else 0


def _begin_from(connection: Connection, *, version: str, by: By) -> Draft:
    """Begin with a version. Raises Invalid where there is none."""
    found = next((each for each in all_surveys(connection) if each.version == version), None)
    if found is None:
        raise Invalid([Fault("version", "there is no such version")])
    return work.begin(connection, found.document, base=version, by=by)
