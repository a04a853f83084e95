import os
from pathlib import Path

import pytest

from deploy import walk

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text("utf-8")


@pytest.mark.skipif("EGAO_TORTURE" not in os.environ, reason="a quarter of a minute: EGAO_TORTURE=1")
def test_a_new_user_sees_what_the_tutorial_says():
    """Whoever follows "Your first shop" from an empty folder sees below each command what the page shows."""
    steps = list(walk.walked(TUTORIAL))
    assert len(steps) > 15
    assert [(step.command, step.said) for step in steps if step.differs()] == []
    failed = {step.command for step in steps if step.exit_code and step.written != ("…",)}
    assert failed == {"python -m kiosk check"}, "the mistake that step 3 makes on purpose, and nothing else"


def test_a_page_that_says_something_else_is_found_out():
    """Codes, times and room on the disk may differ from the page; a number or a word may not."""
    same = walk.Step("x", ("a A1B2C-3D4E5 (1 MiB free)",), ("a Z9Y8X-7W6V5 (65,509 MiB free)",), 0)
    assert not same.differs()
    assert walk.Step("x", ("answers   26 kept",), ("answers   25 kept",), 0).differs()
    assert walk.Step("x", (), ("a line more",), 0).differs()


def test_secrets_that_the_page_names_are_those_that_were_given(tmp_path):
    """A code that the page shows is the code that was just made, wherever a later command uses it."""
    (tmp_path / "said").write_text("NEWAA-NEWBB\n", "utf-8")
    walker = walk.Walker(tmp_path)
    try:
        assert walker.walk("cat said", ("PAGE1-PAGE2",)).said == ("NEWAA-NEWBB",)
        assert walker.walk("echo PAGE1-PAGE2", ("PAGE1-PAGE2",)).said == ("NEWAA-NEWBB",)
        assert walker.walk("(exit 3)", ()).exit_code == 3
    finally:
        walker.close()
