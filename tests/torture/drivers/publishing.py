"""Staff at work on one kiosk's files: drafts, publishing, settings, a rollback, PINs set and tried.

Run as `python -m tests.torture.drivers.publishing DATA PUBLISHES` under the recorder. After each thing it
says how all files stand, in one line, as somebody reads them who was told that it is done.
"""

import sys
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from kiosk.bootstrap import make_config
from kiosk.settings import lockout
from kiosk.settings.change import change
from kiosk.settings.drafts import DRAFT_FILE, Doors, Drafts
from kiosk.settings.lockout import Uptime
from kiosk.settings.pin import Pins
from kiosk.settings.publish import Author
from kiosk.settings.versions import MOST, Versions
from kiosk.settings.watch import Watch
from survey.edit import Editing
from tests.torture.drivers.kiosk import say

CONFIG = "config.toml"
STAFF, TECHNICIAN = "271828", "314159"
HOUR_MS = 3_600_000


class Office:
    """The back of one kiosk, and a clock on which an hour passes with each look."""

    def __init__(self, data: Path) -> None:
        self.data, self.path, self._ms = data, data / CONFIG, 0
        doors = Doors(now_ms=self.now_ms, beyond_us=lambda _: (), look_at_config=lambda: None)
        self.drafts, self.versions = Drafts(self.path, data, doors), Versions(data)
        self.pins = Pins(data, now=lambda: Uptime(boot="b007", ms=self.now_ms()))

    def now_ms(self) -> int:
        self._ms += HOUR_MS
        return self._ms

    def edit(self, number: int) -> Editing:
        title = {"ja": f"レジ {number}", "en": f"Checkout {number}"}
        return Editing(self.drafts.begin().documents).set_survey(0, "title", title)

    def keep(self, number: int) -> None:
        self.drafts.keep(self.edit(number).documents, self.drafts.begin().base)

    def publish(self, number: int) -> None:
        begun = self.drafts.begin()
        self.drafts.publish(self.edit(number).documents, begun.base, "staff")

    def save_settings(self, number: int) -> None:
        author = Author(role="technician", at_ms=self.now_ms())
        change(self.path, {"kiosk.idle_s": 20 + number}, versions=self.versions, author=author)

    def roll_back(self) -> None:
        self.drafts.rollback(self.versions.all()[2].number, "staff")


def standing(data: Path) -> dict[str, object]:
    """All files as the kiosk reads them, the long ones by their hashes."""
    draft, pins = data / DRAFT_FILE, lockout.read(data)
    return {
        "config": hashed((data / CONFIG).read_bytes()),
        "versions": {str(each.number): hashed(each.content.encode()) for each in Versions(data).all()},
        "draft": hashed(draft.read_bytes()) if draft.exists() else "",
        "pins": {role: asdict(kept) for role, kept in pins.items()},
    }


def hashed(content: bytes) -> str:
    return sha256(content).hexdigest()


def main(data: str, publishes: str) -> None:
    """Do it all."""
    folder = Path(data)
    make_config(folder)
    office = Office(folder)
    watch = Watch(office.path, folder)
    for number in range(MOST - 2):  # so that the oldest are dropped soon
        office.versions.keep(f"# {number}\n", at_ms=number, role="staff")
    office.pins.put("technician", TECHNICIAN)
    say(**standing(folder))
    for number in range(int(publishes)):
        office.keep(number)
        say(**standing(folder))
        office.publish(number)
        say(**standing(folder))
        watch.look(lambda _: None)
        watch.keep()
        office.save_settings(number)
        say(**standing(folder))
        if number % 2:
            office.roll_back()
            say(**standing(folder))
        else:
            office.pins.put("staff", STAFF)
            say(**standing(folder))
            assert not office.pins.enter("staff", "999999").is_right
            say(**standing(folder))
            assert office.pins.enter("staff", STAFF).is_right
            say(**standing(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
