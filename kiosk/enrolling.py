"""Trading head office's one-time code for this kiosk's key and place.

Called by kiosk.commands and kiosk.bootstrap. Talks to head office; what it gave is the caller's to keep.
"""

import ipaddress
from urllib.parse import urlsplit

from kiosk.store.enrolment import Enrolment
from kiosk.terminal import Refused
from survey.told import told
from sync.client import Client


def ask(address: str, code: str, name: str) -> Enrolment:
    """Ask head office for a key. Raises a SyncError."""
    return Enrolment(server=address, **vars(Client(address).enrol(code, name)))


def accept_address(address: str, *, insecure: bool = False) -> None:
    """Raise Refused for what is no address of a head office, or not encrypted on a network."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(
            told(
                "{address} is no address of a head office; it looks like https://office.example",
                address=address,
            )
        )
    if parts.scheme == "http" and not insecure and not _is_this_machine(parts.hostname):
        raise Refused(
            told(
                "{address} is not encrypted: the kiosk's key could be read on the way; "
                "use https, or --insecure if you trust every network between",
                address=address,
            )
        )


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
