"""kiosk.kv is read in three parts: nothing is lost between them, and the first holds what its frame names."""

from kiosk.bootstrap import shipped
from kiosk.ui.rules import FIRST, halves, parted


def _rules(text: str) -> dict[int, str]:
    return {at: line for at, line in enumerate(text.split("\n")) if line}


def test_each_line_is_in_one_part_and_in_its_place():
    """A fault in kiosk.kv is told with its true line, and no rule is read twice or never."""
    whole = shipped("kiosk.kv").read_text("utf-8")

    shoppers, staff = halves(whole)
    first, others, staffs = map(_rules, (*parted(shoppers), staff))

    assert len(first) + len(others) + len(staffs) == len(first | others | staffs)
    assert first | others | staffs == _rules(whole)
    assert "<StaffPage>:" in staffs.values()


def test_what_a_rule_names_comes_with_it():
    """The first frame has the rules of all that stands in it, however deep, and of nothing else."""
    text = "#:kivy 2.3\n<Late>:\n  Deep:\n<Frame>:\n  Outer:\n<Deep>:\n<Inner>:\n<Outer, Two>:\n  Inner:\n"

    first, others = parted(text)

    assert [line for line in first.split("\n") if line.startswith("<")] == [
        "<Frame>:",
        "<Inner>:",
        "<Outer, Two>:",
    ]
    assert [line for line in others.split("\n") if line.startswith("<")] == ["<Late>:", "<Deep>:"]


def test_the_names_of_the_first_rules_are_true():
    """Every rule that the first frame is said to need stands in kiosk.kv."""
    first, _ = parted(shipped("kiosk.kv").read_text("utf-8"))

    for name in FIRST:
        assert f"<{name}>:" in first
