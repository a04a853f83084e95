"""`python -m kiosk`, and `egao-kiosk` once it is installed.

Started by people and by systemd.
Hands everything to kiosk.cli.
"""

import ctypes
import gc
import sys
from contextlib import suppress

from kiosk.ui.driver import Driver

ARENA_MAX = -8  # M_ARENA_MAX in glibc's malloc.h; Debian's and Raspberry Pi OS's Python run on it


def main() -> None:
    """Run the command that was asked for and exit with its code."""
    # What a start makes stays: looking through it for garbage takes a tenth of the time to the first frame.
    # The app switches collection on after that, and kiosk.cli for every other command.
    gc.disable()
    driver = None
    if sys.argv[1:2] in ([], ["run"]):
        with suppress(AttributeError):  # threads that take turns anyway need no heap each: 2.5 MB
            ctypes.CDLL(None).mallopt(ARENA_MAX, 1)
        driver = Driver()
    from kiosk import cli  # noqa: PLC0415 - importing it is most of what is made

    sys.exit(cli.main(sys.argv[1:], driver=driver))


if __name__ == "__main__":
    main()
