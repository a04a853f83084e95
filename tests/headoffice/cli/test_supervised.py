"""Head office under a supervisor such as systemd."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
NIGHTLY = ("egao-headoffice-backup", "egao-kiosk-update")
SUPERVISED = [unit for unit in UNITS if unit.stem not in NIGHTLY]


SEALED = 'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"'


@pytest.fixture
def listener(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(30)
        yield listener


@pytest.fixture
def server(listener, tmp_path):
    words = ["headoffice", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    extra = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        yield server
        server.kill()


def test_ready_when_requests_are_answered_alive_then_ending(listener, server):
    """READY=1 says that a request now is answered; WATCHDOG=1 comes on and on, STOPPING=1 before the end."""
    heard = [listener.recv(99).decode()]
    while heard[-1] != "READY=1":
        heard.append(listener.recv(99).decode())
    address = server.stdout.readline().split()[-1]
    with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:  # noqa: S310 - loopback
        assert answer.status == 200
    assert [listener.recv(99) for _ in range(4)] == [b"WATCHDOG=1"] * 4
    server.terminate()
    while (said := listener.recv(99)) == b"WATCHDOG=1":
        pass
    assert said == b"STOPPING=1"
    assert server.wait(20) == 0


def test_it_works_where_only_its_data_may_be_written(tmp_path):
    """Read-only root, code, home and working directory: the database is made, migrated and written."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("sealing the system takes unshare (util-linux), the right to mount, and no chroot")
    data = tmp_path / "data"
    data.mkdir()
    words = [sys.executable, "-m", "headoffice", "add-site", "Shibuya", "--timezone", "Asia/Tokyo"]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", SEALED, str(data), *words, "--data", str(data)],
        cwd=ROOT,
        env={**os.environ, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_sound(unit, tmp_path):
    """What systemd itself checks: every setting is known, and little is open to the process."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze to check with")
    for held in unit.parent.glob("*.socket"):  # what one of them asks for
        shutil.copy(held, tmp_path)
    here = tmp_path / unit.name
    here.write_text(
        re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", unit.read_text(), flags=re.MULTILINE)
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(here)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if unit.name in line]
    assert ours == []


@pytest.mark.parametrize("unit", SUPERVISED, ids=lambda unit: unit.stem)
def test_units_keep_what_the_program_is_built_on(unit):
    """Ready by word, fed or ended, always started again, and nothing to be written but the data directory."""
    settings = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), flags=re.MULTILINE))
    assert settings["Type"] == "notify"
    assert int(settings["WatchdogSec"]) > 0
    assert (settings["Restart"], settings["StartLimitIntervalSec"]) == ("always", "0")
    assert settings["ProtectSystem"] == "strict"
    assert settings["User"] in {"egao", settings["StateDirectory"]}  # nobody who may do anything else
    assert f"--data /var/lib/{settings['StateDirectory']}" in settings["ExecStart"]
    assert "ReadWritePaths" not in settings
