"""A kiosk's first day, by XTEST's finger in its real window, with a real head office."""

import sys
import time
from functools import partial

import pytest

from deploy.screen import Screen, wait_for
from headoffice.store.audit import By
from headoffice.work.picture import ask
from headoffice.work.publish import publish
from kiosk.bootstrap import NEW, shipped
from kiosk.settings.file import load
from kiosk.ui.words import Words
from survey.parse import loads_toml
from survey.terms import Terms
from tests.headoffice.running import RunningOffice
from tests.screens.desk import Desk
from tests.screens.hand import Hand
from tests.screens.seen import QUICK, Finger

pytestmark = pytest.mark.timeout(240)

STAFF, TECHNICIAN = "271828", "314159"
WORDS = Words(shipped("assets") / "languages" / "staff")
MODELLED_S = 140  # of the first start's 180, the kiosk's own part of about 10 not among them
THANKS = "Thank you very much"
ASKED = "How was the service from our staff?"
TITLE = "Staff"


class Day:
    """A kiosk that nobody has set up, somebody's finger on it, and a head office in reach."""

    def __init__(self, folder, screen, office) -> None:
        self.office, self.desk = office, Desk(screen, folder, "")
        self.data, self.config = folder / "data", folder / "data" / "config.toml"
        self.data.mkdir(mode=0o700)
        self.config.write_text(
            shipped("config.toml").read_text("utf-8").replace("motion = true", "motion = false")
        )
        (self.data / NEW).touch()
        self.place = folder / "seen"
        self.desk.command = lambda *words: [
            *(sys.executable, "-m", "tests.screens.seen", str(self.place), QUICK),
            *(*words, "--data", str(self.data), "--config", str(self.config)),
        ]
        self.desk.home.mkdir(exist_ok=True)
        self.finger = Finger(screen, self.place)

    def arrived(self) -> list[tuple[str, str, str]]:
        """What head office holds: (version, question, answer), the taps in their order."""
        return self.office.rows(
            "SELECT s.version, q.question, t.answer FROM taps t JOIN questions q ON q.id = t.question"
            " JOIN surveys s ON s.id = q.survey WHERE s.kind != 'staff' ORDER BY t.seq"
        )

    def begin(self, face: str) -> None:
        """Somebody touches a face, and has the next question."""
        held = len(self.desk.rows("seq"))
        self.finger.tap(face, "Face")
        wait_for(lambda: len(self.desk.rows("seq")) > held, "a tap in the ledger")

    def end(self) -> str:
        """They skip what is left; gives the survey's version that head office holds their last tap under."""
        self.finger.tap("Skip", "Pill")
        wait_for(lambda: len(self.arrived()) == len(self.desk.rows("seq")), "all taps at head office")
        return self.arrived()[-1][0]

    def shopper(self, face: str = "happy") -> str:
        """A whole visit, and back to the first question."""
        self.begin(face)
        return self.end()

    def survey(self):
        """The one survey in config.toml."""
        (survey,) = load(self.config).programme.surveys
        return survey

    def write(self, old: str, new: str) -> None:
        """Change the file as a text editor does: the new one takes the old one's place in one piece."""
        text = self.config.read_text("utf-8")
        assert old in text
        saved = self.config.with_suffix(".saved")
        saved.write_text(text.replace(old, new), "utf-8")
        saved.replace(self.config)

    def until_first(self, asked: str = ASKED) -> None:
        """On with a touch on the thanks, to the first question."""

        def there() -> bool:
            if THANKS in (now := self.finger.texts()):
                self.finger.wait_ready()
                self.finger.screen.tap(400, 140)
            return asked in now and not self.finger.has("Back")

        wait_for(there, asked)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("day")
    office = RunningOffice(folder)
    with Screen(800, 480) as screen:
        day = Day(folder / "kiosk", screen, office)
        with day.desk:
            day.desk.start()
            yield day
        day.finger.close()
    office.close()


def say(key: str, **values: object) -> str:
    """Staff's words in English."""
    return WORDS.say("en", key).format(**values)


def test_a_day(day):
    """One window from the first start to a rollback: each part stands below, in its order."""
    first_start(day)
    day.office.change(partial(ask, kiosk=1, by=By("test", int(time.time() * 1000))))
    first_version = day.shopper()
    day.until_first()
    published = edited_and_published(day)
    assert day.shopper("sad") == published != first_version
    day.until_first(f"{ASKED}x")
    edited_during_a_visit(day, published)
    spoilt_by_hand(day)
    rolled_back(day, first_version)
    seen_by_head_office(day)
    locked(day)


def seen_by_head_office(day: Day) -> None:
    """The picture that was asked for in the morning came between two visits, as large as the screen."""
    picture = "SELECT asked_at, width, height FROM pictures"
    wait_for(lambda: day.office.rows(picture) == [(None, 800, 480)], "a picture of the screen")


def first_start(day: Day) -> None:
    """The wizard, with a code from head office and both PINs, in less time than the issue gives."""
    hand = Hand(day.finger)
    hand.begin("language")
    hand.tap("English", "Row")
    hand.begin("screen")
    hand.tap(say("first.next"), "Pill")
    hand.see(say("first.corners"))
    hand.tap_each("Corner")
    hand.begin("head office")
    hand.tap(say("first.enrol"), "Row")
    hand.type(f"127.0.0.1:{day.office.port}")
    hand.tap(say("buttons.ok"), "Pill")
    hand.type(day.office.code())
    hand.tap(say("buttons.ok"), "Pill")
    hand.begin("survey")
    hand.see(say("office.enrolled", site="1"))
    hand.tap(TITLE, "Row")
    for role, pin in (("technician", TECHNICIAN), ("staff", STAFF)):
        hand.begin(f"PIN of {role}")
        hand.see(say("pins.new", role=say(f"roles.{role}")))
        for _ in range(2):
            hand.taps(*pin, kind="PinKey")
            hand.tap(say("buttons.ok"), "Pill")
        hand.begin("done")
        hand.see(say("first.done"))
        if role == "technician":
            hand.tap(say("first.staff_pin"), "Row")
    hand.tap(say("first.begin"), "Pill")
    hand.finger.see(ASKED)
    assert hand.takes_s < MODELLED_S, hand.told()


