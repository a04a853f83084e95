"""The command line: reads what was asked, opens the database, calls one verb, says how it went.

Called by `__main__`. What a program would read stands alone on stdout, all else on stderr.
May touch what the verbs touch.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from headoffice import logs
from headoffice.arguments import PROGRAM, make_parser
from headoffice.problems import DataUnusable, HeadOfficeError, Invalid, WrongUsage
from headoffice.settings import FIELDS, Settings, UnreadableSetting, resolve
from headoffice.store import partitions, schema, sites
from headoffice.store.audit import By
from headoffice.store.engine import Connection, Database, Place, open_database, place_of, read_place
from headoffice.store.people import BOUND
from headoffice.store.programmes import Target
from headoffice.work import access, backup, doctor, enrol, flag, move, publish, rebuild
from headoffice.work.misuse import read_json, read_rules
from survey.documents import from_toml
from survey.model import Programme
from survey.parse import loads_json, parse_programme
from survey.problems import InvalidSurvey
from sync.finding import Verdict, lines

T = TypeVar("T")

DONE, AT_FAULT, WRONG_USAGE = 0, 1, 2
HOUR_MS = 3600 * 1000


@dataclass(frozen=True)
class Asked:
    """A command with its arguments, the settings, and the database it is about."""

    arguments: argparse.Namespace
    settings: Settings
    place: Place


def run(words: Sequence[str]) -> int:
    """Run a command; returns the exit code."""
    try:
        arguments = make_parser().parse_args(words)
        given = {field.name: getattr(arguments, field.name, None) for field in FIELDS}
        settings = resolve(given, os.environ)
        asked = Asked(arguments, settings, place_of(settings.data, settings.database))
        return COMMANDS[arguments.command](asked)
    except (WrongUsage, UnreadableSetting) as error:
        return _fail(WRONG_USAGE, [str(error)])
    except (Invalid, InvalidSurvey) as error:
        return _fail(AT_FAULT, [str(fault) for fault in error.faults])
    except HeadOfficeError as error:
        return _fail(AT_FAULT, [str(error)])
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return AT_FAULT
    except KeyboardInterrupt:
        return AT_FAULT


def _serve(asked: Asked) -> int:
    from headoffice.app import serve  # noqa: PLC0415 - other commands need no server: they start in half the time
    from headoffice.supervisor import Supervisor  # noqa: PLC0415 - the same

    logs.set_up(asked.settings.log_format)
    with closing(open_database(asked.place)) as database, closing(database.claim()):
        _bring_up(database)
        with database.write() as connection:
            partitions.make_ahead(connection, now=_now_ms())
        serve(asked.settings, database, announce=_announce, supervisor=Supervisor(os.environ))
    return DONE


def _migrate(asked: Asked) -> int:
    with closing(open_database(asked.place)) as database:
        if not _bring_up(database):
            _say("the database is up to date")
    return DONE


def _add_site(asked: Asked) -> int:
    tags = dict(_tag(written) for written in asked.arguments.tag)
    name, timezone = asked.arguments.name, asked.arguments.timezone
    _tell(_change(asked, partial(access.add_site, name=name, timezone=timezone, tags=tags, by=_by())))
    return DONE


def _enrol_code(asked: Asked) -> int:
    def make(connection: Connection) -> str:
        site = sites.find_site(connection, asked.arguments.site)
        return enrol.make_code(connection, site=site, touchpoint=asked.arguments.touchpoint, by=_by())

    _tell(_change(asked, make))
    return DONE


def _add_person(asked: Asked) -> int:
    email, role = asked.arguments.email, asked.arguments.role

    def add(connection: Connection) -> str:
        bounds = _bounds(connection, asked)
        return access.add_person(connection, email=email, role=role, by=_by(), bounds=bounds)

    _tell(_change(asked, add))
    if role in BOUND and not (asked.arguments.site or asked.arguments.tag):
        _say(f"this {role} sees no site yet: say which by --site and --tag, with the same command")
    return DONE


def _remove_person(asked: Asked) -> int:
    _change(asked, partial(access.remove_person, email=asked.arguments.email, by=_by()))
    _say("removed")
    return DONE


def _token(asked: Asked) -> int:
    given = asked.arguments

    def make(connection: Connection) -> str:
        bounds = _bounds(connection, asked)
        return access.make_token(
            connection, name=given.name, scope=given.scope, by=_by(), days=given.days, bounds=bounds
        )

    _tell(_change(asked, make))
    return DONE


def _bounds(connection: Connection, asked: Asked) -> access.Bounds:
    named = [sites.find_site(connection, name).id for name in asked.arguments.site]
    return access.Bounds(sites=named, tags=dict(_tag(written) for written in asked.arguments.tag))


def _revoke_token(asked: Asked) -> int:
    _change(asked, partial(access.revoke_token, token=asked.arguments.token, by=_by()))
    _say("revoked")
    return DONE


def _rotate_key(asked: Asked) -> int:
    kiosk, overlap_ms = asked.arguments.kiosk, asked.arguments.overlap_hours * HOUR_MS
    _tell(_change(asked, partial(access.rotate_key, kiosk=kiosk, overlap_ms=overlap_ms, by=_by())))
    return DONE


def _revoke_key(asked: Asked) -> int:
    _change(asked, partial(access.revoke_keys, kiosk=asked.arguments.kiosk, by=_by()))
    _say("revoked")
    return DONE


def _surveys_of_toml(written: bytes) -> Programme:
    """Read the surveys of a TOML file; a kiosk's config.toml has settings beside them, which stay there."""
    document = from_toml(written)
    return parse_programme(document["survey"] if isinstance(document, dict) and "survey" in document else [])


