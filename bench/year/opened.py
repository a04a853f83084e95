"""The chain in head office's store: its sites, kiosks and surveys, before anybody taps.

Called by `__main__`. I write sites, kiosks with keys that nobody is told, ledgers and a programme.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from bench.town import TOUCHPOINTS, Kiosk, Town
from headoffice.store import kiosks, ledgers, surveys
from headoffice.store.audit import By
from headoffice.store.engine import Connection, driver
from headoffice.store.surveys import KnownSurvey
from headoffice.work import access, publish
from headoffice.work.secrets import hash_key, new_key
from survey.parse import parse_programme

SURVEYS = Path(__file__).resolve().parents[2] / "assets" / "surveys"
# What is asked at each touchpoint: the ready-made surveys.
ASKED = dict(
    zip(TOUCHPOINTS, ("checkout", "returns_and_complaints", "fitting_room", "effort_ces"), strict=True)
)


@dataclass(frozen=True)
class Stands:
    """A kiosk as the store knows it; only the hash of its key was ever kept."""

    placement: int
    ledger: int
    uuid: str
    key: bytes


@dataclass(frozen=True)
class Opened:
    """All kiosks by their numbers in the town, and the surveys by their ids."""

    kiosks: list[Stands]
    surveys: Mapping[str, KnownSurvey]

    def survey_at(self, kiosk: Kiosk) -> str:
        """Name the survey that a kiosk shows."""
        return ASKED[kiosk.touchpoint]

    @cached_property
    def placements(self) -> NDArray[np.int64]:
        """The number of each kiosk's placement."""
        return np.array([each.placement for each in self.kiosks], np.int64)

    @cached_property
    def ledgers(self) -> NDArray[np.int64]:
        """The number of each kiosk's ledger."""
        return np.array([each.ledger for each in self.kiosks], np.int64)


def open_shops(connection: Connection, town: Town, *, now: int) -> Opened:
    """Add the town's sites and kiosks, publish what they ask, and open a ledger for each kiosk."""
    by = By("bench.year", now)
    documents = [
        document
        for name in ASKED.values()
        for document in tomllib.loads((SURVEYS / f"{name}.toml").read_text("utf-8"))["survey"]
    ]
    programme = parse_programme(documents)
    publish.publish(connection, programme, sites=[], by=by)
    sites = [
        access.add_site(connection, name=shop.name, timezone=shop.timezone, tags=shop.tags, by=by)
        for shop in town.shops
    ]
    found = [surveys.find_survey(connection, survey.version) for survey in programme.surveys]
    stands = [_stand(connection, kiosk, sites[kiosk.shop.number], now) for kiosk in town.kiosks]
    return Opened(stands, {each.survey.id: each for each in found if each is not None})


def _stand(connection: Connection, kiosk: Kiosk, site: int, now: int) -> Stands:
    key, uuid = hash_key(new_key()), uuid4()
    place = kiosks.Place(site, kiosk.touchpoint, kiosk.shop.timezone)
    number = kiosks.add_kiosk(connection, name=kiosk.name, place=place, key=key, now=now)
    placement = driver(connection).execute("SELECT placement FROM kiosks WHERE id = ?", (number,)).fetchone()
    ledger = ledgers.open_ledger(connection, uuid=uuid.bytes, kiosk=number, now=now)
    return Stands(placement=int(placement[0]), ledger=ledger.id, uuid=str(uuid), key=key)
