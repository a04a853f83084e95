"""Staff on the kiosk: the way in and nobody's way out, the first start, the day's figures, the settings."""

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter

import pytest

from deploy.screen import wait_for
from kiosk.health import boot_id, uptime_ms
from kiosk.settings.lockout import Uptime, read
from kiosk.settings.pin import Pins
from kiosk.store.today import MOST_REMARKS
from survey.prediction import QUESTION
from tests.screens.desk import ROOT, Desk
from tests.screens.staffplay import RIGHT, STAFF, TECHNICIAN, VISITS, WRITTEN, WRONG

ASKED = tomllib.loads((ROOT / "assets" / "surveys" / "waiting_time.toml").read_text("utf-8"))
QUESTIONS = ASKED["survey"][0]["question"]
LABELS = {each["id"]: each["text"]["en"] for asked in QUESTIONS for each in asked.get("options", ())}
CORNER = 30, 30
LISTED = "config", "is_new", "near", "wifi", "toasts"
OK = 1072, 716
BACK = 168, 716
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict:
    """What a whole day of staff's came to, by real store and real files."""
    data = tmp_path_factory.mktemp("staff") / "data"
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens.staffplay", data],
        cwd=ROOT,
        env={**os.environ, "HOME": str(data.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict = {
        "data": data,
        "log": done.stderr,
        "config": [],
        "is_new": [],
        "near": [],
        "wifi": [],
        "toasts": [],
    }
    for line in done.stdout.splitlines():
        for key, value in json.loads(line).items():
            if key in LISTED:
                said[key].append(value)
            else:
                said[key] = value
    return said


def test_the_first_start_sets_up_all_that_a_kiosk_needs(told):
    """Language, size, survey and both PINs are in force; a PIN that is easily guessed is refused."""
    config = tomllib.loads(told["config"][0])

    assert told["is_new"] == [True, False]
    assert config["kiosk"]["language"] == "en"
    assert config["kiosk"]["languages"] == ["en", "ja"]
    assert config["screen"]["diagonal_inches"] == 10.3
    assert [survey["id"] for survey in config["survey"]] == [told["asks"]] == ["waiting_time"]
    assert "# Corner to corner" in told["config"][0]  # remarks stayed
    assert "tries that first" in told["weak"]
    assert told["staffed"] is False
    pins = Pins(told["data"], now=lambda: Uptime(boot="later", ms=HOUR_MS), began_ms=0)
    assert pins.enter("technician", TECHNICIAN).is_right
    assert pins.enter("staff", STAFF).is_right


def test_the_measured_size_is_in_force_with_the_first_shopper(told):
    """Letters and targets are as large as the ruler said, without a restart; none of it waits for one."""
    assert told["inches"] == 10.3


def test_a_technician_joins_a_wifi_and_its_password_stays_nowhere(told):
    """Near networks by name and strength; a wrong password is said to be one; none is kept or logged."""
    assert told["near"][0] == [["みどり市場", "Strong"], ["Back:room", "Fair"], ["Guests", "Weak"]]
    assert any("did not take the password" in words for words in told["wifi"][0])
    assert "Connected by Wi-Fi: みどり市場" in told["wifi"][1]
    assert told["forgotten"]
    kept = [file for file in told["data"].rglob("*") if file.is_file()]
    for password in (WRONG, RIGHT):
        assert password not in told["log"]
        assert not any(password.encode() in file.read_bytes() for file in kept)


def test_staff_reach_everything_where_it_is_to_stand_low(told):
    """`screen.reach = "low"` holds for staff's pages too, on three screens: rows, pads, tabs, keys."""
    assert told["looked_at"] == 3
    assert told["beyond"] == []


def test_a_wrong_pin_costs_a_wait_in_words_and_the_right_one_opens(told):
    """Who does not know the PIN is told how long to wait; staff see staff's entries, not the technician's."""
    assert "1 seconds" in told["wrong"]
    assert told["locked"]
    assert not told["inside"]
    assert told["role"] == "staff"
    assert "Today" in told["menu"]
    assert "PINs" not in told["menu"]


def test_todays_view_shows_what_a_recount_says(told):
    """Visits, faces, reasons and the prediction on the screen are those in the ledger."""
    listed = subprocess.run(
        [sys.executable, "-m", "kiosk", "export", "--data", told["data"]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    taps = [json.loads(line) for line in listed.stdout.splitlines()]
    answers = {(tap["visit"], tap["question"]): tap["answer"] for tap in taps}
    shoppers = {tap["visit"] for tap in taps if tap["question"] != QUESTION}
    faces = Counter(answer for (_, question), answer in answers.items() if question == "rating" and answer)

    assert len(shoppers) == VISITS
    assert str(VISITS) in told["texts"]
    for face in ("sad", "neutral", "happy"):
        assert str(faces[face]) in told["texts"]
        assert f"{100 * faces[face] / faces.total():.0f} %" in told["texts"]
    assert any(text.startswith("Predicted 7 of 10") for text in told["texts"])
    assert [answer for (_, question), answer in answers.items() if question == QUESTION] == [7]
    of_reasons = [each["id"] for each in QUESTIONS if each.get("metric") == "reasons"]
    named = Counter(
        words
        for (_, question), answer in answers.items()
        if question in of_reasons and answer
        for words in ([answer] if isinstance(answer, str) else answer)
    )
    assert sum(named.values()) > 5
    assert Counter({words: int(count) for words, count in told["reasons"]}) == Counter(
        {LABELS[words]: count for words, count in named.items()}
    )
    assert "head office" in told["sync"]
    faces_of = {visit: answer for (visit, question), answer in answers.items() if question == "rating"}
    written = [tap for tap in taps if tap["question"] == "remark"]
    newest = sorted(written, key=lambda tap: tap["at"], reverse=True)[:MOST_REMARKS]
    assert len(written) == WRITTEN > MOST_REMARKS
    assert told["remarks"] == [[tap["answer"], faces_of[tap["visit"]]] for tap in newest]
    assert not any("1234" in words for words, _ in told["remarks"])  # covered before they were stored
    assert all(words.startswith("Remark ") for words, _ in told["remarks"])


def test_the_editors_parts_write_what_they_say(told):
    """Days, hours and dates, a share, a picture, a copy; what was deleted comes back with one touch."""
    assert told["when"] == {"weekdays": "mon,tue,wed,thu,fri", "hours": "10:00-21:00", "from": "2026-12-01"}
    assert told["note"] == "Mon Tue Wed Thu Fri, 10:00–21:00, 2026-12-01 –"
    assert told["toasts"][0] == "There is no day 20260231"
    assert 0 < told["ask"] < 1
    assert told["icon"] == "heart"
    first, copied, deleted, back = told["counts"]
    assert (copied, deleted, back) == (first + 1, first, first + 1)


def test_settings_that_are_saved_are_in_the_file_with_its_remarks(told):
    """Two settings change together; every other line is as it was."""
    before, after = (text.splitlines() for text in told["config"])

    changed = [line.split()[0] for line in after if line not in before]

    assert changed == ["idle_s", "sound"]
    assert told["toast"]
    assert told["left"]


def test_a_trial_shows_the_shoppers_screens_and_stores_nothing(told):
    """Staff answer as shoppers do and come back to where they were; the ledger has not a visit more."""
    assert told["shown"]
    assert told["moved"]
    assert told["back"]
    assert told["stored"] == 0


def test_whoever_goes_away_is_asked_for_and_then_sent_away(told):
    """A page that nobody touches is no open door: first a warning with a way to go on, then the shoppers."""
    assert told["asked"]
    assert told["went_on"]
    assert told["gone"]


def test_the_pad_opens_by_a_held_corner_and_a_lock_out_outlives_a_restart(desk: Desk, places):
    """A corner that is held leads to the pad; who was wrong too often waits there, started anew or not.

    Meanwhile shoppers answer. A corner that is only touched, or held by an arm, opens nothing.
    """
    desk.data.mkdir(mode=0o700)
    boots = [*(f"boot {number}" for number in range(9)), boot_id()]
    for number, boot in enumerate(boots):  # ten wrong ones, each of them long after the one before
        at = Uptime(boot=boot, ms=uptime_ms())
        pins = Pins(desk.data, now=lambda at=at: at, began_ms=-HOUR_MS)
        if not number:
            pins.put("staff", STAFF)
        assert not pins.enter("staff", "000111").is_right
    desk.start()
    rest = desk.screen.still()
    desk.screen.tap(*CORNER)
    assert desk.screen.still().tobytes() == rest.tobytes()

    for start in range(2):
        if start:
            desk.stop()
            desk.start()
            rest = desk.screen.still()
        hold(desk)
        pad = desk.screen.look()
        assert pad.tobytes() != rest.tobytes()
        for digit in STAFF:
            desk.screen.tap(*key(int(digit)))
        desk.screen.tap(*OK)
        desk.screen.still()
        desk.screen.tap(*BACK)
        desk.screen.until_like(rest)
        assert read(desk.data)["staff"].wrong == 10  # the right PIN was not even looked at

    desk.screen.still()
    desk.screen.turn(*places.face("happy"))
    assert desk.wait_for_taps(1) == [("rating", "happy")]
    assert desk.errors() == ""


def hold(desk: Desk) -> None:
    """Hold the corner until the disc shows, and let go."""
    before = desk.screen.print()
    desk.screen.press(*CORNER)
    wait_for(lambda: desk.screen.print() != before, "the disc in the corner")
    shown = desk.screen.print()
    desk.screen.lift()
    wait_for(lambda: desk.screen.print() not in (before, shown), "the pad")
    desk.screen.still()


def key(digit: int) -> tuple[int, int]:
    """Where a digit stands on the reference screen."""
    column, line = ((digit - 1) % 3, (digit - 1) // 3) if digit else (1, 3)
    return 732 + column * 164 + 74, 800 - (176 + (3 - line) * 128 + 56)