def _publish(asked: Asked) -> int:
    file = Path(asked.arguments.file)
    try:
        written = file.read_bytes()
    except OSError as error:
        raise DataUnusable(f"{file}: cannot be read: {error.strerror}") from error
    programme = loads_json(written) if file.suffix == ".json" else _surveys_of_toml(written)

    terms = publish.read_locks(asked.arguments.lock, asked.arguments.ask, programme)
    tags = [_tag(written) for written in asked.arguments.tag]

    def put(connection: Connection) -> str:
        where = [sites.find_site(connection, named) for named in asked.arguments.site]
        return publish.publish(connection, programme, sites=where, tags=tags, by=_by(), terms=terms)

    etag = _change(asked, put)
    names = ", ".join([*asked.arguments.site, *asked.arguments.tag]) or "every site"
    _say(f"{len(programme.surveys)} surveys are in force at {names}")
    _tell(etag)
    return DONE


def _rebuild(asked: Asked) -> int:
    with _opened(asked) as database:
        with database.read() as connection:
            wrong = rebuild.check(connection)
        if not wrong:
            _say("every tally is what the taps say")
            return DONE
        _say(f"wrong: {wrong}")
        if asked.arguments.check:
            return AT_FAULT
        with database.write() as connection:
            rebuild.rebuild(connection)
        _say("mended")
    return DONE


def _doctor(asked: Asked) -> int:
    findings = doctor.examine(asked.place, asked.settings, now=_now_ms(), deep=asked.arguments.deep)
    told = [vars(each) for each in findings]
    _tell(json.dumps(told, ensure_ascii=False) if asked.arguments.json else lines(findings))
    return AT_FAULT if any(each.verdict is Verdict.BROKEN for each in findings) else DONE


def _misuse(asked: Asked) -> int:
    written = asked.arguments.rules
    rules = None if written is None else read_rules(read_json(written.encode()))
    with _opened(asked) as database:
        if rules is not None and not asked.arguments.dry_run:
            with database.write() as connection:
                flag.change_rules(connection, rules, by=_by())
            more = True
            while more:  # a step is a transaction of its own: kiosks get in between
                with database.write() as connection:
                    more = flag.step(connection)
        with database.read() as connection:
            dry = rules is not None and asked.arguments.dry_run
            told = flag.tried(connection, rules or {}) if dry else flag.standing(connection)
    _tell(json.dumps(told, ensure_ascii=False))
    return DONE


