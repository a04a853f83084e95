"""The proof of a fleet: what its kiosks hold and what head office tells, as multisets.

Used by bench.fleet at its end. I read data directories and the feed, and change nothing.
"""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from kiosk.store.export import export

DIGEST_BYTES = 16
NAMES = ("ledger", "seq", "visit", "survey", "question", "language", "answer")  # as both ends have them


@dataclass(frozen=True)
class Proof:
    """How many taps there are, and what became of them; all but the first two are to be 0."""

    kept: int  # in the kiosks' ledgers
    fed: int  # in head office's feed
    lost: int  # thanked for, and not in the feed
    doubled: int  # in the feed more often than in the ledgers
    unlike: int  # in the ledgers and not in the feed, or the other way round
    forgotten: int  # thanked for, and not in a ledger


def digest(tap: Mapping[str, object]) -> bytes:
    """Give what a tap says, in short."""
    content = json.dumps([tap[name] for name in NAMES], ensure_ascii=False)
    return blake2b(content.encode(), digest_size=DIGEST_BYTES).digest()


def prove(folders: Iterable[Path], thanked: Iterable[Path], feed: Iterable[Mapping[str, object]]) -> Proof:
    """Compare every tap that was thanked for, every tap that the kiosks hold and every tap of the feed."""
    ledgers = Counter(digest(tap.columns()) for folder in folders for tap in export(folder, _complain))
    fed = Counter(map(digest, feed))
    said = Counter(each for file in thanked for each in _split(file.read_bytes()))
    return Proof(
        kept=ledgers.total(),
        fed=fed.total(),
        lost=(said - fed).total(),
        doubled=(fed - ledgers).total(),
        unlike=(ledgers - fed).total() + (fed - ledgers).total(),
        forgotten=(said - ledgers).total(),
    )


def read_feed(address: str, token: str) -> Iterator[Mapping[str, object]]:
    """Give every tap of the feed, from the beginning."""
    for line in _asked(address, "/api/v1/taps?limit=all&format=ndjson", token):
        yield json.loads(line)


def read_missing(address: str, token: str) -> int:
    """Give how many taps head office itself misses, of all kiosks."""
    (answer,) = _asked(address, "/api/v1/completeness", token)
    return sum(row["missing"] for row in json.loads(answer)["completeness"])


def _asked(address: str, path: str, token: str) -> Iterator[bytes]:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{address}{path}", headers=headers)  # noqa: S310  # loopback only
    with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310  # the same
        yield from answer


def _split(content: bytes) -> Iterator[bytes]:
    return (content[at : at + DIGEST_BYTES] for at in range(0, len(content), DIGEST_BYTES))


def _complain(words: str) -> None:
    raise AssertionError(words)
