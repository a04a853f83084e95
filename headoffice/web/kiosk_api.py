"""What kiosks ask: to be enrolled, to have taps taken in, for the programme, to put a survey or a picture.

Mounted by `app`. The shapes stand in `sync.contract`; errors are raised and become responses in `errors`.
May touch the database by way of the context.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.problems import Forked, Invalid, KeyRevoked, KeyUnknown, TooLarge, Unknown
from headoffice.store import kiosks, programmes
from headoffice.store.engine import Connection
from headoffice.web.auth import address, bearer
from headoffice.web.body import packed, read_body
from headoffice.web.context import Context
from headoffice.web.errors import unauthorised
from headoffice.work import enrol, picture, publish
from headoffice.work.alert import tell_fork
from headoffice.work.batch import read_batch, read_object
from headoffice.work.ingest import Decision, Taking
from headoffice.work.secrets import hash_key
from survey.problems import Fault
from sync import contract

LONGEST_NAME = 100
LONGEST_CODE = 40
LONGEST_AUTHOR = 40
MOST_DIGITS = 16
VERSION = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class KioskApi:
    """The five calls."""

    context: Context

    async def enrol(self, request: Request) -> Response:
        """Trade a one-time code for a key."""
        context, who = self.context, f"address {address(request)}"
        context.enrol_failures.check(who)
        with context.bodies.share() as take:
            wanted = _enrol_request(await self._body(request, take))
        change = partial(enrol.enrol, request=wanted, now=context.now_ms())
        enrolled = await context.write(change)
        if enrolled is None:
            context.enrol_failures.failed(who)
            raise unauthorised("this code is unknown, used or older than 15 minutes: ask for a new one")
        return packed(request, contract.encode_enrolled(enrolled))

    async def take_taps(self, request: Request) -> Response:
        """Take a batch in; the answer is sent after its commit. Most come by way of `express` instead."""
        context, received_at = self.context, self.context.now_ms()
        key = await self._gate(request)
        with context.bodies.share() as take:
            body = await self._body(request, take)
            batch = read_batch(body)
            try:
                decision = await context.committer.take(Taking(context.ingest, batch, key, received_at))
            except Forked as error:
                await context.write(fork_of(batch.ledger, key, error, now_ms=received_at))
                raise
            except (KeyRevoked, KeyUnknown):
                context.gate.close(key)
                raise
        ack = ack_of(batch.ledger, contract.digest(body), decision, now_ms=context.now_ms())
        return packed(request, ack)

    async def programme(self, request: Request) -> Response:
        """Give the programme in force at the kiosk's site."""
        found = partial(_programme, key=hash_key(bearer(request)), now=self.context.now_ms())
        told = await self.context.read(found)
        headers = {"ETag": f'"{told.etag}"', "Cache-Control": "private, no-cache"}
        if told.etag in _etags(request):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return packed(request, msgspec.json.encode(told), headers=headers)

    async def put_survey(self, request: Request) -> Response:
        """Keep a survey that staff made on the kiosk, with who made it in the query."""
        made = _made(request.query_params)
        context, version = self.context, request.path_params["version"]
        kiosk = await context.read(
            partial(kiosks.standing, key=hash_key(bearer(request)), now=context.now_ms())
        )
        with context.bodies.share() as take:
            document = read_object(await self._body(request, take))
            survey = await context.aside(partial(publish.read_survey, version, document))
        now = context.now_ms()
        change = partial(publish.put_survey, survey=survey, kiosk=kiosk.kiosk, now=now, made=made)
        await context.write(change)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def put_picture(self, request: Request) -> Response:
        """Keep the picture of the kiosk's screen that somebody waits for; any other is refused unread."""
        context, asked = self.context, request.path_params["asked"]
        kiosk = await context.read(
            partial(kiosks.standing, key=hash_key(bearer(request)), now=context.now_ms())
        )
        if kiosk.picture is None or asked != str(kiosk.picture):
            raise Unknown("nobody waits for this picture")
        with context.bodies.share() as take:
            body = await self._body(request, take)
            if len(body) > contract.MAX_PICTURE_BYTES:
                raise TooLarge(f"a picture has at most {contract.MAX_PICTURE_BYTES} bytes: make it smaller")
            png = await context.aside(partial(picture.read_png, body))
        now = context.now_ms()
        change = partial(picture.take, kiosk=kiosk.kiosk, png=png, asked_at=kiosk.picture, now=now)
        await context.write(change)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _body(self, request: Request, take: Callable[[int], None]) -> bytes:
        return await read_body(request, take=take, timeout_s=self.context.settings.body_timeout_s)

    async def _gate(self, request: Request) -> bytes:
        """Give the hash of the request's key; raises at once, before the body, when no kiosk has it."""
        key = hash_key(bearer(request))
        if not self.context.gate.is_open(key):
            await self.context.read(partial(kiosks.standing, key=key, now=self.context.now_ms()))
            self.context.gate.let_through(key)
        return key


