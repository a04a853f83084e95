"""The config.toml of a kiosk at work: in force when it changes, with who made which survey in it.

Called by kiosk.bootstrap's housework, and at once when staff publish.
Touches the store it is given, and what kiosk.settings.watch touches.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from kiosk.in_force import InForce
from kiosk.settings.file import Config
from kiosk.settings.versions import Versions, author_of
from kiosk.settings.watch import Watch
from kiosk.store.edits import Edit, keep_edits, made, standing_edits, stood_by
from survey.model import Programme
from survey.problems import Fault

if TYPE_CHECKING:
    from kiosk.store.opened import Store


def look(
    store: "Store",
    watch: Watch,
    in_force: InForce,
    *,
    faults: Callable[[Programme], Sequence[Fault]],
    published: bool,
) -> None:
    """Put in force what the file says now, its surveys shelved first; never in the middle of a visit.

    What staff `published` although it stood there already is made anew, from what head office has now.
    Raises sqlite3.Error where surveys cannot be kept: then all is as it was.
    """
    if before := watch.before_this_start():
        _note(store, watch, in_force, before, watch.config.programme)
    watch.look(partial(_take, store, watch, in_force), faults)
    watch.keep()
    if published and in_force.office is not None:
        with store.database.write() as writer:
            again = stood_by(in_force.own, in_force.office, standing_edits(writer), at=store.now().at)
            keep_edits(writer, again)
            edits = standing_edits(writer)
        in_force.know(edits)


def _take(store: "Store", watch: Watch, in_force: InForce, config: Config) -> None:
    store.shelve([survey.document() for survey in config.programme.surveys])
    in_force.take(config, _note(store, watch, in_force, in_force.own, config.programme))


def _note(
    store: "Store", watch: Watch, in_force: InForce, before: Programme, now: Programme
) -> Mapping[str, Edit]:
    """Keep who made what is new in config.toml: whoever published it, or a hand with a text editor."""
    role, at = author_of(watch.path, Versions(store.database.folder))
    with store.database.write() as writer:
        keep_edits(writer, made(before, now, office=in_force.office, role=role, at=at))
        return standing_edits(writer)
