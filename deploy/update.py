"""Installs a newer egao-kiosk unattended, looks whether it works, and goes back to the former one if not.

Run by egao-kiosk-update.service as root, by the system's own Python; it uses nothing that it replaces.
I touch the package, its unit, below /var/lib/egao-kiosk-update what I keep, and the data when going back.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

PACKAGE, UNIT = "egao-kiosk", "egao-kiosk.service"
STATE, DATA = Path("/var/lib/egao-kiosk-update"), Path("/var/lib/egao-kiosk")
KIOSK = ("runuser", "-u", PACKAGE, "--", PACKAGE)
TOO_NEW = "this program knows versions up to"  # kiosk.store.problems.LedgerTooNew
LEDGER = "ledger.sqlite3"
APT = "apt"  # in place of a folder: the sources of apt
START_S = 240  # TimeoutStartSec of the unit, and some
STEADY_S = 150  # WatchdogSec twice, and some: a frozen picture is ended within it
ONLINE_S = 600  # head office is asked with growing pauses
LOOK_S = 2
ONLINE = "online"
OTHERS_WRITE = 0o022


class NotNow(Exception):  # noqa: N818 # said in the journal
    """Nothing was changed, and why."""


@dataclass(frozen=True)
class Unit:
    """How systemd sees the kiosk: active once the first question was drawn and answers can be stored."""

    active: bool
    invocation: str  # another one with each start
    status: str  # what the kiosk says of its sync, "" where it is not enrolled


class System:
    """What is asked of dpkg, apt and systemd."""

    def installed(self) -> str:
        """The version that is installed."""
        return self._ask("dpkg-query", "--show", "--showformat=${Version}", PACKAGE)

    def version_of(self, file: Path) -> str:
        """The version of a package's file."""
        return self._ask("dpkg-deb", "--field", str(file), "Version")

    def is_newer(self, one: str, other: str) -> bool:
        """Whether one version comes after the other."""
        return self._run("dpkg", "--compare-versions", one, "gt", other) == 0

    def offered(self) -> str:
        """The version that apt would install."""
        self._run("apt-get", "--quiet=2", "update")
        lines = self._ask("apt-cache", "policy", PACKAGE).splitlines()
        return next((line.split()[-1] for line in lines if "Candidate:" in line), "(none)")

    def fetch(self, version: str, folder: Path) -> Path | None:
        """Fetch a version from apt's sources, whose signature apt checks; None where they have it no more."""
        folder.mkdir(parents=True, exist_ok=True)
        words = ["apt-get", "--quiet=2", "download", f"{PACKAGE}={version}"]
        if subprocess.run(words, cwd=folder, check=False).returncode:
            return None
        return max(folder.glob(f"{PACKAGE}_*.deb"), key=lambda file: file.stat().st_ctime, default=None)

    def install(self, file: Path) -> bool:
        """Install a file, older or newer; the package starts its unit."""
        self._run("dpkg", "--configure", "-a")  # where the power went in the middle of one
        words = ("--quiet=2", "--yes", "--allow-downgrades", "--no-install-recommends", "install", str(file))
        waiting = ("-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold")
        return self._run("apt-get", *waiting, *words) == 0

    def stop(self) -> None:
        """End the kiosk in good order."""
        self._run("systemctl", "stop", UNIT)

    def start(self) -> None:
        """Start it, without waiting."""
        self._run("systemctl", "reset-failed", UNIT)
        self._run("systemctl", "start", "--no-block", UNIT)

    def unit(self) -> Unit:
        """How the unit stands."""
        shown = self._ask("systemctl", "show", UNIT, "--property=ActiveState,InvocationID,StatusText")
        found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        active = found.get("ActiveState") == "active"
        return Unit(active, found.get("InvocationID", ""), found.get("StatusText", ""))

    def send(self, data: Path) -> bool:
        """Whether the installed version sent all that waits in a data directory, as its own user."""
        return self._run(*KIOSK, "--data", str(data), "sync", "--once") == 0

    def fold(self, ledger: Path) -> None:
        """Write a ledger's log back into it: one file is put in place at once, two are not."""
        with closing(sqlite3.connect(ledger)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def refuses(self, data: Path) -> bool:
        """Whether the installed version says that a newer one wrote the ledger."""
        words = [*KIOSK, "--data", str(data), "status"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.returncode != 0 and TOO_NEW in done.stderr

    def wait(self) -> None:
        """Let some time go by."""
        time.sleep(LOOK_S)

    def now_s(self) -> float:
        """Seconds on a clock that only goes forward."""
        return time.monotonic()

    def _ask(self, *words: str) -> str:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def _run(self, *words: str) -> int:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(
            words, check=False, stdin=subprocess.DEVNULL, env=environ, timeout=1800
        ).returncode


class Update:
    """One try. What it keeps in `state` outlives a power cut, after which the next try goes on."""

    def __init__(self, system: System, state: Path, data: Path, source: str) -> None:
        self._system, self._data, self._source = system, data, source
        self._installed = state / "installed.deb"  # the way back
        self._new = state / "new.deb"
        self._before = state / "data.before"
        self._trying = state / "trying.json"
        self._refused = state / "refused"
        self._state = state

    def once(self) -> str:
        """Go on with what a power cut ended, or look for a newer version and try it; says how it went."""
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._trying.exists():
            return self._settle(json.loads(self._trying.read_text("utf-8")))
        installed = self._system.installed()
        found = self._newest(installed)
        if found is None:
            return f"{installed} is the newest"
        self._keep_a_way_back(installed)
        version = self._system.version_of(found)
        shutil.copyfile(found, self._new)
        was = self._system.unit()
        self._system.stop()
        try:
            self._copy_data()
        except (OSError, sqlite3.Error) as error:
            self._system.start()
            raise NotNow(f"the data cannot be copied first: {error}") from error
        plan = {"from": installed, "to": version, "online": was.status.startswith(ONLINE)}
        _write(self._trying, json.dumps(plan))
        self._system.install(self._new)
        return self._settle(plan)

    def _newest(self, installed: str) -> Path | None:
        refused = self._refused.read_text("utf-8").split() if self._refused.exists() else []
        if self._source == APT:
            offered = self._system.offered()
            if offered in refused or offered == "(none)" or not self._system.is_newer(offered, installed):
                return None
            return self._system.fetch(offered, self._state / "fetched")
        best, version = None, installed
        for file in sorted(Path(self._source).glob(f"{PACKAGE}_*.deb")):
            told = self._system.version_of(file)
            if told not in refused and self._system.is_newer(told, version):
                best, version = file, told
        if best is not None:
            _must_be_roots(best)
        return best

    def _keep_a_way_back(self, installed: str) -> None:
        """Have the file of the installed version. Raises NotNow: without it nothing is tried."""
        if self._installed.exists() and self._system.version_of(self._installed) == installed:
            return
        if self._source == APT:
            found = self._system.fetch(installed, self._state / "fetched")
        else:
            files = Path(self._source).glob(f"{PACKAGE}_*.deb")
            found = next((file for file in files if self._system.version_of(file) == installed), None)
        if found is None:
            raise NotNow(f"there is no way back: put the file of {installed}, which is installed, there too")
        shutil.copyfile(found, self._installed)

    def _copy_data(self) -> None:
        """A copy of the data as the former version left it: an older version refuses a newer ledger."""
        shutil.rmtree(self._before, ignore_errors=True)
        wanted = sum(file.stat().st_size for file in self._data.rglob("*") if file.is_file())
        if shutil.disk_usage(self._state).free < 2 * wanted:
            raise OSError(28, "not enough room")
        _copy(self._data, self._before)
        if (ledger := self._before / LEDGER).exists():
            self._system.fold(ledger)

    def _settle(self, plan: dict[str, object]) -> str:
        """Keep what works, or go back."""
        version = str(plan["to"])
        if self._system.installed() == version and self._is_well(must_be_online=bool(plan["online"])):
            if self._new.exists():  # else the power went just after
                self._new.replace(self._installed)
            self._forget()
            self._send_what_was_left()
            return f"updated from {plan['from']} to {version}"
        with self._refused.open("a", encoding="utf-8") as refused:
            refused.write(f"{version}\n")
        self._go_back()
        self._forget()
        well = "it works" if self._is_well(must_be_online=False) else "it does not work either: look at it"
        return f"{version} did not work and is not tried again; back to {plan['from']}: {well}"

    def _is_well(self, *, must_be_online: bool) -> bool:
        """Whether it gets ready, draws on without a new start, and hears head office if it did before."""
        system, began = self._system, self._system.now_s()
        while not system.unit().active:
            if system.now_s() - began > START_S:
                return False
            system.wait()
        first, since = system.unit().invocation, system.now_s()
        while True:
            unit, steady_s = system.unit(), system.now_s() - since
            if not unit.active or unit.invocation != first:
                return False
            if steady_s > STEADY_S and (not must_be_online or unit.status.startswith(ONLINE)):
                return True
            if steady_s > ONLINE_S:
                return False
            system.wait()

    def _go_back(self) -> None:
        """Put the former version in, on the data as they are; on the copy only where it refuses those."""
        self._system.stop()
        self._system.send(self._data)  # by the newer version, if it can
        self._system.install(self._installed)
        if self._before.exists() and self._system.refuses(self._data):
            self._system.stop()
            self._put_back()
        self._system.start()

    def _put_back(self) -> None:
        """Set aside the data that the newer version carried over, and put the copy in their place.

        The ledger comes last and at once: as long as it is the newer one, the former version refuses it, so
        that nobody answers into data that are half put back, even where the power goes.
        """
        self._system.fold(self._data / LEDGER)
        _copy(self._data, self._state / f"data.newer-{time.time_ns()}")
        part = self._data / "restoring"
        shutil.rmtree(part, ignore_errors=True)
        _copy(self._before, part)
        for old in self._data.iterdir():
            if old.name not in (LEDGER, part.name):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        for new in part.iterdir():
            if new.name != LEDGER:
                new.rename(self._data / new.name)
        os.sync()
        (part / LEDGER).replace(self._data / LEDGER)
        part.rmdir()
        os.sync()

    def _send_what_was_left(self) -> None:
        """Send answers that a version wrote which was taken back, once there is one that reads them.

        What head office holds already it ignores; where numbers were given twice, they are told apart.
        """
        for left in sorted(self._state.glob("data.newer-*")):
            here = self._data / left.name  # where the kiosk's user may work on it
            _copy(left, here)
            if self._system.send(here):
                shutil.rmtree(left)
            shutil.rmtree(here)

    def _forget(self) -> None:
        self._trying.unlink(missing_ok=True)
        self._new.unlink(missing_ok=True)
        shutil.rmtree(self._before, ignore_errors=True)
        shutil.rmtree(self._state / "fetched", ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with owners and modes, and bring it to the disk."""
    target.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", f"{source}/.", str(target)], check=True)
    os.sync()


def _must_be_roots(file: Path) -> None:
    for place in (file, file.parent):
        found = place.stat()
        if found.st_uid != os.geteuid() or found.st_mode & OTHERS_WRITE:
            raise NotNow(f"{place} can be written by others than root: nothing from there is installed")


def _write(file: Path, words: str) -> None:
    part = file.with_suffix(".part")
    part.write_text(words, "utf-8")
    part.replace(file)
    os.sync()


def main() -> int:
    """Try once; 0 also where there was nothing to do."""
    source = os.environ.get("EGAO_UPDATE_FROM", str(STATE / "offered"))
    try:
        print(Update(System(), STATE, DATA, source).once(), flush=True)
    except NotNow as problem:
        print(f"nothing was changed. {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
