"""How far a kiosk's clock is off: what the last batches showed, and the best of it.

Written by `work.ingest` with every batch, read by `lists`. May touch nothing.
"""

MOST = 5  # a clock that was set right shows after so many batches, a network that is slow for fewer does not


def looked(before: str, *, sent_at: int, received_at: int) -> str:
    """Add a look: the kiosk's own time in a batch, and ours when it came (both ms). Newest first."""
    return " ".join([str(sent_at - received_at), *before.split()[: MOST - 1]])


def offset_ms(looks: str) -> int | None:
    """How far ahead the clock is (negative: behind), None where nobody has looked.

    What a batch takes to come makes a clock seem behind and never ahead, so the highest look is the truest.
    """
    return max(map(int, looks.split()), default=None)