class Ack(msgspec.Struct, omit_defaults=True):
    """The word on a batch, as in `sync.contract`; kiosks are sent thousands a second of it."""

    ledger: str
    batch: str
    through: int
    rejected: Sequence[Mapping[str, object]]
    programme: str
    now: int
    picture: str | None = None


def ack_of(ledger: str, digest: str, decision: Decision, *, now_ms: int) -> bytes:
    """Write the word about a batch of a ledger, whose body has this digest."""
    rejected = [{"seq": seq, "problem": problem} for seq, problem in decision.rejected]
    picture = None if decision.picture is None else str(decision.picture)
    ack = Ack(ledger, digest, decision.through, rejected, decision.programme, now_ms, picture)
    return msgspec.json.encode(ack)


def fork_of(ledger: str, key: bytes, error: Forked, *, now_ms: int) -> Callable[[Connection], None]:
    """The change that tells of a fork: a refused batch itself leaves no trace."""
    return partial(tell_fork, key=key, ledger=ledger, same=error.same, now_ms=now_ms)


def routes(context: Context) -> list[Route]:
    """Make the kiosks' routes."""
    api = KioskApi(context)
    return [
        Route(contract.ENROL, api.enrol, methods=["POST"]),
        Route(contract.TAPS, api.take_taps, methods=["POST"]),
        Route(contract.PROGRAMME, api.programme, methods=["GET"]),
        Route(contract.SURVEYS + "/{version}", api.put_survey, methods=["PUT"]),
        Route(contract.PICTURE + "/{asked}", api.put_picture, methods=["PUT"]),
    ]


def _programme(connection: Connection, *, key: bytes, now: int) -> programmes.InForce:
    return programmes.documents_in_force(connection, kiosks.standing(connection, key, now=now).site)


def _enrol_request(body: bytes) -> enrol.Request:
    document = read_object(body)
    faults = []
    for name, longest in (("code", LONGEST_CODE), ("name", LONGEST_NAME)):
        value = document.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or not value.isprintable():
            faults.append(Fault(name, f"must be a text of 1 to {longest} printable characters"))
    if faults:
        raise Invalid(faults)
    return enrol.Request(code=document["code"], name=document["name"].strip())


def _made(said: Mapping[str, str]) -> contract.Made | None:
    """Read who made a survey; None where the kiosk, an older one, does not tell."""
    if "author" not in said:
        return None
    author, at, base = said["author"], said.get("at", ""), said.get("base")
    faults = []
    if not 0 < len(author) <= LONGEST_AUTHOR or not author.isprintable():
        faults.append(Fault("author", f"must be a text of 1 to {LONGEST_AUTHOR} printable characters"))
    if not at.isdecimal() or not at.isascii() or len(at) > MOST_DIGITS:
        faults.append(Fault("at", "must be a time in ms since 1970 UTC"))
    if base is not None and not VERSION.fullmatch(base):
        faults.append(Fault("base", "must be a survey's version, 12 hex digits"))
    if faults:
        raise Invalid(faults)
    return contract.Made(author=author, at=int(at), base=base)


def _etags(request: Request) -> set[str]:
    written = request.headers.get("if-none-match", "")
    return {etag.strip().removeprefix("W/").strip('"') for etag in written.split(",")}
