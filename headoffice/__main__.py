"""`python -m headoffice`, and the installed `egao-headoffice`.

Started by people and by systemd. May touch nothing itself.
"""

import sys

from headoffice.cli import run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
