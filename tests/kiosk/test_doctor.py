"""The doctor finds what was planted, names it, and says how to mend it."""

import json
import os
import shutil
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from deploy.screen import Screen
from kiosk.bootstrap import shipped
from kiosk.doctor import machine, office
from kiosk.doctor.visit import Place, examine
from kiosk.settings.lockout import Uptime
from kiosk.settings.model import ScreenSettings
from kiosk.settings.pin import Pins
from kiosk.store.enrolment import Enrolment, keep_enrolment
from sync import disk
from sync.disk import Mount
from sync.finding import Verdict, lines
from tests.sync.faulty_server import FaultyServer, served
from tests.sync.office import KEY, Office
from tests.sync.test_tls import dated

ROOT = Path(__file__).parents[2]
SCREENS = ("DISPLAY", "SDL_VIDEODRIVER")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FINGERS = """I: Bus=0003 Vendor=0eef Product=0005 Version=0110
N: Name="WaveShare WS170120"
B: EV=1b
B: KEY=400 0 0 0 0 0
B: ABS=260800000000003

I: Bus=0003 Vendor=1 Product=1 Version=1
N: Name="A keyboard"
B: EV=120013
B: KEY=10000 7 ff9f207ac14057ff
"""


def enrolled_at(address, key=KEY):
    given = {"kiosk": "k", "site": "s", "touchpoint": "t", "timezone": "Asia/Tokyo"}
    return Enrolment(server=address, key=key, **given)


@pytest.fixture
def place(till, tmp_path):
    """A kiosk that lacks nothing but a screen: config, ledger, PINs."""
    store = till.open()
    till.tap(store, 3)
    store.close()
    pins = Pins(till.folder, now=lambda: Uptime(boot="b", ms=0))
    for role, pin in (("staff", "402817"), ("technician", "918264")):
        pins.put(role, pin)
    config = tmp_path / "config.toml"
    shutil.copy(ROOT / "config.toml", config)
    return Place(config=config, data=till.folder, assets=shipped("assets"), environ={})


def found(place, matter):
    """What the doctor says of one matter."""
    (finding,) = [each for each in examine(place) if each.matter == matter]
    return finding


def test_what_is_well_is_said_to_be_well(place):
    """A kiosk in order gets no complaint about config, fonts, disk, writing, ledger and PINs."""
    told = {each.matter: each for each in examine(place)}
    for matter in ("program", "config", "fonts", "ledger", "PINs", "head office"):
        assert told[matter].verdict is Verdict.FINE, told[matter]
    assert told["ledger"].words == "3 answers kept, 3 not yet at head office"
    assert told["writing"].words.startswith("a page is on the disk in")
    assert not (place.data / disk.PROBE).exists()


def test_planted_faults_in_config_fonts_ledger_and_pins_are_found(place, tmp_path):
    """A slip in config.toml, a torn font, a damaged ledger, no PINs: each is named beside the others."""
    place.config.write_text("[kiosk]\nlanguag = 1\n", "utf-8")
    assets = tmp_path / "assets"
    shutil.copytree(place.assets / "fonts", assets / "fonts")
    (assets / "fonts" / "NotoSansThai-Bold.ttf").write_bytes(b"torn")
    ledger = place.data / "ledger.sqlite3"
    ledger.write_bytes(b"\0" * 4096)
    (place.data / "pins.json").unlink()
    told = {
        each.matter: each
        for each in examine(Place(config=place.config, data=place.data, assets=assets, environ={}))
    }
    assert "kiosk.languag" in told["config"].words
    assert told["fonts"].words == "damaged or missing: NotoSansThai-Bold.ttf"
    assert "damaged" in told["ledger"].words
    assert told["PINs"].words == "not set: staff, technician"
    assert [told[each].verdict for each in ("config", "fonts", "ledger", "PINs")] == ["bad"] * 3 + ["look"]
    assert all(told[each].mend for each in ("config", "fonts", "ledger", "PINs"))


