"""The metrics, computed once more from a kiosk's export in the plainest way: the judge of the API."""

import json
from math import sqrt
from typing import Any


def last_answers(taps: list[dict[str, Any]]) -> dict[tuple[str, str, str], Any]:
    """(ledger, visit, question) → the answer that counts: the last one."""
    ordered = sorted(taps, key=lambda tap: (tap["ledger"], tap["seq"]))
    return {(tap["ledger"], tap["visit"], tap["question"]): tap["answer"] for tap in ordered}


def values(taps: list[dict[str, Any]], question: str) -> list[Any]:
    """Counted answers to one question; skipped ones are none."""
    return [answer for key, answer in last_answers(taps).items() if key[2] == question and answer is not None]


def csat_of_faces(answers: list[str]) -> tuple[int, float, float, float]:
    """n, share of happy, and Wilson's 95 % interval."""
    n, z = len(answers), 1.959963984540054
    p = answers.count("happy") / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return n, p, middle - half, middle + half


def happy_index(answers: list[str]) -> tuple[int, float]:
    worth = {"sad": 0, "neutral": 50, "happy": 100}
    return len(answers), sum(worth[answer] for answer in answers) / len(answers)


def nps(answers: list[int]) -> tuple[int, float]:
    promoters = sum(answer >= 9 for answer in answers)
    detractors = sum(answer <= 6 for answer in answers)
    return len(answers), 100 * (promoters - detractors) / len(answers)


def as_wire(answer: Any) -> str:
    """An answer in a form that can be compared and sorted."""
    return json.dumps(answer, sort_keys=True, ensure_ascii=False)
