"""Where the navigation leads: one row a page, in the order shown, and who finds it there.

Read by frame/serve.py and by the pages outside the frame's filters. Pure values: touches nothing.
"""

from dataclasses import dataclass

from headoffice.store.people import ROLES, Person


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page: its path, the key of its name, whether it is of the administration, and for which roles."""

    path: str
    name: str
    office: bool = False
    roles: tuple[str, ...] = ROLES


PLACES = (
    Place(path="/", name="overview"),
    Place(path="/sites", name="nav.sites"),
    Place(path="/questions", name="nav.questions"),
    Place(path="/reasons", name="nav.reasons"),
    Place(path="/voices", name="nav.voices"),
    Place(path="/journey", name="nav.journey"),
    Place(path="/surveys", name="nav.surveys"),
    Place(path="/kiosks", name="office.kiosks.title", office=True),
    Place(path="/alerts", name="office.alerts.title", office=True),
    Place(path="/admin/people", name="office.title", office=True, roles=("admin",)),
)


def places(person: Person) -> tuple[Place, ...]:
    """The pages that a person finds in the navigation."""
    return tuple(place for place in PLACES if person.role in place.roles)
