"""Puts the kiosk together: config, programme, store, sync and screens.

Called by kiosk.cli. May touch everything below it; what takes long to import is imported by the function that
needs it, so that the window comes first (sqlite_utils, requests and apscheduler: 0.2 to 0.4 s each).
"""

import json
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import own_config
from kiosk.camera import Camera
from kiosk.health import Clocks, free_bytes, monotonic_ms, uptime_ms
from kiosk.in_force import InForce, follow, peek
from kiosk.settings.file import Config
from kiosk.settings.lockout import FILE as PINS_FILE
from kiosk.settings.versions import PRIVATE, replace
from kiosk.settings.watch import Standing, Watch
from kiosk.store.enrolment import Enrolment
from kiosk.store.folder import LEDGER_FILE, make_private
from kiosk.store.lock import DataLock
from kiosk.store.problems import Elsewhere, LedgerDamaged, NotEnrolled, NotStored
from kiosk.store.reading import open_reader
from kiosk.store.residence import is_elsewhere
from kiosk.store.tap import Moment
from kiosk.supervisor import ALIVE, ENDING, READY, Supervisor
from kiosk.ui.driver import Driver
from kiosk.ui.window import prepare
from kiosk.visit import Answered, NotSaved, Visit
from kiosk.whereabouts import machine
from survey.answers import check_answer
from survey.model import Survey
from survey.prediction import QUESTION, prediction
from survey.values import frozen
from sync import __version__
from sync.courtesy import Courtesy

if TYPE_CHECKING:
    from kiosk.store.opened import Store
    from kiosk.store.today import Today
    from kiosk.ui.staff.backroom import Backroom
    from sync.agent import Agent
    from sync.contract import Health, Sent
    from sync.standing import State

NEW = "new"  # a file in the data directory of a kiosk that nobody has set up
UPKEEP_S = 20.0
TRY_S = 25.0  # that staff wait at most when they ask for head office
LISTEN_S = 1.0  # a signal that comes just as the main thread begins to wait is heard when it wakes
SWITCH_S = 0.001  # a finger waits no longer than this for a thread that works on the sync
SYNC_QUIET_S = 15.0  # an agent that has not looked after itself for so long is dead

log = logging.getLogger(__name__)


def new_id() -> str:
    """Give a UUIDv7: new everywhere, and sorted by time."""
    from uuid_utils import uuid7  # noqa: PLC0415 - the ledger asks for the first one, after the first frame

    return str(uuid7())


def shipped(name: str) -> Path:
    """Find a file that comes with the program: in the installed package, or at the top of the checkout."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.exists() else package.parent / name


def open_store(folder: Path, in_force: InForce) -> "Store":
    """Open the ledger and all that belongs to it; the caller holds the DataLock."""
    from kiosk.store.opened import Store  # noqa: PLC0415 - sqlite_utils comes after the first frame

    def on_programme(_: object) -> None:
        with store.database.read() as reader:
            follow(reader, in_force)

    store = Store(folder, now=Clocks().now, new_id=new_id, on_programme=on_programme)
    try:
        store.arrive(machine())
        surveys = (*in_force.own.surveys, prediction())
        store.shelve([survey.document() for survey in surveys])
    except BaseException:
        store.close()  # left open it would look, at the next start, as if its log had been lost
        raise
    return store


@frozen
class Opened:
    """What a command has that works on the store without a window."""

    store: "Store"
    in_force: InForce
    enrolment: Enrolment | None
    elsewhere: bool  # it is for another machine than this one


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    make_private(folder)
    with DataLock(folder):
        yield


@contextmanager
def writing(folder: Path, config: Config) -> Iterator[Opened]:
    """Lock and open a data directory, bring back what a damaged ledger left, and close it in the end.

    Raises a StoreProblem, DataBusy for one that belongs to another process.
    """
    with _locked(folder):
        in_force = InForce(config)
        store = open_store(folder, in_force)
        try:
            store.upkeep.once()
            with store.database.read() as reader:
                enrolment, elsewhere = follow(reader, in_force), is_elsewhere(reader)
            yield Opened(store, in_force, enrolment, elsewhere)
        finally:
            store.close()


def make_agent(  # noqa: PLR0913 - what it works on, who hears of it, and whom it gives way to
    store: "Store",
    enrolment: Enrolment,
    config: Config,
    *,
    on_state: Callable[["State"], None],
    watch: Watch | None = None,
    courtesy: Courtesy | None = None,
    camera: Camera | None = None,
) -> "Agent":
    """Give the agent that talks to head office for a store, with `courtesy` to who taps meanwhile.

    Head office sees the screen by `camera`, if there is one and it asks.
    """
    from kiosk.ui.shown import beyond_us  # noqa: PLC0415 - what looks into fonts comes after the first frame
    from sync.agent import Agent  # noqa: PLC0415 - so do requests and apscheduler
    from sync.client import Client  # noqa: PLC0415
    from sync.picture import Pictures  # noqa: PLC0415
    from sync.pull import Pull  # noqa: PLC0415
    from sync.push import Push  # noqa: PLC0415

    settings = config.settings.sync
    client = Client(enrolment.server, enrolment.key)
    pull = Pull(
        client, store.shelf, faults=partial(beyond_us, fonts=shipped("assets") / "fonts", place="programme")
    )
    push = Push(
        client,
        store.outbox,
        store.shelf,
        sent=lambda: _sent(store.now()),
        health=lambda: _health(store, pull.problem, watch),
        batch_taps=settings.batch_taps,
        courtesy=courtesy,
    )
    pictures = Pictures(client, camera) if camera else None
    return Agent(push, pull, every_s=settings.every_s, on_state=on_state, pictures=pictures)


def _sent(moment: Moment) -> "Sent":
    from sync.contract import Sent  # noqa: PLC0415 - the wire comes after the first frame

    return Sent(at=moment.at, uptime=moment.uptime, boot=moment.boot)


def _health(store: "Store", programme: str | None, watch: Watch | None) -> "Health":
    """Tell how the kiosk is; `programme` says why head office's is not in force."""
    from kiosk.store.state import problems  # noqa: PLC0415 - the same
    from sync.contract import Health  # noqa: PLC0415

    folder = store.database.folder
    with store.database.read() as reader:
        told = tuple(problems(reader, folder, now_ms=store.now().at))
    return Health(
        version=__version__,
        pending=store.outbox.pending(),
        rejected=store.outbox.rejected(),
        free_bytes=free_bytes(folder),
        programme=store.shelf.etag(),
        problems=(*told, *_config_words(watch), *((programme,) if programme else ())),
    )


