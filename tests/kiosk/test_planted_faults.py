"""A kiosk that lacks nothing gets no complaint; one fault planted in it is found, alone, with its mend."""

import json
import shutil
import socket
import ssl
import subprocess
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from deploy.screen import Screen
from kiosk import commands
from kiosk.bootstrap import shipped
from kiosk.doctor.visit import here
from kiosk.settings.lockout import Uptime
from kiosk.settings.pin import Pins
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.residence import Machine, arrive
from sync.finding import Finding
from tests.sync.faulty_server import FaultyServer, Response, served
from tests.sync.office import KEY, Office

ROOT = Path(__file__).parents[2]
FINGERS = """N: Name="WaveShare WS170120"
B: KEY=400 0 0 0 0 0
B: ABS=260800000000003
"""
KEYS = 'N: Name="A keyboard"\nB: EV=120013\n'
MOUNTS = "/dev/mmcblk0p3 / ext4 rw,noatime 0 0\n"
WELL_S, WORN_S = 0.002, 0.9
LOOKED_AT = (
    "program",
    "config",
    "screen",
    "touch",
    "fonts",
    "clock",
    "disk",
    "room",
    "writing",
    "ledger",
    "PINs",
)
pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no openssl to make a certificate with"
)


class Shop:
    """A kiosk in order, on a machine that is made up as far as its hardware goes, and its head office."""

    def __init__(self, till, patch, server, pins):
        self.patch, self.server, self.till = patch, server, till
        folder = till.folder.parent
        self.config, self.root = folder / "config.toml", folder / "root"
        shutil.copy(ROOT / "config.toml", self.config)
        for name, words in (("proc/bus/input/devices", FINGERS), ("proc/self/mounts", MOUNTS)):
            (self.root / name).parent.mkdir(parents=True)
            (self.root / name).write_text(words, "utf-8")
        store = till.open()
        till.tap(store, 3)
        self.store = store
        self.enrolled_at(f"https://localhost:{server.port}")
        shutil.copy(pins, till.folder)
        patch.setattr("kiosk.doctor.visit.Clocks.is_synced", lambda _: True)
        patch.setattr("kiosk.doctor.visit.free_bytes", lambda _: 8 << 30)
        self.writes_take(WELL_S)
        self.place = replace(here(self.config, till.folder), root=self.root)

    def enrolled_at(self, address, key=KEY):
        given = {"kiosk": "k", "site": "s", "touchpoint": "t", "timezone": "Asia/Tokyo"}
        with self.store.database.write() as writer:
            keep_enrolment(writer, Enrolment(server=address, key=key, **given))

    def writes_take(self, seconds):
        self.patch.setattr("sync.disk.times_to_write", lambda _: [seconds] * 25)

    def ask(self, capsys):
        """Ask the command; give what is not well, and the exit code."""
        self.store.close()
        self.patch.setattr(commands, "here", lambda *_: self.place)
        code = commands.doctor(Namespace(config=self.config, data=self.till.folder, json=True))
        told = [Finding(**each) for each in json.loads(capsys.readouterr().out)]
        assert len(told) >= len(LOOKED_AT)
        return [each for each in told if each.verdict != "ok"], code


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key, made = folder / "key.pem", folder / "certificate.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made]
    subprocess.run([*words.split(), *more], check=True, capture_output=True)
    return made, key


@pytest.fixture(scope="module")
def server(certificate):
    """A head office that knows the kiosk, behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with FaultyServer(served(Office()), partial(context.wrap_socket, server_side=True)) as server:
        yield server


@pytest.fixture(scope="module")
def around(certificate):
    """What the kiosk's environment says of a screen, and of whom to trust."""
    with Screen(1280, 800) as screen:
        yield {"DISPLAY": screen.name, "SSL_CERT_FILE": str(certificate[0])}


@pytest.fixture(scope="module")
def pins(tmp_path_factory):
    """The file of two PINs; each takes a while to make."""
    folder = tmp_path_factory.mktemp("pins")
    kept = Pins(folder, now=lambda: Uptime(boot="b", ms=0))
    for role, pin in (("staff", "402817"), ("technician", "918264")):
        kept.put(role, pin)
    return folder / "pins.json"


@pytest.fixture
def shop(till, monkeypatch, server, around, pins):
    """A kiosk that lacks nothing at all."""
    for name in ("SDL_VIDEODRIVER", "LD_PRELOAD"):
        monkeypatch.delenv(name, raising=False)
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    yield Shop(till, monkeypatch, server, pins)
    server.forget()


def no_screen(shop):
    environ = {name: value for name, value in shop.place.environ.items() if name != "DISPLAY"}
    shop.place = replace(shop.place, environ=environ)


def no_touch(shop):
    (shop.root / "proc/bus/input/devices").write_text(KEYS, "utf-8")


def a_torn_font(shop):
    assets = shop.root / "assets"
    shutil.copytree(
        shipped("assets") / "fonts", assets / "fonts", copy_function=lambda a, b: Path(b).symlink_to(a)
    )
    torn = assets / "fonts" / "NotoSansThai-Bold.ttf"
    torn.unlink()
    torn.write_bytes(b"torn")
    shop.place = replace(shop.place, assets=assets)


