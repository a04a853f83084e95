import json
import time

import httpx
import pytest

from tests.headoffice.kiosk_side import Sender, refused, tap


def enrol(office, code, name="front door"):
    return httpx.post(f"{office.url}/kiosk/v1/enrol", json={"code": code, "name": name}, trust_env=False)


def test_code_becomes_a_key_that_may_send(office):
    """A one-time code is traded for a key with which taps are taken in at the code's site and touchpoint."""
    answer = enrol(office, office.code("fitting room"))
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"kiosk", "key", "site", "touchpoint", "timezone"}
    assert (told["site"], told["touchpoint"], told["timezone"]) == (
        str(office.site),
        "fitting room",
        "Asia/Tokyo",
    )
    sender = Sender(office.url, told["key"])
    assert sender.acked([tap(1)])["through"] == 1
    sender.close()
    touchpoint = office.value(
        "SELECT touchpoint FROM taps JOIN placements ON placements.id = placement"
        " ORDER BY ledger DESC LIMIT 1"
    )
    assert touchpoint == "fitting room"


def test_code_has_at_least_forty_bits_and_no_look_alikes(office):
    """A code can be read aloud: two groups of five out of 32 characters, none of them I, L, O or U."""
    code = office.code()
    assert len(code.replace("-", "")) * 5 >= 40
    assert not set(code) & set("ILOU")


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f" {code} ",
        lambda code: code.replace("0", "o").replace("1", "L"),
    ],
    ids=["small letters", "no dash", "spaces", "look-alikes"],
)
def test_code_is_forgiving_about_how_it_is_typed(office, typed):
    """Small letters, a missing dash and look-alikes do not matter."""
    assert enrol(office, typed(office.code())).status_code == 200


def test_code_works_once(office):
    """A used code is worth nothing."""
    code = office.code()
    assert enrol(office, code).status_code == 200
    refused(enrol(office, code), 401, "unauthorised")


def test_code_dies_after_fifteen_minutes(office):
    """A code older than 15 minutes is worth nothing, one just younger still works."""
    now = int(time.time() * 1000)
    refused(enrol(office, office.code(now=now - 15 * 60_000)), 401, "unauthorised")
    assert enrol(office, office.code(now=now - 14 * 60_000)).status_code == 200


def test_guessing_is_slowed_down_but_enrolling_is_not(office):
    """Thirty wrong codes from an address end in 429 with Retry-After; right codes cost nothing before."""
    assert all(enrol(office, office.code()).status_code == 200 for _ in range(12))
    for _ in range(30):
        refused(enrol(office, "AAAAA-AAAAA"), 401, "unauthorised")
    answer = enrol(office, office.code())
    refused(answer, 429, "busy")
    assert 1 <= int(answer.headers["retry-after"]) <= 600


def test_faults_are_told_all_at_once(office):
    """A request with two faults names both, and no kiosk is made."""
    before = office.value("SELECT count(*) FROM kiosks")
    answer = httpx.post(f"{office.url}/kiosk/v1/enrol", json={"code": 5, "name": "\n"}, trust_env=False)
    assert [fault["place"] for fault in refused(answer, 400, "invalid")["faults"]] == ["code", "name"]
    assert office.value("SELECT count(*) FROM kiosks") == before


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"code": "\xff"}', b'{"code": "\\ud800", "name": "x"}', b"[" * 100_000]
)
def test_what_is_no_json_object_is_refused(office, body):
    """A body that is no JSON object gets a 400, never a 5xx."""
    answer = httpx.post(f"{office.url}/kiosk/v1/enrol", content=body, trust_env=False)
    refused(answer, 400, "invalid")


def test_neither_code_nor_key_is_kept(office):
    """Only hashes of codes and keys are in the database."""
    code = office.code()
    key = enrol(office, code).json()["key"]
    kept = b"".join(
        path.read_bytes() for path in office.path.parent.iterdir() if path.name.startswith(office.path.name)
    )
    assert b"front door" in kept, "the files looked at are those that hold the kiosk"
    for secret in (code, code.replace("-", ""), key):
        assert secret.encode() not in kept
    assert json.dumps(key) not in json.dumps(office.rows("SELECT what FROM audit"))
