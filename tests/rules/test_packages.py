"""What must hold for the Debian packages; building them takes minutes and is `make torture`'s."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.debian import PACKAGES, Target, build, unit_text
from deploy.locked import NotLocked, closure, declared, machine, pins

ROOT = Path(__file__).parents[2]
PI = machine("3.11", "aarch64")
BY_ROOT = ("egao-kiosk-update.service",)  # installs packages, and so is nobody's but root's


def test_a_raspberry_pi_gets_the_kiosks_pins_and_no_servers():
    """What a kiosk package holds is pinned with hashes, on another machine too; no server comes along."""
    names = closure(declared("kiosk"), PI)
    assert {"kivy", "sqlite-utils", "requests", "apscheduler", "argon2-cffi-bindings"} <= set(names)
    assert not {"starlette", "sqlalchemy", "pytest", "numpy"} & set(names)
    text = pins(names, PI)
    assert re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE) == names
    assert text.count("--hash=sha256:") >= len(names)


def test_markers_decide_by_the_machine_a_package_is_for():
    """Not the machine that builds decides what comes along: what 3.11 alone needs is left out on 3.13."""
    backport = ["tomlkit; python_version < '3.12'", "tzdata; sys_platform == 'win32'", "requests"]
    assert "tomlkit" in closure(backport, PI)
    assert "tomlkit" not in closure(backport, machine("3.13", "aarch64"))
    assert "tzdata" not in closure(backport, PI)


def test_what_is_not_pinned_is_named():
    """A package is never built with a library that nobody pinned."""
    with pytest.raises(NotLocked, match="leftpad"):
        pins(["kivy", "leftpad"], PI)


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_units_name_the_packages_own_paths_and_user(package):
    """A unit in a package starts the packaged program as the package's user, and nothing of a checkout."""
    for source in package.units.values():
        text = unit_text(package, source)
        assert "/opt/egao" not in text
        if source in BY_ROOT:
            assert f"ExecStart=/usr/bin/python3 -I /usr/lib/{package.name}-update/update.py\n" in text
        elif not source.endswith((".timer", ".socket")):
            assert f"/usr/bin/{package.name} " in text
            assert f"User={package.name}\n" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd to judge units")
@pytest.mark.parametrize(
    ("unit", "most"), [("egao-headoffice", 1.5), ("egao-headoffice-backup", 1.5), ("egao-kiosk", 4.0)]
)
def test_a_unit_is_as_hard_as_the_docs_say(unit, most):
    """Systemd itself finds the server and its backup hardly exposed, and the kiosk little more."""
    file = ROOT / "deploy/systemd" / f"{unit}.service"
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    [level] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert float(level) <= most


def test_postgresql_knows_every_setting_that_we_tune():
    """A slip would keep the server from starting; and nothing in it makes a commit less durable."""
    server = max(Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=None)
    if server is None:
        pytest.skip("there is no PostgreSQL here")
    tuned = dict(
        re.findall(r"^(\w+) = (\S+)", (ROOT / "deploy/postgresql/egao.conf").read_text("utf-8"), re.MULTILINE)
    )
    described = subprocess.run([server, "--describe-config"], capture_output=True, text=True, check=True)
    assert tuned.keys() <= {line.split("\t")[0] for line in described.stdout.splitlines()}
    assert not tuned.keys() & {"fsync", "synchronous_commit", "full_page_writes", "zero_damaged_pages"}


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm", "launcher"])
def test_scripts_are_shell(script):
    """Debian's own shell reads every script of the packages."""
    subprocess.run(["sh", "-n", str(ROOT / "deploy/debian" / script)], check=True)


@pytest.mark.skipif(not os.environ.get("EGAO_TORTURE"), reason="takes minutes: make torture")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_two_builds_of_a_package_are_the_same_bytes(package, tmp_path):
    """Anybody can build what we ship and compare; inside is what the program reads."""
    hashes = set()
    for attempt in ("one", "two"):
        folder = tmp_path / attempt
        folder.mkdir()
        made = build(package, Target("bookworm", "amd64"), folder)
        hashes.add(hashlib.sha256(made.read_bytes()).hexdigest())
    assert len(hashes) == 1
    listed = subprocess.run(
        ["dpkg-deb", "--contents", str(made)], capture_output=True, text=True, check=True
    ).stdout
    inside = {"kiosk": "kiosk/kiosk.kv", "headoffice": "headoffice/web/templates/base.html"}[package.module]
    assert f"./usr/lib/{package.name}/{inside}" in listed
    assert "__pycache__" not in listed
