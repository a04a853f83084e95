"""Looks at everything head office needs, and says in words what is wrong and how to mend it.

Called by `cli`. Reads the database and the machine; on SQLite's disk it writes one file and removes it.
"""

from __future__ import annotations

import os
import platform
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from headoffice.problems import HeadOfficeError, InUse
from headoffice.store import alerts, people, programmes, pulse, schema
from headoffice.store.engine import open_database
from headoffice.work import rebuild
from sync import __version__, disk
from sync.finding import Finding, broken, fine, watch

if TYPE_CHECKING:
    from headoffice.settings import Settings
    from headoffice.store.engine import Connection, Database, Place

CLOCK_IS_SET = Path("/run/systemd/timesync/synchronized")
MOUNTS = Path("/proc/self/mounts")
OTHERS = 0o077
HERE = ("127.0.0.1", "::1", "localhost")
MINUTE_MS = 60_000
DAY_S = 86_400
OLD_BACKUP_DAYS = 2


def examine(place: Place, settings: Settings, *, now: int, deep: bool) -> list[Finding]:
    """Look at everything (now in ms); `deep` counts every tap again, which takes a while."""
    findings = [
        fine("program", f"Egao {__version__}, Python {platform.python_version()}"),
        _clock(),
        _address(settings),
    ]
    if isinstance(place, Path):
        if not place.exists():
            mend = "is it the right --data or --database? egao-headoffice migrate makes a new one"
            return [*findings, broken("database", f"{place} is not there", mend)]
        findings += [*_disk(place), _backups(place.parent, now=now)]
    try:
        with closing(open_database(place)) as database:
            return [*findings, *_database(database, settings, now=now, deep=deep)]
    except HeadOfficeError as problem:
        mend = "egao-headoffice restore puts a backup in its place; the old one is set aside"
        return [*findings, broken("database", str(problem), mend)]


def _clock() -> Finding:
    if CLOCK_IS_SET.exists():
        return fine("clock", "set by a time source")
    words = "nobody can tell whether a time source sets it; kiosks' taps are timed by it"
    return watch("clock", words, "timedatectl set-ntp true, or chrony")


def _address(settings: Settings) -> Finding:
    words = f"{settings.host}, port {settings.port}"
    if settings.host in HERE:
        return fine("address", f"{words}: reached through a proxy on this machine alone")
    mend = "listen on 127.0.0.1 and put Caddy or nginx with a certificate before it (deploy/)"
    return watch("address", f"{words}: without encryption, for everybody on that network", mend)


def _disk(file: Path) -> list[Finding]:
    folder = file.parent
    findings = [
        disk.kind(disk.mount_of(folder, MOUNTS.read_text("utf-8", "replace"))),
        disk.room(os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize),
    ]
    try:
        findings.append(disk.speed(disk.times_to_write(folder), os.environ.get("LD_PRELOAD", "")))
    except OSError as error:
        mend = "is it mounted read-only, or does it belong to another user? (mount, ls -ld)"
        findings.append(broken("writing", f"{folder} cannot be written: {error.strerror}", mend))
    open_to = [each.name for each in (folder, file) if each.stat().st_mode & OTHERS]
    if open_to:
        words = f"others on this machine may read {', '.join(open_to)}"
        findings.append(watch("privacy", words, f"chmod go= {folder} {file}"))
    else:
        findings.append(fine("privacy", "only this user reads the data directory"))
    return findings


def _backups(folder: Path, *, now: int) -> Finding:
    """Whether the nightly timer of the Debian package leaves its files beside the data directory."""
    kept = folder.with_name(f"{folder.name}-backups")
    try:
        newest = max((each.stat().st_mtime for each in kept.glob("egao-*.sqlite3")), default=None)
    except OSError as error:
        return watch(
            "backups", f"{kept} cannot be read: {error.strerror}", "run the doctor as the server's user"
        )
    if newest is None:
        words = f"none lies in {kept}, where the nightly timer puts them"
        return watch(
            "backups", words, "systemctl enable --now egao-headoffice-backup.timer; or have your own"
        )
    days = (now / 1000 - newest) / DAY_S
    words = f"the newest is {days:.1f} days old"
    if days > OLD_BACKUP_DAYS:
        return watch("backups", words, "journalctl -u egao-headoffice-backup says why; is there room?")
    return fine("backups", words)


def _database(database: Database, settings: Settings, *, now: int, deep: bool) -> list[Finding]:
    if not schema.is_current(database):
        words = f"{database.name} is from an older version"
        return [broken("database", words, "stop the server and run: egao-headoffice migrate")]
    with database.read() as connection:
        findings = [
            fine("database", f"{database.name}: whole, tables up to date"),
            _server(database),
            _people(connection),
            _programme(connection),
            *_fleet(connection, settings, now=now),
        ]
        if deep:
            wrong = rebuild.check(connection)
            findings.append(
                broken("tallies", f"not what the taps say: {wrong}", "egao-headoffice rebuild mends them")
                if wrong
                else fine("tallies", "every one is what the taps say")
            )
    return findings


def _server(database: Database) -> Finding:
    try:
        database.hold().close()
    except InUse:
        return fine("server", "a process serves this database")
    return watch("server", "nobody serves this database", "systemctl start egao-headoffice")


def _people(connection: Connection) -> Finding:
    if people.count_admins(connection):
        return fine("people", "somebody can sign in as admin")
    mend = "egao-headoffice add-person YOU@COMPANY --role admin"
    return watch("people", "there is no admin: nobody can see everything", mend)


def _programme(connection: Connection) -> Finding:
    count = programmes.count_in_force(connection)
    if count:
        return fine("surveys", f"{count} programmes in force")
    words = "none is in force: every kiosk asks what its own config.toml says"
    return fine("surveys", words)


def _fleet(connection: Connection, settings: Settings, *, now: int) -> list[Finding]:
    seen = pulse.pulse(connection, silent_before_ms=now - settings.silent_after_min * MINUTE_MS)
    known = sum(seen.kiosks.values())
    words = f"{known} enrolled, {seen.kiosks['silent']} silent; {seen.pending:,} taps waiting there"
    kiosks = (
        watch("kiosks", words, "see the page Kiosks: which, and since when; is their network up?")
        if seen.kiosks["silent"]
        else fine("kiosks", words)
    )
    open_now = alerts.open_alerts(connection)
    told = "; ".join(dict.fromkeys(each.detail for each in open_now[:5]))
    more = f" and {len(open_now) - 5} more" if len(open_now) > len(open_now[:5]) else ""
    return [
        kiosks,
        watch("alerts", told + more, "see /api/v1/alerts: each closes by itself when it is over")
        if open_now
        else fine("alerts", "none is open"),
    ]
