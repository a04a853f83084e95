"""What all tests share: the order in which their files are handed out."""

import os
from pathlib import Path

# As kiosk.ui.window has it, before any test imports Kivy by another way: of four workers that each make
# ~/.kivy on a machine that has none, one failed.
for name in ("KIVY_NO_CONFIG", "KIVY_NO_FILELOG"):
    os.environ.setdefault(name, "1")

# Handed out first, so that no worker is left with one of them when the others have ended.
LONGEST = (
    "e2e/test_whole_way.py",
    "kiosk/test_commands.py",
    "screens/test_text.py",
    "headoffice/cli/test_serving.py",
    "torture/test_power_cuts.py",
    "screens/test_stage.py",
    "torture/test_io_faults.py",
    "screens/test_aids.py",
    "kiosk/test_publish.py",
    "screens/test_taps.py",
    "screens/test_monkeys.py",
    "screens/test_gallery.py",
    "screens/test_staff_at_work.py",
    "e2e/test_restore.py",
    "screens/test_reach.py",
    "torture/test_bit_flips.py",
    "screens/test_celebration.py",
)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list) -> None:
    """Sort by file alone; within a file, and among the others, all stays as it was collected."""
    place = {HERE / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))
