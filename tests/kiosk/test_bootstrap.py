"""A kiosk at work, without its window."""

import gc
import re
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kiosk import bootstrap
from kiosk.bootstrap import Kiosk, shipped
from kiosk.in_force import InForce
from kiosk.report import sync_words
from kiosk.settings.file import load
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.incidents import incidents
from kiosk.store.programme import shelve
from kiosk.visit import NotSaved, Thanks
from sync.courtesy import QUIET_S
from sync.standing import State
from tests.sync.faulty_server import FaultyServer, served
from tests.sync.office import KEY, Office

ROOT = Path(__file__).parents[2]
BEFORE_THE_WINDOW = """
import sys
from pathlib import Path
import kiosk.cli
from kiosk.settings.file import load
load(Path("config.toml"))
print(sorted({"kivy", "sqlite_utils", "requests", "apscheduler", "tomlkit", "argon2"} & sys.modules.keys()))
"""


@pytest.fixture
def config():
    return load(ROOT / "config.toml")


@pytest.fixture
def kiosk(till, config):
    kiosk = Kiosk(till.folder, config, InForce(config))
    yield kiosk
    kiosk.close()


def enrolment_at(address):
    given = {"key": KEY, "kiosk": "k", "site": "s", "touchpoint": "t", "timezone": "Asia/Tokyo"}
    return Enrolment(server=address, **given)


def until(condition):
    end_s = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def tap_for_ever(kiosk, config):
    while True:
        answer(kiosk, config, "happy")


def answer(kiosk, config, value):
    return kiosk.begin(config.programme.surveys[0], "ja").answer(value)


def test_a_visit_of_the_kiosk_goes_to_its_ledger(till, kiosk, config):
    """From `begin` to the ledger: what the screens call is what is stored."""
    kiosk.open()
    visit = kiosk.begin(config.programme.surveys[0], "ja")
    visit.answer("neutral")
    assert visit.answer("price") == Thanks("ja")
    kiosk.close()
    store = till.open()
    items = store.outbox.read(store.ledger.id, 1, 9)
    assert [(item.question, item.answer) for item in items] == [("rating", "neutral"), ("improve", "price")]
    assert store.shelf.document(items[0].survey) == config.programme.surveys[0].document()


def test_before_the_ledger_is_open_an_answer_is_refused_in_words(kiosk, config):
    """No tap is thanked for that could not be stored."""
    with pytest.raises(NotSaved, match="not open yet"):
        answer(kiosk, config, "happy")


def test_a_finger_comes_before_the_threads_beside_it(kiosk):
    """P3: Python gives the screen its turn back within a millisecond, not five, while sync works."""
    sys.setswitchinterval(0.005)
    kiosk.open()
    assert sys.getswitchinterval() == pytest.approx(0.001)


def test_a_start_on_a_full_disk_takes_the_reserve(till, kiosk, monkeypatch):
    """P1: an edited config on a full disk does not keep the kiosk from its work: its survey finds room."""
    ballast = till.folder / "ballast"
    kiosk.open()
    until(ballast.exists)  # the kiosk's own housework lays it out
    kiosk.close()
    monkeypatch.setattr("kiosk.store.opened.shelve", full_until(lambda: not ballast.exists()))
    kiosk.open()
    assert not ballast.exists()


def test_a_start_that_finds_no_room_alarms_nobody_later(till, kiosk, config, monkeypatch):
    """P4: where nothing helps it ends in words, and the next start does not take its log for lost."""
    with monkeypatch.context() as patched:
        patched.setattr("kiosk.store.opened.shelve", full_until(lambda: False))
        with pytest.raises(sqlite3.OperationalError, match="full"):
            kiosk.open()
    gc.collect()
    store = till.open()
    with store.database.read() as reader:
        assert incidents(reader) == []


def full_until(there_is_room):
    """Give a shelf that is full for so long."""

    def put(writer, documents):
        if not there_is_room():
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        shelve(writer, documents)

    return put


def test_a_full_disk_reaches_the_screens_as_not_saved(kiosk, config, caplog):
    """The screens know one way in which storing fails, and the log has the reason."""
    kiosk.open()
    writer = kiosk._store.database.writer
    writer.execute("PRAGMA max_page_count = 1")
    with pytest.raises(NotSaved, match="full"):
        tap_for_ever(kiosk, config)
    assert "a tap was refused" in caplog.text


def test_the_agent_talks_in_the_background_and_the_programme_comes(till, kiosk, config):
    """Enrolled, the kiosk sends its taps and puts head office's programme in force while it runs."""
    office = Office()
    office.programme = ("e1", central("はい"))
    with FaultyServer(served(office)) as server:
        store = till.open()
        with store.database.write() as writer:
            keep_enrolment(writer, enrolment_at(server.address))
        taps = till.tap(store, 3)
        store.close()
        kiosk.open()
        until(lambda: office.ledgers and len(office.ledgers[taps[0].ledger]) == 3)
        until(lambda: kiosk._in_force.survey_now().id == "central")
        kiosk.close()
    assert [item["visit"] for item in office.ledgers[taps[0].ledger]] == [tap.visit for tap in taps]
    assert office.health["problems"] == []
    assert office.health["free_bytes"] > 0


