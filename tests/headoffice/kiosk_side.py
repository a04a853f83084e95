"""The kiosk's side of the wire, by hand: a survey with every type of question, taps, batches, a sender."""

import hashlib
import json
import time
import uuid
from copy import deepcopy

import httpx

from survey.parse import version_of

BOOT = "b3f1"
UPTIME_MS = 86_400_000

SURVEY = {
    "id": "checkout",
    "kind": "in_the_moment",
    "title": {"ja": "レジ", "en": "Checkout"},
    "question": [
        {
            "id": "rating",
            "type": "faces",
            "metric": "csat",
            "text": {"ja": "いかがでしたか", "en": "How was it?"},
        },
        {
            "id": "recommend",
            "type": "scale",
            "metric": "nps",
            "text": {"ja": "すすめますか", "en": "Recommend?"},
        },
        {"id": "stars", "type": "stars", "text": {"ja": "星", "en": "Stars"}},
        {
            "id": "why",
            "type": "choice",
            "text": {"ja": "なぜ", "en": "Why?"},
            "options": [
                {"id": f"o{number}", "text": {"ja": f"り{number}", "en": f"Reason {number}"}}
                for number in range(12)
            ],
        },
        {
            "id": "which",
            "type": "choice",
            "many": True,
            "text": {"ja": "どれ", "en": "Which?"},
            "options": [
                {"id": "price", "text": {"ja": "値段", "en": "Price"}},
                {"id": "staff", "text": {"ja": "店員", "en": "Staff"}},
                {"id": "queue", "text": {"ja": "待ち", "en": "Queue"}},
            ],
        },
        {"id": "words", "type": "text", "text": {"ja": "ひとこと", "en": "A word?"}},
        {"id": "seen", "type": "notice", "text": {"ja": "おしらせ", "en": "Note"}},
    ],
}
VERSION = version_of(SURVEY)


def other_survey(title: str) -> dict:
    """A survey that differs, and so has another version."""
    document = deepcopy(SURVEY)
    document["title"]["en"] = title
    return document


def new_id() -> str:
    return str(uuid.uuid4())


def tap(seq: int, **changes) -> dict:
    """A sound tap, given a second before it is sent."""
    return {
        "seq": seq,
        "visit": new_id(),
        "survey": VERSION,
        "question": "rating",
        "answer": "happy",
        "language": "ja",
        "at": 1_795_249_999_000,
        "uptime": UPTIME_MS - 1000,
        "boot": BOOT,
        "took": 1240,
        "synced_clock": True,
        **changes,
    }


def batch(ledger: str, taps: list, *, first: int | None = None, **changes) -> dict:
    """A sound batch of these taps."""
    return {
        "ledger": ledger,
        "first": first or (taps[0]["seq"] if taps else 1),
        "sent": {"at": int(time.time() * 1000), "uptime": UPTIME_MS, "boot": BOOT},
        "taps": taps,
        "health": {
            "version": "0.1.0",
            "pending": 0,
            "rejected": 0,
            "free_bytes": 1,
            "programme": None,
            "problems": [],
        },
        **changes,
    }


class Sender:
    """A kiosk that has its key and a ledger, and sends what it is told."""

    def __init__(self, url: str, key: str) -> None:
        self.key = key
        self.ledger = new_id()
        self.client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=20, trust_env=False
        )

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        return self.client.post("/kiosk/v1/taps", content=body, headers=headers)

    def send(self, taps: list, **changes) -> httpx.Response:
        return self.post(json.dumps(batch(self.ledger, taps, **changes)).encode())

    def acked(self, taps: list, **changes) -> dict:
        """Send, and check that the answer is the ack of just this batch."""
        body = json.dumps(batch(self.ledger, taps, **changes)).encode()
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        ack = answer.json()
        assert ack["ledger"] == self.ledger
        assert ack["batch"] == hashlib.sha256(body).hexdigest()
        return ack

    def put(self, document: dict, version: str | None = None) -> httpx.Response:
        return self.client.put(
            f"/kiosk/v1/surveys/{version or version_of(document)}", content=json.dumps(document).encode()
        )

    def close(self) -> None:
        self.client.close()


def refused(answer: httpx.Response, status: int, problem: str) -> dict:
    """Check that an answer is an error of this kind in the one shape; returns its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["problem"] == problem, told
    assert told["detail"]
    return told
