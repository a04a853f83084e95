"""Backups of a PostgreSQL database by its own programs, and how one takes the database's place.

Called by `work.backup`.
May run pg_dump and pg_restore, touch the file a backup is written to, at a restore the schemas. A password
goes to those programs in a file of its own that only this user can read, never on their command line.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from headoffice.problems import DataUnusable
from headoffice.store.postgres import Server, open_server

SIGNATURE = b"PGDMP"  # how pg_dump's own format begins
HOMES = "/usr/lib/postgresql"  # where Debian keeps the programs of each version
ESCAPED = str.maketrans({"\\": "\\\\", ":": "\\:"})


def write_dump(server: Server, target: Path) -> None:
    """Write a database as it is at one moment into a file, while it is served. Raises DataUnusable."""
    with closing(open_server(server)):  # says what is wrong with the server better than pg_dump would
        target.touch(mode=0o600, exist_ok=False)
        _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], server)
    _run("pg_restore", ["--list", str(target)], None)


def restore_dump(server: Server, source: Path, *, now: int) -> str | None:
    """Put a backup in a database's place, whole or not at all; the old tables stay in a schema set aside.

    Returns its name, None where there were no tables. Raises DataUnusable, InUse while it is served.
    """
    with source.open("rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            raise DataUnusable(f"{source}: is no backup of a PostgreSQL database")
    _run("pg_restore", ["--list", str(source)], None)
    with closing(open_server(server)) as database, closing(database.hold()) as connection:
        aside = _set_aside(connection, f"before_{now}")
        try:
            _run("pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", str(source)], server)
            epoch = secrets.token_hex(8)
            connection.execute("UPDATE settings SET value = %s WHERE name = 'epoch'", (epoch,))
        except (DataUnusable, psycopg.Error) as error:
            _put_back(connection, aside)
            raise DataUnusable(f"{source}: cannot be restored: {server.without_secret(error)}") from None
    return aside


def _set_aside(connection: psycopg.Connection[Any], name: str) -> str | None:
    found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if found == (0,):
        return None
    with connection.transaction():
        connection.execute(f"ALTER SCHEMA public RENAME TO {name}")
        connection.execute("CREATE SCHEMA public")
    return name


def _put_back(connection: psycopg.Connection[Any], aside: str | None) -> None:
    with connection.transaction():
        connection.execute("DROP SCHEMA public CASCADE")
        if aside is None:
            connection.execute("CREATE SCHEMA public")
        else:
            connection.execute(f"ALTER SCHEMA {aside} RENAME TO public")


def _run(program: str, words: Sequence[str], server: Server | None) -> None:
    found = shutil.which(program) or _newest(program)
    if found is None:
        raise DataUnusable(f"{program} is missing; install it (Debian: apt install postgresql-client)")
    with _environment(server) as (environment, where):
        done = subprocess.run(  # noqa: S603 - one of two programs, its words are ours
            [found, *where, *words], env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise DataUnusable(f"{program}: {server.without_secret(said) if server else said}")


def _newest(program: str) -> str | None:
    found = sorted(Path(HOMES).glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else None


@contextmanager
def _environment(server: Server | None) -> Iterator[tuple[Mapping[str, str], list[str]]]:
    """Give what a program needs to reach the server: its environment, and words without the password."""
    if server is None:
        yield os.environ, []
        return
    where, password = [f"--dbname={server.conninfo_without_password}"], server.password
    if password is None:
        yield os.environ, where
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="egao-pgpass-") as file:  # made with 0600
        file.write(f"*:*:*:*:{password.translate(ESCAPED)}\n")
        file.flush()
        yield {**os.environ, "PGPASSFILE": file.name}, where
