"""What counts as head office's address: written in short, refused, or left ready for the first start."""

import pytest

from kiosk.enrolling import PREPARED, accept_address, prepared_address, whole_address
from kiosk.terminal import Refused


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("feedback.example.co.jp", "https://feedback.example.co.jp"),
        (" feedback.example.co.jp:8443/egao/ ", "https://feedback.example.co.jp:8443/egao"),
        ("https://feedback.example", "https://feedback.example"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("192.168.1.9", "https://192.168.1.9"),
    ],
)
def test_an_address_may_be_written_without_its_beginning(written, asked):
    """It is encrypted unless head office is on this very machine, whatever was left out."""
    assert whole_address(written) == asked
    accept_address(asked)


@pytest.mark.parametrize(
    "written",
    ["", "https://", "http://office.example", "ftp://office.example", "https://[::", "a b", "office:port"],
)
def test_what_is_no_address_is_refused_with_a_reason(written):
    """Neither a slip of the finger nor an address that is not encrypted is asked; staff are told why."""
    with pytest.raises(Refused, match=r"no address of a head office|not encrypted"):
        accept_address(whole_address(written))


def test_an_address_that_was_left_ready_is_found(tmp_path):
    """The data directory's own comes before the machine's; what cannot be read is none."""
    data, machine = tmp_path / "data", tmp_path / "etc"
    data.mkdir(), machine.mkdir()

    assert prepared_address(data, machine) == ""
    (machine / PREPARED).write_text("feedback.example\n")
    assert prepared_address(data, machine) == "feedback.example"
    (data / PREPARED).write_text("https://other.example\n")
    assert prepared_address(data, machine) == "https://other.example"
    (data / PREPARED).write_bytes(b"\xff\xfe")
    assert prepared_address(data, machine) == "feedback.example"
