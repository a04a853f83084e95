"""Every path of the interface, asked what its description allows and what it does not."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from headoffice.web import openapi
from tests.headoffice.results.asking import make_tokens, send_faces
from tests.headoffice.results.conftest import survey, version_of
from tests.headoffice.running import RunningOffice

# schemathesis draws from `random` now and then, which hypothesis warns of; what it asks is its own affair.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")

TORTURE = "EGAO_TORTURE" in os.environ
EACH = 550 if TORTURE else 7  # examples for each operation and mode: 20,000 and 300 requests in all
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
PATHS = openapi.description()["paths"]
OPERATIONS = [
    (f"{method.upper()} {path}", mode)
    for path, item in PATHS.items()
    for method in item
    if method != "parameters"
    for mode in GenerationMode
    # What takes nothing cannot be asked wrongly.
    if mode is GenerationMode.POSITIVE
    or "parameters" in item
    or {"parameters", "requestBody"} & set(item[method])
]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A head office with a few taps, and its description as schemathesis reads it."""
    office = RunningOffice(tmp_path_factory.mktemp("asked"))
    office.publish(survey())
    office.tokens = make_tokens(office)
    kiosk = office.sender()
    send_faces(kiosk, version_of(survey()), *["happy", "sad"] * 6)
    office.key_in_use = kiosk.key
    office.schema = schemathesis.openapi.from_dict(openapi.description())
    office.schema.config.update(base_url=office.url)
    yield office
    kiosk.close()
    office.close()


@pytest.mark.timeout(3600 if TORTURE else 180)
@pytest.mark.parametrize(("named", "mode"), OPERATIONS)
def test_no_question_is_answered_as_nobody_said(office, named, mode):
    """Whatever is asked, there is no 5xx and no answer that the description does not have."""
    method, path = named.split(" ")
    operation = office.schema[path][method]
    token = office.key_in_use if path.startswith("/kiosk/") else office.tokens["admin"]
    headers = {"Authorization": f"Bearer {token}"}

    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        derandomize=not TORTURE,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
