"""`python -m kiosk`, and `egao-kiosk` once it is installed.

Started by people and by systemd.
Hands everything to kiosk.cli.
"""

import gc
import sys

from kiosk.ui.driver import Driver


def main() -> None:
    """Run the command that was asked for and exit with its code."""
    # What a start makes stays: looking through it for garbage takes a tenth of the time to the first frame.
    # The app switches collection on after that, and kiosk.cli for every other command.
    gc.disable()
    driver = Driver() if sys.argv[1:2] in ([], ["run"]) else None
    from kiosk import cli  # noqa: PLC0415 - importing it is most of what is made

    sys.exit(cli.main(sys.argv[1:], driver=driver))


if __name__ == "__main__":
    main()
