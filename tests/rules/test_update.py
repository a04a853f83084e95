"""The unattended update keeps what works, goes back from what does not, and loses no answer on either way."""

import json
import shutil
from dataclasses import dataclass

import pytest

from deploy.update import LEDGER, NotNow, Unit, Update, _copy


@dataclass(frozen=True)
class Release:
    """How a version behaves; `ledger` is the shape in which it leaves the answers."""

    starts: bool = True
    freezes: bool = False
    online: bool = True
    ledger: int = 1
    installs: bool = True


class FakeSystem:
    """A Debian machine with one kiosk: the data directory holds its ledger as JSON."""

    def __init__(self, data, releases):
        self.data, self.releases = data, releases
        self.version, self.running, self.clock_s, self.starts, self.sent = "1", False, 0.0, 0, set()
        self.ledger({"shape": 1, "answers": ["a"]})
        self.start()

    def ledger(self, told=None, data=None):
        file = (data or self.data) / LEDGER
        if told is not None:
            file.write_text(json.dumps(told))
        return json.loads(file.read_text()) if file.exists() else None

    def tap(self, answer):
        told = self.ledger()
        self.ledger({**told, "answers": [*told["answers"], answer]})

    def installed(self):
        return self.version

    def version_of(self, file):
        return file.read_text()

    def is_newer(self, one, other):
        return int(one) > int(other)

    def install(self, file):
        if self.releases[file.read_text()].installs:
            self.version = file.read_text()
        self.start()
        return True

    def stop(self):
        self.running = False

    def start(self):
        release = self.releases[self.version]
        self.starts += 1
        self.running = release.starts and not self.refuses(self.data)
        if self.running:
            self.ledger({**self.ledger(), "shape": release.ledger})
            self.tap(f"at {self.version}")

    def unit(self):
        release = self.releases[self.version]
        if release.freezes and self.clock_s % 60 > 55:  # ended by the watchdog, started again
            self.starts += 1
        status = ("online since 09:00" if release.online else "offline since 09:00") if self.running else ""
        return Unit(self.running, str(self.starts), status)

    def send(self, data):
        release, told = self.releases[self.version], self.ledger(data=data)
        if release.online and told["shape"] <= release.ledger:
            self.sent |= set(told["answers"])
            return True
        return False

    def refuses(self, data):
        told = self.ledger(data=data)
        return told is not None and told["shape"] > self.releases[self.version].ledger

    def fold(self, ledger):
        assert ledger.exists()

    def wait(self):
        self.clock_s += 2

    def now_s(self):
        return self.clock_s


class Field:
    """A kiosk with version 1 installed, and a folder that offers others."""

    def __init__(self, folder, releases):
        self.state, self.data, self.offered = (folder / name for name in ("state", "data", "offered"))
        self.data.mkdir()
        self.offered.mkdir()
        self.system = FakeSystem(self.data, {"1": Release(), **releases})
        for version in self.system.releases:
            self.offer(version)

    def offer(self, version):
        (self.offered / f"egao-kiosk_{version}_amd64.deb").write_text(version)

    def try_it(self):
        return Update(self.system, self.state, self.data, str(self.offered)).once()

    def answers(self):
        return self.system.ledger()["answers"]


@pytest.fixture
def field(tmp_path, monkeypatch):
    monkeypatch.setattr("deploy.update.os.sync", lambda: None)  # of the whole machine, whose tests go on
    return lambda **releases: Field(tmp_path, {name.strip("v"): each for name, each in releases.items()})


def test_a_version_that_works_stays_and_is_the_next_way_back(field):
    """The newest is taken and answers go on in it; nothing but its file is kept, for the way back."""
    kiosk = field(v2=Release(), v3=Release(ledger=2))
    assert kiosk.try_it() == "updated from 1 to 3"
    assert kiosk.answers() == ["a", "at 1", "at 3"]
    assert sorted(path.name for path in kiosk.state.iterdir()) == ["installed.deb"]
    assert kiosk.try_it() == "3 is the newest"
    shutil.rmtree(kiosk.offered)
    kiosk.offered.mkdir()
    kiosk.system.releases["4"] = Release(ledger=2)
    kiosk.offer("4")
    assert kiosk.try_it() == "updated from 3 to 4"


