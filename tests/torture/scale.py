"""How thorough a run is: `make torture` sets EGAO_TORTURE, `make test` does not.

Read by the proofs in this folder. Touches nothing.
"""

import os

LONG = bool(os.environ.get("EGAO_TORTURE"))

SEEDS = range(1, 9) if LONG else range(1, 2)  # traces of each kind
CUTS = 1_000 if LONG else 60  # of each trace under each model
CONTROL_CUTS = 2_000 if LONG else 150
FAULTED_CALLS = None if LONG else 2  # of each kind; None is every one
CUTS_AFTER_FAULT = 40 if LONG else 5
TIMEOUT_S = 3_600 if LONG else 180

KIOSKS = 300 if LONG else 20
TAPS_EACH = 60 if LONG else 30
FAULTY_SHARES = (0.3, 0.7) if LONG else (0.3,)
KILLS = 12 if LONG else 4  # of head office and of the kiosks, in turn

FLIPS = 1_000 if LONG else 50  # of one bit, in each kind of ledger
