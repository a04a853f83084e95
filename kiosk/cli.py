"""The kiosk's commands: what is asked for, and what is said about it.

Called by kiosk.__main__. Touches what kiosk.bootstrap opens for it.
Stdout has what a program would read, stderr all else. Exit code 0 done, 1 the input or the state is at fault,
2 wrong usage.
"""

import argparse
import functools
import ipaddress
import json
import logging
import math
import os
import platform
import secrets
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from kiosk import bootstrap, report
from kiosk.settings.file import Config, InvalidConfig, load
from kiosk.simulate import Simulation
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.export import export
from kiosk.store.problems import StoreProblem
from kiosk.ui.glyphs import Fonts
from kiosk.ui.legible import faults_of, unreadable
from kiosk.ui.shown import beyond_us
from kiosk.ui.window import NoDisplay
from kiosk.visit import Answered
from sync.errors import SyncError

PROGRAM = "python -m kiosk"
FAULT = 1
ENDED = 128  # plus the signal's number, as shells have it

Parser = argparse.ArgumentParser
Command = Callable[[argparse.Namespace], int]


class _Refused(Exception):  # noqa: N818 - told to people
    """A command that cannot do what it was asked; the text says why."""


class _Stopped(BaseException):
    """A signal asked the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: Sequence[str]) -> int:
    """Run a command and give its exit code."""
    asked = _parser().parse_args(arguments, namespace=_unsaid())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        code: int = asked.do(asked)
        sys.stdout.flush()
    except _Stopped as stopped:
        goes_on_for_ever = asked.do in (_run, _simulate, _sync) and not asked.once
        return 0 if goes_on_for_ever else ENDED + stopped.number
    except BrokenPipeError:  # the reader has had enough; what was stored stays stored
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (InvalidConfig, StoreProblem, SyncError, NoDisplay, _Refused, sqlite3.Error, OSError) as problem:
        _say(str(problem))
        return FAULT
    return code


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)  # closing the ledger is not interrupted in its turn
    raise _Stopped(number)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _give(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _run(asked: argparse.Namespace) -> int:
    _log()
    return bootstrap.run(_config(asked), asked.data, windowed=asked.windowed)


def _check(asked: argparse.Namespace) -> int:
    config = _config(asked)
    fonts = bootstrap.shipped("assets") / "fonts"
    kiosk = config.settings.kiosk
    faults = (
        *faults_of(kiosk.store, kiosk.language, "kiosk.store", Fonts(fonts)),
        *unreadable(config.settings.thanks, Fonts(fonts)),
        *beyond_us(config.programme, fonts=fonts),
    )
    if faults:
        raise InvalidConfig(asked.config.name, faults)
    _say(report.configured(asked.config.name, config))
    return 0


def _status(asked: argparse.Namespace) -> int:
    state = report.status(asked.data)
    _give(json.dumps(state, ensure_ascii=False) if asked.json else report.words(state))
    return FAULT if state["damaged"] else 0


def _export(asked: argparse.Namespace) -> int:
    complaints: list[str] = []
    for tap in export(asked.data, complaints.append):
        _give(tap.line())
    for complaint in complaints:
        _say(complaint)
    return FAULT if complaints else 0


def _enrol(asked: argparse.Namespace) -> int:
    _accept_address(asked.address, insecure=asked.insecure)
    with bootstrap.writing(asked.data, _config(asked)) as opened:
        from sync.client import Client  # noqa: PLC0415 - requests takes long to import

        given = Client(asked.address).enrol(asked.code, asked.name)
        with opened.store.database.write() as writer:
            keep_enrolment(writer, Enrolment(server=asked.address, **vars(given)))
    _say(f"enrolled at {asked.address}: site {given.site}, touchpoint {given.touchpoint}, {given.timezone}")
    _give(given.kiosk)
    return 0


def _accept_address(address: str, *, insecure: bool) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Refused(f"{address} is no address of a head office; it looks like https://office.example")
    if parts.scheme == "http" and not insecure and not _is_this_machine(parts.hostname):
        raise _Refused(
            f"{address} is not encrypted: the kiosk's key could be read on the way; "
            "use https, or --insecure if you trust every network between"
        )


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _simulate(asked: argparse.Namespace) -> int:
    with bootstrap.writing(asked.data, _config(asked)) as opened:

        def save(answered: Answered) -> None:
            _give(opened.store.ledger.save(answered).line())  # what is read here was committed
            sys.stdout.flush()

        simulation = Simulation(
            survey=opened.in_force.survey_now() or opened.in_force.programme.surveys[0],
            seed=asked.seed or secrets.token_hex(8),
            save=save,
            new_id=bootstrap.new_id,
        )
        begun_s = time.monotonic()
        for number in range(asked.visits):
            if asked.rate:
                time.sleep(max(0.0, begun_s + number / asked.rate - time.monotonic()))
            simulation.visit(number)
    return 0


def _sync(asked: argparse.Namespace) -> int:
    _log()
    if not asked.once:
        bootstrap.sync(_config(asked), asked.data)
    left = bootstrap.drain(_config(asked), asked.data)
    _say(f"{left:,} answers are still not settled" if left else "everything is settled")
    return FAULT if left else 0


def _config(asked: argparse.Namespace) -> Config:
    return load(asked.config)


def _log() -> None:
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith("kiosk"))
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO, handlers=[handler])


def _unsaid() -> argparse.Namespace:
    here, home = Path("config.toml"), os.environ.get("XDG_DATA_HOME")
    return argparse.Namespace(
        config=here if here.exists() else bootstrap.shipped("config.toml"),
        data=(Path(home) if home else Path.home() / ".local/share") / "egao",
        windowed=False,
        do=_run,
        once=False,
    )


def _parser() -> argparse.ArgumentParser:
    places = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    places.add_argument(
        "--config", type=Path, metavar="FILE", help="default: ./config.toml, else the shipped"
    )
    places.add_argument("--data", type=Path, metavar="DIR", help="default: $XDG_DATA_HOME/egao")
    window = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    window.add_argument("--windowed", action="store_true", help="a window to look at, not the whole screen")
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="An in-store feedback kiosk. Without a command, it runs.",
        epilog=f"example: {PROGRAM} --windowed --data try",
        parents=[places, window],
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(do: Command, words: str, example: str, *, parents: Sequence[argparse.ArgumentParser]) -> Parser:
        name, _, rest = example.partition(" ")
        epilog = f"example: {PROGRAM} {name} {rest}"
        command: Parser = commands.add_parser(
            name, help=words, description=words, epilog=epilog, parents=[places, *parents]
        )
        command.set_defaults(do=do)
        return command

    add(_run, "show the kiosk", "run --windowed", parents=[window])
    _add_others(functools.partial(add, parents=[]))
    return parser


def _add_others(add: Callable[[Command, str, str], Parser]) -> None:
    add(_check, "name every fault of config.toml", "check --config config.toml")

    enrol = add(_enrol, "enrol this kiosk at a head office", "enrol https://office.example K7QF-2M9X")
    enrol.add_argument("address", metavar="URL", help="head office's address")
    enrol.add_argument("code", metavar="CODE", help="the one-time code that head office gave")
    enrol.add_argument("--name", default=platform.node(), help="how head office lists it")
    enrol.add_argument("--insecure", action="store_true", help="allow http to another machine")

    status = add(_status, "say how the answers and the sync stand", "status --json")
    status.add_argument("--json", action="store_true", help="for programs")

    add(_export, "print every stored answer as NDJSON, for rescue", "export > answers.ndjson")

    simulate = add(_simulate, "let made-up shoppers answer, no window", "simulate --visits 100 --seed 7")
    simulate.add_argument("--visits", type=_count, required=True, metavar="N", help="how many shoppers")
    simulate.add_argument("--seed", metavar="S", help="the same seed gives the same shoppers")
    simulate.add_argument("--rate", type=_rate, metavar="PER_S", help="visits a second; default: all it can")

    sync = add(_sync, "talk to head office, without a window", "sync --once")
    sync.add_argument("--once", action="store_true", help="send what waits, then end")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _rate(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError(text)
    return number