def _config_words(watch: Watch | None) -> tuple[str, ...]:
    return watch.standing.words(watch.path.name) if watch else ()


class Kiosk:
    """A kiosk at work: its store, and a thread that keeps house and has the agent talk to head office."""

    def __init__(
        self,
        folder: Path,
        config: Config,
        in_force: InForce,
        *,
        watch: Watch | None = None,
        supervisor: Supervisor | None = None,
    ) -> None:
        self._watch = watch
        self._supervisor = supervisor or Supervisor({})
        self._folder, self._config, self._in_force = folder, config, in_force
        self._store: Store | None = None
        self._agent: Agent | None = None
        self._talking = threading.Lock()  # who enrols and who keeps house must not both begin to talk
        self._housework: threading.Thread | None = None
        self._courtesy = Courtesy()
        self._stop = threading.Event()
        self._told: tuple[bool, str | None] | None = None
        self._camera: Camera | None = None

    def give_camera(self) -> Camera:
        """Let head office see the screen when it asks; gives what the window hands pictures to."""
        self._camera = Camera(self._picture_taken)
        return self._camera

    @property
    def in_force(self) -> InForce:
        """Which surveys are in force, and on what terms."""
        return self._in_force

    def open(self) -> None:
        """Open the ledger: from now on taps can be stored. Raises a StoreProblem."""
        store = self._store = open_store(self._folder, self._in_force)
        sys.setswitchinterval(SWITCH_S)
        self._housework = threading.Thread(
            target=self._keep_house, args=(store,), name="egao-upkeep", daemon=True
        )
        self._housework.start()

    def begin(self, survey: Survey, language: str) -> Visit:
        """Begin a visit whose answers go to the ledger."""
        return Visit(survey, language=language, save=self.save, monotonic_ms=monotonic_ms, new_id=new_id)

    def save(self, answered: Answered) -> None:
        """Store a tap; raises NotSaved."""
        self._courtesy.answered()
        if self._store is None:
            raise NotSaved("the ledger is not open yet")
        try:
            self._store.ledger.save(answered)
        except NotStored as problem:
            log.exception("a tap was refused")
            raise NotSaved(str(problem)) from problem

    def predict(self, of_ten: int, language: str) -> None:
        """Store how many of ten shoppers staff believe were happy today; raises NotSaved."""
        answer = check_answer(prediction().first, of_ten)
        self.save(
            Answered(
                visit=new_id(),
                survey=prediction().version,
                question=QUESTION,
                answer=answer,
                language=language,
                took_ms=0,
            )
        )

    def today(self) -> "Today | None":
        """Add up today's visits, None before the ledger is open; not for the UI thread.

        Raises LedgerDamaged or sqlite3.Error for what cannot be read.
        """
        from kiosk.store.today import read_today  # noqa: PLC0415 - nobody asks before the first frame

        if self._store is None:
            return None
        with self._store.database.read() as reader:
            return read_today(reader, self._in_force.local_time())

    def enrol(self, address: str, code: str) -> str:
        """Enrol at a head office, or at another one, and begin to talk to it; gives the site's name.

        Not for the UI thread. Raises Refused, a SyncError, a StoreProblem.
        """
        from kiosk.enrolling import accept_address, ask, whole_address  # noqa: PLC0415 - few kiosks ask twice in their lives
        from kiosk.store.enrolment import keep_enrolment  # noqa: PLC0415 - the same

        accept_address(address := whole_address(address))
        if (store := self._store) is None:
            raise NotSaved("the ledger is not open yet")
        enrolment = ask(address, code, os.uname().nodename)
        with self._talking:
            with store.database.write() as writer:
                keep_enrolment(writer, enrolment)
            with store.database.read() as reader:
                follow(reader, self._in_force)
            former, self._agent = self._agent, None
            if former is not None:
                former.stop()
                self._courtesy = Courtesy()  # the former one gives way to nobody any more
            if not self._stop.is_set():
                self._talk(store, enrolment)
        return enrolment.site

    def try_office(self) -> None:
        """Talk to head office now, if there is one, and wait until that has ended; not for the UI thread."""
        if self._agent is not None:
            self._agent.try_now(TRY_S)

    @property
    def sync_state(self) -> "State | None":
        """How things stand with head office, None while nobody talks to it."""
        return self._agent.state if self._agent else None

    def look_at_config(self, *, published: bool = False) -> None:
        """Put in force, with the next visit, what config.toml says now; whoever publishes it calls this too.

        Raises sqlite3.Error where its surveys cannot be kept; the next round of housework tries again.
        """
        from kiosk.ui.shown import beyond_us  # noqa: PLC0415 - what looks into fonts comes after the first frame

        if self._watch is not None and self._store is not None:
            faults = partial(beyond_us, fonts=shipped("assets") / "fonts")
            own_config.look(self._store, self._watch, self._in_force, faults=faults, published=published)

    @property
    def config_standing(self) -> Standing:
        """Why config.toml is not in force, and which of its settings wait for a restart."""
        return self._watch.standing if self._watch else Standing()

    def touched(self) -> None:
        """Note that somebody is at the kiosk: the sync lets a finger go first."""
        self._courtesy.touched()

    @property
    def is_well(self) -> bool:
        """Whether the threads beside the screen live: a supervisor is told so only then."""
        is_kept = self._housework is not None and self._housework.is_alive()
        return is_kept and (self._agent is None or self._agent.quiet_s < SYNC_QUIET_S)

    def close(self) -> None:
        """End the housework and the talk, and close the ledger."""
        self._stop.set()
        self._courtesy.end()
        if self._housework is not None:
            self._housework.join()
        if self._store is not None:
            self._store.close()
            self._store = None

    def _keep_house(self, store: "Store") -> None:
        generation = 0
        while not self._stop.is_set():
            try:
                store.upkeep.once(self._courtesy.standing_back())
                self.look_at_config()
                if generation != store.database.generation:  # the file is new, or was brought back
                    generation = store.database.generation
                    self._begin_to_talk(store)
            except Exception:
                log.exception("the store's housework was not done; trying again in %g s", UPKEEP_S)
            self._stop.wait(UPKEEP_S)
        with self._talking:
            if self._agent is not None:
                self._agent.stop()

    def _begin_to_talk(self, store: "Store") -> None:
        with self._talking:
            with store.database.read() as reader:
                enrolment, elsewhere = follow(reader, self._in_force), is_elsewhere(reader)
            if elsewhere:
                log.warning("%s", Elsewhere())
            elif enrolment is not None and self._agent is None:
                self._talk(store, enrolment)

    def _talk(self, store: "Store", enrolment: Enrolment) -> None:
        agent = make_agent(
            store,
            enrolment,
            self._config,
            on_state=self._tell,
            watch=self._watch,
            courtesy=self._courtesy,
            camera=self._camera,
        )
        agent.start()
        self._agent = agent

    def _picture_taken(self) -> None:
        if self._agent is not None:
            self._agent.nudge()

    def _tell(self, state: "State") -> None:
        """Log what changed; called on the agent's threads."""
        from kiosk.report import sync_words  # noqa: PLC0415 - it comes with the first word of head office

        if self._told != (told := (state.online, state.code)):
            self._told = told
            log.info("head office: %s", sync_words(state))
            self._supervisor.tell(f"STATUS={sync_words(state)}")


