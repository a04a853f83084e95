"""Alerts told to the webhook: each once and signed, again until it is taken, and never on by a redirect."""

import asyncio
import base64
import json
import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from headoffice.problems import DataUnusable
from headoffice.settings import resolve
from headoffice.store import alerts
from headoffice.store.alerts import Wrong
from headoffice.store.audit import By
from headoffice.work import access
from headoffice.work.tell import (
    FIRST_WAIT_MS,
    GIVEN_UP_AFTER_MS,
    LONGEST_WAIT_MS,
    Teller,
    read_hook,
    signature,
)
from tests.headoffice.results.asking import client_of
from tests.headoffice.running import RunningOffice

NOW_MS = 1_795_250_000_000
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture(scope="module")
def receiver():
    """A server on loopback that keeps what it is sent, and answers what it is told to."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((dict(self.headers), body))
            self.send_response(server.answers.pop(0) if server.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def told(office, receiver, tmp_path):
    """The office with a webhook: `told.go()` is one round, `told.now` its clock."""
    receiver.got, receiver.answers = [], []
    file = tmp_path / "webhook"
    file.write_text(f"http://127.0.0.1:{receiver.server_port}/hook?token=hidden\n{SECRET}\n")
    hook = read_hook(replace(resolve({"data": str(tmp_path)}, {}), alert_webhook_file=str(file)))

    async def read(question):
        with office.database.read() as connection:
            return question(connection)

    async def write(change):
        return office.change(change)

    class Told:
        now = NOW_MS
        got = receiver.got
        answers = receiver.answers

        def __init__(self):
            self.teller = Teller(hook, read=read, write=write, now_ms=lambda: self.now)

        def go(self):
            asyncio.run(self.teller.tell())
            return [json.loads(body)["type"] for _, body in self.got]

    return Told()


def raised(office, subject, *, now=NOW_MS):
    wrong = Wrong(kind="kiosk_silent", subject=subject, detail="was last heard of 1970年", site=office.site)
    office.change(partial(alerts.raise_alert, wrong=wrong, now=now))


def test_the_signature_is_that_of_the_specification():
    """The worked example of Standard Webhooks' own libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at_s=1_614_265_330)
    assert said["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_alert_and_its_end_are_told_once_and_signed(office, told):
    """Each is posted once, as JSON that the secret vouches for, and noted in the audit."""
    raised(office, "kiosk 1")
    assert told.go() == ["alert.raised"]
    assert told.go() == ["alert.raised"]
    [(headers, body)] = told.got
    said = {name.lower(): value for name, value in headers.items()}
    assert said["content-type"] == "application/json"
    expected = signature(KEY, said["webhook-id"], body, at_s=NOW_MS // 1000)
    assert {name: said[name] for name in expected} == expected
    data = json.loads(body)["data"]
    assert (data["subject"], data["state"], data["closed_at"]) == ("kiosk 1", "open", None)
    assert data["raised_at"] == "2026-11-21T17:33:20.000+09:00"
    office.change(partial(alerts.close_alert, alert=int(data["alert"]), now=NOW_MS + 1))
    assert told.go() == ["alert.raised", "alert.over"]
    assert json.loads(told.got[1][1])["data"]["state"] == "closed"
    assert said["webhook-id"] not in told.got[1][0].values()
    lines = office.rows("SELECT who, did FROM audit WHERE who = 'webhook'")
    assert lines == [("webhook", "tell alert")] * 2


def test_what_is_not_taken_waits_and_is_tried_again(office, told, caplog):
    """An error or a redirect keeps all behind it waiting, ever longer; nothing is lost, no address shown."""
    raised(office, "kiosk 1")
    raised(office, "kiosk 2")
    told.answers += [500, 302]
    assert told.go() == ["alert.raised"]
    told.now += FIRST_WAIT_MS // 3
    assert len(told.go()) == 1
    told.now += FIRST_WAIT_MS
    assert len(told.go()) == 2
    told.now += FIRST_WAIT_MS // 2
    assert len(told.go()) == 2
    told.now += LONGEST_WAIT_MS
    assert len(told.go()) == 4
    ids = [headers["webhook-id"] for headers, _ in told.got]
    assert len(set(ids[:3])) == 1
    assert ids[3] != ids[2]
    assert "127.0.0.1 answered 500" in caplog.text
    assert "hidden" not in caplog.text


def test_what_nobody_takes_for_days_is_given_up(office, told):
    """After three days an alert is told no more; the audit says so, and later ones are told."""
    raised(office, "kiosk 1")
    told.now += GIVEN_UP_AFTER_MS + 1
    raised(office, "kiosk 2", now=told.now)
    assert told.go() == ["alert.raised"]
    assert json.loads(told.got[0][1])["data"]["subject"] == "kiosk 2"
    assert office.rows("SELECT did FROM audit WHERE who = 'webhook' ORDER BY id") == [
        ("give up telling alert",),
        ("tell alert",),
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("https://example.org/hook", "two lines"),
        (f"http://example.org/hook {SECRET}", "first line is no address"),
        (f"ftp://127.0.0.1/hook {SECRET}", "first line is no address"),
        ("https://example.org/hook hunter2", "second line is no secret"),
        ("https://example.org/hook whsec_aHVudGVyMg==", "second line is no secret"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_at_the_start(tmp_path, written, said):
    """The file and the mend are named; nothing that stands in it is repeated."""
    file = tmp_path / "webhook"
    file.write_text(written)
    settings = replace(resolve({"data": str(tmp_path)}, {}), alert_webhook_file=str(file))
    with pytest.raises(DataUnusable, match=said) as caught:
        read_hook(settings)
    assert str(file) in str(caught.value)
    assert "hook " not in str(caught.value).replace(str(file), "")
    assert "hunter2" not in str(caught.value)


def test_what_waits_and_what_was_told_last_is_known(office, told):
    """Before it is taken an alert waits; afterwards the moment it was taken is the last."""
    raised(office, "kiosk 1")
    with office.database.read() as connection:
        assert alerts.telling(connection) == (1, None)
    told.go()
    with office.database.read() as connection:
        assert alerts.telling(connection) == (0, NOW_MS)


def test_an_administrator_sends_a_trial(receiver, tmp_path):
    """It comes signed, what came back is said, and no page shows the token in the webhook's address."""
    receiver.got, receiver.answers = [], [204, 500]
    file = tmp_path / "webhook"
    file.write_text(f"http://127.0.0.1:{receiver.server_port}/hook?token=hidden\n{SECRET}\n")
    office = RunningOffice(tmp_path / "data", alert_webhook_file=str(file))
    try:
        with closing(signed_in(office, "admin")) as admin, closing(signed_in(office, "analyst")) as analyst:
            page = admin.get("/alerts").text
            assert "127.0.0.1" in page
            assert "/alerts/trial" not in analyst.get("/alerts").text
            form = {"csrf": page.split('name="csrf" value="')[1].split('"')[0]}
            assert analyst.post("/alerts/trial", data=form).status_code == 403
            assert admin.post("/alerts/trial", data=form).headers["location"] == "/alerts?done=tried"
            failed = admin.post("/alerts/trial", data=form)
            assert (failed.status_code, "answered 500" in failed.text) == (400, True)
            assert "token=hidden" not in page + failed.text + admin.get("/admin/audit").text
        tried = "SELECT what FROM audit WHERE did = 'try webhook' ORDER BY id"
        with office.database.read() as connection:
            noted = [json.loads(what)["taken"] for (what,) in connection.exec_driver_sql(tried)]
    finally:
        office.close()
    assert noted == [True, False]
    [(headers, body), _] = receiver.got
    said = {name.lower(): value for name, value in headers.items()}
    expected = signature(KEY, said["webhook-id"], body, at_s=int(said["webhook-timestamp"]))
    assert said["webhook-signature"] == expected["webhook-signature"]
    assert json.loads(body)["type"] == "alert.trial"


def signed_in(office, role):
    by = By("test", int(time.time() * 1000))
    code = office.change(partial(access.add_person, email=f"{role}@example.com", role=role, by=by))
    client = client_of(office)
    client.headers["Accept-Language"] = "en"
    assert client.post("/sign-in/code", data={"code": code}).status_code == 303
    return client