@pytest.mark.parametrize("someone", ["touches the glass", "answers"])
def test_sync_lets_a_finger_go_first(till, kiosk, config, monkeypatch, someone):
    """P3: while somebody is at the kiosk no batch begins, until sync has waited long enough; then it does."""
    waits, goes = [], threading.Event()
    monkeypatch.setattr(kiosk._courtesy, "_rest", lambda _: waits.append(_) or goes.wait())
    monkeypatch.setattr("sync.courtesy.QUIET_S", 3600)
    monkeypatch.setattr("sync.courtesy.BREATH_S", 3600)
    monkeypatch.setattr("sync.agent._FIRST_S", 0)
    monkeypatch.setattr("kiosk.store.upkeep.Upkeep.once", lambda *_: None)  # it would wait as well
    with FaultyServer(served(Office())) as server:
        store = till.open()
        with store.database.write() as writer:
            keep_enrolment(writer, enrolment_at(server.address))
        store.close()
        if someone == "answers":
            with pytest.raises(NotSaved):  # before the ledger is open: then the agent cannot come first
                answer(kiosk, config, "happy")
        else:
            kiosk.touched()
        kiosk.open()
        until(lambda: waits)
        assert server.requests == []
        goes.set()
        until(lambda: server.requests)
        kiosk.close()


def test_a_new_head_office_lets_a_finger_go_first_too(till, kiosk, monkeypatch):
    """P3: enrolled anew, sync gives way as before; the end of the former agent ended its own waits only."""
    monkeypatch.setattr("kiosk.enrolling.ask", lambda address, *_: enrolment_at(address))
    with FaultyServer(served(Office())) as server:
        kiosk.open()
        for _ in range(2):
            assert kiosk.enrol(server.address, "code") == "s"
        kiosk.touched()
        began = time.monotonic()
        kiosk._courtesy.begin()
        assert time.monotonic() - began > QUIET_S - 0.1
        kiosk.close()
    assert not [each for each in threading.enumerate() if each.name == "egao-sync-watcher"]


def central(text):
    """A programme of head office with one question."""
    words = {"ja": text, "en": "Yes"}
    question = {"id": "only", "type": "faces", "text": words}
    return [{"id": "central", "kind": "relationship", "title": words, "question": [question]}]


@pytest.mark.parametrize("unshowable", ["ཡག་པོ", "とても😀よい", "{店"])
def test_a_programme_that_the_screen_cannot_show_is_not_put_in_force(till, config, caplog, unshowable):
    """P7: the last good programme stays, and log and head office are told which letter stands where."""
    office = Office()
    office.programme = ("e1", central("はい"))
    with FaultyServer(served(office)) as server:
        store = till.open()
        enrolment = enrolment_at(server.address)
        agent = bootstrap.make_agent(store, enrolment, config, on_state=lambda _: None)
        agent.once()
        office.programme = ("e2", central(unshowable))
        for _ in range(2):  # the next heartbeat tells it
            agent.once()
        assert store.shelf.etag() == "e1"
        assert till.programmes == [central("はい")]
        (told,) = office.health["problems"]
        assert "programme[0].title.ja" in told
        assert told in caplog.text
        office.programme = ("e3", central("いいえ"))
        for _ in range(2):
            agent.once()
        assert store.shelf.etag() == "e3"
        assert office.health["problems"] == []
        agent.stop()


def test_housework_that_fails_is_tried_again(kiosk, monkeypatch, caplog):
    """A disk that fails for a moment does not end the housework, which gives way to whoever taps."""
    monkeypatch.setattr(bootstrap, "UPKEEP_S", 0.01)
    failing = [OSError("no such disk"), OSError("no such disk")]

    def once(_, give_way):
        if failing:
            raise failing.pop()
        kiosk.touched()
        begun.append(time.monotonic())
        give_way()
        done.append(time.monotonic())

    begun, done = [], []
    monkeypatch.setattr("kiosk.store.upkeep.Upkeep.once", once)
    kiosk.open()
    until(lambda: done)
    assert caplog.text.count("trying again") == 2
    assert done[0] - begun[0] >= QUIET_S
    until(lambda: len(begun) > len(done))
    kiosk.close()
    assert done[-1] - begun[-1] < QUIET_S, "the end of the program waits for nobody"


def test_closing_twice_or_before_opening_is_no_failure(kiosk):
    """However the app ends, the end is clean."""
    kiosk.close()
    kiosk.close()


def test_what_takes_long_to_import_waits_for_the_first_frame():
    """The window comes first: until it is drawn, none of the heavy libraries is loaded."""
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_THE_WINDOW], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_what_is_shipped_is_found():
    """In a checkout the files stand at the top; in a wheel, in the package."""
    assert shipped("config.toml") == ROOT / "config.toml"
    assert shipped("kiosk.kv").exists()


OFFLINE = State(
    online=False, since_ms=0, pending=1204, rejected=2, next_try_s=39.7, code="offline", problem="no network"
)
ONLINE = State(online=True, since_ms=0, pending=0, rejected=0, next_try_s=None, code=None, problem=None)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ONLINE, r"online since \d\d:\d\d; 0 answers waiting"),
        (
            OFFLINE,
            r"offline since \d\d:\d\d; 1,204 answers waiting; 2 rejected; no network; next try in 40 s",
        ),
    ],
)
def test_how_things_stand_is_said_in_words(state, words):
    """Staff read how the sync stands, without a manual."""
    assert re.fullmatch(words, sync_words(state))
