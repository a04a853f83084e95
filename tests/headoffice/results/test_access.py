"""Who may ask: a token, and nothing else."""

import pytest

from headoffice.web.errors import HttpProblem
from headoffice.web.openapi import READINGS
from headoffice.web.throttle import Pace
from tests.headoffice.kiosk_side import refused
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import RunningOffice


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


def test_a_token_that_asks_too_often_waits():
    """Beyond its share a token gets 429 with the seconds to wait, and others are not held up."""
    now = 1_000_000
    pace = Pace(a_minute=60, now_ms=lambda: now)
    for _ in range(60):
        pace.take("token 1")
    with pytest.raises(HttpProblem) as refusal:
        pace.take("token 1")
    assert refusal.value.status == 429
    assert refusal.value.headers == {"Retry-After": "1"}
    pace.take("token 2")
    now += 1000
    pace.take("token 1")


def test_the_share_of_a_token_is_a_setting(tmp_path):
    """The server holds a token to the setting."""
    office = RunningOffice(tmp_path, requests_per_minute=3)
    office.tokens = make_tokens(office)
    with client_of(office, "results") as client:
        statuses = [client.get("/api/v1/sites").status_code for _ in range(5)]
        refused(client.get("/api/v1/sites"), 429, "busy")
    office.close()
    assert statuses[:3] == [200] * 3
    assert 429 in statuses
