"""Head office, as this kiosk reaches it: name, network, certificate, key, clock.

Called by kiosk.doctor.visit. Asks over the network; sends no tap and changes nothing there.
"""

import socket
import ssl
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kiosk.store.enrolment import Enrolment
from sync.client import Client, authorities
from sync.errors import SyncError, Unwelcome
from sync.finding import Finding, Verdict, broken, fine, watch

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S = 10.0
DAY_S = 86_400
SOON_DAYS = 14
CERTIFICATE_MENDS = {  # by OpenSSL's X509_V_ERR_…
    9: "this device's clock is behind: timedatectl set-ntp true; else head office's was, when it was made",
    10: "head office has to renew it; or is this device's clock ahead?",
    **dict.fromkeys(
        (62, 64), "enrol again by the name that stands in it, or have head office get one for {host}"
    ),
}
UNTRUSTED_MEND = (
    "head office has to send the whole chain; its own authority's certificate goes into "
    "/usr/local/share/ca-certificates here, then: update-ca-certificates"
)


def look(enrolment: Enrolment) -> list[Finding]:
    """Go there step by step, and stop at the first that fails."""
    address = urlsplit(enrolment.server)
    port = address.port or (443 if address.scheme == "https" else 80)
    host = address.hostname or ""
    steps: list[Callable[[], Finding]] = [lambda: _name(host, port), lambda: _network(host, port)]
    if address.scheme == "https":
        steps.append(lambda: _certificate(host, port))
    steps.append(lambda: _key(enrolment))
    findings = []
    for step in steps:
        findings.append(step())
        if findings[-1].verdict is Verdict.BROKEN:
            break
    return findings


def _name(host: str, port: int) -> Finding:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return broken(
            "name",
            f"{host} is not known: {error.strerror or error}",
            "is the network plugged in? does the router give a name service (resolvectl status)?",
        )
    return fine("name", f"{host} is {', '.join(dict.fromkeys(str(each[4][0]) for each in found))}")


def _network(host: str, port: int) -> Finding:
    begun = time.monotonic()
    try:
        socket.create_connection((host, port), DEADLINE_S).close()
    except OSError as error:
        return broken(
            "network",
            f"{host} does not answer at port {port}: {error.strerror or error}",
            "does another device reach it? ask head office whether it runs, and the shop about its firewall",
        )
    return fine("network", f"connected in {(time.monotonic() - begun) * 1000:.0f} ms")


def _certificate(host: str, port: int) -> Finding:
    named = authorities()
    is_folder = Path(named).is_dir()
    trusting = ssl.create_default_context(
        cafile=None if is_folder else named, capath=named if is_folder else None
    )
    try:
        with (
            socket.create_connection((host, port), DEADLINE_S) as raw,
            trusting.wrap_socket(raw, server_hostname=host) as line,
        ):
            given = line.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return broken(
            "certificate",
            f"it is not trusted: {error.verify_message}",
            CERTIFICATE_MENDS.get(error.verify_code, UNTRUSTED_MEND).format(host=host),
        )
    except OSError as error:
        return broken("certificate", f"no encrypted connection: {error}", "is that head office's https port?")
    days = (ssl.cert_time_to_seconds(str(given["notAfter"])) - time.time()) / DAY_S
    words = f"trusted, valid for {days:.0f} more days"
    if days < SOON_DAYS:
        return watch("certificate", words, "ask head office to renew it")
    return fine("certificate", words)


def _key(enrolment: Enrolment) -> Finding:
    begun = time.monotonic()
    try:
        with closing(Client(enrolment.server, enrolment.key, deadline_s=DEADLINE_S)) as client:
            client.programme(None)
    except Unwelcome as error:
        return broken("head office", str(error), "ask for a new code and enrol again; no answer is lost")
    except SyncError as error:
        return broken("head office", str(error), "ask head office whether its server is well")
    return fine("head office", f"knows this kiosk; answered in {(time.monotonic() - begun) * 1000:.0f} ms")
