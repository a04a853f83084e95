"""An ack is written here for speed, and defined in sync.contract."""

import pytest

from headoffice.web.kiosk_api import ack_of
from headoffice.work.ingest import Decision
from sync.contract import Ack, Rejected, encode_ack


@pytest.mark.parametrize("picture", [None, 1_795_250_000_123])
@pytest.mark.parametrize("rejected", [(), ((5, 'no question "q9"'), (6, "質問 \\ \n なし"))])
def test_an_ack_is_written_as_the_contract_writes_it(rejected, picture):
    """Byte by byte, with and without what is rare in it."""
    written = ack_of("ledger", "d" * 64, Decision(7, rejected, "abc", picture), now_ms=1_795_250_000_999)
    said = tuple(Rejected(*each) for each in rejected)
    name = None if picture is None else str(picture)
    assert written == encode_ack(Ack("ledger", "d" * 64, 7, said, "abc", 1_795_250_000_999, name))
