"""Requests that head office makes itself: only to where the administrator said, never on by a redirect.

Called by `work.openid` and `work.tell`. Beside `work.pull` the only place that knows httpx.
May ask other servers over https; this machine itself, and plain http, only where the settings name it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

for talkative in ("httpx", "httpcore"):  # they would tell whole addresses, and a webhook's may hold a token
    logging.getLogger(talkative).setLevel(logging.WARNING)
WITHIN_S = 15  # a whole exchange, however slowly its bytes come
LARGEST_ANSWER_BYTES = 1 << 20


class Unanswered(Exception):  # noqa: N818 - named for what is told
    """No answer that can be used; its text says why and holds no secret."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the JSON object (an empty one where it was none)."""

    status: int
    document: Mapping[str, Any]


def is_this_machine(url: str) -> bool:
    """Tell whether an address is on the loopback of this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(url: object, *, named: str) -> str:
    """Give an address that may be asked; `named` is the one in the settings. Raises Unanswered.

    It is https. Only where the settings name this machine may it be this machine, and then plain http too.
    """
    if not isinstance(url, str) or not url.isascii() or not url.isprintable():
        raise Unanswered(f"{url!r} is no address")
    parts = urlsplit(url)
    here = is_this_machine(url)
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise Unanswered(f"{url!r} is no address")
    if here and not is_this_machine(named):
        raise Unanswered(f"{url!r} is this machine, which the settings do not name")
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise Unanswered(f"{url!r} is not https")
    return url


class Outgoing:
    """Asks the servers that one address of the settings leads to."""

    def __init__(self, named: str) -> None:
        self._named = named
        self._trusted: ssl.SSLContext | None = None

    async def get(self, url: object, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a JSON object. Raises Unanswered."""
        return await self._ask("GET", url, headers=dict(headers or {}))

    async def post(
        self, url: object, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form. Raises Unanswered."""
        return await self._ask("POST", url, headers=dict(headers or {}), form=dict(form))

    async def post_json(self, url: object, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Send what is JSON already, byte by byte as it was signed. Raises Unanswered."""
        typed = {**headers, "Content-Type": "application/json"}
        return await self._ask("POST", url, headers=typed, body=body)

    async def _ask(
        self,
        method: str,
        url: object,
        *,
        headers: dict[str, str],
        form: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        address = check_address(url, named=self._named)
        headers |= {"Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(WITHIN_S),
                httpx.AsyncClient(verify=self._trust(address), trust_env=False, timeout=WITHIN_S) as client,
                client.stream(method, address, headers=headers, data=form, content=body) as answer,
            ):
                return Answer(answer.status_code, await _document(answer, address))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unanswered(f"{address}: {type(error).__name__} {error}".strip()) from error

    def _trust(self, address: str) -> ssl.SSLContext | bool:
        """Whom this machine trusts; its own authorities may be named by SSL_CERT_FILE."""
        if address.startswith("http:"):
            return False  # nothing to check
        if self._trusted is None:
            self._trusted = ssl.create_default_context()
        return self._trusted


async def _document(answer: httpx.Response, address: str) -> Mapping[str, Any]:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Unanswered(f"{address}: answers packed, which was not asked for")
    body = b""
    async for part in answer.aiter_raw():
        body += part
        if len(body) > LARGEST_ANSWER_BYTES:
            raise Unanswered(f"{address}: answers more than {LARGEST_ANSWER_BYTES} bytes")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