@pytest.mark.parametrize(
    ("finding", "verdict", "words"),
    [
        (disk.room(3 << 20), "bad", "3 MiB free"),
        (disk.room(100 << 20), "look", "100 MiB free"),
        (disk.kind(Mount("tmpfs", frozenset({"rw"}))), "bad", "gone at the next start"),
        (disk.kind(Mount("cifs", frozenset({"rw"}))), "bad", "another machine's disk"),
        (disk.kind(Mount("ext4", frozenset({"rw", "nobarrier"}))), "bad", "power cut may take answers"),
        (disk.speed([0.0002] * 5, ""), "ok", "0.20 ms"),
        (disk.speed([0.2] * 5, ""), "look", "slow"),
        (disk.speed([0.9] * 5, ""), "bad", "shoppers wait"),
        (disk.speed([0.000_002] * 5, ""), "bad", "nothing waits for the disk"),
        (disk.speed([0.002] * 5, "/usr/lib/libeatmydata.so"), "bad", "nothing waits for the disk"),
        (machine.clock(NOW, synced=False, installed=NOW), "look", "no time source confirms"),
        (machine.clock(NOW, synced=True, installed=NOW + timedelta(days=1)), "bad", "before this program"),
        (machine.clock(NOW, synced=True, installed=NOW), "ok", "confirmed"),
        (machine.screen(ScreenSettings(), {}), "bad", "DISPLAY is not set"),
        (machine.screen(ScreenSettings(), {"SDL_VIDEODRIVER": "dummy"}), "look", "SDL_VIDEODRIVER"),
    ],
)
def test_a_planted_fault_is_found(finding, verdict, words):
    """Room, kind and honesty of the disk, the clock, the screen: the verdict is right, the words say why."""
    assert (finding.verdict, words in finding.words) == (verdict, True), finding
    assert bool(finding.mend) == (verdict != "ok")


def test_the_disk_under_a_folder_is_the_innermost_one():
    """Of nested mounts the longest place counts, also one with a space in its name."""
    mounts = "a / overlay rw 0 0\nb /data ext4 rw,noatime 0 0\nc /data/my\\040shop tmpfs rw 0 0\n"
    assert disk.mount_of(Path("/data/egao"), mounts) == Mount("ext4", frozenset({"rw", "noatime"}))
    assert disk.mount_of(Path("/data/my shop/x"), mounts).kind == "tmpfs"
    assert disk.mount_of(Path("/database"), mounts).kind == "overlay"


def test_touch_screens_are_told_from_keyboards(tmp_path):
    """A device that reports several fingers is named; a keyboard alone is no touch screen."""
    listing = tmp_path / "devices"
    listing.write_text(FINGERS, "utf-8")
    assert machine.touch(listing).words == "WaveShare WS170120"
    listing.write_text(FINGERS.partition("\n\n")[2], "utf-8")
    assert machine.touch(listing).verdict == "look"
    assert machine.touch(tmp_path / "absent").verdict == "look"


