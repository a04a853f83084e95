"""Every command that the docs show is one that this version understands."""

import contextlib
import importlib.util
import io
import re
import shlex
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from deploy import debian, walk
from headoffice import arguments
from headoffice.problems import WrongUsage
from headoffice.web import openapi
from kiosk import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SHELL = (
    "",
    "sh",
    "console",
    "cron",
)  # a block without a language is for a shell; all others say what they are
EVERY_TEN_MINUTES = "*/10 * * * *"

# What is not ours, or cannot be done to this machine, and why it is believed.
BELIEVED = {
    "git": "needs the address of the reader's own copy",
    "cd": "of the shell",
    "source": "of the shell; .venv is made by `make setup`",
    "export": "of the shell",
    "echo": "of the shell",
    "sed": "of every Debian; run by the tutorial's walk",
    "wc": "of every Debian; run by the tutorial's walk",
    "cut": "of every Debian; run by the tutorial's walk",
    "tee": "of every Debian; writes below /etc",
    "install": "of every Debian; writes below /var/lib",
    "update-ca-certificates": "of every Debian; writes below /etc",
    "mount": "needs root and a partition of its own",
    "chown": "needs root",
    "mkfs.ext4": "erases a partition",
    "raspi-config": "of Raspberry Pi OS alone",
    "createdb": "of PostgreSQL",
    "datasette": "another's program, for whoever wants it",
    "sqlite-utils": "another's program, for whoever wants it",
}


def commands(page):
    """Give the commands of a page's shell blocks as lists of words, comments and redirections taken off."""
    text = page.read_text("utf-8")
    for language, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        if language not in SHELL:
            continue
        lines = block.replace("\\\n", " ").splitlines()
        if language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        for line in lines:
            yield from parts(line.replace(EVERY_TEN_MINUTES, "").strip())