@pytest.mark.parametrize(
    "broken", [Release(starts=False), Release(freezes=True), Release(online=False), Release(installs=False)]
)
def test_a_version_that_does_not_work_is_taken_back_once(field, broken):
    """No picture, one that freezes, a deaf sync, files that do not install: the former one works again."""
    kiosk = field(v2=broken)
    told = kiosk.try_it()
    assert told == "2 did not work and is not tried again; back to 1: it works"
    assert (kiosk.system.version, kiosk.system.running) == ("1", True)
    assert kiosk.answers()[:2] == ["a", "at 1"]
    assert kiosk.try_it() == "1 is the newest"
    kiosk.system.releases["3"] = Release()
    kiosk.offer("3")
    assert kiosk.try_it() == "updated from 1 to 3"


@pytest.mark.parametrize("online", [True, False])
def test_a_ledger_that_was_carried_over_is_set_aside_and_its_answers_are_sent(field, online):
    """The former version refuses it and gets its copy; what came meanwhile is sent, by whoever reads it."""
    kiosk = field(v2=Release(freezes=True, online=online, ledger=2))
    kiosk.try_it()
    assert (kiosk.system.version, kiosk.system.running) == ("1", True)
    assert kiosk.answers() == ["a", "at 1", "at 1"]
    assert ("at 2" in kiosk.system.sent) is online
    kiosk.system.releases["3"] = Release(ledger=2)
    kiosk.offer("3")
    assert kiosk.try_it() == "updated from 1 to 3"
    assert "at 2" in kiosk.system.sent
    assert sorted(path.name for path in kiosk.state.iterdir()) == ["installed.deb", "refused"]


def test_a_power_cut_in_the_middle_is_gone_on_from(field, monkeypatch):
    """While the new one is watched, and while the data are put back: the next try ends what was begun."""
    kiosk = field(v2=Release(freezes=True, ledger=2))
    with pytest.MonkeyPatch.context() as cut:
        cut.setattr(Update, "_settle", lambda *_: "cut")
        assert kiosk.try_it() == "cut"
    whole = Update._put_back

    def half(update):
        kiosk.system.stop()
        with pytest.MonkeyPatch.context() as cut:
            cut.setattr("deploy.update._copy", copy_once())
            whole(update)

    monkeypatch.setattr(Update, "_put_back", half)
    with pytest.raises(OSError, match="cut"):
        kiosk.try_it()
    monkeypatch.undo()
    assert not kiosk.system.running  # the power is back: the former version refuses what is there
    kiosk.system.start()
    assert not kiosk.system.running
    assert kiosk.try_it().endswith("back to 1: it works")
    assert kiosk.answers() == ["a", "at 1", "at 1"]


def copy_once():
    copies = []

    def copy(source, target):
        copies.append(target)
        if len(copies) > 1:
            raise OSError("cut")
        _copy(source, target)

    return copy


def test_nothing_is_tried_without_a_way_back_or_from_what_others_may_write(field):
    """The kiosk is not even stopped."""
    kiosk = field(v2=Release())
    (kiosk.offered / "egao-kiosk_1_amd64.deb").unlink()
    with pytest.raises(NotNow, match="no way back"):
        kiosk.try_it()
    kiosk.offer("1")
    (kiosk.offered / "egao-kiosk_2_amd64.deb").chmod(0o666)
    with pytest.raises(NotNow, match="others than root"):
        kiosk.try_it()
    assert (kiosk.system.version, kiosk.system.starts) == ("1", 1)
    (kiosk.offered / "egao-kiosk_2_amd64.deb").chmod(0o600)
    assert kiosk.try_it() == "updated from 1 to 2"
