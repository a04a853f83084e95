"""I fetch the programme from head office when it differs from the one on the shelf, and check it whole.

``agent`` calls me, on its own thread, with the etag that an ack named.
I see the kiosk's store through the Protocol here, and the network through ``client``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from survey.parse import parse_programme
from survey.problems import InvalidSurvey
from sync.errors import BadProgramme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survey.model import Programme
    from survey.problems import Fault
    from sync.client import Client


class ProgrammeShelf(Protocol):
    """The programme from head office, as the kiosk keeps it. Called from the sync thread."""

    def etag(self) -> str | None:
        """Give the etag of what is kept, None if nothing is."""
        ...

    def put(self, etag: str, documents: list[dict[str, Any]], terms: list[dict[str, Any]]) -> None:
        """Keep a checked programme, its surveys and their terms at once; an empty one means config.toml."""
        ...


class Pull:
    """The programme's way down. ``faults`` says what in a sound programme this kiosk could not show."""

    def __init__(
        self,
        client: Client,
        shelf: ProgrammeShelf,
        *,
        faults: Callable[[Programme], Sequence[Fault]] = lambda _: (),
    ) -> None:
        self._client = client
        self._shelf = shelf
        self._faults = faults
        self._bad_etag: str | None = None  # of a programme that cannot be put in force, and why
        self._bad_words = ""

    @property
    def problem(self) -> str | None:
        """Say why head office's programme is not in force, None if nothing is wrong with it."""
        return self._bad_words or None

    def refresh(self, etag: str | None) -> bool:
        """Fetch and keep the programme if head office's ``etag`` is not the kept one; tell if it is new.

        Raises a SyncError; BadProgramme if a survey in it is at fault: the last good one stays then.
        """
        kept = self._shelf.etag()
        if etag == kept:
            self._bad_etag, self._bad_words = None, ""  # head office took back what could not be used
            return False
        if etag is not None and etag == self._bad_etag:
            raise BadProgramme(self._bad_words)  # found bad before: not fetched again at every exchange
        published = self._client.programme(kept)
        if published is None or published.etag == kept:
            return False
        documents = list(published.surveys)
        try:
            if documents:
                self._check(documents)
        except InvalidSurvey as invalid:
            self._bad_etag, self._bad_words = published.etag, _words(invalid)
            raise BadProgramme(self._bad_words) from invalid
        self._shelf.put(published.etag, documents, list(published.terms))
        self._bad_etag, self._bad_words = None, ""
        return True

    def _check(self, documents: list[dict[str, Any]]) -> None:
        """Raise InvalidSurvey if it is no programme, or none for this kiosk's screen."""
        if faults := self._faults(parse_programme(documents, "programme")):
            raise InvalidSurvey(faults)

    def close(self) -> None:
        """End the exchange in flight, and every later one, with Closed; any thread may call it."""
        self._client.close()


def _words(invalid: InvalidSurvey) -> str:
    others = len(invalid.faults) - 1
    more = f" (and {others} more)" if others else ""
    return f"the programme from head office cannot be used: {invalid.faults[0]}{more}"