def edited_and_published(day: Day) -> str:
    """Dragged, written, two languages that lack, tried out, published; gives the version that is in force."""
    finger = day.finger
    finger.come_in(STAFF)
    finger.taps(say("menu.surveys"), TITLE, kind="Row")
    finger.drag("Q2 What could have been better?", 1.2)
    finger.see("Q3 What could have been better?")
    finger.taps(f"Q1 {ASKED}", say("editor.text"), "English", kind="Row")
    finger.tap("x", "KeyCap")
    finger.taps(say("buttons.ok"), "Back", "Back", kind="Pill")
    two_languages_lack(day)
    finger.tap(say("editor.try_out"), "Pill")
    finger.tap("English", "Row")
    finger.see(f"{ASKED}x")
    held = len(day.desk.rows("seq"))
    finger.tap("happy", "Face")
    finger.see("What did we do well?")
    finger.tap(say("trial"), "Pill")
    finger.tap("Back", "Pill")
    finger.tap(say("editor.publish"), "Pill")
    finger.see(say("editor.published"))
    assert len(day.desk.rows("seq")) == held  # the trial stored nothing
    assert day.survey().questions[1].id == "best"
    finger.taps("Back", say("buttons.leave"), kind="Pill")
    finger.see(f"{ASKED}x")
    return day.survey().version


def two_languages_lack(day: Day) -> None:
    """Publishing says how many places, and leads to the first; then both are taken out again."""
    finger = day.finger
    for name in ("Français", "Deutsch"):
        finger.taps(say("editor.languages"), say("editor.add_language"), name, kind="Row")
        finger.tap("Back", "Pill")
    finger.taps("Back", say("editor.publish"), kind="Pill")
    finger.see(say("editor.problems"))
    assert say("faults.empty_in", language="Deutsch") in finger.texts()
    finger.tap(say("editor.first_one"), "Pill")
    finger.see(say("editor.lacks", languages="Français, Deutsch"))
    finger.taps("Back", "Back", kind="Pill")
    finger.taps(say("editor.undo"), say("editor.undo"), TITLE, kind="Row")


def edited_during_a_visit(day: Day, published: str) -> None:
    """A hand changes the file while somebody answers: that visit ends as it began, the next one is new."""
    day.begin("sad")
    day.write("staff?x", "staff?y")
    good = day.data / "config.good.toml"
    wait_for(lambda: "staff?y" in good.read_text("utf-8"), "the file to be read again")
    assert day.end() == published
    assert {version for version, *_ in day.arrived()[-2:]} == {published}
    day.until_first(f"{ASKED}y")
    assert day.shopper() != published
    day.until_first(f"{ASKED}y")


def spoilt_by_hand(day: Day) -> None:
    """A file with faults changes nothing for shoppers, and staff are led to what is wrong."""
    finger = day.finger
    day.write("idle_s = 20", "idle_s = 2")
    wait_for(lambda: day.desk.errors().count("stays in force") == 1, "the file to be refused")
    finger.come_in(STAFF)
    finger.tap(say("menu.trouble"), "Row")
    fault = "is 2; it needs a whole number from 5 to 300"
    finger.see(say("about.at", place="kiosk.idle_s" + say("about.named", name="Idle time"), what=fault))
    finger.taps("Back", kind="Pill")
    day.write("idle_s = 2 ", "idle_s = 20 ")
    finger.tap(say("buttons.leave"), "Pill")
    finger.see(f"{ASKED}y")


def rolled_back(day: Day, version: str) -> None:
    """One touch and a yes bring the first start's version back; the next shopper answers it."""
    finger = day.finger
    finger.come_in(STAFF)
    finger.taps(say("menu.surveys"), say("editor.history"), kind="Row")
    finger.tap(say("editor.by_technician"), "Row")
    finger.tap(say("editor.rollback_yes"), "Pill")
    finger.see(say("editor.rolled_back"))
    finger.taps("Back", "Back", say("buttons.leave"), kind="Pill")
    assert day.shopper() == version
    day.until_first()


def locked(day: Day) -> None:
    """What head office locked is shown, and can only be looked at; whom to ask stands there."""
    programme = loads_toml((shipped("assets") / "surveys" / "price.toml").read_text("utf-8"))
    terms = {programme.surveys[0].id: Terms(locked=True, ask="Tokyo office")}
    day.office.change(partial(publish, programme=programme, sites=(), by=By("test", 1), terms=terms))
    finger = day.finger
    title, asked = programme.surveys[0].title["en"], programme.surveys[0].first.text["en"]
    finger.see(asked)  # it comes between two visits, by itself
    finger.come_in(STAFF)
    finger.tap(say("menu.surveys"), "Row")
    finger.see(say("editor.locked"))
    finger.tap(title, "Row")
    finger.see(say("editor.locked_why", ask="Tokyo office"))
    assert not finger.has(say("editor.add_question"))
