"""Give access: sites to stand in, people who may sign in, tokens for programs.

Called by `cli`, later by staff pages. Every change is noted in the audit.
May touch sites, people, tokens and the audit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headoffice.problems import Invalid, Unknown
from headoffice.store import identities, kiosks, people, sight, sites, tokens
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.sites import Site
from headoffice.work.secrets import hash_code, hash_key, new_code, new_key
from survey.problems import Fault, shown

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
CODE_GROUPS = 4  # 100 bits: it lives for a day
DAY_MS = 24 * 3600 * 1000
CODE_LIVES_MS = DAY_MS
LONGEST_NAME = 100
TOKEN_PREFIX = "egao_"  # noqa: S105 - by this a scanner recognises one that was published by mistake


def add_site(connection: Connection, *, name: str, timezone: str, tags: Mapping[str, str], by: By) -> int:
    """Add a site; returns its id. Raises Invalid."""
    site = sites.add_site(connection, name=name, timezone=timezone, tags=tags, now=by.at)
    what = {"site": site, "name": name, "timezone": timezone, "tags": dict(tags)}
    note(connection, by=by, did="add site", what=what)
    return site


def change_site(connection: Connection, site: Site, wanted: Site, *, tags: Mapping[str, str], by: By) -> None:
    """Give a site another name, time zone or tags; what stays as it is is noted nowhere. Raises Invalid."""
    if wanted != site:
        sites.change_site(connection, site, wanted)
        what = {"site": site.id, "name": wanted.name, "was": site.name, "timezone": wanted.timezone}
        note(connection, by=by, did="change site", what=what)
    had = next(each.tags for each in all_sites(connection) if each.id == site.id)
    if dict(tags) != dict(had):
        change_tags(connection, site, tags=tags, by=by)


def change_tags(connection: Connection, site: Site, *, tags: Mapping[str, str], by: By) -> None:
    """Give a site other tags."""
    sites.put_tags(connection, site.id, tags)
    note(connection, by=by, did="change tags", what={"site": site.id, "tags": dict(tags)})


@dataclass(frozen=True)
class Bounds:
    """The sites that may be seen, by id or by tag; none of both: every site, but to a manager no site."""

    sites: Sequence[int] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sites or self.tags)

    def document(self) -> dict[str, object]:
        """The bounds as the audit has them."""
        return {"sites": list(self.sites), "tags": dict(self.tags)}


EVERYWHERE = Bounds()


def add_person(connection: Connection, *, email: str, role: str, by: By, bounds: Bounds = EVERYWHERE) -> str:
    """Let somebody sign in, or give somebody who can already a new role; returns a one-time code.

    Raises Invalid.
    """
    if bounds and role not in people.BOUND:
        raise Invalid([Fault("role", f"{role} sees every site; only {' and '.join(people.BOUND)} are bound")])
    if not EMAIL.fullmatch(email) or not email.isprintable():
        raise Invalid([Fault("e-mail", f"{shown(email)} is no e-mail address")])
    person = people.add_person(connection, email=email, role=role, now=by.at)
    identities.give_by_hand(connection, person)
    code = new_code(CODE_GROUPS)
    people.put_code(connection, person=person, code=hash_code(code), expires_at=by.at + CODE_LIVES_MS)
    sight.grant(connection, person=person, sites=bounds.sites, tags=bounds.tags.items())
    note(connection, by=by, did="add person", what={"person": person, "role": role, **bounds.document()})
    return code


def remove_person(connection: Connection, *, email: str, by: By) -> None:
    """Take somebody's access away and forget their address; the audit keeps the number. Raises Unknown."""
    found = people.person_by_email(connection, email)
    if found is None:
        raise Unknown(f"nobody signs in as {shown(email)}")
    people.remove_person(connection, found.id)
    note(connection, by=by, did="remove person", what={"person": found.id})


def make_token(  # noqa: PLR0913 - a token's properties
    connection: Connection,
    *,
    name: str,
    scope: str,
    by: By,
    days: int | None = None,
    bounds: Bounds = EVERYWHERE,
) -> str:
    """Make a token for a program, for some days or until it is revoked; returns it. Raises Invalid."""
    if bounds and scope == "admin":
        raise Invalid([Fault("scope", "a token of scope admin sees every site and cannot be bound")])
    expires_at = None if days is None else by.at + days * DAY_MS
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise Invalid([Fault("name", f"must have 1 to {LONGEST_NAME} printable characters")])
    token = TOKEN_PREFIX + new_key()
    added = tokens.add_token(
        connection, name=name.strip(), scope=scope, token=hash_key(token), now=by.at, expires_at=expires_at
    )
    sight.grant(connection, token=added, sites=bounds.sites, tags=bounds.tags.items())
    what = {"token": added, "name": name, "scope": scope, "expires_at": expires_at, **bounds.document()}
    note(connection, by=by, did="make token", what=what)
    return token


def revoke_token(connection: Connection, token: int, *, by: By) -> None:
    """Take a token back at once. Raises Unknown."""
    if not tokens.revoke_token(connection, token, now=by.at):
        raise Unknown(f"there is no token {token} that is not revoked already")
    note(connection, by=by, did="revoke token", what={"token": token})


def rotate_key(connection: Connection, kiosk: int, *, overlap_ms: int, by: By) -> str:
    """Give a kiosk a new key; the ones it has stay valid for a while. Returns the key. Raises Unknown."""
    key = new_key()
    if not kiosks.add_key(connection, kiosk, key=hash_key(key), now=by.at, others_until=by.at + overlap_ms):
        raise Unknown(f"there is no kiosk {kiosk}")
    note(connection, by=by, did="rotate key", what={"kiosk": kiosk, "overlap_ms": overlap_ms})
    return key


def revoke_keys(connection: Connection, kiosk: int, *, by: By) -> None:
    """Take every key of a kiosk back at once: it keeps collecting, and is enrolled again. Raises Unknown."""
    if not kiosks.revoke_keys(connection, kiosk, now=by.at):
        raise Unknown(f"kiosk {kiosk} is not there, or has no valid key")
    note(connection, by=by, did="revoke keys", what={"kiosk": kiosk})
