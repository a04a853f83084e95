"""Settings changed in config.toml: just these, with every remark kept."""

import tomllib
from pathlib import Path

import pytest

from kiosk.bootstrap import shipped
from kiosk.settings.change import change, values_in, with_settings
from kiosk.settings.file import InvalidConfig
from kiosk.settings.publish import Author
from kiosk.settings.versions import Versions

SHIPPED = shipped("config.toml").read_text("utf-8")
WANTED = {
    "screen.theme": "contrast",
    "screen.diagonal_inches": 7.0,
    "kiosk.timezone": "Asia/Tokyo",
    "thanks.words": {"ja": "また来てね"},
    "kiosk.keypad": True,
}
BY = Author(role="technician", at_ms=1)


@pytest.mark.parametrize("text", [SHIPPED, SHIPPED.replace("\n", "\r\n"), SHIPPED.replace("[thanks]\n", "")])
def test_values_change_and_nothing_else_does(text):
    """Every line that does not name one of them keeps its bytes, remarks and all."""
    changed = with_settings(text, WANTED)

    said = tomllib.loads(changed)
    assert {path: said[path.partition(".")[0]][path.partition(".")[2]] for path in WANTED} == WANTED
    touched = [line for line in text.splitlines() if line not in changed.splitlines()]
    assert [line.split()[0] for line in touched] == ["keypad", "theme", "diagonal_inches"]


def test_a_value_that_is_taken_away_is_what_it_is_by_itself(tmp_path: Path):
    """What staff leave empty is not in the file; the file then says what it said before it was put in."""
    file = tmp_path / "config.toml"
    file.write_text(with_settings(SHIPPED, {"kiosk.timezone": "Asia/Tokyo"}), "utf-8")

    change(file, {"kiosk.timezone": None}, versions=Versions(tmp_path), author=BY)

    assert file.read_text("utf-8") == SHIPPED
    assert values_in(file)["kiosk.timezone"] == ""


def test_faults_leave_the_file_as_it_was(tmp_path: Path):
    """All faults at once, each with its place, and the last good file stays."""
    file = tmp_path / "config.toml"
    file.write_text(SHIPPED, "utf-8")

    with pytest.raises(InvalidConfig) as refused:
        change(
            file,
            {"screen.diagonal_inches": 1, "kiosk.idle_s": 1},
            versions=Versions(tmp_path),
            author=BY,
        )

    assert {fault.place for fault in refused.value.faults} == {"screen.diagonal_inches", "kiosk.idle_s"}
    assert file.read_text("utf-8") == SHIPPED
