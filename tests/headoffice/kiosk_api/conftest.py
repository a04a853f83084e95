import pytest

from headoffice.store.engine import read_place
from tests.headoffice.running import RunningOffice


@pytest.fixture(scope="module")
def served(request, tmp_path_factory):
    """One head office for the module, with the survey published; on PostgreSQL where a module asks for it."""
    place = None
    if getattr(request, "param", "sqlite") == "postgresql":
        place = read_place(request.getfixturevalue("postgres").new(), option="test")
    office = RunningOffice(tmp_path_factory.mktemp("office"), place=place)
    office.publish()
    yield office
    office.close()


@pytest.fixture
def office(served):
    """The same, with no failures remembered."""
    served.context.enrol_failures._failures.clear()
    return served


@pytest.fixture
def kiosk(office):
    """A kiosk with a new key and a new ledger."""
    sender = office.sender()
    yield sender
    sender.close()
