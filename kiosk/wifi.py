"""The machine's network by NetworkManager's `nmcli`: how it stands, which Wi-Fi is near, and joining one.

Called by kiosk.backroom on staff's thread, and only for a technician. Runs `nmcli` where it is on the PATH.
A password goes to its standard input: never into an argument, an error or a log.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress

from kiosk.ui.staff.backroom import Joined, Network, Wifi

LOOK_S, JOIN_S = 15.0, 60.0
FIELD = re.compile(r"((?:\\.|[^:\\])*)(?::|$)")
MOST = 30  # networks that are worth a row
NOT_ALLOWED, NO_SECRETS, NOT_FOUND = "not authorized", "secrets were required", "no network with ssid"


def network() -> Network:
    """Tell what this machine is connected by; `managed` is false where there is no nmcli to ask."""
    told = _ask("-t", "-f", "DEVICE,TYPE,STATE,CONNECTION", "device")
    if told is None:
        return Network(managed=False)
    devices = [fields for fields in _lines(told, 4) if fields[1] in ("wifi", "ethernet")]
    joined = next((fields for fields in devices if fields[2] == "connected"), None)
    return Network(
        managed=True,
        has_wifi=any(fields[1] == "wifi" and fields[2] != "unmanaged" for fields in devices),
        by=joined[1] if joined else "",
        name=joined[3] if joined else "",
    )


def networks() -> tuple[Wifi, ...]:
    """Give the Wi-Fi networks that are near, the strongest first, each name once."""
    told = _ask("-t", "-f", "IN-USE,SSID,SIGNAL,SECURITY", "device", "wifi", "list", "--rescan", "auto")
    near: dict[str, Wifi] = {}
    for used, name, signal, security in _lines(told or "", 4):
        if name.strip():
            one = Wifi(name=name, percent=int(signal or 0), locked=bool(security), joined=used == "*")
            known = near.get(name)
            near[name] = max((one, known), key=lambda each: (each.joined, each.percent)) if known else one
    return tuple(sorted(near.values(), key=lambda each: (not each.joined, -each.percent))[:MOST])


def join(name: str, password: str) -> Joined:
    """Join a network and remember it; tell what came of it, in a word that the pages know."""
    command = _command("--ask", "--wait", "45", "device", "wifi", "connect", name)
    if command is None or name.startswith("-"):  # nmcli would take such a name for an option
        return Joined.FAILED
    try:
        done = subprocess.run(  # noqa: S603 - nmcli of the distribution; the name is one argument, the password none
            command,
            input=f"{password}\n",
            capture_output=True,
            text=True,
            timeout=JOIN_S,
            check=False,
            env=_plainly(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return Joined.FAILED
    if done.returncode == 0:
        return Joined.WELL
    said = done.stderr.lower()
    reasons = {NOT_ALLOWED: Joined.NOT_ALLOWED, NO_SECRETS: Joined.WRONG_PASSWORD, NOT_FOUND: Joined.GONE}
    return next((joined for words, joined in reasons.items() if words in said), Joined.FAILED)


def _ask(*words: str) -> str | None:
    """Give what nmcli says, None where it is not there or does not answer."""
    command = _command(*words)
    if command is not None:
        with suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(  # noqa: S603 - nmcli of the distribution, with words of our own
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=LOOK_S,
                check=True,
                env=_plainly(),
            )
            return done.stdout
    return None


def _command(*words: str) -> list[str] | None:
    found = shutil.which("nmcli")
    return [found, *words] if found else None


def _plainly() -> dict[str, str]:
    """What nmcli says is read by a program: in English, whatever the machine speaks."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _lines(told: str, count: int) -> Iterator[list[str]]:
    """Part each line at its colons; nmcli writes a backslash before those that belong to a name."""
    for line in told.splitlines():
        fields = [re.sub(r"\\(.)", r"\1", each) for each in FIELD.findall(line)][:count]
        if len(fields) == count:
            yield fields
