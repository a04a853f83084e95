"""What somebody chose on the page of publishing: for which sites, on what terms, at which place.

Called by publishing/page.py with a form's or an address's fields. May read sites.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headoffice.problems import Unknown
from headoffice.store.engine import Connection
from headoffice.store.programmes import FIRST, LAST, Published, Target
from headoffice.store.sites import find_site
from survey.problems import Fault, shown
from survey.terms import MOST_PLACES, Terms, read_terms

PLACES = ("", FIRST, LAST)
LOCKS = ("open", "locked")
WHERES = ("all", "some")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """As it was written, so that a form can show it again; with what it means, and the faults."""

    where: str = "all"
    named: str = ""
    lock: str = "open"
    places: str = "0"
    ask: str = ""
    place: str = ""
    target: Target = field(default_factory=Target)
    terms: Terms = field(default_factory=lambda: Terms(locked=False))
    faults: tuple[Fault, ...] = ()


def read_choice(connection: Connection, fields: Mapping[str, str]) -> Choice:
    """Read the fields of a form; all that is wrong is noted at once."""
    where, lock, place = fields.get("where", "all"), fields.get("lock", "open"), fields.get("place", "")
    named, ask, places = fields.get("named", ""), fields.get("ask", "").strip(), fields.get("places") or "0"
    faults = [
        Fault(name, f"{shown(value)} cannot be chosen")
        for name, value, known in (("where", where, WHERES), ("lock", lock, LOCKS), ("place", place, PLACES))
        if value not in known
    ]
    target = Target()
    if where == "some":
        target, wrong = read_target(connection, named)
        faults += wrong or ([] if target else [Fault("named", "name a site or a tag, or choose every site")])
    if not (places.isascii() and places.isdigit() and int(places[:3]) <= MOST_PLACES):
        faults.append(Fault("places", f"must be a number from 0 to {MOST_PLACES}"))
        places = "0"
    if read_terms({"ask": ask}).ask != ask:
        faults.append(Fault("ask", "must be one line of up to 100 characters"))
    locked = lock == "locked"
    terms = Terms(locked=locked, places=int(places) if locked else 0, ask=ask if locked else "")
    return Choice(
        where=where,
        named=named,
        lock=lock,
        places=places,
        ask=ask,
        place=place,
        target=target,
        terms=terms,
        faults=tuple(faults),
    )


def chosen_before(connection: Connection, survey: str, newest: Published | None) -> Choice:
    """What the form shows first: the terms by which the survey was published last."""
    entry = next((each for each in newest.entries if each.survey == survey), None) if newest else None
    if entry is None:
        return Choice()
    fields = {
        "lock": LOCKS[entry.terms.locked],
        "places": str(entry.terms.places),
        "ask": entry.terms.ask,
    }
    return read_choice(connection, fields)


def read_target(connection: Connection, written: str) -> tuple[Target, list[Fault]]:
    """Read sites and tags, one a line or parted by commas; a tag is key=value."""
    found: dict[int, None] = {}
    tags: dict[tuple[str, str], None] = {}
    faults = []
    for each in filter(None, (part.strip() for part in written.replace(",", "\n").splitlines())):
        try:
            found[find_site(connection, each).id] = None
        except Unknown as error:
            tag, equals, value = (part.strip() for part in each.partition("="))
            if equals and tag and value:
                tags[tag, value] = None
            else:
                faults.append(Fault("named", str(error)))
    return Target(sites=tuple(found), tags=tuple(tags)), faults
