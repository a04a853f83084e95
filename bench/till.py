"""A kiosk without its window: the store as the app opens it, shoppers who tap, and the agent beside them.

Made by bench.ledger. I touch the data directory I am given, and talk to the head office I am given.
"""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.office import Office, enrol_codes
from bench.shoppers import CONFIG
from kiosk.bootstrap import make_agent, new_id, open_store
from kiosk.health import monotonic_ms
from kiosk.in_force import InForce
from kiosk.settings.file import load
from kiosk.store.enrolment import Enrolment
from kiosk.store.outbox import Outbox
from kiosk.visit import Answered, Visit
from survey.model import Survey
from sync.agent import Agent
from sync.client import Client
from sync.contract import Head, Item
from sync.courtesy import Courtesy
from sync.errors import Closed

PATIENCE_S = 60  # for a batch on its way
FINGER_S = 0.08  # how long a finger is on the glass before it lifts, and the tap counts


class Held:
    """The kiosk's outbox, that can be made to rest between two batches."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.goes = threading.Event()
        self.goes.set()
        self._waits = threading.Event()
        self.sent = 0  # taps that went up, again and again

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)

    def rest(self) -> None:
        """Begin no further batch; returns when the last one has been settled."""
        self._waits.clear()
        self.goes.clear()
        if not self._waits.wait(PATIENCE_S):
            raise RuntimeError("the drain does not come to rest")

    def read(self, ledger: str, first: int, limit: int) -> list[Item]:
        """Give what is sent, and count it."""
        items = self._outbox.read(ledger, first, limit)
        self.sent += len(items)
        return items

    def head(self) -> Head:
        """Give what is next, when it may be sent."""
        if not self.goes.is_set():
            self._waits.set()
            self.goes.wait()
        return self._outbox.head()


class Watched(Courtesy):
    """The agent's courtesy, that can be asked whether it is sync's turn just now."""

    is_at_work = False

    def begin(self) -> None:
        """Wait as sync does."""
        self.is_at_work = False
        super().begin()
        self.is_at_work = True

    def between(self) -> None:
        """Wait as sync does."""
        self.is_at_work = False
        super().between()
        self.is_at_work = True

    def finish(self) -> None:
        """Wait as sync does."""
        self.is_at_work = False
        super().finish()
        self.is_at_work = True


class Till:
    """The kiosk's store, opened as the app opens it, and shoppers who answer one visit after the other."""

    def __init__(self, folder: Path) -> None:
        config = load(CONFIG)
        self._config = config
        self._store = open_store(folder, InForce(config))
        self._courtesy = Watched()
        self._answers = self._visits(config.programme.surveys[0])

    def tap(self) -> None:
        """Answer the next question; it is on the disk when this returns."""
        next(self._answers)

    def timed(self) -> tuple[float, bool]:
        """Tap, and give the milliseconds it took, and whether it met with a batch or its settling."""
        met, begin = self._courtesy.is_at_work, time.perf_counter()
        self.tap()
        took_ms = (time.perf_counter() - begin) * 1000
        return took_ms, met or self._courtesy.is_at_work

    def press(self) -> None:
        """Put a finger on the glass, and have it there until the tap."""
        self._courtesy.touched()
        time.sleep(FINGER_S)

    def agent(self, office: Office) -> Agent:
        """Enrol, and give the agent that sends what waits."""
        (code,) = enrol_codes(office, 1)
        enrolled = Client(office.address).enrol(code, name="bench")
        enrolment = Enrolment(server=office.address, **vars(enrolled))
        self._held = self._store.outbox = Held(self._store.outbox)
        return make_agent(self._store, enrolment, self._config, on_state=_ignore, courtesy=self._courtesy)

    @property
    def sent(self) -> int:
        """How many taps went up since the agent was made."""
        return self._held.sent

    def rest(self) -> None:
        """Hold the backlog back; returns when the batch on its way has been settled."""
        self._held.rest()

    def go(self) -> None:
        """Let it drain on."""
        self._held.goes.set()

    def forget(self) -> None:
        """Let everything wait again, as after head office was restored; it will know the taps."""
        self._store.outbox.rewind(self._store.ledger.id, 0)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _save(self, answered: Answered) -> None:
        """As kiosk.bootstrap.Kiosk does."""
        self._courtesy.answered()
        self._store.ledger.save(answered)

    def _visits(self, survey: Survey) -> Iterator[None]:
        for face in itertools.cycle(("happy", "sad", "happy", "neutral")):
            visit = Visit(survey, language="ja", save=self._save, monotonic_ms=monotonic_ms, new_id=new_id)
            visit.answer(face)
            yield
            visit.answer(9 if face == "happy" else ["queue", "price"])
            yield


@contextmanager
def syncing(till: Till, office: Office) -> Iterator[Sequence[None]]:
    """Send the backlog again and again on a thread of this process, as the app does; gives the drains."""
    agent = till.agent(office)
    ending, drains, failures = threading.Event(), list[None](), list[Exception]()

    def drain() -> None:
        try:
            while not ending.is_set():
                agent.once()
                drains.append(None)
                till.forget()
        except Closed:
            return  # in the middle of a drain, because the taps are done
        except Exception as error:  # noqa: BLE001  # raised again where it is seen
            failures.append(error)

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield drains
    finally:
        ending.set()
        till.go()
        agent.stop()
        thread.join()
    if failures:
        raise failures[0]


def _ignore(_: object) -> None:
    """What nobody watches."""