def test_a_data_directory_that_cannot_be_written_is_named(place, monkeypatch):
    """A card that has turned read-only is found before a shopper finds it."""

    def read_only(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("sync.disk.os.open", read_only)
    finding = found(place, "writing")
    assert (finding.verdict, "Read-only" in finding.words) == ("bad", True)


def test_head_office_is_reached_step_by_step():
    """A key that is known: name, network, head office. One that was revoked: enrol again, in words."""
    with FaultyServer(served(Office())) as server:
        address = f"http://127.0.0.1:{server.port}"
        well = office.look(enrolled_at(address))
        assert [(each.matter, each.verdict) for each in well] == [
            ("name", "ok"),
            ("network", "ok"),
            ("head office", "ok"),
        ]
        assert [request.method for request in server.requests] == ["GET"]
        last = office.look(enrolled_at(address, "another key"))[-1]
        assert (last.verdict, last.mend) == ("bad", "ask for a new code and enrol again; no answer is lost")
    closed = office.look(enrolled_at(address))
    assert [(each.matter, each.verdict) for each in closed] == [("name", "ok"), ("network", "bad")]
    nowhere = office.look(enrolled_at("https://office.invalid"))
    assert [(each.matter, each.verdict) for each in nowhere] == [("name", "bad")]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")
def test_a_certificate_that_nobody_vouches_for_is_found(tmp_path):
    """The doctor stops at the certificate and gives the key to nobody."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    made = [*words.split(), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with FaultyServer(served(Office()), lambda sock: context.wrap_socket(sock, server_side=True)) as server:
        told = office.look(enrolled_at(f"https://localhost:{server.port}"))
        assert server.requests == []
    assert [each.matter for each in told] == ["name", "network", "certificate"]
    assert (told[-1].verdict, "not trusted" in told[-1].words) == ("bad", True)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")
def test_each_fault_of_a_certificate_has_its_own_mend(tmp_path, monkeypatch):
    """Expired, of the future, of another name, about to expire: each is named, and who mends it how."""
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    soon = datetime.now(UTC) + timedelta(days=3)
    for first, last, host, verdict, words, mend in (
        ("200101", "200201", "localhost", "bad", "expired", "head office has to renew it"),
        ("400101", "400201", "localhost", "bad", "not yet valid", "this device's clock is behind"),
        ("200101", "400101", "127.0.0.1", "bad", "mismatch", "have head office get one for 127.0.0.1"),
        (
            "200101",
            f"{soon:%y%m%d}",
            "localhost",
            "look",
            "more days",
            "ask head office to renew it",
        ),
    ):
        folder = tmp_path / f"{host}-{first}-{last}"
        folder.mkdir()
        certificate, _ = dated(folder, (None, key), first=first, last=last)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with FaultyServer(served(Office()), partial(context.wrap_socket, server_side=True)) as server:
            told = office.look(enrolled_at(f"https://{host}:{server.port}"))
        (finding,) = [each for each in told if each.matter == "certificate"]
        assert (finding.verdict, words in finding.words) == (verdict, True), finding
        assert mend in finding.mend


def test_the_enrolment_in_the_ledger_is_the_one_that_is_asked(place, till):
    """The command looks where this kiosk is enrolled."""
    store = till.open()
    with FaultyServer(served(Office())) as server:
        with store.database.write() as writer:
            keep_enrolment(writer, enrolled_at(f"http://127.0.0.1:{server.port}"))
        store.close()
        assert found(place, "head office").words.startswith("knows this kiosk")


def test_the_command_says_it_all_and_fails_where_something_is_to_be_mended(place):
    """Words on stdout, a mend below what is bad, exit 1; on a screen, exit 0; JSON for programs."""

    def ask(*more, **environ):
        mine = {name: value for name, value in os.environ.items() if name not in SCREENS}
        words = ["doctor", "--config", place.config, "--data", place.data, *more]
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", *words],
            cwd=ROOT,
            env={**mine, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr == ""
        return done

    blind = ask()
    assert blind.returncode == 1
    assert "bad   screen" in blind.stdout
    assert "→ run the doctor in the session that the kiosk runs in" in blind.stdout
    with Screen(800, 480) as screen:
        seeing = ask("--json", DISPLAY=screen.name)
    told = {each["matter"]: each for each in json.loads(seeing.stdout)}
    assert told["screen"]["words"].startswith("800 × 480 pixels")
    bad = [each for each in told.values() if each["verdict"] == "bad" and each["matter"] != "disk"]
    assert bad == []  # a test may well run on a tmpfs


def test_lines_end_with_how_much_there_is_to_do():
    """The last line counts what is to be mended and what to be looked at."""
    told = lines([disk.room(1), disk.room(100 << 20), disk.room(1 << 40)])
    assert told.splitlines()[-1] == "1 to mend, 1 to look at"
    assert lines([disk.room(1 << 40)]).splitlines()[-1] == "all 1 matters are well"
