"""What must hold for the wheel: what stands in it, and that it works where nothing else is installed."""

import hashlib
import json
import os
import platform
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution, files
from pathlib import Path

import pytest

from deploy.locked import closure, declared, machine, pins
from deploy.screen import Screen
from sync import __version__

ROOT = Path(__file__).parents[2]
HERE = machine("{}.{}".format(*sys.version_info), platform.machine())
TORTURE = bool(os.environ.get("EGAO_TORTURE"))
MOST_MB = 12  # docs/kiosk-install.md says how big it is


def built(checkout: Path, folder: Path, what: str = "wheel") -> Path:
    """The wheel or sdist of a checkout, made without touching a network."""
    folder.mkdir(exist_ok=True)
    script = f"from hatchling.build import build_{what} as build; print(build({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=True
    )
    return folder / done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    return built(ROOT, tmp_path_factory.mktemp("wheel") / "first")


@pytest.fixture(scope="module")
def names(wheel):
    """Every file in it."""
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def test_wheel_holds_what_a_kiosk_reads(names):
    """kiosk.kv, config.toml, fonts and languages stand in the wheel, beside what reads them."""
    assert {"kiosk/kiosk.kv", "kiosk/config.toml"} <= names
    assert any(name.startswith("kiosk/assets/fonts/") and name.endswith(".ttf") for name in names)
    assert {"kiosk/assets/languages/ja.toml", "kiosk/assets/languages/en.toml"} <= names


def test_wheel_holds_what_head_office_reads(names):
    """Templates, static files and migrations stand inside the wheel."""
    assert any(name.startswith("headoffice/web/templates/") for name in names)
    assert any(name.startswith("headoffice/web/static/") for name in names)
    assert any(name.startswith("headoffice/store/migrations/versions/") for name in names)
    ready = {"surveys/checkout.toml", "library/questions.toml", "languages/staff/told/ja.toml"}
    assert {f"headoffice/assets/{name}" for name in ready} <= set(names)


def test_wheel_holds_no_tests_and_no_secrets(names):
    """Nothing but the four packages is shipped."""
    tops = {name.split("/")[0] for name in names}
    assert tops == {"kiosk", "survey", "sync", "headoffice", f"egao-{__version__}.dist-info"}


@pytest.mark.skipif(not TORTURE, reason="builds both again: make torture")
def test_the_wheel_is_the_same_bytes_wherever_and_whenever_it_is_built(wheel, tmp_path):
    """Built again out of the sdist, in another folder files of today, it is the same and small."""
    with tarfile.open(built(ROOT, tmp_path, "sdist")) as packed:
        packed.extractall(tmp_path, filter="data")
    (copy,) = (path for path in tmp_path.iterdir() if path.is_dir())
    for path in copy.rglob("*"):
        path.touch()
    again = built(copy, tmp_path / "second")
    assert again.name == wheel.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()
    assert wheel.stat().st_size < MOST_MB * 1e6


class Installed:
    """An environment of its own with the wheel and what an extra comes to, used from any folder."""

    def __init__(self, place: Path) -> None:
        self.place = place / "environment"
        self.folder = place / "any folder"  # a name with a space: nothing may depend on where we stand
        self.folder.mkdir(parents=True)
        venv.create(self.place, symlinks=True)
        (self.libraries,) = self.place.glob("lib/python3*/site-packages")
        assert not list(self.libraries.iterdir())

    def install(self, *arguments: object) -> None:
        """By pip's own work, as anybody would."""
        pip = [sys.executable, "-m", "pip", "--python", self.place / "bin/python"]
        words = ["--disable-pip-version-check", "install", "--quiet", "--no-compile"]
        subprocess.run([*pip, *words, *arguments], check=True)

    @contextmanager
    def lent(self, extra: str) -> Iterator[None]:
        """Lend it what pip would install for an extra, and nothing else, of the tests' own libraries."""
        links = []
        for package in closure(declared(extra), HERE):
            for top in {file.parts[0] for file in files(package) or ()} - {"..", "__pycache__"}:
                link = self.libraries / top
                if not link.exists():
                    link.symlink_to(distribution(package).locate_file(top))
                    links.append(link)
        yield
        for link in links:
            link.unlink()

    def begin(self, name: str, *words: object, **environ: str) -> subprocess.Popen[str]:
        ours = ("PYTHON", "EGAO", "XDG")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        return subprocess.Popen(
            [self.place / "bin" / name, *map(str, words)],
            cwd=self.folder,
            env={**kept, "HOME": str(self.folder), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str, *words: object) -> str:
        with self.begin(name, *words) as process:
            said, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, f"{name} {words}: {said}\n{complaints}"
        return said

    def first_line(self, name: str, *words: object, **environ: str) -> str:
        """Start what goes on running; what it says first, after which it is ended in good order."""
        with self.begin(name, *words, **environ) as process:
            try:
                line = process.stdout.readline()
                process.terminate()
                complaints = process.communicate(timeout=60)[1]
            finally:
                process.kill()
        assert process.returncode == 0, complaints
        return line


def works_as_a_kiosk(installed: Installed) -> None:
    """A tap is kept and exported, and the first question comes upon a screen."""
    said = installed.run("egao-kiosk", "simulate", "--visits", 1, "--seed", 1, "--data", "data")
    assert installed.run("egao-kiosk", "export", "--data", "data") == said != ""
    with Screen(800, 480) as screen:
        line = installed.first_line("egao-kiosk", "run", "--data", "data", DISPLAY=screen.name)
    assert json.loads(line)["ready"] is True


def works_as_a_head_office(installed: Installed) -> None:
    """Migrations make a database with the first site, and a server listens."""
    office = ("--data", "office")
    assert installed.run("egao-headoffice", *office, "add-site", "Shibuya", "--timezone", "Asia/Tokyo")
    assert "http://" in installed.first_line("egao-headoffice", *office, "serve", "--port", 0)


WORKS = {"kiosk": works_as_a_kiosk, "headoffice": works_as_a_head_office}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel and nothing else."""
    made = Installed(tmp_path_factory.mktemp("installed"))
    made.install("--no-index", "--no-deps", wheel)
    return made


@pytest.mark.parametrize("extra", WORKS)
def test_the_wheel_works_beside_nothing_but_what_its_extra_asks_for(installed, extra):
    """Either program runs from any folder beside its extra's libraries alone: nothing else is wanted.

    The libraries are lent, so that no registry is asked; those of the other end are not there.
    """
    with installed.lent(extra):
        WORKS[extra](installed)


@pytest.mark.skipif(not TORTURE, reason="asks the registry for 60 MB: make torture")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("extra", WORKS)
def test_the_wheel_is_installed_by_pip_alone(wheel, tmp_path, extra):
    """As a person would: an empty environment, `pip install` of the wheel with its extra, by the lock."""
    alone = Installed(tmp_path)
    wanted = tmp_path / "pins.txt"
    wanted.write_text(pins(closure(declared(extra), HERE), HERE), "utf-8")
    alone.install("--require-hashes", "--only-binary", ":all:", "--requirement", wanted)
    alone.install("--no-index", f"{wheel}[{extra}]")  # whatever the pins lack is asked for in vain
    WORKS[extra](alone)
