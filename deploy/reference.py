"""Writes docs/reference/ from the code, so that it cannot go stale: what is set, asked, told.

`python -m deploy.reference` is run by whoever changes one of them; a test compares. I only write below docs/.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy import licences, told
from headoffice import arguments as headoffice_arguments
from headoffice import settings as headoffice_settings
from headoffice.web import openapi
from kiosk import cli as kiosk_cli
from kiosk.settings.fields import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
WRITTEN = "<!-- Written by `python -m deploy.reference` from the code; do not edit. -->\n"

SETTINGS_INTRO = """\
`kiosk.store` stands for the key `store` in the table `[kiosk]`. The surveys follow as `[[survey]]`; the
shipped file explains their keys. `python -m kiosk check` names every fault with its place; questions and
surveys are counted from 0 there. The file may be changed while the kiosk runs: surveys, and the settings
that say so, are in force between two visits, the others with the next start. A file with faults changes
nothing: the last good one stays in force, through restarts too, and staff and head office are told.
"""
OFFICE_INTRO = """\
A flag wins over the environment, and both win over a file (`--config FILE`; TOML, such as `port = 8400`).
"""
COMMANDS_INTRO = """\
What a program would read (a code, a token, NDJSON) stands alone on stdout, all else on stderr. Exit code 0:
done; 1: the input or the state is at fault, all faults on stderr; 2: wrong usage. `--help` after any command.
Installed, the programs are called `egao-kiosk` and `egao-headoffice`.
"""
API_INTRO = """\
The running server describes itself at `/api/v1/openapi.json`. Results need `Authorization: Bearer TOKEN`
(`python -m headoffice token NAME`); kiosks use the key they were given at enrolment. `Accept` or `?format=`
chooses JSON, NDJSON, CSV, XLSX or Parquet. Errors are `application/problem+json` with all faults at once.
"""


def cell(text: object) -> str:
    """Text that stands in a Markdown table without breaking it."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(head: list[str], rows: list[list[object]]) -> str:
    """Draw a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(each) for each in line) + " |" for line in lines) + "\n"


def settings() -> str:
    """Give every key of the kiosk's config.toml and every setting of head office."""
    kiosk = table(
        ["Key", "Holds", "Default", "In force", "What it does", "説明"],
        [
            [
                f"`{row.path}`",
                row.holds,
                f"`{row.default}`",
                "at a restart" if row.restart else "between two visits",
                row.help["en"],
                row.help["ja"],
            ]
            for row in SETTINGS
        ],
    )
    office = table(
        ["Flag", "Environment", "Default", "What it does"],
        [
            [
                f"`{row.flag}`",
                f"`{row.variable}`",
                "" if row.default is None else f"`{row.default}`",
                row.help,
            ]
            for row in headoffice_settings.FIELDS
        ],
    )
    return (
        f"# Settings\n\n{WRITTEN}\n## The kiosk: `config.toml`\n\n{SETTINGS_INTRO}\n{kiosk}\n"
        f"## Head office: flags and environment\n\n{OFFICE_INTRO}\n{office}"
    )


def takes(parser: argparse.ArgumentParser) -> list[list[object]]:
    """Give a row for every argument of a command, except those that stand in every one."""
    rows: list[list[object]] = []
    for action in parser._actions:  # noqa: SLF001  # argparse has no public list
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):  # noqa: SLF001
            continue
        word = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
        name = f"{action.option_strings[-1]} {word}".strip() if action.option_strings else str(word)
        needed = "needed" if action.required else ""
        rows.append([f"`{name}`", needed, action.help or ""])
    return rows


def described(program: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Describe every command of a program."""
    everywhere = takes(parser)
    yield f"## `{program}`\n\nBefore or after any command:\n"
    yield table(["Argument", "", "Meaning"], everywhere)
    [commands] = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001
    for name, command in commands.choices.items():
        own = [row for row in takes(command) if row not in everywhere]
        yield f"### `{program} {name}`\n\n{str(command.description).capitalize()}.\n"
        if own:
            yield table(["Argument", "", "Meaning"], own)
        yield f"```\n{str(command.epilog).removeprefix('example: ')}\n```\n"


def commands() -> str:
    """Give every command of both programs."""
    parts = [
        f"# Commands\n\n{WRITTEN}",
        COMMANDS_INTRO,
        *described("python -m kiosk", kiosk_cli._parser()),  # noqa: SLF001  # the parser is the command line's own
        *described("python -m headoffice", headoffice_arguments.make_parser()),
    ]
    return "\n".join(parts)


def api() -> str:
    """Give every path of head office's HTTP interface."""
    document: dict[str, Any] = openapi.description()
    parts = [
        f"# HTTP interface\n\n{WRITTEN}",
        API_INTRO,
    ]
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            if method == "parameters":  # those of the path itself stand in it
                continue
            parts.append(f"## `{method.upper()} {path}`\n\n{about['summary']}\n")
            rows = [
                [f"`{each['name']}`", "needed" if each.get("required") else "", each.get("description", "")]
                for each in about.get("parameters", [])
            ]
            if rows:
                parts.append(table(["Parameter", "", "Meaning"], rows))
    return "\n".join(parts)


PAGES = {
    "settings.md": settings,
    "commands.md": commands,
    "api.md": api,
    "errors.md": lambda: told.error_page(WRITTEN),
    "metrics.md": lambda: told.metrics_page(WRITTEN),
    "licences.md": lambda: WRITTEN + licences.table(),
}


def main() -> int:
    """Write every page that has changed; 0."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        text = write()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != text:
            (FOLDER / name).write_text(text, "utf-8")
            print(f"written: {FOLDER / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
