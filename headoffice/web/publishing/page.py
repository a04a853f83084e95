"""The page of publishing: what changes where, the faults that forbid it, and one button with a question back.

Mounted by publishing/routing.py. For administrators; changes by way of work/publish.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from headoffice.problems import Invalid, Overtaken, Unknown
from headoffice.store import drafts
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.programmes import Entry, Published
from headoffice.web.auth import Session
from headoffice.web.office.desk import Desk, go
from headoffice.web.publishing.changes import Group, read_groups
from headoffice.web.publishing.choice import Choice, chosen_before, read_choice
from headoffice.web.publishing.subject import Subject, of_draft, of_version
from headoffice.web.shipped import Telling
from headoffice.web.words import Words
from headoffice.work.publish import last_published, publish_survey
from survey.problems import Fault

HERE = "/surveys"
Find = Callable[[Connection], Subject]


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that the template shows."""

    subject: Subject
    title: str
    choice: Choice
    seen: int
    groups: tuple[Group, ...]
    count: int
    sites: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing would change anywhere."""
        return bool(self.groups) and not any(group.changes for group in self.groups)


def find(request: Request) -> Find:
    """What an address is about: a draft by its number, or a version."""
    parts = request.path_params
    if "version" in parts:
        return partial(of_version, version=str(parts["version"]))
    return partial(of_draft, number=int(parts["draft"]))


async def show(desk: Desk, telling: Telling, request: Request) -> Response:
    """What would change; the address says where, once it was chosen."""
    session = await desk.enter(request)
    asked = dict(request.query_params)
    return await _page(desk, telling, request, session, fields=asked if "where" in asked else None)


async def put(desk: Desk, telling: Telling, request: Request) -> Response:
    """Publish."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    change = partial(_publish, find=find(request), form=form, by=desk.by(session))
    try:
        survey = await desk.context.write(change)
    except Overtaken:
        fault = desk.shell.words(request)("publish.overtaken")
        return await _page(
            desk, telling, request, session, fields=form, told=[fault], status=HTTPStatus.CONFLICT
        )
    except Invalid:
        return await _page(desk, telling, request, session, fields=form)
    except Unknown:
        survey = await desk.context.read(partial(_twice, form=form, by=desk.by(session)))
    return go(f"/surveys/{survey}/history", done="published")


def _publish(connection: Connection, *, find: Find, form: Mapping[str, str], by: By) -> str:
    subject = find(connection)
    choice = read_choice(connection, form)
    faults = [*subject.faults, *choice.faults]
    if subject.survey is None or faults:
        raise Invalid(faults)
    if subject.survey.version != form.get("version"):
        raise Overtaken("this draft was changed meanwhile: look at it again")
    seen = form.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 15 else -1  # noqa: PLR2004
    publish_survey(connection, subject.survey, _change(subject, choice), seen=number, by=by)
    if subject.draft is not None:
        drafts.remove(connection, subject.draft.id, revision=subject.draft.revision)
    return subject.survey.id


def _twice(connection: Connection, *, form: Mapping[str, str], by: By) -> str:
    """Name the survey of a draft that was published by the first of two clicks. Raises Unknown."""
    survey = form.get("survey", "")
    newest = next(iter(last_published(connection, survey)), None)
    if newest is None or newest.who != by.who or newest.survey != survey:
        raise Unknown("this draft is gone: somebody has published it or thrown it away")
    return survey


def _change(subject: Subject, choice: Choice) -> Published:
    survey = subject.survey
    entries = () if survey is None else (Entry(survey=survey.id, version=survey.version, terms=choice.terms),)
    return Published(
        entries=entries,
        target=choice.target,
        survey=subject.name if survey is None else survey.id,
        place=choice.place or None,
    )


async def _page(  # noqa: PLR0913 - who asks, what was asked, and what is told
    desk: Desk,
    telling: Telling,
    request: Request,
    session: Session,
    *,
    fields: Mapping[str, str] | None,
    told: Sequence[str] = (),
    status: int | None = None,
) -> Response:
    words = desk.shell.words(request)
    view = await desk.context.read(partial(_read, words=words, find=find(request), fields=fields))
    faults = [*told, *(_told(words, telling, each) for each in view.choice.faults)]
    broken = [(each.place, telling(each.message, words.language)) for each in view.subject.faults]
    response = desk.show(request, session, "publish.html", here=HERE, view=view, faults=faults, broken=broken)
    if status is not None:
        response.status_code = status
    return response


def _told(words: Words, telling: Telling, fault: Fault) -> str:
    known = words.texts.get(f"publish.fault.{fault.place}")
    return f"{known} {fault.message}" if known else telling(str(fault), words.language)


def _read(connection: Connection, *, words: Words, find: Find, fields: Mapping[str, str] | None) -> View:
    subject = find(connection)
    published = last_published(connection, subject.survey.id if subject.survey else subject.name)
    newest = published[0] if published else None
    if fields is None:
        choice = chosen_before(connection, subject.name, newest)
    else:
        choice = read_choice(connection, fields)
    groups: tuple[Group, ...] = ()
    if subject.survey is not None and not choice.faults:
        groups = read_groups(connection, words, subject.survey, _change(subject, choice))
    sites = all_sites(connection)
    tags: dict[str, Any] = {f"{tag}={value}": None for site in sites for tag, value in site.tags.items()}
    return View(
        subject=subject,
        title=subject.title(words.language),
        choice=choice,
        seen=newest.id if newest else 0,
        groups=groups,
        count=sum(group.count for group in groups),
        sites=tuple(sorted(site.name for site in sites)),
        tags=tuple(sorted(tags)),
    )
