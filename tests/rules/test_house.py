"""What must hold for the checkout as a whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_lock_file_pins_with_hashes_and_names_no_address():
    """The lock file pins each package with hashes, and no address of any registry stands in it."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock
    pinned = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)
    assert len(pinned) > 50
    assert len(re.findall(r"^[a-z0-9-]+==.*\\$", lock, re.MULTILINE)) == len(pinned), "each pin needs a hash"


@pytest.mark.parametrize("extra", ["kiosk", "headoffice", "dev"])
def test_lock_file_covers_what_is_declared(extra):
    """Every package an extra asks for is pinned."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for wanted in PROJECT["optional-dependencies"][extra]:
        name = re.split(r"[\[><=;~ ]", wanted)[0].lower()
        assert name == "egao" or re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE), name


def test_a_kiosk_installs_no_server_and_a_server_no_window():
    """The extras keep Kivy off the server and the server's libraries off the kiosk."""
    kiosk = " ".join(PROJECT["optional-dependencies"]["kiosk"])
    headoffice = " ".join(PROJECT["optional-dependencies"]["headoffice"])
    assert PROJECT["dependencies"] == []
    assert not re.search("starlette|uvicorn|sqlalchemy|jinja", kiosk)
    assert not re.search("kivy|sqlite-utils", headoffice)


def test_python_sources_name_no_path_of_a_developers_machine():
    """What is committed runs anywhere: no file names a folder of the machine it was written on."""
    private = re.compile(r"(?<![\w.])/(?:work|home/\w+|root)/")
    for path in tracked_files():
        if path.suffix in {".py", ".toml", ".md", ".sh", ".kv"} and path != Path(__file__):
            assert not private.search(path.read_text("utf-8")), path


def test_every_folder_of_tests_is_run():
    """`make test` names the folders of tests in an order; none is left out."""
    pytest_options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    named = {ROOT / path for path in pytest_options["ini_options"]["testpaths"]}
    tests = {path for path in tracked_files() if path.name.startswith("test_") and path.suffix == ".py"}
    assert tests
    assert all(named.intersection(path.parents) for path in tests)


def test_nothing_of_head_office_fetches_what_others_name():
    """No request is forged through the server: only sign-in, guarded, and `pull` ask others."""
    asks = re.compile(
        r"^\s*(?:import|from) (?:httpx|requests|aiohttp|urllib\.request|http\.client|smtplib|ftplib)\b",
        re.MULTILINE,
    )
    found = {
        path.name for path in (ROOT / "headoffice").rglob("*.py") if asks.search(path.read_text("utf-8"))
    }
    assert found <= {"outgoing.py", "openid.py", "openid_client.py", "pull.py"}
