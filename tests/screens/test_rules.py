"""kiosk.kv is read in three parts: nothing is lost between them, and the first holds what its frame names."""

from kiosk.bootstrap import shipped
from kiosk.ui.rules import FIRST, halves, one_by_one, parted


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


def test_a_rule_that_is_read_alone_says_where_it_stands():
    """Each rule is read once, whole, under the number of its line in kiosk.kv, with nothing above it."""
    whole = shipped("kiosk.kv").read_text("utf-8")
    lines = whole.split("\n")

    parts = [piece for part in (*parted(halves(whole)[0]), halves(whole)[1]) for piece in one_by_one(part)]

    read = [line for _, rule in parts for line in rule.split("\n") if line]
    assert sorted(read) == sorted(line for line in lines if line)
    assert all(lines[at - 1] == rule.split("\n")[0] for at, rule in parts)
    assert all(rule.startswith(("<", "#")) for _, rule in parts)
