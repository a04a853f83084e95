"""Give access: sites to stand in, people who may sign in, tokens for programs.

Called by `cli`, later by staff pages. Every change is noted in the audit.
May touch sites, people, tokens and the audit.
"""

import re
from collections.abc import Mapping

from headoffice.problems import Invalid
from headoffice.store import people, sites, tokens
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.work.secrets import hash_code, hash_key, new_code, new_key
from survey.problems import Fault, shown

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
CODE_GROUPS = 4  # 100 bits: it lives for a day
CODE_LIVES_MS = 24 * 3600 * 1000
LONGEST_NAME = 100
TOKEN_PREFIX = "egao_"  # noqa: S105 - by this a scanner recognises one that was published by mistake


def add_site(connection: Connection, *, name: str, timezone: str, tags: Mapping[str, str], by: By) -> int:
    """Add a site; returns its id. Raises Invalid."""
    site = sites.add_site(connection, name=name, timezone=timezone, tags=tags, now=by.at)
    what = {"site": site, "name": name, "timezone": timezone, "tags": dict(tags)}
    note(connection, by=by, did="add site", what=what)
    return site


def add_person(connection: Connection, *, email: str, role: str, by: By) -> str:
    """Let somebody sign in, or give somebody who can already a new role; returns a one-time code.

    Raises Invalid.
    """
    if not EMAIL.fullmatch(email) or not email.isprintable():
        raise Invalid([Fault("e-mail", f"{shown(email)} is no e-mail address")])
    person = people.add_person(connection, email=email, role=role, now=by.at)
    code = new_code(CODE_GROUPS)
    people.put_code(connection, person=person, code=hash_code(code), expires_at=by.at + CODE_LIVES_MS)
    note(connection, by=by, did="add person", what={"person": person, "role": role})
    return code


def make_token(connection: Connection, *, name: str, scope: str, by: By) -> str:
    """Make a token for a program; returns it. Raises Invalid."""
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise Invalid([Fault("name", f"must have 1 to {LONGEST_NAME} printable characters")])
    token = TOKEN_PREFIX + new_key()
    added = tokens.add_token(connection, name=name.strip(), scope=scope, token=hash_key(token), now=by.at)
    note(connection, by=by, did="make token", what={"token": added, "name": name, "scope": scope})
    return token
