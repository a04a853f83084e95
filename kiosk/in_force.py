"""Which programme is in force, and which of its surveys is shown at this moment of the store's time.

Called by kiosk.bootstrap; the screens ask for the survey, the agent's thread brings new programmes.
Reads the ledger, and changes nothing.
"""

import logging
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.settings.file import Config
from kiosk.store.enrolment import Enrolment, find_enrolment
from kiosk.store.folder import LEDGER_FILE
from kiosk.store.migrations import version
from kiosk.store.problems import LedgerDamaged
from kiosk.store.programme import Document, standing_documents
from kiosk.store.reading import open_reader
from survey.model import Programme, Survey
from survey.parse import parse_programme
from survey.problems import InvalidSurvey

log = logging.getLogger(__name__)


class InForce:
    """Which survey is shown now. `hear` replaces the programme whole, from any thread; screens only ask."""

    def __init__(self, config: Config) -> None:
        self._own = config.programme
        self._zone = config.settings.kiosk.timezone
        self._enrolled_zone: str | None = None
        self._programme = self._own
        self._heard: list[Document] = []

    @property
    def own(self) -> Programme:
        """Give the programme of config.toml."""
        return self._own

    @property
    def programme(self) -> Programme:
        """Head office's if it sent one that is not empty, else that of config.toml."""
        return self._programme

    def take(self, config: Config) -> None:
        """Put another config.toml in force; its surveys were shelved before."""
        self._own, self._zone = config.programme, config.settings.kiosk.timezone
        self.hear(self._heard)

    def hear(self, documents: list[Document]) -> None:
        """Put head office's programme in force; one that this version cannot read leaves config.toml's."""
        self._heard = documents
        try:
            self._programme = parse_programme(documents, "programme") if documents else self._own
        except InvalidSurvey as invalid:
            log.warning("head office's programme cannot be used: %s", invalid)
            self._programme = self._own

    def stand_in(self, enrolment: Enrolment) -> None:
        """Go by the time zone that head office gave, unless config.toml names one."""
        self._enrolled_zone = enrolment.timezone

    def survey_now(self) -> Survey | None:
        """Give the survey that is shown at this moment of local time."""
        return self._programme.in_force(self.local_time())

    def local_time(self) -> datetime:
        """Tell the time of the site."""
        now = datetime.now(UTC)
        with suppress(ValueError, OSError, KeyError):  # a zone that only head office's system knows
            if zone := self._zone or self._enrolled_zone:
                return now.astimezone(ZoneInfo(zone))
        return now.astimezone()


def peek(folder: Path, in_force: InForce) -> None:
    """Look up what head office last said, without waiting for the store: it may change the first frame.

    Raises LedgerTooNew. What is damaged is left for the store to mend.
    """
    file = folder / LEDGER_FILE
    if not file.exists():
        return
    with suppress(sqlite3.Error, LedgerDamaged), closing(open_reader(file)) as reader:
        if version(reader):
            follow(reader, in_force)


def follow(reader: sqlite3.Connection, in_force: InForce) -> Enrolment | None:
    """Put in force what head office last said; give where the kiosk is enrolled.

    Raises LedgerDamaged or sqlite3.Error for what cannot be read.
    """
    enrolment = find_enrolment(reader)
    if enrolment is not None:
        in_force.stand_in(enrolment)
    in_force.hear(standing_documents(reader))
    return enrolment
