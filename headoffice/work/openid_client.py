"""What the administrator's settings say of signing in by OpenID Connect, checked with all faults at once.

Read once by `app` when the server starts. May read the file that holds the client's secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from headoffice.problems import DataUnusable, WrongUsage
from headoffice.store.people import ROLES
from headoffice.work.outgoing import Unanswered, check_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headoffice.settings import Settings

LARGEST_SECRET = 1000  # characters


@dataclass(frozen=True)
class Client:
    """The provider, who we are to it, and what its claims give; `roles`: value of the claim → role."""

    issuer: str
    id: str
    secret: str | None = field(repr=False)
    role_claim: str
    roles: Mapping[str, str]
    sites_claim: str


def read_client(settings: Settings) -> Client | None:
    """Read the settings; None where nobody signs in by a provider. Raises WrongUsage, DataUnusable."""
    if not settings.oidc_issuer:
        return None
    faults = []
    try:
        check_address(settings.oidc_issuer, named=settings.oidc_issuer)
    except Unanswered as error:
        faults.append(f"oidc_issuer: {error}; write https://… as the provider itself names it")
    if not settings.oidc_client_id:
        faults.append("oidc_client_id: is missing; the provider gives it to who registers head office there")
    roles: dict[str, str] = {}
    for written in filter(None, (part.strip() for part in (settings.oidc_roles or "").split(","))):
        value, equals, role = written.rpartition("=")
        if not equals or not value.strip() or role.strip() not in ROLES:
            faults.append(f"oidc_roles: {written!r} is not VALUE=ROLE; roles are {', '.join(ROLES)}")
        roles[value.strip()] = role.strip()
    if faults:
        raise WrongUsage("\n".join(faults))
    return Client(
        issuer=settings.oidc_issuer,
        id=settings.oidc_client_id or "",
        secret=_secret(settings.oidc_secret_file),
        role_claim=settings.oidc_role_claim,
        roles=roles,
        sites_claim=settings.oidc_sites_claim,
    )


def _secret(file: str | None) -> str | None:
    """The secret in a file; None for a client that has none and is known by PKCE alone."""
    if not file:
        return None
    try:
        secret = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataUnusable(f"oidc_secret_file: {file} cannot be read: {error}") from error
    if not 0 < len(secret) <= LARGEST_SECRET or not secret.isprintable():
        raise DataUnusable(f"oidc_secret_file: {file} holds no secret: one line is wanted")
    return secret