def a_clock_of_1970(shop):
    shop.place = replace(shop.place, now=lambda: datetime(1970, 1, 1, tzinfo=UTC))


def nobody_sets_the_clock(shop):
    shop.patch.setattr("kiosk.doctor.visit.Clocks.is_synced", lambda _: False)


def a_full_disk(shop):
    shop.patch.setattr("kiosk.doctor.visit.free_bytes", lambda _: 3 << 20)


def a_data_directory_in_memory(shop):
    (shop.root / "proc/self/mounts").write_text(MOUNTS + f"tmpfs {shop.till.folder} tmpfs rw 0 0\n", "utf-8")


def a_worn_out_card(shop):
    shop.writes_take(WORN_S)


def a_card_that_lies(shop):
    shop.place = replace(shop.place, environ={**shop.place.environ, "LD_PRELOAD": "/usr/lib/libeatmydata.so"})


def a_card_that_is_read_only(shop):
    def refused(_):
        raise OSError(30, "Read-only file system")

    shop.patch.setattr("sync.disk.times_to_write", refused)


def a_name_that_nobody_knows(shop):
    shop.enrolled_at("https://office.invalid")


def a_network_that_ends_here(shop):
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))  # does not listen, and is nobody else's port until the look is over
    shop.enrolled_at(f"https://localhost:{nobody.getsockname()[1]}")
    return nobody


def a_certificate_that_nobody_vouches_for(shop):
    shop.patch.delenv("SSL_CERT_FILE")


def a_server_that_is_down(shop):
    shop.server.plan(*[lambda _, wire: wire.send(Response(500, b"down").encode())])


def a_key_that_was_revoked(shop):
    shop.enrolled_at(f"https://localhost:{shop.server.port}", "another key")


def a_slip_in_the_config(shop):
    shop.config.write_text("[kiosk]\nlanguag = 1\n", "utf-8")


def a_ledger_that_is_damaged(shop):
    shop.store.close()
    (shop.till.folder / "ledger.sqlite3").write_bytes(b"\0" * 4096)


def no_pin(shop):
    (shop.till.folder / "pins.json").unlink()


def a_card_of_another_machine(shop):
    with shop.store.database.write() as writer:
        arrive(writer, Machine(board="theirs", system=""), ())
        shop.enrolled_at(f"https://localhost:{shop.server.port}")
    number = shop.root / "sys/firmware/devicetree/base/serial-number"
    number.parent.mkdir(parents=True)
    number.write_text("10000000deadbeef", "utf-8")


PLANTED = (
    (no_screen, "screen", "bad", "DISPLAY is not set", "in the session that the kiosk runs in"),
    (no_touch, "touch", "look", "no touch screen was found", "plug its USB cable in"),
    (a_torn_font, "fonts", "bad", "NotoSansThai-Bold.ttf", "install the kiosk again"),
    (a_clock_of_1970, "clock", "bad", "before this program was installed", "timedatectl set-ntp true"),
    (nobody_sets_the_clock, "clock", "look", "no time source confirms", "a clock module with a battery"),
    (a_full_disk, "room", "bad", "3 MiB free", "make room on this disk"),
    (a_data_directory_in_memory, "disk", "bad", "gone at the next start", "put it on a disk of its own"),
    (a_worn_out_card, "writing", "bad", "shoppers wait for it", "use another card"),
    (a_card_that_lies, "writing", "bad", "nothing waits for the disk", "use a disk whose flush is real"),
    (a_card_that_is_read_only, "writing", "bad", "Read-only file system", "mounted read-only"),
    (a_name_that_nobody_knows, "name", "bad", "office.invalid is not known", "is the network plugged in?"),
    (a_network_that_ends_here, "network", "bad", "does not answer at port", "about its firewall"),
    (a_certificate_that_nobody_vouches_for, "certificate", "bad", "not trusted", "the whole chain"),
    (a_server_that_is_down, "head office", "bad", "500", "whether its server is well"),
    (a_key_that_was_revoked, "head office", "bad", "key", "ask for a new code and enrol again"),
    (a_slip_in_the_config, "config", "bad", "kiosk.languag", "take an earlier version"),
    (a_ledger_that_is_damaged, "ledger", "bad", "damaged", "start the kiosk"),
    (no_pin, "PINs", "look", "not set: staff, technician", "set-pin --role staff"),
    (a_card_of_another_machine, "head office", "bad", "another machine", "enrol it here with a new code"),
)


def test_a_kiosk_that_lacks_nothing_gets_no_complaint(shop, capsys):
    """Screen, touch, fonts, clock, disk, network, certificate, server: all well, and exit 0."""
    assert shop.ask(capsys) == ([], 0)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda row: row[0].__name__)
def test_a_planted_fault_is_found_alone_and_with_its_mend(shop, capsys, planted):
    """The command names the one thing that is wrong, why, and what mends it; of nothing else it complains."""
    plant, matter, verdict, words, mend = planted
    with plant(shop) or nullcontext():
        found, code = shop.ask(capsys)
    assert [(each.matter, each.verdict) for each in found] == [(matter, verdict)], found
    assert words in found[0].words
    assert mend in found[0].mend
    assert code == (verdict == "bad")