def _pull(asked: Asked) -> int:
    from headoffice.work.pull import Source, pull  # noqa: PLC0415 - other commands need no client

    given = asked.arguments
    try:
        token = (
            Path(given.token_file).read_text("utf-8")
            if given.token_file
            else os.environ.get("EGAO_TOKEN", "")
        )
    except (OSError, UnicodeDecodeError) as error:
        raise DataUnusable(f"{given.token_file}: cannot be read: {error}") from error
    if not token.strip():
        raise WrongUsage("no token: name a file by --token-file, or set EGAO_TOKEN")
    source = Source(url=given.url, token=token.strip(), format=given.format)
    for file in pull(source, cursor_file=Path(given.since_cursor), folder=Path(given.to)):
        _tell(file)
    return DONE


def _export(asked: Asked) -> int:
    from headoffice.web.export import write_feed  # noqa: PLC0415 - the same

    with _opened(asked) as database:
        write_feed(database, asked.arguments.format, sys.stdout)
    sys.stdout.flush()
    return DONE


def _backup(asked: Asked) -> int:
    backup.backup(asked.place, Path(asked.arguments.file))
    _say(f"backed up to {asked.arguments.file}")
    return DONE


def _restore(asked: Asked) -> int:
    aside = backup.restore(asked.place, Path(asked.arguments.file), now=_now_ms())
    if aside is not None:
        _say(f"the old database is set aside as {aside}")
    _say("restored: kiosks will send again what came after the backup")
    return DONE


def _copy(asked: Asked) -> int:
    source, target = (
        read_place(url, option=option)
        for url, option in ((asked.arguments.source, "--from"), (asked.arguments.target, "--to"))
    )
    rows = move.move(source, target, say=_say)
    _say(f"copied {rows:,} rows, counts and sums agree; serve from {target} now, never again from both")
    return DONE


def _withdraw(asked: Asked) -> int:
    survey, tags = asked.arguments.survey, [_tag(written) for written in asked.arguments.tag]

    def put(connection: Connection) -> None:
        named = [sites.find_site(connection, each).id for each in asked.arguments.site]
        target = Target(sites=tuple(named), tags=tuple(tags))
        publish.withdraw_survey(connection, survey, target, seen=None, by=_by())

    _change(asked, put)
    names = ", ".join([*asked.arguments.site, *asked.arguments.tag]) or "every site"
    _say(f"{survey} is withdrawn from {names}; its answers stay")
    return DONE


COMMANDS: Mapping[str, Callable[[Asked], int]] = MappingProxyType(
    {
        "serve": _serve,
        "migrate": _migrate,
        "add-site": _add_site,
        "enrol-code": _enrol_code,
        "add-person": _add_person,
        "remove-person": _remove_person,
        "token": _token,
        "revoke-token": _revoke_token,
        "rotate-key": _rotate_key,
        "revoke-key": _revoke_key,
        "publish": _publish,
        "withdraw": _withdraw,
        "rebuild": _rebuild,
        "doctor": _doctor,
        "misuse": _misuse,
        "pull": _pull,
        "export": _export,
        "backup": _backup,
        "restore": _restore,
        "copy": _copy,
    }
)


def _change(asked: Asked, change: Callable[[Connection], T]) -> T:
    with _opened(asked) as database, database.write() as connection:
        return change(connection)


@contextmanager
def _opened(asked: Asked) -> Iterator[Database]:
    """Open the database for an administrative command; a new one is made, an older one left to `migrate`."""
    with closing(open_database(asked.place)) as database:
        if schema.revision(database) is None:
            _bring_up(database)
        elif not schema.is_current(database):
            words = "is from an older version; stop the server and run: egao-headoffice migrate"
            raise DataUnusable(f"{asked.place}: {words}")
        yield database


def _bring_up(database: Database) -> bool:
    if schema.is_current(database):
        return False
    _say(f"migrating the database {database.name}")
    schema.migrate(database)
    return True


def _tag(written: str) -> tuple[str, str]:
    key, equals, value = written.partition("=")
    if not (key and equals and value):
        raise WrongUsage(f"--tag: {written!r} is not key=value")
    return key, value


def _announce(address: str) -> None:
    _tell(f"Egao head office is listening on {address}")


def _tell(result: object) -> None:
    sys.stdout.write(f"{result}\n")
    sys.stdout.flush()


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _fail(code: int, lines: Sequence[str]) -> int:
    for line in lines:
        _say(f"{PROGRAM}: {line}")
    return code


def _by() -> By:
    return By("command line", _now_ms())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
