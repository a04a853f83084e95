"""`python -m kiosk`, and `egao-kiosk` once it is installed.

Started by people and by systemd.
Hands everything to kiosk.cli.
"""

import sys

from kiosk import cli


def main() -> None:
    """Run the command that was asked for and exit with its code."""
    sys.exit(cli.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
