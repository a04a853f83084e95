"""Which machine this is, as its hardware says: a card that was put into another one, or copied, notices.

Called by kiosk.bootstrap and kiosk.doctor. Reads what the kernel tells; hashes of it stay on this kiosk.
"""

from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from kiosk.store.residence import Machine
from sync.disk import FORGETFUL, mount_of

# A Raspberry Pi's serial number; what a PC's firmware calls its number, which only root and the package's
# user may read (deploy/debian/tmpfiles).
BOARDS = ("sys/firmware/devicetree/base/serial-number", "sys/devices/virtual/dmi/id/product_uuid")
SYSTEM = "etc/machine-id"
NUMBERED_BY_NOBODY = {
    *("defaultstring", "tobefilledbyoem", "notspecified", "systemserialnumber", "none", "uninitialized"),
    "03000200040005000006000700080009",
}
LEAST_SIGNS = 4  # a number of fewer different signs is a row of zeros, or of Fs


def machine(root: Path = Path("/")) -> Machine:
    """Name this machine, as far as anybody can tell.

    /etc/machine-id is copied with a card, and counts only where the board has no number. One that does not
    outlive a start (a root in memory) is none.
    """
    board = next((number for name in BOARDS for number in _number(root / name)), "")
    return Machine(board=_hash("board", board), system=_hash("system", _system(root)))


def _system(root: Path) -> str:
    with suppress(OSError):
        mounts = (root / "proc/self/mounts").read_text("utf-8", "replace")
        if mount_of(Path("/") / SYSTEM, mounts).kind not in FORGETFUL:
            return next(_number(root / SYSTEM), "")
    return ""


def _number(file: Path) -> Iterator[str]:
    with suppress(OSError):
        words = "".join(sign for sign in file.read_text("utf-8", "replace").lower() if sign.isalnum())
        if len(set(words)) >= LEAST_SIGNS and words not in NUMBERED_BY_NOBODY:
            yield words


def _hash(kind: str, number: str) -> str:
    return (
        blake2b(number.encode(), digest_size=16, person=f"egao {kind}".encode()).hexdigest() if number else ""
    )
