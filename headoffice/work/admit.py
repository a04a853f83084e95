"""Let somebody in whom the OpenID Connect provider vouches for: their account is found, linked or made.

Called by `web.openid` with claims that `work.openid` has checked. Nobody gets a role by default.
May touch people, their links, grants and sessions, and the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headoffice.problems import SignInRefused, Unknown
from headoffice.store import identities, people, sight, sites
from headoffice.store.audit import By, note
from headoffice.store.identities import Name
from headoffice.work.access import EMAIL
from headoffice.work.sign_in import open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headoffice.store.engine import Connection
    from headoffice.work.openid_client import Client

LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
MOST_VALUES = 1000


@dataclass(frozen=True)
class Given:
    """What the provider's claims give: a role, and for a manager sites by id and tags as (tag, value)."""

    role: str
    sites: tuple[int, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


def admit(connection: Connection, claims: Mapping[str, Any], *, client: Client, now: int) -> str | None:
    """Open a session for somebody; returns the cookie's value. Raises SignInRefused.

    Who was added by hand keeps the role and sites that were given by hand. Whose account the provider made
    has what its claims give at each sign-in: None where that is nothing any more, and their sessions end.
    """
    subject = str(claims["sub"])
    if len(subject) > LONGEST_SUBJECT:
        raise SignInRefused("forged", "the provider's name for somebody is too long")
    given = _given(connection, claims, client)
    linked = identities.find(connection, Name(client.issuer, subject))
    if linked is None:
        person = _welcome(connection, claims, given, client=client, now=now)
    elif linked.by_hand:
        person = linked.person
    elif given is None:
        people.end_sessions(connection, linked.person)
        return None
    else:
        person = linked.person
        _give(connection, person, given, by=By("sign-in by the provider", now))
    return open_session(connection, person=person, now=now, how="provider")


def _welcome(
    connection: Connection, claims: Mapping[str, Any], given: Given | None, *, client: Client, now: int
) -> int:
    """Link or make the account of somebody who comes for the first time."""
    name, by = Name(client.issuer, str(claims["sub"])), By("sign-in by the provider", now)
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise SignInRefused("unverified", "the provider does not vouch for an e-mail address")
    found = people.person_by_email(connection, email)
    if found is not None:
        if identities.of_person(connection, found.id):
            raise SignInRefused("taken", f"person {found.id} is somebody else at the provider already")
        identities.link(connection, name, person=found.id, by_hand=True, now=now)
        note(connection, by=by, did="link person", what={"person": found.id})
        return found.id
    if given is None:
        raise SignInRefused("no_role", "nobody added them, and the provider's claims give no role")
    if not EMAIL.fullmatch(email) or not email.isprintable():
        raise SignInRefused("unverified", "the provider's e-mail address is none")
    person = people.add_person(connection, email=email, role=given.role, now=now)
    identities.link(connection, name, person=person, by_hand=False, now=now)
    _give(connection, person, given, by=by, did="add person")
    return person


def _give(connection: Connection, person: int, given: Given, *, by: By, did: str = "change person") -> None:
    """Give what the claims say; noted where it is something else than before."""
    before = people.person_by_id(connection, person)
    held = sight.granted_by(connection, person=person)
    same = before is not None and before.role == given.role and held == (given.sites, given.tags)
    if same and did == "change person":
        return
    people.put_role(connection, person, given.role)
    sight.grant(connection, person=person, sites=given.sites, tags=given.tags)
    what = {"person": person, "role": given.role, "sites": given.sites, "tags": dict(given.tags)}
    note(connection, by=by, did=did, what=what)


def _given(connection: Connection, claims: Mapping[str, Any], client: Client) -> Given | None:
    """The highest role that the claims give, with its sites; None where they give no role."""
    found = {client.roles[value] for value in _values(claims, client.role_claim) if value in client.roles}
    role = next((role for role in people.ROLES if role in found), None)
    if role is None:
        return None
    if role not in people.BOUND:
        return Given(role)
    tags, named = set(), set()
    for value in _values(claims, client.sites_claim):
        tag, equals, wanted = value.partition("=")
        if equals and tag and wanted:
            tags.add((tag, wanted))
            continue
        try:
            named.add(sites.find_site(connection, value).id)
        except Unknown:
            continue  # the provider may know more shops than this head office
    return Given(role, tuple(sorted(named)), tuple(sorted(tags)))


def _values(claims: Mapping[str, Any], claim: str) -> list[str]:
    """The values of a claim: a list of texts, or one."""
    held = claims.get(claim)
    return [each for each in (held if isinstance(held, list) else [held]) if isinstance(each, str)][
        :MOST_VALUES
    ]