def make_config(folder: Path) -> Path:
    """Copy the shipped config.toml into a data directory that has none; gives its path. Raises OSError.

    There staff can change it. Where nothing else is in the directory, it is marked as new: see `is_new`.
    """
    file = folder / "config.toml"
    if not file.exists():
        make_private(folder)
        if not (folder / LEDGER_FILE).exists() and not (folder / PINS_FILE).exists():
            (folder / NEW).touch(PRIVATE)
        replace(file, shipped("config.toml").read_bytes(), PRIVATE)
    return file


def is_new(folder: Path) -> bool:
    """Whether nobody has set this kiosk up: marked as new, without a PIN, and no shopper has answered."""
    mark = folder / NEW
    if not mark.exists():
        return False
    if (folder / PINS_FILE).exists() or _is_answered(folder / LEDGER_FILE):
        mark.unlink(missing_ok=True)
        return False
    return True


def _is_answered(ledger: Path) -> bool:
    if not ledger.exists():
        return False
    try:
        with closing(open_reader(ledger)) as reader:
            return reader.execute("SELECT 1 FROM taps LIMIT 1").fetchone() is not None
    except (sqlite3.Error, LedgerDamaged):
        return True  # whatever it is, it is not new


def run(path: Path, folder: Path, *, windowed: bool, driver: Driver | None = None) -> int:
    """Show the kiosk until it is told to stop; returns the exit code. `driver` is the screen's.

    Raises InvalidConfig for a config.toml without a good one before it, NoDisplay, and a StoreProblem when no
    tap could be stored.
    """
    watch = Watch(path, folder)
    config = watch.config
    with _locked(folder):
        in_force = InForce(config)
        peek(folder, in_force)
        driver = driver or Driver()
        prepare(config.settings.screen, windowed=windowed, folder=folder, visual=driver.visual())
        from kiosk.ui import heartbeat, spent  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported
        from kiosk.ui.app import run_app  # noqa: PLC0415
        from kiosk.ui.wiring import Wiring  # noqa: PLC0415

        supervisor = Supervisor(os.environ)
        kiosk = Kiosk(folder, config, in_force, watch=watch, supervisor=supervisor)

        def on_ready() -> None:
            driver.let_go()
            spent.give_back_soon()
            _announce()
            supervisor.tell(READY)
            if every_s := supervisor.feed_every_s:
                heartbeat.start(lambda: supervisor.tell(ALIVE) if kiosk.is_well else None, every_s)

        def on_stop() -> None:
            supervisor.tell(ENDING)
            kiosk.close()

        return run_app(
            Wiring(
                settings=config.settings,
                assets=shipped("assets"),
                kv=shipped("kiosk.kv"),
                windowed=windowed,
                settings_now=watch.settings_now,
                survey_now=in_force.survey_now,
                local_time=in_force.local_time,
                begin=kiosk.begin,
                touched=kiosk.touched,
                after_first_frame=kiosk.open,
                on_ready=on_ready,
                on_stop=on_stop,
                camera=kiosk.give_camera(),
                staff=partial(_backroom, kiosk, folder, path, began_ms=uptime_ms()),
                first_start=is_new(folder),
            )
        )


