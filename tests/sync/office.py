"""A small head office in memory: the ack's exact meaning, written down a second time."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tests.sync.faulty_server import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "the-key"


class Office:
    def __init__(self) -> None:
        self.ledgers: dict[str, list[dict]] = {}
        self.surveys: dict[str, dict] = {}
        self.knows_every_survey = True
        self.refused_surveys: set[str] = set()
        self.programme: tuple[str, list[dict]] = ("etag-0", [])
        self.rejects: Callable[[dict], str | None] = lambda _: None
        self.refuses: Callable[[dict], bool] = lambda _: False
        self.most_taps = 10_000
        self.health: dict | None = None

    def __call__(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return problem(401, "unauthorised", detail="unknown key")
        match request.method, request.path.split("/")[3]:
            case "POST", "taps":
                return self.take(request.decoded)
            case "GET", "programme":
                return self.give_programme(request.headers.get("if-none-match"))
            case "PUT", "surveys":
                version = request.path.split("/")[4].partition("?")[0]
                if version in self.refused_surveys:
                    return problem(400, "invalid")
                self.surveys[version] = json.loads(request.decoded)
                return Response(201, b"{}")
        return problem(404, "not_found")

    def take(self, body: bytes) -> Response:
        if len(body) > 1 << 20:
            return problem(413, "too_large")
        batch = json.loads(body)
        items, first = batch["taps"], batch["first"]
        assert [item["seq"] for item in items] == list(range(first, first + len(items)))
        held = self.ledgers.get(batch["ledger"], [])
        if (refusal := self.refusal(items) or self.conflict(items, held, first)) is not None:
            return refusal
        self.health = batch["health"]
        held = held + items[len(held) - first + 1 :]
        self.ledgers[batch["ledger"]] = held
        through = min(len(held), first + len(items) - 1)
        return self.ack(batch, body, through)

    def refusal(self, items: list[dict]) -> Response | None:
        if len(items) > self.most_taps:
            return problem(413, "too_large")
        if any(self.refuses(item) for item in items):
            return problem(400, "invalid", faults=[{"place": "taps", "message": "poison"}])
        return None

    def conflict(self, items: list[dict], held: list[dict], first: int) -> Response | None:
        if first > len(held) + 1:
            return problem(409, "gap", through=len(held))
        wanted = {item["survey"] for item in items if "survey" in item} - set(self.surveys)
        if wanted and not self.knows_every_survey:
            return problem(409, "survey_wanted", surveys=sorted(wanted))
        for item in items:
            if item["seq"] <= len(held) and held[item["seq"] - 1] != item:
                return problem(409, "forked", same=item["seq"] - 1)
        return None

    def ack(self, batch: dict, body: bytes, through: int) -> Response:
        rejected = [
            {"seq": item["seq"], "problem": why} for item in batch["taps"] if (why := self.rejects(item))
        ]
        document = {
            "ledger": batch["ledger"],
            "batch": hashlib.sha256(body).hexdigest(),
            "through": through,
            "rejected": rejected,
            "programme": self.programme[0],
            "now": 1795250000999,
        }
        return Response(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def give_programme(self, etag: str | None) -> Response:
        if etag == f'"{self.programme[0]}"':
            return Response(304)
        document = {"etag": self.programme[0], "surveys": self.programme[1]}
        return Response(200, json.dumps(document).encode(), {"ETag": f'"{self.programme[0]}"'})


def problem(status: int, name: str, **extra: object) -> Response:
    body = json.dumps({"problem": name, "detail": "", **extra}).encode()
    return Response(status, body, {"Content-Type": "application/problem+json"})
