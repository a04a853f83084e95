"""Enrolled kiosks without the kiosk: a key, a ledger, and taps that go on where the last batch ended.

bench.ingest makes its requests through me. I speak to head office only to enrol and to put the survey.
"""

import http.client
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

from bench.bare import Prepared, prepare
from bench.load import Request
from bench.office import Office, enrol_codes
from bench.shoppers import Given, answers, survey_documents, survey_version
from sync import contract
from sync.body import pack
from sync.contract import Batch, Health, Sent, Tap

BOOTED_MS = 400 * 24 * 3600 * 1000  # up since before the first tap, so that every tap's time is exact
BOOT = "5f0c3a52-9f54-4d4c-9b0e-6a3f3f6f0e61"
HEALTH = Health(version="0.1.0", pending=0, rejected=0, free_bytes=1 << 33, programme=None)


@dataclass
class Device:
    """A kiosk as head office knows it. `number` stands for the ledger in the bare database."""

    number: int
    key: str
    ledger: str
    answers: Iterator[Given]
    last: int = 0


def enrolled(office: Office, count: int, *, taps_each: int) -> list[Device]:
    """Enrol so many kiosks, each with at least so many taps to send, and put the survey that all answer."""
    now = time.time_ns() // 1_000_000
    devices = []
    for number, code in enumerate(enrol_codes(office, count), 1):
        answer = _ask(office, "POST", contract.ENROL, {"code": code, "name": f"bench {number}"})
        given = answers(seed=number, until_ms=now, count=taps_each)
        devices.append(Device(number, contract.read_enrolled(answer).key, str(uuid4()), given))
    (document,) = survey_documents()
    _ask(office, "PUT", f"{contract.SURVEYS}/{survey_version()}", document, key=devices[0].key)
    return devices


def request_of(office: Office, device: Device, size: int) -> tuple[Request, Prepared]:
    """Make the device's next batch: as an HTTP request, and as rows for the bare database."""
    given = list(itertools.islice(device.answers, size))
    assert len(given) == size, "the device was given too few taps"
    first, device.last = device.last + 1, device.last + size
    now = time.time_ns() // 1_000_000
    taps = tuple(_tap(first + at, each, now) for at, each in enumerate(given))
    batch = Batch(device.ledger, first, Sent(now, BOOTED_MS, BOOT), taps, HEALTH)
    body = pack(contract.encode_batch(batch))
    head = (
        f"POST {contract.TAPS} HTTP/1.1\r\nHost: {urlsplit(office.address).netloc}\r\n"
        f"Authorization: Bearer {device.key}\r\nContent-Type: application/json\r\nContent-Encoding: zstd\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = Request(head.encode() + body, size, b'"through":%d,' % device.last)
    return request, prepare(device.number, first, given)


def _tap(seq: int, given: Given, now: int) -> Tap:
    return Tap(
        seq=seq,
        visit=given.visit,
        survey=survey_version(),
        question=given.question,
        answer=given.answer,
        language=given.language,
        at=given.at,
        uptime=BOOTED_MS - (now - given.at),
        boot=BOOT,
        took=given.took,
        synced_clock=True,
    )


def _ask(office: Office, method: str, path: str, document: object, *, key: str | None = None) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(office.address).netloc, timeout=30)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        connection.request(method, path, json.dumps(document).encode(), headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status not in {200, 201, 204}:
        raise RuntimeError(f"{method} {path}: {answer.status} {body[:500]!r}")
    return body
