"""Programs that read the results: their tokens and clients, and small batches to read about."""

import httpx

from headoffice.store.audit import By
from headoffice.work import access
from tests.headoffice.kiosk_side import new_id, tap


def make_tokens(office):
    """A token of each scope."""

    def make(connection):
        by = By("test", 1)
        return {
            scope: access.make_token(connection, name=scope, scope=scope, by=by)
            for scope in ("admin", "results")
        }

    return office.change(make)


def client_of(office, scope=None):
    """A client that sends a token of this scope, or none."""
    headers = {} if scope is None else {"Authorization": f"Bearer {office.tokens[scope]}"}
    # Without TLS there is nothing to verify, and loading the authorities takes its time.
    return httpx.Client(base_url=office.url, headers=headers, timeout=20, trust_env=False, verify=False)  # noqa: S501


def send_faces(sender, version, *answers, first=1, **changes):
    """Send one visit of one tap for each face; gives the number after the last."""
    taps = [
        tap(first + place, visit=new_id(), survey=version, answer=answer, **changes)
        for place, answer in enumerate(answers)
    ]
    sender.acked(taps)
    return first + len(taps)
