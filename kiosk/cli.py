"""The kiosk's commands: what is asked for, and what is said about it.

Called by kiosk.__main__. Touches what kiosk.bootstrap opens for it.
Stdout has what a program would read, stderr all else. Exit code 0 done, 1 the input or the state is at fault,
2 wrong usage.
"""

import argparse
import functools
import gc
import math
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from kiosk import bootstrap
from kiosk.settings.file import InvalidConfig
from kiosk.settings.lockout import ROLES
from kiosk.store.problems import StoreProblem
from kiosk.terminal import FAULT, Refused, log_to_stderr, say
from kiosk.ui.driver import Driver
from kiosk.ui.window import NoDisplay
from sync import __version__
from sync.errors import SyncError

PROGRAM = "python -m kiosk"
ENDED = 128  # plus the signal's number, as shells have it

Parser = argparse.ArgumentParser
Command = Callable[[argparse.Namespace], int]


class _Stopped(BaseException):
    """A signal asked the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: Sequence[str], *, driver: Driver | None = None) -> int:
    """Run a command and give its exit code; `driver` is the screen's, if it is being loaded already."""
    parser = _parser(others=list(arguments[:1]) != ["run"])
    asked = parser.parse_args(arguments, namespace=_unsaid(driver))
    asked.config = asked.config or _found_config(asked.data)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        code: int = asked.do(asked)
        sys.stdout.flush()
    except _Stopped as stopped:
        goes_on_for_ever = asked.command in ("run", "simulate", "sync") and not asked.once
        return 0 if goes_on_for_ever else ENDED + stopped.number
    except BrokenPipeError:  # the reader has had enough; what was stored stays stored
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (InvalidConfig, StoreProblem, SyncError, NoDisplay, Refused, sqlite3.Error, OSError) as problem:
        say(str(problem))
        return FAULT
    return code


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)  # closing the ledger is not interrupted in its turn
    raise _Stopped(number)


def _run(asked: argparse.Namespace) -> int:
    log_to_stderr()
    config = asked.config or bootstrap.make_config(asked.data)
    return bootstrap.run(config, asked.data, windowed=asked.windowed, driver=asked.driver)


def _other(asked: argparse.Namespace) -> int:
    from kiosk.commands import COMMANDS  # noqa: PLC0415 - the window does not wait for what they import

    gc.enable()
    asked.config = asked.config or bootstrap.shipped("config.toml")
    return COMMANDS[asked.command](asked)


def _unsaid(driver: Driver | None) -> argparse.Namespace:
    home = os.environ.get("XDG_DATA_HOME")
    return argparse.Namespace(
        config=None,
        data=(Path(home) if home else Path.home() / ".local/share") / "egao",
        windowed=False,
        do=_run,
        command="run",
        once=False,
        driver=driver,
    )


def _found_config(data: Path) -> Path | None:
    """Find the config.toml that nobody named; None: there is none but the shipped one."""
    return next((file for file in (Path("config.toml"), data / "config.toml") if file.exists()), None)


def _parser(*, others: bool = True) -> argparse.ArgumentParser:
    """Read what is asked for; `run`, the command of a service's start, needs none of the others'."""
    places = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    places.add_argument(
        "--config", type=Path, metavar="FILE", help="default: ./config.toml, else DIR/config.toml"
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
    parser.add_argument("--version", action="version", version=f"Egao {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(do: Command, words: str, example: str, *, parents: Sequence[argparse.ArgumentParser]) -> Parser:
        name, _, rest = example.partition(" ")
        epilog = f"example: {PROGRAM} {name} {rest}"
        command: Parser = commands.add_parser(
            name, help=words, description=words, epilog=epilog, parents=[places, *parents]
        )
        command.set_defaults(do=do, command=name)
        return command

    add(_run, "show the kiosk", "run --windowed", parents=[window])
    if others:
        _add_others(functools.partial(add, parents=[]))
    return parser


def _add_others(add: Callable[[Command, str, str], Parser]) -> None:
    add(_other, "name every fault of config.toml", "check --config config.toml")

    enrol = add(_other, "enrol this kiosk at a head office", "enrol https://office.example K7QF-2M9X")
    enrol.add_argument("address", metavar="URL", help="head office's address")
    enrol.add_argument("code", metavar="CODE", help="the one-time code that head office gave")
    enrol.add_argument("--name", default=os.uname().nodename, help="how head office lists it")
    enrol.add_argument("--insecure", action="store_true", help="allow http to another machine")

    enrol.add_argument(
        "--moved",
        action="store_true",
        help="the card comes from a machine that is gone for good: send what waits from there, too",
    )

    status = add(_other, "say how the answers and the sync stand", "status --json")
    status.add_argument("--json", action="store_true", help="for programs")

    pin = add(_other, "set the PIN of staff or technician", "set-pin --role technician")
    pin.add_argument("--role", choices=ROLES, default=ROLES[0], help="whose PIN; default: staff")

    survey = add(
        _other,
        "take surveys from a file, or write them to one: .toml, .json, .xlsx",
        "survey export surveys.xlsx",
    )
    survey.add_argument("action", choices=("import", "export"), help="import into config.toml, or export")
    survey.add_argument("file", type=Path, metavar="FILE", help="its name says what it is; XLSForm will do")
    survey.add_argument("--check", action="store_true", help="import: only say what would change")
    survey.add_argument(
        "--office", action="store_true", help="export: head office's, as this kiosk holds them"
    )
    survey.add_argument("--replace", action="store_true", help="import: all others go; default: they stay")

    doctor = add(_other, "look at everything a kiosk needs, and say how to mend it", "doctor --json")
    doctor.add_argument("--json", action="store_true", help="for programs")

    add(_other, "print every stored answer as NDJSON, for rescue", "export > answers.ndjson")

    simulate = add(_other, "let made-up shoppers answer, no window", "simulate --visits 100 --seed 7")
    simulate.add_argument("--visits", type=_count, required=True, metavar="N", help="how many shoppers")
    simulate.add_argument("--seed", metavar="S", help="the same seed gives the same shoppers")
    simulate.add_argument("--rate", type=_rate, metavar="PER_S", help="visits a second; default: all it can")

    sync = add(_other, "talk to head office, without a window", "sync --once")
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
