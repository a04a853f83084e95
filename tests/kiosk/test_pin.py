"""PINs: hashed, never weak, and a wait after wrong ones that nothing shortens."""

import io
import json
import logging
import os
import pty
import subprocess
import sys
import threading
from argparse import Namespace

import pytest

from kiosk import commands, report
from kiosk.settings import lockout, pin
from kiosk.settings.lockout import FILE, LONGEST_WAIT_MS, PinsDamaged, Uptime, delay_ms, read
from kiosk.settings.pin import Pins, WeakPin, weakness
from kiosk.terminal import Refused
from tests.kiosk.test_commands import ROOT

GOOD, OTHER, WRONG = "482915", "730264", "118822"


class Machine:
    """A machine's uptime, moved by hand."""

    def __init__(self):
        self.boot, self.ms = "boot-1", 5_000_000

    def __call__(self):
        return Uptime(boot=self.boot, ms=self.ms)

    def reboot(self):
        self.boot, self.ms = "boot-2", 20_000


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Hash in little time; the choice itself has its own test."""
    monkeypatch.setattr(pin, "MEMORY_KIB", 64)


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def start(tmp_path, machine):
    """Start the program (again) on one data directory."""
    return lambda: Pins(tmp_path, now=machine)


def test_the_right_pin_is_right_and_each_role_has_its_own(start):
    """A PIN opens its own role's door, after a restart too; none is set at first."""
    assert not start().enter("staff", GOOD).is_right
    start().put("staff", GOOD)
    start().put("technician", OTHER)
    assert start().enter("staff", GOOD).is_right
    assert start().enter("technician", OTHER).is_right
    assert not start().enter("staff", OTHER).is_right
    with pytest.raises(ValueError, match="owner"):
        start().put("owner", GOOD)


def test_it_is_kept_as_argon2id_and_closed_to_others(tmp_path, machine, monkeypatch, caplog):
    """No PIN stands in a file or log; the file is for this user alone; hashing takes what OWASP asks."""
    monkeypatch.undo()
    caplog.set_level(logging.DEBUG)
    pins = Pins(tmp_path, now=machine)
    pins.put("staff", GOOD)
    pins.enter("staff", WRONG)
    kept = (tmp_path / FILE).read_text()
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        assert GOOD not in file.read_text()
        assert WRONG not in file.read_text()
    # A head office of other tests may still be at work in this process: its scheduler knows of no PIN.
    assert not [each for each in caplog.records if not each.name.startswith("apscheduler.")]
    assert GOOD not in caplog.text
    assert WRONG not in caplog.text


@pytest.mark.parametrize(
    ("weak", "reason"),
    [
        ("", "digits only"),
        ("12345a", "digits only"),
        ("１２３９５６", "digits only"),
        ("48291", "6 to 12 digits"),
        ("4829154829150", "6 to 12 digits"),
        ("000000", "the same"),
        ("123456", "counts up or down"),
        ("987654", "counts up or down"),
        ("678901", "counts up or down"),
        ("112233", "in pairs"),
        ("121212", "again and again"),
        ("482482", "again and again"),
        ("159753", "most people"),
    ],
)
def test_a_weak_pin_is_refused_with_the_reason(start, weak, reason):
    """Each is told in words why, and the one before stays."""
    start().put("staff", GOOD)
    with pytest.raises(WeakPin, match=reason):
        start().put("staff", weak)
    assert start().enter("staff", GOOD).is_right


def test_good_pins_are_not_refused():
    """Six to twelve digits without a pattern are good."""
    assert [weakness(good) for good in (GOOD, OTHER, WRONG, "482915730264", "112358")] == [""] * 5


def test_two_roles_cannot_have_one_pin(start):
    """Else staff would be technicians."""
    start().put("technician", GOOD)
    with pytest.raises(WeakPin, match="other role"):
        start().put("staff", GOOD)
    start().put("technician", GOOD)


def test_each_wrong_try_doubles_the_wait_up_to_a_quarter_of_an_hour(start, machine):
    """1, 2, 4, … s, at most 15 min; while it lasts not even the right PIN is looked at."""
    pins = start()
    pins.put("staff", GOOD)
    for wait_s in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        assert pins.enter("staff", WRONG).wait_ms == wait_s * 1000
        machine.ms += wait_s * 1000 - 1
        assert (pins.enter("staff", GOOD).is_right, pins.wait_ms("staff")) == (False, 1)
        machine.ms += 1
        assert pins.wait_ms("staff") == 0
    assert pins.enter("staff", GOOD).is_right
    assert pins.enter("staff", WRONG).wait_ms == 1000
    assert delay_ms(10**9) == LONGEST_WAIT_MS


