"""What can be written on head office's command line: commands, arguments, and an example of each.

Used by `cli`. May touch nothing.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from headoffice.problems import WrongUsage
from headoffice.settings import FIELDS, Field
from headoffice.store.people import ROLES
from headoffice.store.tokens import SCOPES
from sync import __version__

PROGRAM = "egao-headoffice"
MOST_DIGITS = 12
MOST_DAYS = 3650
PULLED = ("ndjson", "csv", "parquet", "xlsx")
Add = Callable[[argparse.ArgumentParser], object]


@dataclass(frozen=True)
class Command:
    """One command: its name, what it does, an example, and what it takes."""

    name: str
    help: str
    example: str
    arguments: Sequence[Add] = ()


def _argument(*names: str, **options: Any) -> Add:
    return lambda parser: parser.add_argument(*names, **options)


def _number(written: str) -> int:
    if not written.isascii() or not written.isdigit() or len(written) > MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{written!r} is no whole number")
    return int(written)


def _days(written: str) -> int:
    days = _number(written)
    if not 1 <= days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{days} is not from 1 to {MOST_DAYS}")
    return days


BOUNDS = (
    _argument(
        "--site", action="append", default=[], metavar="S", help="may see this site only; may be repeated"
    ),
    _argument("--tag", action="append", default=[], metavar="K=V", help="and every site with this tag"),
)

WHERE = (
    _argument("--site", action="append", default=[], metavar="S", help="id or name; may be repeated"),
    _argument(
        "--tag",
        action="append",
        default=[],
        metavar="K=V",
        help="and every site with this tag, also those that get it later",
    ),
)
COMMANDS = (
    Command("serve", "serve kiosks, programs and people", "serve --port 8400 --data /var/lib/egao"),
    Command("migrate", "bring the database up to this version", "migrate --data /var/lib/egao"),
    Command(
        "add-site",
        "add a store; prints its id",
        "add-site Shibuya --timezone Asia/Tokyo --tag region=kanto",
        (
            _argument("name", metavar="NAME", help="the store's name"),
            _argument("--timezone", required=True, metavar="TZ", help="IANA time zone, such as Asia/Tokyo"),
            _argument("--tag", action="append", default=[], metavar="K=V", help="a tag; may be repeated"),
        ),
    ),
    Command(
        "enrol-code",
        "make a one-time code for a kiosk, good for 15 minutes; prints it",
        "enrol-code Shibuya --touchpoint checkout",
        (
            _argument("site", metavar="SITE", help="the store's id or name"),
            _argument(
                "--touchpoint", required=True, metavar="T", help="where the kiosk stands, such as checkout"
            ),
        ),
    ),
    Command(
        "add-person",
        "let somebody sign in; prints a one-time code, good for 24 hours",
        "add-person manager@store.example --role store_manager",
        (
            _argument("email", metavar="E-MAIL", help="the person's e-mail address"),
            _argument("--role", required=True, metavar="R", choices=ROLES, help=" | ".join(ROLES)),
            *BOUNDS,
        ),
    ),
    Command(
        "remove-person",
        "take somebody's access away at once and forget their address",
        "remove-person manager@store.example",
        (_argument("email", metavar="E-MAIL", help="the person's e-mail address"),),
    ),
    Command(
        "token",
        "make a token for a program that reads the results; prints it",
        "token nightly-report --scope results",
        (
            _argument("name", metavar="NAME", help="what the token is for"),
            _argument("--scope", default="results", metavar="S", choices=SCOPES, help=" | ".join(SCOPES)),
            _argument(
                "--days", type=_days, metavar="N", help="valid for so many days; else until it is revoked"
            ),
            *BOUNDS,
        ),
    ),
    Command(
        "revoke-token",
        "take a token back at once",
        "revoke-token 3",
        (_argument("token", type=_number, metavar="TOKEN", help="the token's number, as in the audit"),),
    ),
    Command(
        "rotate-key",
        "give a kiosk a new key and print it; the one it has stays valid for a while",
        "rotate-key 7 --overlap-hours 48",
        (
            _argument("kiosk", type=_number, metavar="KIOSK", help="the kiosk's id"),
            _argument(
                "--overlap-hours",
                type=_number,
                default=24,
                metavar="N",
                help="the old key's time (default 24)",
            ),
        ),
    ),
    Command(
        "revoke-key",
        "take every key of a kiosk back at once; it keeps collecting until it is enrolled again",
        "revoke-key 7",
        (_argument("kiosk", type=_number, metavar="KIOSK", help="the kiosk's id"),),
    ),
    Command(
        "publish",
        "put the surveys of a file in force, everywhere or at some sites and tags",
        "publish surveys.toml --site Shibuya --tag region=kanto --lock checkout=2 --ask 'extension 210'",
        (
            _argument(
                "file", metavar="FILE", help="TOML with [[survey]], or JSON; the kiosk's config.toml will do"
            ),
            *WHERE,
            _argument(
                "--lock",
                action="append",
                default=[],
                metavar="SURVEY[=N]",
                help="no store may change this survey, but for N questions of its own at the end; * is all",
            ),
            _argument("--ask", default="", metavar="WHO", help="whom a store asks about a locked survey"),
        ),
    ),
    Command(
        "withdraw",
        "take a survey out of what is in force, everywhere or at some sites and tags; its answers stay",
        "withdraw checkout --site Shibuya",
        (
            _argument("survey", metavar="SURVEY", help="the survey's id"),
            *WHERE,
        ),
    ),
    Command(
        "rebuild",
        "recount every tally from the taps and mend what is wrong",
        "rebuild --check",
        (_argument("--check", action="store_true", help="only say what is wrong; exit 1 if anything is"),),
    ),
    Command(
        "doctor",
        "look at everything head office needs, and say how to mend it",
        "doctor --deep",
        (
            _argument("--deep", action="store_true", help="count every tap again too, which takes a while"),
            _argument("--json", action="store_true", help="for programs"),
        ),
    ),
    Command(
        "misuse",
        "show the misuse rules in force, or put others in force and judge every tap again",
        """misuse --rules '{"too_soon": {"seconds": 5}}' --dry-run""",
        (
            _argument("--rules", metavar="JSON", help="all that are to be in force; {} for none"),
            _argument("--dry-run", action="store_true", help="only say what would change"),
        ),
    ),
    Command(
        "pull",
        "bring what is new in the feed into files, going on where the last run ended; prints the files",
        "pull --since-cursor taps.cursor --to taps/ --url https://office.example --token-file token",
        (
            _argument(
                "--since-cursor", required=True, metavar="FILE", help="keeps how far it is; made if missing"
            ),
            _argument("--to", required=True, metavar="DIR", help="folder for the files"),
            _argument("--url", default="http://127.0.0.1:8400", metavar="URL", help="the server's address"),
            _argument(
                "--token-file",
                metavar="FILE",
                help="file that holds the token; else the environment's EGAO_TOKEN",
            ),
            _argument(
                "--format",
                default="ndjson",
                choices=PULLED,
                metavar="F",
                help=" | ".join(PULLED),
            ),
        ),
    ),
    Command(
        "export",
        "print every tap, as the feed has it",
        "export --format csv > taps.csv",
        (
            _argument(
                "--format", default="ndjson", choices=("ndjson", "csv"), metavar="F", help="ndjson | csv"
            ),
        ),
    ),
    Command(
        "backup",
        "write the whole database to one file, also while the server runs",
        "backup /backup/egao-2026-11-21.sqlite3",
        (_argument("file", metavar="FILE", help="a file that is not there yet"),),
    ),
    Command(
        "restore",
        "put a backup in the database's place; the old one is set aside",
        "restore /backup/egao-2026-11-21.sqlite3",
        (_argument("file", metavar="FILE", help="a file written by backup"),),
    ),
    Command(
        "copy",
        "copy everything into another, empty database, and compare counts and sums",
        "copy --from sqlite:////var/lib/egao/headoffice.sqlite3 --to postgresql://egao@db/egao",
        (
            _argument("--from", dest="source", required=True, metavar="URL", help="where it is now"),
            _argument("--to", dest="target", required=True, metavar="URL", help="an empty database"),
        ),
    ),
)


def make_parser() -> argparse.ArgumentParser:
    """Make the parser; what stands everywhere may stand before or after the command. Raises WrongUsage."""
    parser = _Parser(
        prog=PROGRAM,
        description="Head office of Egao: takes the kiosks' taps, keeps them, counts them.",
        epilog=f"example: {PROGRAM} serve --port 8400",
    )
    parser.add_argument("--version", action="version", version=f"Egao {__version__}")
    _add_fields(parser, "everywhere")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for command in COMMANDS:
        one = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=f"example: {PROGRAM} {command.example}",
        )
        for add in command.arguments:
            add(one)
        _add_fields(one, "everywhere")
        if command.name == "serve":
            _add_fields(one, "serve")
    return parser


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise WrongUsage(f"{message}\n{self.format_usage().strip()}")


def _add_fields(parser: argparse.ArgumentParser, where: str) -> None:
    for field in FIELDS:
        if field.where == where:
            parser.add_argument(
                field.flag, metavar=field.name.upper(), default=argparse.SUPPRESS, help=_help(field)
            )


def _help(field: Field) -> str:
    default = "" if field.default is None else f" (default {field.default})"
    return f"{field.help}{default}; or {field.variable}".replace("%", "%%")
