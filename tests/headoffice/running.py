"""A real head office on a free port, in a thread of the test's own process."""

import socket
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import uvicorn

from headoffice.app import make_app, make_context
from headoffice.settings import resolve
from headoffice.store import kiosks, schema, sites
from headoffice.store.audit import By
from headoffice.store.engine import Place, driver, open_database
from headoffice.web.connections import patient
from headoffice.work import access, enrol, publish, rebuild
from headoffice.work.secrets import hash_key, new_key
from survey.parse import parse_programme
from tests.headoffice.kiosk_side import SURVEY, Sender


def wait_for(probe, *, within_s=20.0):
    """Ask again until `probe` gives something true; `within_s` only bounds a failure."""
    end = time.monotonic() + within_s
    while not (found := probe()):
        assert time.monotonic() < end, f"nothing within {within_s} s"
        time.sleep(0.005)
    return found


class Office:
    """A migrated database with one site, and verbs to fill it; in the folder where no place is named."""

    usual_place = staticmethod(lambda folder: folder / "headoffice.sqlite3")

    def __init__(self, folder: Path, *, place: Place | None = None) -> None:
        self.path = place or self.usual_place(folder)
        self.database = open_database(self.path)
        if not schema.is_current(self.database):
            schema.migrate(self.database)
        self.site = self.change(
            partial(access.add_site, name="Shibuya", timezone="Asia/Tokyo", tags={}, by=By("test", 1))
        )

    def change(self, change):
        with self.database.write() as connection:
            return change(connection)

    def rows(self, statement: str, *values) -> list[tuple]:
        with self.database.read() as connection:
            return [tuple(row) for row in driver(connection).execute(statement, values).fetchall()]

    def value(self, statement: str, *values):
        ((value,),) = self.rows(statement, *values)
        return value

    def code(self, touchpoint: str = "checkout", *, now: int | None = None) -> str:
        by = By("test", int(time.time() * 1000) if now is None else now)

        def make(connection):
            site = sites.find_site(connection, str(self.site))
            return enrol.make_code(connection, site=site, touchpoint=touchpoint, by=by)

        return self.change(make)

    def key(self, touchpoint: str = "checkout", site: int | None = None, timezone: str = "Asia/Tokyo") -> str:
        """Enrol a kiosk without the wire; returns its key."""
        key = new_key()
        place = kiosks.Place(site or self.site, touchpoint, timezone)
        self.change(partial(kiosks.add_kiosk, name="kiosk", place=place, key=hash_key(key), now=1))
        return key

    def publish(self, *documents, names=()) -> str:
        programme = parse_programme(list(documents or [SURVEY]))

        def put(connection):
            where = [sites.find_site(connection, name) for name in names]
            return publish.publish(connection, programme, sites=where, by=By("test", 1))

        return self.change(put)

    def wrong(self):
        """What a recount of the taps finds wrong."""
        with self.database.read() as connection:
            return rebuild.check(connection)

    def close(self) -> None:
        self.database.close()


class RunningOffice(Office):
    """The same, served; with processes that write where some are given, and then once they are up."""

    def __init__(self, folder: Path, *, place: Place | None = None, writers=(), **changes) -> None:
        super().__init__(folder, place=place)
        settings = replace(resolve({"data": str(folder)}, {}), **changes)
        self.context = make_context(settings, self.database, beside=writers)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            make_app(self.context),
            http=patient(self.context),
            log_config=None,
            log_level="warning",  # where a test has imported Kivy uvicorn would tell of every message
            access_log=False,
            ws="none",
            lifespan="on",
        )
        self._server = uvicorn.Server(config)
        kwargs = {"sockets": [self._socket]}
        self._thread = threading.Thread(
            target=self._server.run, kwargs=kwargs, daemon=True
        )  # a fixture may fail
        self._thread.start()
        wait_for(lambda: self._server.started and all(writer.is_up for writer in writers))

    def sender(self, **place) -> Sender:
        return Sender(self.url, self.key(**place))

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()
        super().close()
