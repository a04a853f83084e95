"""What operators watch: health, readiness, Prometheus, logs, and settings from wherever they come."""

import json
import logging
import sys

import httpx
import pytest
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from headoffice.logs import JsonLines, TextLines
from headoffice.settings import UnreadableSetting, resolve
from headoffice.web.instruments import Requests
from tests.headoffice.kiosk_side import refused
from tests.headoffice.results.asking import client_of, send_faces


def samples(client):
    """Every sample of /metrics by its name and labels."""
    page = client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def test_prometheus_sees_taps_kiosks_requests_and_groups(small):
    """The page counts what really happened, and its labels do not grow with what strangers type."""
    send_faces(small.kiosk, small.version, "happy", "sad")
    with client_of(small) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}
        for path in ("/nowhere/1", "/nowhere/2"):
            assert client.get(path).status_code == 404
        client.request("BREW", "/nowhere/3")
        client.put("/kiosk/v1/surveys/abc", content=b"{}")
        seen = samples(client)
    assert seen["egao_taps", ("state", "held")] == 2
    assert seen["egao_kiosks", ("state", "heard")] == 1
    assert seen["egao_feed_number",] == 2
    assert seen["egao_commit_group_size_count",] >= 1
    assert seen["egao_writers",] == 0
    taps = ("method", "POST"), ("route", "/kiosk/v1/taps"), ("status", "200")
    assert seen["egao_http_requests_total", *taps] == 1
    routes = {dict(key[1:])["route"] for key in seen if key[0] == "egao_http_requests_total"}
    assert {"other", "/kiosk/v1/surveys/{version}"} <= routes
    assert not [route for route in routes if "nowhere" in route]


def test_how_long_requests_take_is_counted_as_prometheus_does():
    """Each bucket, the count and the sum of our own histogram are those of its client's."""
    requests, registry = Requests(), CollectorRegistry()
    theirs = Histogram("egao_http_request_seconds", "…", ("route",), registry=registry)
    for seconds in (0.0, 0.004, 0.005, 0.0051, 0.3, 10.0, 11.0):
        requests.count("GET", "/", 200, seconds)
        theirs.labels("/").observe(seconds)
    ours = {each.name: each for each in requests.collect()}["egao_http_request_seconds"]
    (expected,) = registry.collect()
    wanted = {(each.name, *each.labels.items()): each.value for each in expected.samples}
    wanted = {key: value for key, value in wanted.items() if not key[0].endswith("_created")}
    assert {(each.name, *each.labels.items()): each.value for each in ours.samples} == wanted


def test_a_server_that_stops_is_not_ready(small):
    """Who is about to stop says so, that a load balancer goes elsewhere, and is still alive."""
    small.context.stopping.set()
    refused(httpx.get(f"{small.url}/readyz", trust_env=False), 503, "busy")
    assert httpx.get(f"{small.url}/healthz", trust_env=False).status_code == 200


def test_a_log_line_is_one_line():
    """Neither form lets a message make a second line that looks like another record."""
    record = logging.LogRecord("a", logging.ERROR, "f", 1, "said %s", ("x\n2026 ERROR forged",), None)

    told = json.loads(JsonLines().format(record))
    assert (told["level"], told["message"]) == ("error", "said x\n2026 ERROR forged")
    assert "\n" not in JsonLines().format(record)
    assert "\n" not in TextLines().format(record)
    try:
        raise ZeroDivisionError  # noqa: TRY301 - to have one to log
    except ZeroDivisionError:
        record.exc_info = sys.exc_info()
    assert "ZeroDivisionError" in json.loads(JsonLines().format(record))["error"]


def test_a_setting_comes_from_flag_environment_file_or_default(tmp_path):
    """The flag wins over the environment, the environment over the file, the file over the default."""
    file = tmp_path / "office.toml"
    file.write_text('port = 1\nhost = "::1"\nqueue_mib = 9\nlog_format = "json"\n', "utf-8")
    environment = {"EGAO_HEADOFFICE_PORT": "2", "EGAO_HEADOFFICE_QUEUE_MIB": "10"}

    settings = resolve({"config": str(file), "port": "3"}, environment)

    assert (settings.port, settings.queue_mib, settings.host) == (3, 10, "::1")
    assert (settings.log_format, settings.queue_requests) == ("json", 1000)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("prot = 1\nhsot = 2", "no setting 'prot'.*no setting 'hsot'"),
        ("port = true", "port must be a text or a whole number"),
        ("port = 70000", "office.toml: port: 70000 is not from 0 to 65535"),
        ("port = ", "Invalid value"),
        ('log_format = "xml"', "'xml' is none of text, json"),
    ],
)
def test_a_faulty_file_is_named_with_its_faults(tmp_path, written, said):
    """A settings file that cannot be read is refused with the place of each fault."""
    file = tmp_path / "office.toml"
    file.write_text(written, "utf-8")
    with pytest.raises(UnreadableSetting, match=said):
        resolve({"config": str(file)}, {})
