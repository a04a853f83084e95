"""Trading head office's one-time code for this kiosk's key and place.

Called by kiosk.commands and kiosk.bootstrap. Talks to head office; what it gave is the caller's to keep.
"""

import ipaddress
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.store.enrolment import Enrolment
from kiosk.terminal import Refused
from survey.told import told
from sync.client import Client

PREPARED = "head-office"  # a file with one line
MACHINE = Path("/etc/egao-kiosk")
LONGEST = 512


def ask(address: str, code: str, name: str) -> Enrolment:
    """Ask head office for a key. Raises a SyncError."""
    with closing(Client(address)) as client:
        return Enrolment(server=address, **vars(client.enrol(code, name)))


def prepared_address(folder: Path, machine: Path = MACHINE) -> str:
    """Give the address that stands ready for the first start, in the data directory or the machine's; or "".

    Whoever makes the machine ready leaves it there; a person still sees it, and may write another.
    """
    for file in (folder / PREPARED, machine / PREPARED):
        with suppress(OSError, UnicodeDecodeError), file.open("rb") as opened:
            if words := opened.read(LONGEST).decode().strip():
                return words
    return ""


def whole_address(words: str) -> str:
    """Complete what somebody wrote by touch: without a scheme it is https, on this machine http."""
    words = words.strip()
    if words and "://" not in words:
        scheme = "http" if _is_this_machine(_host(f"//{words}")) else "https"
        words = f"{scheme}://{words}"
    return words.rstrip("/")


def accept_address(address: str, *, insecure: bool = False) -> None:
    """Raise Refused for what is no address of a head office, or not encrypted on a network."""
    scheme, host = address.partition("://")[0].lower(), _host(address)
    if scheme not in ("http", "https") or not host:
        raise Refused(
            told(
                "{address} is no address of a head office; it looks like https://office.example",
                address=address,
            )
        )
    if scheme == "http" and not insecure and not _is_this_machine(host):
        raise Refused(
            told(
                "{address} is not encrypted: the kiosk's key could be read on the way; "
                "use https, or --insecure if you trust every network between",
                address=address,
            )
        )


def _host(address: str) -> str:
    """Give the name in an address, "" where it has none or cannot be one."""
    with suppress(ValueError):  # brackets that do not close, a port that is none
        parts = urlsplit(address)
        if parts.port != 0 and address.isprintable() and " " not in address:
            return parts.hostname or ""
    return ""


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
