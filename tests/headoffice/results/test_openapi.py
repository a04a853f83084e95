"""The description of the interface against the routes and against real answers."""

import json

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from starlette.routing import Route

from headoffice.app import make_app
from headoffice.web.openapi import READINGS
from tests.headoffice.results.asking import client_of

FOR_PROGRAMS = ("/api/", "/kiosk/", "/healthz", "/readyz", "/metrics")  # all else are pages for people


@pytest.fixture(scope="package")
def description(town):
    """The description as it is served, without a token."""
    with client_of(town) as client:
        answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_it_is_valid_openapi_3_1(description):
    """The description is OpenAPI 3.1 by its own rules."""
    assert description["openapi"].startswith("3.1.")
    validate(description)


def test_every_route_stands_in_it(town, description):
    """Every path and method that is served stands in it, but for the pages; and nothing else does."""
    served = {
        (route.path, method.lower())
        for route in make_app(town.context).routes
        if isinstance(route, Route) and route.path.startswith(FOR_PROGRAMS)
        for method in (route.methods or {"GET"}) - {"HEAD"}
    }
    told = {
        (path, method)
        for path, item in description["paths"].items()
        for method in item
        if method in {"get", "put", "post", "delete"}
    }
    assert told == served


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.path.rsplit("/", 1)[-1])
def test_real_answers_fit_their_schema(town, description, reading):
    """What is really answered has exactly the fields that the description says, for either scope."""
    parameters = {
        "/api/v1/metrics": {"metric": "ces", "by": "site,hour"},
        "/api/v1/tallies": {"grain": "hour", "question": "rating", "site": "渋谷店"},
        "/api/v1/taps": {"limit": "100"},
        "/api/v1/visits": {"limit": "50"},
        "/api/v1/completeness": {"recount": "true"},
    }
    schema = {"$ref": f"#/components/schemas/{reading.schema}", "components": description["components"]}
    for scope in ("admin", "results"):
        with client_of(town, scope) as client:
            answer = client.get(reading.path, params=parameters.get(reading.path, {})).json()
        faults = list(OAS31Validator(schema).iter_errors(answer))
        assert faults == [], faults[:3]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.path.rsplit("/", 1)[-1])
def test_every_parameter_is_really_taken(town, reading):
    """Each parameter in the description is known to its path: asking with it gives no fault of its name."""
    samples = {
        "state": "open",
        "compare": "previous",
        "correction": "bh",
        "metric": "csat",
        "by": "site",
        "limit": "5",
        "from": "2026-01-01",
        "to": "2100-01-01",
    }
    samples |= {"format": "json", "grain": "day", "recount": "false", "survey": "checkout"}
    samples |= {"site": "渋谷店", "touchpoint": "returns", "question": "rating", "after": "", "wait": "1"}
    samples["language"] = "ja"
    taken = {each.name: samples[each.name] for each in reading.takes}
    with client_of(town, "results") as client:
        answer = client.get(reading.path, params={**taken, "format": "json"})

    assert answer.status_code == 200, answer.text


def test_a_problem_fits_its_schema(api, description):
    """An error has the shape that the description gives it."""
    schema = {"$ref": "#/components/schemas/Problem", "components": description["components"]}
    told = api.get("/api/v1/metrics", params={"metric": "x", "by": "y"}).json()

    assert list(OAS31Validator(schema).iter_errors(told)) == []
    assert json.dumps(told)
