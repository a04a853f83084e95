import pytest

from tests.headoffice.running import RunningOffice


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One head office for the module, with the survey published."""
    office = RunningOffice(tmp_path_factory.mktemp("office"))
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
