"""Bit rot: the check of one row no longer fits, so that the ledger will be set aside and salvaged.

Run as `python -m tests.torture.drivers.damage DATA` under the recorder, between two runs of a kiosk.
Touches the ledger's file, through SQLite.
"""

import sqlite3
import sys
from pathlib import Path

from kiosk.store.folder import LEDGER_FILE

if __name__ == "__main__":
    connection = sqlite3.connect(Path(sys.argv[1]) / LEDGER_FILE, isolation_level=None)
    connection.execute("UPDATE ledgers SET \"check\" = 'rot'")
    connection.close()
