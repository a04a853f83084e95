import pytest

from tests.headoffice.running import Office


@pytest.fixture
def office(tmp_path, place):
    """A head office that is not served, with the survey published."""
    office = Office(tmp_path, place=place)
    office.publish()
    yield office
    office.close()
