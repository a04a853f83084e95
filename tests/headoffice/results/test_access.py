"""Who may ask: a token, and nothing else."""

import pytest

from headoffice.web.openapi import READINGS
from tests.headoffice.kiosk_side import refused
from tests.headoffice.results.asking import client_of


@pytest.fixture(scope="module")
def stranger(town):
    """A client without a token."""
    with client_of(town) as client:
        yield client


PATHS = [reading.path for reading in READINGS]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer wrong", "Basic dTpw", "Bearer " + "x" * 9000]
)
def test_without_a_token_there_is_no_answer(stranger, path, authorization):
    """Without a valid token every path answers 401 and says how to send one."""
    answer = stranger.get(path, headers={} if authorization is None else {"Authorization": authorization})

    refused(answer, 401, "unauthorised")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", PATHS)
def test_a_kiosks_key_is_no_token(town, stranger, path):
    """A kiosk's key opens nothing but the kiosk's own paths."""
    answer = stranger.get(path, headers={"Authorization": f"Bearer {town.senders[0].key}"})

    refused(answer, 401, "unauthorised")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_changed_here(api, path):
    """The results can only be read."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert api.request(method, path).status_code == 405


def test_answers_are_not_kept_by_anyone_between(api):
    """No cache on the way keeps an answer, and what it depends on is named."""
    headers = api.get("/api/v1/sites").headers

    assert headers["Cache-Control"] == "no-store"
    assert {"Accept", "Authorization"} <= {name.strip() for name in headers["Vary"].split(",")}