def _backroom(kiosk: Kiosk, folder: Path, path: Path, *, began_ms: int) -> "Backroom":
    from kiosk.backroom import StoreBackroom  # noqa: PLC0415 - hashing comes with the first who wants in

    return StoreBackroom(kiosk, folder, path, shipped("assets"), began_ms)


def sync(path: Path, folder: Path) -> None:
    """Keep house and talk to head office, without a window, until an exception ends it.

    Raises InvalidConfig as `run` does, and NotEnrolled at once when there is nobody to talk to.
    """
    watch = Watch(path, folder)
    with writing(folder, watch.config) as opened:
        _must_be_enrolled(opened)
    with _locked(folder):
        kiosk = Kiosk(folder, watch.config, InForce(watch.config), watch=watch)
        try:
            kiosk.open()
            for_ever = threading.Event()
            while not for_ever.wait(LISTEN_S):
                pass
        finally:
            kiosk.close()


def drain(config: Config, folder: Path) -> int:
    """Send what waits, now; returns how many taps are still not settled. Raises a SyncError when offline."""
    with writing(folder, config) as opened:
        enrolment = _must_be_enrolled(opened)
        agent = make_agent(opened.store, enrolment, config, on_state=lambda _: None)
        try:
            agent.once()
        finally:
            agent.stop()
        return opened.store.outbox.pending()


def _must_be_enrolled(opened: Opened) -> Enrolment:
    if opened.enrolment is None:
        raise NotEnrolled
    if opened.elsewhere:
        raise Elsewhere
    return opened.enrolment


def _announce() -> None:
    sys.stdout.write(json.dumps({"ready": True, "pid": os.getpid()}) + "\n")  # for whoever supervises us
    sys.stdout.flush()
