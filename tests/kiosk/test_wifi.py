"""The machine's network by nmcli: what it says is understood, and a password goes nowhere but to it."""

import ast
import os

import pytest

from kiosk import wifi
from kiosk.ui.staff.backroom import Joined, Network, Wifi
from tests.kiosk.nmcli import stand_in


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What the stand-in was asked: a line each of its arguments and its input."""
    file = stand_in(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{file.parent}{os.pathsep}{os.environ['PATH']}")
    return file


def test_a_network_is_found_joined_and_remembered_as_the_one(asked):
    """Names with colons are whole, each stands once at its strongest, and what is joined comes first."""
    assert wifi.network() == Network(managed=True, has_wifi=True)
    near = wifi.networks()
    assert [(each.name, each.percent, each.locked) for each in near] == [
        ("みどり市場", 90, True),
        ("Back:room", 48, True),
        ("Guests", 20, False),
    ]

    assert wifi.join("みどり市場", "correct horse") is Joined.WELL
    assert wifi.network() == Network(managed=True, has_wifi=True, by="wifi", name="みどり市場")
    assert wifi.networks()[0] == Wifi(name="みどり市場", percent=90, locked=True, joined=True)
    words, heard = ast.literal_eval(asked.read_text("utf-8").splitlines()[2])
    assert words[-3:] == ["wifi", "connect", "みどり市場"]
    assert heard == "correct horse\n"


def test_a_wrong_password_is_told_as_one_and_never_stands_in_an_argument(asked):
    """Other programs of the machine can read arguments; what was typed stands in none."""
    assert wifi.join("--help", "s3cret pass") is Joined.FAILED  # no option of nmcli's can be slipped in
    assert wifi.join("Back:room", "s3cret pass") is Joined.WRONG_PASSWORD
    (line,) = asked.read_text("utf-8").splitlines()
    words, heard = ast.literal_eval(line)
    assert heard == "s3cret pass\n"
    assert not any("s3cret" in word for word in words)


def test_a_machine_without_nmcli_says_so(tmp_path, monkeypatch):
    """Where nobody can be asked, nothing fails: the page says how else."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert wifi.network() == Network(managed=False)
    assert wifi.networks() == ()
    assert wifi.join("any", "thing") is Joined.FAILED