def parts(line):
    """Part a line at pipes and the like, and leave out what comes before the program itself."""
    given = re.sub(r"<[^>]+>", "NAMED", line)  # <this repository>
    inner = re.findall(r"\$\((.*?)\)", given)
    lexer = shlex.shlex(re.sub(r"\$\(.*?\)", "GIVEN", given), posix=True, punctuation_chars="|&;>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words, found = [], []
    for word in lexer:
        if set(word) <= set("|&;"):
            found.append(words)
            words = []
        else:
            words.append(word)
    found.append(words)
    for each in found:
        command = program_first(each)
        if command:
            yield [command[0].removeprefix(".venv/bin/"), *command[1:]]
    for each in inner:
        yield from parts(each)


def program_first(words):
    """Take off what stands before a program (sudo, settings of the environment), and a redirection."""
    if words and (words[0] == "sudo" or re.match(r"[A-Z_]+=", words[0])):
        return program_first(words[3:] if words[1:2] == ["-u"] else words[1:])
    return words[: words.index(">")] if ">" in words else words


@cache
def kiosk_parser():
    return cli._parser()


@cache
def headoffice_parser():
    return arguments.make_parser()


def parsed(parser, words):
    """Whether a parser takes these words; what it says against them where it does not."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parser.parse_args(words)
    except WrongUsage as refused:
        return str(refused)
    except SystemExit as ended:
        return said.getvalue() if ended.code else ""
    return ""


def module_fault(name, words):
    """Check a module of ours: it is there, and its source knows each flag that is given."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        return f"no module {name}"
    folder = Path(found.origin).parent
    files = [Path(found.origin)] if name != "build" else folder.glob("*.py")
    if name.partition(".")[0] == "bench" and found.submodule_search_locations:
        files = [folder / "__main__.py"]  # a program of ours with a folder of its own
    source = "".join(file.read_text("utf-8") for file in files)
    flags = [word.split("=")[0] for word in words if word.startswith("--")]
    return ", ".join(flag for flag in flags if f'"{flag}"' not in source and f"'{flag}'" not in source)


def unit_fault(words):
    """Check that each of our units that is named is one that a package brings."""
    shipped = {unit for package in debian.PACKAGES.values() for unit in package.units}
    named = {word for word in words if word.startswith("egao-")}
    return ", ".join(word for word in named if word not in shipped and f"{word}.service" not in shipped) or (
        "" if named else "no unit of ours"
    )


def address_fault(words):
    """Check that head office has the path that is asked for, with these parameters."""
    [address] = [word for word in words if word.startswith("http")]
    asked = urlsplit(address)
    known = openapi.description()["paths"].get(asked.path)
    if known is None:
        return f"no path {asked.path}"
    names = {each["name"] for each in known["get"].get("parameters", [])}
    return ", ".join({name for name, _ in parse_qsl(asked.query)} - names)


def target_fault(words):
    """Check that the Makefile has these targets."""
    made = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return ", ".join(set(words) - set(made))


def package_fault(words):
    """Check that a file which is installed is one that we build."""
    files = [word for word in words if "/" in word]
    ours = [file for file in files if re.search(r"/egao(-kiosk|-headoffice)?[_-]", file)]
    return "" if files == ours else "not a package of ours"


def container_fault(words):
    """Check what is run in the container as if it were here, and that a file which is named is there."""
    if words[0] == "exec":
        return fault([Path(words[2]).name, *words[3:]])
    files = [word for before, word in pairwise(words) if before == "-f"]
    return ", ".join(file for file in files if not (ROOT / file).is_file())


CHECKS = {
    "podman": container_fault,
    "egao-kiosk": lambda words: parsed(kiosk_parser(), words),
    "egao-headoffice": lambda words: parsed(headoffice_parser(), words),
    "make": target_fault,
    "systemctl": unit_fault,
    "journalctl": unit_fault,
    "curl": address_fault,
    "apt": package_fault,
    "pip": package_fault,
}
MODULES = {"kiosk": "egao-kiosk", "headoffice": "egao-headoffice"}


def fault(words):
    """Say what is wrong with a command; nothing where it is right."""
    program, *rest = words
    if words[:2] == ["python", "-m"]:
        name, *rest = words[2:]
        if name not in MODULES:
            return module_fault(name, rest)
        program = MODULES[name]
    if program in CHECKS:
        return CHECKS[program](rest)
    return "" if program in BELIEVED else f"what is {program}?"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_is_understood(page):
    """What stands in a block for a shell is taken by the program that it names, flag by flag."""
    told = [(shlex.join(words), fault(words)) for words in commands(page)]
    assert [each for each in told if each[1]] == []


def test_every_command_in_a_sentence_is_known():
    """`python -m kiosk …`, `python -m headoffice …` and `make …` within a sentence name what there is."""
    unknown, seen = [], 0
    for page in PAGES:
        text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for span in re.findall(
            r"`(python -m (?:kiosk|headoffice) [^`]+|make [a-z-]+)`", " ".join(text.split())
        ):
            seen += 1
            words = [word for word in shlex.split(span) if word != "…"]
            if words[0] == "make":
                unknown += [span] if fault(words) else []
                continue
            parser = kiosk_parser() if words[2] == "kiosk" else headoffice_parser()
            verbs = next(each.choices for each in parser._actions if isinstance(each.choices, dict))
            flags = {
                flag for verb in words[3:4] if verb in verbs for flag in verbs[verb]._option_string_actions
            }
            flags |= set(parser._option_string_actions)
            asked = {word.split("=")[0] for word in words[3:] if word.startswith("--")}
            if (not words[3].startswith("--") and words[3] not in verbs) or asked - flags:
                unknown.append(span)
    assert seen > 20
    assert unknown == []


def test_a_wrong_command_is_found_out():
    """A flag, a verb, a target, a unit, a path or a program that is not there does not pass."""
    wrong = [
        "python -m kiosk chek",
        "python -m kiosk enrol http://127.0.0.1:8400",
        "python -m headoffice add-site Shibuya --time-zone Asia/Tokyo",
        "python -m headoffice token --scop results notebook extra",
        "python -m bench.fleets --kiosks 3",
        "python -m bench.fleet --kiosk-count 3",
        "make everything",
        "sudo systemctl start egao-office",
        'curl "http://127.0.0.1:8400/api/v1/tap"',
        'curl "http://127.0.0.1:8400/api/v1/taps?since=3"',
        "true; mkfs.xfs /dev/sda",
        "podman build -f deploy/Dockerfile .",
        "podman exec egao /opt/egao/bin/egao-headoffice add-sites Shibuya",
        "echo x | python -m kiosk nothing",
    ]
    assert [line for line in wrong if not any(fault(words) for words in parts(line))] == []


def test_the_tutorial_is_walked_through_and_every_block_is_read():
    """The tutorial's console blocks are the ones that the walk runs; no fence is left open."""
    [tutorial] = [page for page in PAGES if page.name == "tutorial.md"]
    assert len(walk.steps(tutorial.read_text("utf-8"))) > 15
    for page in PAGES:
        assert len(re.findall(r"^ *```", page.read_text("utf-8"), re.MULTILINE)) % 2 == 0, page
