"""Which side is where a line begins: the left, or the right for those who read from there.

Imported in kiosk.kv. Pure: edges and insets in pixels.
"""


def from_start(left: float, right: float, inset: float, width: float, rtl: bool) -> float:  # noqa: FBT001 - kv names nothing
    """The x of what stands `inset` from where a line begins."""
    return right - inset - width if rtl else left + inset


def from_end(left: float, right: float, inset: float, width: float, rtl: bool) -> float:  # noqa: FBT001 - the same
    """The x of what stands `inset` from where a line ends."""
    return from_start(left, right, inset, width, not rtl)