def test_a_restart_and_a_changed_clock_do_not_shorten_the_wait(start, machine, monkeypatch):
    """The wait is counted on the machine's uptime and stands in the file."""
    start().put("staff", GOOD)
    for _ in range(4):
        start().enter("staff", WRONG)
        machine.ms += 8000
    start().enter("staff", WRONG)
    machine.ms += 1000
    monkeypatch.setattr("time.time", lambda: 9e9)
    monkeypatch.setattr("time.time_ns", lambda: 9 * 10**18)
    assert start().wait_ms("staff") == 15_000
    assert not start().enter("staff", GOOD).is_right


def test_after_a_reboot_the_whole_wait_runs_again(start, machine):
    """Nobody knows how long the power was off, so it counts for nothing; then the wait runs as ever."""
    start().put("staff", GOOD)
    for _ in range(3):
        start().enter("staff", WRONG)
        machine.ms += 4000
    machine.ms += 10_000
    assert start().wait_ms("staff") == 0
    machine.reboot()
    pins = start()
    assert pins.wait_ms("staff") == 4000
    machine.ms += 3999
    assert not pins.enter("staff", GOOD).is_right
    machine.ms += 1
    assert pins.enter("staff", GOOD).is_right


def test_a_try_is_on_the_disk_before_it_is_looked_at(start, machine, monkeypatch):
    """Whoever pulls the plug at the moment of the answer has tried all the same."""
    pins = start()
    pins.put("staff", GOOD)

    def cut(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Pins, "_fits", cut)
        with pytest.raises(KeyboardInterrupt):
            pins.enter("staff", WRONG)
    assert read(pins._data)["staff"].wrong == 1
    assert start().wait_ms("staff") == 1000


def test_one_roles_wrong_tries_are_no_matter_of_the_other(start, machine):
    """Staff who know their PIN do not clear the technician's count, and are not kept out by it."""
    pins = start()
    pins.put("staff", GOOD)
    pins.put("technician", OTHER)
    pins.enter("technician", WRONG)
    assert pins.enter("staff", GOOD).is_right
    assert pins.wait_ms("technician") == 1000


def test_tries_of_many_at_once_are_all_counted(start, machine):
    """Two programs that ask at once do not share one try."""
    start().put("staff", GOOD)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(start().enter("staff", WRONG))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(start()._data)["staff"].wrong == 1
    assert {answer.wait_ms for answer in answers} == {1000}


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"boss": {"hash": "x"}}', '{"staff": {"hash": "x", "wrong": -9}}']
)
def test_a_damaged_file_lets_nobody_in(tmp_path, start, content):
    """It is told, and a PIN set anew mends it."""
    (tmp_path / FILE).write_text(content)
    with pytest.raises(PinsDamaged, match="set-pin"):
        start().enter("staff", GOOD)
    assert report.status(tmp_path)["pins"] == {"staff": "damaged", "technician": "damaged"}
    start().put("staff", GOOD)
    assert start().enter("staff", GOOD).is_right


def test_status_says_which_pins_are_set(tmp_path, start):
    """In words and as JSON, and never the hash."""
    start().put("technician", GOOD)
    told = report.status(tmp_path)
    assert told["pins"] == {"staff": "not set", "technician": "set"}
    assert "PINs      staff: not set, technician: set" in report.words(told)
    assert "argon2" not in json.dumps(told)


def test_set_pin_reads_a_pipe(tmp_path, monkeypatch, capsys):
    """Where stdin is no terminal, its first line is the PIN; a weak one is refused in words."""
    data = tmp_path / "data"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GOOD}\n"))
    assert commands.set_pin(Namespace(role="technician", data=data)) == 0
    assert capsys.readouterr().err == "the PIN of technician is set\n"
    assert data.stat().st_mode & 0o777 == 0o700
    assert list(read(data)) == ["technician"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("111111\n"))
    with pytest.raises(Refused, match="digits are the same"):
        commands.set_pin(Namespace(role="staff", data=data))


@pytest.mark.parametrize(("again", "code"), [(GOOD, 0), (OTHER, 1)])
def test_set_pin_reads_a_terminal_twice_without_echo(tmp_path, again, code):
    """What is typed does not appear; two different ones are refused."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "set-pin", "--data", tmp_path],
        cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    for prompt, typed in ((b"new PIN of staff: ", GOOD), (b"once more: ", again)):
        while prompt not in seen:
            seen += os.read(ours, 1000)
        os.write(ours, f"{typed}\n".encode())
    while True:
        try:
            seen += os.read(ours, 1000)
        except OSError:
            break
    os.close(ours)
    assert process.wait(30) == code, seen
    assert GOOD.encode() not in seen
    assert (b"is set" if code == 0 else b"two different ones") in seen
    assert ("staff" in read(tmp_path)) is (code == 0)


def test_the_file_is_written_whole(start, monkeypatch):
    """A cut while it is written leaves the old one."""
    pins = start()
    pins.put("staff", GOOD)
    before = (pins._data / FILE).read_bytes()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        pins.enter("staff", GOOD)
    assert (pins._data / FILE).read_bytes() == before
    assert lockout.read(pins._data)["staff"].wrong == 0
