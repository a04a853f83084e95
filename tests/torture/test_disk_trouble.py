"""Disks that are full or read-only for a while: nothing acknowledged is lost, and words say why."""

import errno
import json
import shutil
import subprocess
import sys

import pytest

from tests.e2e.fleet import ROOT
from tests.torture.judge import faults
from tests.torture.proof import DATA
from tests.torture.recorder import Fault
from tests.torture.scale import TIMEOUT_S
from tests.torture.test_io_faults import REFUSED, in_words
from tests.torture.trace import lines_said

pytestmark = pytest.mark.timeout(TIMEOUT_S)

ON_A_DISK = 'mount -t tmpfs -o "$0" tmpfs "$1" && cd "$2" && shift 2 && '
EGAO = [sys.executable, "-m"]


@pytest.fixture
def small_disk(tmp_path):
    """Runs a shell script in a place where a disk of a given size is mounted, for the script alone to see."""
    namespace = next(filter(_may_mount, (["unshare", "-m"], ["unshare", "-rm"])), None)
    if namespace is None:
        pytest.skip("no disk can be mounted here: that takes unshare (util-linux) and the right to")
    disk = tmp_path / "disk"
    disk.mkdir()

    def run(script, *words, size):
        return subprocess.run(
            [*namespace, "sh", "-c", ON_A_DISK + script, f"size={size}", disk, ROOT, *words],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    run.disk = disk
    return run


def _may_mount(namespace):
    if shutil.which("unshare") is None:
        return False
    trying = [*namespace, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(trying, capture_output=True, check=False).returncode == 0


def heard(run, name):
    return [line[name] for line in map(json.loads, run.stdout.splitlines()) if name in line]


def test_a_disk_that_is_full_for_a_while(small_disk):
    """P1, P4: the reserve carries on, then taps are refused in words, then all is as before; none is lost."""
    run = small_disk('exec "$@"', *EGAO, "tests.torture.drivers.full_disk", small_disk.disk, size="40m")
    assert run.returncode == 0, run.stderr[-2000:]
    assert "Traceback" not in run.stderr
    assert heard(run, "ballast") == [True, False, True]
    assert heard(run, "stored_on_a_full_disk") == [50]
    assert heard(run, "stored_after") == [5]
    assert REFUSED in run.stderr
    assert "disk" in run.stderr
    assert any("the disk is almost full" in problem for problem in heard(run, "problems")[0])
    assert heard(run, "complaints") == [[]]
    assert heard(run, "held") == heard(run, "kept")


def test_a_data_directory_that_is_read_only(small_disk):
    """A start says in words that nothing can be stored; looking and rescue go on working."""
    kiosk = f"{sys.executable} -m kiosk"
    script = f"""
        {kiosk} simulate --visits 5 --seed 1 --data "$0"/data | wc -l
        mount -o remount,ro "$0"
        {kiosk} simulate --visits 5 --seed 1 --data "$0"/data; echo "exit $?"
        {kiosk} status --data "$0"/data > /dev/null; echo "exit $?"
        {kiosk} export --data "$0"/data | wc -l
    """
    run = small_disk('exec sh -c "$@"', script, small_disk.disk, size="40m")
    stored, refused, looked, rescued = run.stdout.split("\n")[:4]
    assert (refused, looked) == ("exit 1", "exit 0")
    assert int(stored) == int(rescued) > 0
    assert "cannot be the data directory" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EDQUOT], ids=errno.errorcode.get)
def test_writes_that_fail_for_a_while_during_tapping(recorder, root, tmp_path, error):
    """A full disk, one that turns read-only, a quota: it passes, and every acknowledged tap is there."""
    words = ("-m", "kiosk", "simulate", "--visits", 25, "--data", root / DATA)
    fault = Fault("write", 40, 70, error)
    failing = recorder.run(*words, root=root, trace=tmp_path / "trace", fault=fault)
    assert in_words(failing, 1) == []
    after = recorder.run(*words, "--seed", 2, root=root, trace=tmp_path / "trace")
    assert after.exit_code == 0, after.stderr
    said = [line for _, line in lines_said(after.events)]
    refused = failing.stderr.count(REFUSED) + after.stderr.count(REFUSED) + 1
    assert faults(root / DATA, said, in_flight=refused, damaged=False) == []
