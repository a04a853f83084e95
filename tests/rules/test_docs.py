"""The docs say what the code does: every command, setting and path stands in them, and none is stale."""

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from bench import summary
from deploy import icons, reference
from headoffice import arguments
from headoffice.web import openapi
from headoffice.web.instruments import Instruments
from kiosk import cli
from kiosk.settings.fields import SETTINGS
from sync.contract import ProblemName

ROOT = Path(__file__).parents[2]
READ_BY_PEOPLE = "\n".join(
    path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
)


def test_icons_are_those_of_the_kiosk():
    """What head office draws of an option is exactly what `python -m deploy.icons` writes today."""
    assert icons.FILE.read_text("utf-8") == icons.sprite()


def test_every_goal_of_the_benchmarks_stands_at_their_top():
    """The table of all goals is what the page's own tables say: `python -m bench.summary` writes it anew."""
    page = summary.PAGE.read_text("utf-8")
    assert page == summary.written(page)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*-proofs.md")), ids=lambda page: page.name)
def test_what_proves_a_promise_is_there(page):
    """Each test that a page of proofs names, in full or with … for what it leaves out, is a test of ours."""
    named = re.findall(r"`(?:([\w/]+\.py)::)?(…?(?:test_)?\w+(?:…\w+)*…?)`", page.read_text("utf-8"))
    wanted = [(file, name) for file, name in named if file or "…" in name or name.startswith("test_")]
    assert len(wanted) > 10
    tests = {
        path: re.findall(r"def (\w+)\(", path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py")
    }
    assert [
        f"{file}::{name}"
        for file, name in wanted
        if not any(
            re.fullmatch(".*".join(map(re.escape, name.split("…"))), each)
            for path, known in tests.items()
            if str(path).endswith(f"/{file}") or not file
            for each in known
        )
    ] == []


@pytest.mark.parametrize("page", reference.PAGES)
def test_reference_is_what_the_code_says(page):
    """A page of docs/reference is exactly what `python -m deploy.reference` writes today."""
    assert (ROOT / "docs/reference" / page).read_text("utf-8") == reference.PAGES[page]()


def test_every_problem_and_metric_is_documented():
    """No error and no metric is known to the code alone: each stands in the reference with its meaning."""
    errors = (ROOT / "docs/reference/errors.md").read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)` \| ", errors, re.MULTILINE))
    assert {each.value for each in ProblemName} | {"overtaken", "forbidden", "internal"} <= named
    assert {"unreachable", "too_slow", "revoked", "DataUnusable", "StoreFailed"} <= named
    metrics = (ROOT / "docs/reference/metrics.md").read_text("utf-8")
    page = generate_latest(Instruments().registry).decode()
    told = {re.sub(r"_(?:created)$", "", name) for name in re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)}
    assert {name for name in told if f"`{name}`" not in metrics} == set()


@pytest.mark.parametrize("command", [each.name for each in arguments.COMMANDS])
def test_every_headoffice_command_is_documented(command):
    """No command of head office is known to the code alone."""
    assert f"python -m headoffice {command}" in READ_BY_PEOPLE


def test_every_kiosk_command_is_documented_with_an_example():
    """No command of the kiosk is known to the code alone, and each `--help` ends with an example."""
    [commands] = [each.choices for each in cli._parser()._actions if isinstance(each.choices, dict)]
    assert {"run", "check", "enrol", "status", "export", "simulate", "sync"} <= set(commands)
    for name, parser in commands.items():
        assert f"python -m kiosk {name}" in READ_BY_PEOPLE
        assert f"example: python -m kiosk {name}" in parser.format_help()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.path)
def test_every_setting_is_documented_and_stands_in_the_shipped_file(setting):
    """A store finds each setting in the docs and, with a remark, in the shipped config.toml."""
    assert f"`{setting.path}`" in READ_BY_PEOPLE
    shipped = (ROOT / "config.toml").read_text("utf-8")
    assert re.search(rf"^(# )?{setting.key} = .*#", shipped, re.MULTILINE) or f"\n{setting.key} = " in shipped


@pytest.mark.parametrize("path", openapi.description()["paths"])
def test_every_api_path_is_documented(path):
    """No path of the interface is known to the server alone."""
    assert f" {path}`" in READ_BY_PEOPLE


def test_links_between_pages_lead_somewhere():
    """Every relative link and picture in the README and the docs exists."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_test_and_file_that_a_page_names_exists():
    """Who reads that a promise is proven by a test finds that test, and a file where it is said to be."""
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    defined = r"(?m)^(?:async )?(?:def|class)\s+(test_\w+|Test\w+)|^    def (test_\w+)"
    tests = set(re.findall(defined, written))
    known = {name for pair in tests for name in pair}
    named = set(re.findall(r"`((?:test_|Test)\w+)`", READ_BY_PEOPLE))
    assert len(named) > 30
    assert named - known == set()
    files = set(
        re.findall(r"`((?:tests|bench|kiosk|sync|headoffice|survey|deploy)/[\w/]+\.\w+)`", READ_BY_PEOPLE)
    )
    assert {file for file in files if not (ROOT / file).exists()} == set()
