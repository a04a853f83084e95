"""A PostgreSQL server for the tests: their own, on a socket in a temporary directory, or one they are told.

`EGAO_TEST_DATABASE` names any PostgreSQL, also a Citus coordinator: then the tests work in that one database,
which is emptied for each, so its name has to have "test" in it.
"""

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from headoffice.store import schema
from headoffice.store.engine import open_database, read_place
from tests.headoffice.running import wait_for

TOLD = "EGAO_TEST_DATABASE"
HOMES = Path("/usr/lib/postgresql")
TEMPLATE = "egao_template"
OLDEST = 15


def programs():
    """The folder of the newest server's programs, None where there is no PostgreSQL."""
    found = sorted(HOMES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found and int(found[-1].parts[-3]) >= OLDEST:
        return found[-1].parent
    return Path(shutil.which("initdb")).resolve().parent if shutil.which("initdb") else None


class Postgres:
    """A server, and new databases on it with head office's tables."""

    def __init__(self, folder, worker):
        self.folder = folder
        self.parts = {"host": str(folder), "dbname": "postgres", "user": "egao"}
        self._worker = worker

    def url(self, name):
        return f"postgresql://egao@/{name}?host={self.folder}"

    def admin(self, statement, *, database="postgres"):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def new(self, *, template=TEMPLATE):
        """Make a database; gives its URL."""
        name = f"test_{self._worker}_{uuid4().hex[:12]}"  # several fixtures may share the server
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)


class Told:
    """The database that somebody named, emptied for each test."""

    def __init__(self, url):
        assert "test" in conninfo_to_dict(url)["dbname"], f"{TOLD}: its tables are dropped: name it …test…"
        self._url = url
        self.parts = conninfo_to_dict(url)

    def new(self, *, template=TEMPLATE):
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        if template == TEMPLATE:
            migrate(self._url)
        return self._url


def migrate(url):
    with closing(open_database(read_place(url, option="test"))) as database:
        schema.migrate(database)


def why_not():
    """Why there is no PostgreSQL, None where there is one."""
    if os.environ.get(TOLD) or programs():
        return None
    return f"no PostgreSQL here: install Debian's postgresql, or name a database by {TOLD}"


@contextmanager
def serving(root, worker):
    """Give the one server of a test run, started by whichever worker comes first and ended with it."""
    if os.environ.get(TOLD):
        yield Told(os.environ[TOLD])
        return
    noted = root / "postgres.json"
    with _alone(root):
        server = None if noted.exists() else _start()
        folder = Path(json.loads(noted.read_text())) if server is None else Path(server.args[-1])
        if server is not None:
            admin = Postgres(folder, worker)
            wait_for(lambda: answers(admin), within_s=60)
            admin.admin(f"CREATE DATABASE {TEMPLATE} ENCODING 'UTF8' TEMPLATE template0")
            migrate(admin.url(TEMPLATE))
            noted.write_text(json.dumps(str(folder)))
        _count(root, 1)
    yield Postgres(folder, worker)
    with _alone(root):
        _count(root, -1)
    if server is not None:
        wait_for(lambda: _forgotten(root, noted), within_s=600)
        server.send_signal(signal.SIGINT)  # the quick way: whoever is still connected is cut off
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _start():
    return start(Path(tempfile.mkdtemp(prefix="egao-pg-")), ("shared_buffers=64MB",))


def start(folder, settings):
    """Start a server whose data lie in a folder, made if they are not there, with some settings."""
    home, data, become = programs(), folder / "data", []
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        user = next(name for name in ("postgres", "nobody") if _known(name))
        who = pwd.getpwnam(user)
        os.chown(folder, who.pw_uid, who.pw_gid)
        become = ["setpriv", f"--reuid={user}", f"--regid={who.pw_gid}", "--clear-groups", "--pdeathsig=INT"]
    if not data.exists():
        made = [home / "initdb", "-D", data, "-A", "trust", "-U", "egao", "-E", "UTF8", "--locale=C"]
        subprocess.run([*become, *made, "--no-sync"], check=True, capture_output=True, cwd="/")
    options = ["-c", "listen_addresses=", "-c", "max_connections=200"]
    options += [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*become, home / "postgres", "-D", data, *options, "-k", str(folder)],
            stdout=log,
            stderr=log,
            cwd="/",
        )


def _known(user):
    return any(user == each.pw_name for each in pwd.getpwall())


def answers(server):
    try:
        server.admin("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _alone(root):
    with (root / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _count(root, more):
    users = root / "postgres.users"
    count = int(users.read_text() or 0) + more if users.exists() else more
    if more:
        users.write_text(str(count))
    return count


def _forgotten(root, noted):
    """Take the note of a server away that nobody uses: who comes later starts one of their own."""
    with _alone(root):
        unused = _count(root, 0) == 0
        if unused:
            noted.unlink()
    return unused


def skip_without():
    """Skip the test that asks where there is no PostgreSQL."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)
