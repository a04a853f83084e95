"""Which programme is in force, and which of its surveys is shown at this moment of the store's time.

Called by kiosk.bootstrap; the screens ask for the survey, the agent's thread brings new programmes.
Reads the ledger, and changes nothing.
"""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.settings.file import Config
from kiosk.store.edits import Edit, standing_edits
from kiosk.store.enrolment import Enrolment, find_enrolment
from kiosk.store.folder import LEDGER_FILE
from kiosk.store.migrations import version
from kiosk.store.problems import LedgerDamaged
from kiosk.store.programme import Document, standing_documents, standing_terms
from kiosk.store.reading import open_reader
from survey.model import Programme, Survey
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey
from survey.terms import Terms, beyond

log = logging.getLogger(__name__)


class InForce:
    """Which survey is shown now. `hear` replaces the programme whole, from any thread; screens only ask."""

    def __init__(self, config: Config) -> None:
        self._own = config.programme
        self._zone = config.settings.kiosk.timezone
        self._enrolled_zone: str | None = None
        self._programme = self._own
        self._heard: list[Document] = []
        self._terms: list[Terms] = []
        self._edits: dict[str, Edit] = {}
        self._office: Programme | None = None
        self._passed_over: tuple[str, ...] = ()

    @property
    def own(self) -> Programme:
        """Give the programme of config.toml."""
        return self._own

    @property
    def programme(self) -> Programme:
        """Head office's if it sent one that is not empty, else that of config.toml."""
        return self._programme

    @property
    def office(self) -> Programme | None:
        """Give head office's programme as it was sent, None where the store's own stands alone."""
        return self._office

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Name the surveys that the store changed, in whose place head office's stand."""
        return self._passed_over

    def terms(self, survey_id: str) -> Terms | None:
        """Tell on what terms head office gives a survey, None for one that is the store's alone."""
        for number, survey in enumerate(self._office.surveys if self._office else ()):
            if survey.id == survey_id:
                return self._terms[number] if number < len(self._terms) else Terms()
        return None

    def with_office(self, own: Programme) -> Programme:
        """Give what staff edit: head office's surveys as they are shown, then the store's alone."""
        if self._office is None:
            return own
        sent = {survey.id for survey in self._office.surveys}
        beside = tuple(survey for survey in own.surveys if survey.id not in sent)
        return Programme(surveys=(*self._programme.surveys, *beside))

    def may_publish(self, documents: Sequence[Document]) -> tuple[Fault, ...]:
        """Name all in edited surveys that head office's terms do not allow."""
        sent = {survey.id: survey for survey in self._office.surveys} if self._office else {}
        return tuple(
            Fault(_within(number, fault.place), fault.message)
            for number, document in enumerate(documents)
            if (office := sent.get(str(document.get("id"))))
            for fault in beyond(self.terms(office.id) or Terms(), office.document(), document)
        )

    def take(self, config: Config, edits: Mapping[str, Edit] | None = None) -> None:
        """Put another config.toml in force; its surveys were shelved before, and who made them is kept."""
        self._own, self._zone = config.programme, config.settings.kiosk.timezone
        self.hear(self._heard, self._terms, edits)

    def know(self, edits: Mapping[str, Edit]) -> None:
        """Go by these edits of the store from now on."""
        self.hear(self._heard, self._terms, edits)

    def hear(
        self,
        documents: list[Document],
        terms: Sequence[Terms] = (),
        edits: Mapping[str, Edit] | None = None,
    ) -> None:
        """Put head office's programme in force, but for what the store may change and did.

        One that this version cannot read leaves config.toml's.
        """
        self._heard, self._terms = documents, list(terms)
        self._edits = dict(self._edits if edits is None else edits)
        try:
            self._office = parse_programme(documents, "programme") if documents else None
        except InvalidSurvey as invalid:
            log.warning("head office's programme cannot be used: %s", invalid)
            self._office = None
        self._programme = self._together(self._office) if self._office else self._own

    def _together(self, office: Programme) -> Programme:
        """Take the store's version of a survey where it changed this very one of head office's, as it may."""
        own = {survey.id: survey for survey in self._own.surveys}
        chosen = tuple(self._chosen(sent, own.get(sent.id)) for sent in office.surveys)
        self._passed_over = tuple(
            sent.id
            for sent, used in zip(office.surveys, chosen, strict=True)
            if used is sent and self._changed(own.get(sent.id), sent)
        )
        return Programme(surveys=chosen)

    def _chosen(self, sent: Survey, own: Survey | None) -> Survey:
        edit = own and self._edits.get(own.version)
        if not own or not edit or edit.office != sent.version:
            return sent
        may = not beyond(self.terms(sent.id) or Terms(), sent.document(), own.document())
        return own if may else sent

    def _changed(self, own: Survey | None, sent: Survey) -> bool:
        return own is not None and own.version in self._edits and own.version != sent.version

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


def _within(number: int, place: str) -> str:
    return f"survey[{number}]" if place == "survey" else f"survey[{number}].{place}"


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
    in_force.hear(standing_documents(reader), standing_terms(reader), standing_edits(reader))
    return enrolment
