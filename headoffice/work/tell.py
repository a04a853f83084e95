"""Tell: post each alert, and its end, to the one webhook of the settings, signed, until it is taken.

Made by `app` where the settings name a webhook; run by `work.clock`. Signed as Standard Webhooks has it
(standardwebhooks.com: webhook-id, webhook-timestamp, webhook-signature "v1,…", secret "whsec_…").
May read alerts, note which were told, write the audit, and ask the webhook by way of `work.outgoing`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from random import uniform
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from headoffice.problems import DataUnusable
from headoffice.store import alerts, feed
from headoffice.store.audit import By, note
from headoffice.work.outgoing import Outgoing, Unanswered, check_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from headoffice.settings import Settings
    from headoffice.store.alerts import AlertSeen
    from headoffice.store.engine import Connection
    from headoffice.work.clock import Door

LOG = logging.getLogger(__name__)
SECRET = "whsec_"  # noqa: S105 - what secrets begin with
FEWEST_BYTES, MOST_BYTES = 24, 64  # of a secret, as the specification has it
AT_ONCE = 50
FIRST_WAIT_MS, LONGEST_WAIT_MS = 15_000, 15 * 60_000
GIVEN_UP_AFTER_MS = 3 * 24 * 3600 * 1000  # who was away for longer finds them at /api/v1/alerts
WHO = "webhook"


@dataclass(frozen=True)
class Hook:
    """Where alerts go, and what signs them. Neither is ever shown: an address may hold a token."""

    address: str = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Its host, for logs."""
        return urlsplit(self.address).hostname or ""


def read_hook(settings: Settings) -> Hook | None:
    """Read the webhook's file; None where there is none. Raises DataUnusable, and repeats nothing of it."""
    if not settings.alert_webhook_file:
        return None
    path, where = Path(settings.alert_webhook_file), "alert_webhook_file"
    try:
        lines = path.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataUnusable(f"{where}: {path} cannot be read: {type(error).__name__}") from None
    faults = []
    if len(lines) != 2:  # noqa: PLR2004 - as the next line says
        raise DataUnusable(f"{where}: {path} must hold two lines: the address, and the secret")
    address, secret = lines
    try:
        check_address(address, named=address)
    except Unanswered:
        faults.append("its first line is no address: write https://…, or http:// on this machine itself")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        faults.append(
            f"its second line is no secret: write {SECRET} and {FEWEST_BYTES} bytes or more in base64"
        )
    if faults:
        raise DataUnusable(f"{where}: {path}: {'; '.join(faults)}")
    return Hook(address, key)


class Teller:
    """Tells one alert after the other; the first that is not taken is tried again later, and those behind."""

    def __init__(self, hook: Hook, *, read: Door, write: Door, now_ms: Callable[[], int]) -> None:
        self._hook = hook
        self._read, self._write, self._now_ms = read, write, now_ms
        self._outgoing = Outgoing(hook.address)
        self._failed = 0
        self._not_before_ms = 0

    async def tell(self) -> None:
        """Tell what waits, as far as it is taken."""
        if self._now_ms() < self._not_before_ms:
            return
        while waiting := await self._read(_waiting):
            for life, alert, timezone in waiting:
                if not await self._settle(life, alert, timezone):
                    return

    async def _settle(self, life: str, alert: AlertSeen, timezone: str) -> bool:
        """Tell an alert, or give it up; False where it is to be tried again."""
        now, over = self._now_ms(), alert.closed_at is not None
        settled = partial(_settled, alert=alert.id, over=over, now=now)
        if now - (alert.closed_at or alert.raised_at) > GIVEN_UP_AFTER_MS:
            await self._write(partial(settled, taken=False))
            return True
        said = message(alert, timezone)
        named = f"{life}-{alert.id}-{'over' if over else 'raised'}"
        try:
            answer = await self._outgoing.post_json(
                self._hook.address, said, headers=signature(self._hook.key, named, said, at_s=now // 1000)
            )
        except Unanswered as error:
            # Its text repeats the address, which may hold a token.
            why = type(error.__cause__ or error).__name__
            return self._wait(f"{self._hook.name} did not answer: {why}")
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return self._wait(f"{self._hook.name} answered {answer.status}")
        self._failed = 0
        await self._write(partial(settled, taken=True))
        return True

    def _wait(self, why: str) -> bool:
        longest = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2**self._failed)
        self._failed = min(self._failed + 1, 10)
        self._not_before_ms = self._now_ms() + round(uniform(longest / 2, longest))  # noqa: S311 - a pause
        LOG.warning("alerts wait for the webhook: %s", why)
        return False


async def trial(hook: Hook, *, now_ms: int) -> int:
    """Post a trial, signed as alerts are, once; returns the status that came back.

    Raises Unanswered, with no address in its text.
    """
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat("T", "milliseconds")
    told = {"type": "alert.trial", "timestamp": moment, "data": {}}
    said = json.dumps(told, separators=(",", ":")).encode()
    headers = signature(hook.key, f"trial-{now_ms}", said, at_s=now_ms // 1000)
    try:
        answer = await Outgoing(hook.address).post_json(hook.address, said, headers=headers)
    except Unanswered as error:
        raise Unanswered(type(error.__cause__ or error).__name__) from None
    return answer.status


def note_trial(connection: Connection, *, by: By, taken: bool) -> None:
    """Note who tried the webhook, and whether it took it."""
    note(connection, by=by, did="try webhook", what={"taken": taken})


def message(alert: AlertSeen, timezone: str) -> bytes:
    """What is told of an alert: JSON, the same bytes each time it is tried. Times in its site's offset."""
    zone = ZoneInfo(timezone)

    def moment(ms: int | None) -> str | None:
        return None if ms is None else datetime.fromtimestamp(ms / 1000, zone).isoformat("T", "milliseconds")

    over = alert.closed_at is not None
    told = {
        "type": "alert.over" if over else "alert.raised",
        "timestamp": moment(alert.closed_at or alert.raised_at),
        "data": {
            "alert": str(alert.id),
            "kind": alert.kind,
            "state": "closed" if over else "open",
            "site": None if alert.site is None else str(alert.site),
            "kiosk": None if alert.kiosk is None else str(alert.kiosk),
            "subject": alert.subject,
            "detail": alert.detail,
            "raised_at": moment(alert.raised_at),
            "closed_at": moment(alert.closed_at),
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signature(key: bytes, named: str, said: bytes, *, at_s: int) -> dict[str, str]:
    """The headers that let the receiver know it is from here, and whether it came before."""
    signed = hmac.digest(key, f"{named}.{at_s}.".encode() + said, hashlib.sha256)
    return {
        "webhook-id": named,
        "webhook-timestamp": str(at_s),
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def _waiting(connection: Connection) -> list[tuple[str, AlertSeen, str]]:
    life = feed.epoch(connection)
    return [(life, alert, timezone) for alert, timezone in alerts.untold(connection, limit=AT_ONCE)]


def _settled(connection: Connection, *, alert: int, over: bool, now: int, taken: bool) -> None:
    alerts.note_told(connection, alert, over=over, at=now if taken else 0)
    did = "tell alert" if taken else "give up telling alert"
    note(connection, by=By(WHO, now), did=did, what={"alert": alert, "over": over})
