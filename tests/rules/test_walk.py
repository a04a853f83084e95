import os
import re
import shutil
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


DAILY = ("README.md", "docs/bulk.md", "docs/metrics.md", "docs/who-wins.md", "docs/start/head-office.md")
BEFOREHAND = (  # what the reader of those pages has by then
    'sed \'s/^id = "checkout"/id = "returns"/\' config.toml > returns.toml',
    "(cat config.toml; sed -n '/^\\[\\[survey\\]\\]/,$p' returns.toml) > surveys.toml",
    'python -m headoffice add-site "Shibuya" --timezone Asia/Tokyo --tag region=kanto',
    "python -m headoffice serve",
    f"python -m kiosk enrol {walk.ADDRESS} $(python -m headoffice enrol-code Shibuya --touchpoint checkout)",
    "python -m kiosk simulate --visits 3 --seed 7 > answers",
    "python -m headoffice publish config.toml",
    "python -m kiosk sync --once",
    "export TOKEN=$(python -m headoffice token notebook) CURSOR= && mkdir media",
)
ELSEWHERE = re.compile(r"add-site|enrol|serve$|kiosk$|doctor$")  # above, in the tutorial, or opening a window


@pytest.mark.skipif("EGAO_TORTURE" not in os.environ, reason="half a minute: EGAO_TORTURE=1")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_what_the_pages_show_for_every_day_works(tmp_path):
    """The commands that README and the pages on surveys and scores show end well, one after the other."""
    walker = walk.Walker(tmp_path)
    try:
        for command in BEFOREHAND:
            assert not walker.walk(command, ()).exit_code, command
        ran = 0
        for page in DAILY:
            for command in shown((ROOT / page).read_text("utf-8")):
                step = walker.walk(command.replace("/media/usb", "media").replace("curl ", "curl -sf "), ())
                assert step.exit_code == 0, (page, step)
                ran += 1
        assert ran > 15
    finally:
        walker.close()


def shown(page):
    """Give the commands of a page's shell blocks that are ours, or ask our server."""
    for block in re.findall(r"^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            command = re.split(r" +# ", line)[0].rstrip()
            if re.match("python -m (kiosk|headoffice)|curl", command) and not ELSEWHERE.search(command):
                yield command


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
