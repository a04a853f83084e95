"""Encrypted exchanges: whom the client trusts, and that a handshake cannot hold it either."""

import shutil
import ssl
import subprocess
import threading
import time
from contextlib import closing
from functools import partial

import pytest
from requests.certs import where

from sync.client import Client, authorities
from sync.contract import Batch, encode_batch
from sync.errors import TooSlow, Unreachable
from tests.sync.faulty_server import FaultyServer, served
from tests.sync.memory import HEALTH, SENT
from tests.sync.office import KEY
from tests.sync.test_catalogue import TAPS, Kiosk
from tests.sync.waiting import until


def beat(client):
    """Send a heartbeat."""
    batch = Batch(ledger="ledger-1", first=1, sent=SENT, taps=(), health=HEALTH)
    return client.send(encode_batch(batch), ledger="ledger-1", first=1, last=0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for localhost, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    extension = ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *extension, *files], check=True, capture_output=True)
    return certificate, key


AUTHORITY = """
[ca]
default_ca = ours
[ours]
database = {folder}/database
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def dated(folder, certificate, *, first, last):
    """The same key and name in a certificate that is valid from a day to a day, as YYMMDD."""
    (folder / "database").touch()
    (folder / "serial").write_text("01")
    (folder / "ca.cnf").write_text(AUTHORITY.format(folder=folder))
    request, made = folder / "request.pem", folder / "dated.pem"
    alternative = ["-addext", "subjectAltName=DNS:localhost"]
    new = ["openssl", "req", "-new", "-key", str(certificate[1]), "-subj", "/CN=localhost", *alternative]
    sign = ["openssl", "ca", "-batch", "-selfsign", "-notext", "-config"]
    days = ["-startdate", f"{first}000000Z", "-enddate", f"{last}000000Z"]
    files = ["-in", str(request), "-out", str(made), "-keyfile", str(certificate[1])]
    subprocess.run([*new, "-out", str(request)], check=True, capture_output=True)
    subprocess.run([*sign, str(folder / "ca.cnf"), *days, *files], check=True, capture_output=True)
    return made, certificate[1]


@pytest.fixture
def encrypted(certificate, office):
    """A server that speaks TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with FaultyServer(served(office), lambda sock: context.wrap_socket(sock, server_side=True)) as server:
        yield server


def test_private_authority_can_be_trusted(encrypted, certificate):
    """A store that runs its own authority names its certificate, and is heard."""
    client = Client(f"https://localhost:{encrypted.port}", KEY, deadline_s=5, ca_file=str(certificate[0]))
    assert beat(client).through == 0
    client.close()


def test_unknown_authority_is_not_trusted(encrypted):
    """A certificate that nobody vouches for is not believed, and nothing is sent."""
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        beat(Client(f"https://localhost:{encrypted.port}", KEY, deadline_s=5))
    assert encrypted.requests == []


def test_certificate_of_another_host_is_not_trusted(encrypted, certificate):
    """A certificate for another name is not believed, and nothing is sent."""
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        beat(Client(f"https://127.0.0.1:{encrypted.port}", KEY, deadline_s=5, ca_file=str(certificate[0])))
    assert encrypted.requests == []


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param(("200101", "200201"), "has expired.*is this kiosk's clock right", id="expired"),
        pytest.param(("480101", "490101"), "not yet valid.*is this kiosk's clock right", id="clock before"),
    ],
)
def test_certificate_of_another_time_is_not_trusted(certificate, office, tmp_path, days, words):
    """Expired, or not yet valid since the kiosk's clock is behind: nothing is sent, the clock is named."""
    pair = dated(tmp_path, certificate, first=days[0], last=days[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    with FaultyServer(served(office), lambda sock: context.wrap_socket(sock, server_side=True)) as server:
        client = Client(f"https://localhost:{server.port}", KEY, deadline_s=5, ca_file=str(pair[0]))
        with pytest.raises(Unreachable, match=words):
            beat(client)
        assert server.requests == []


def test_missing_authority_file_is_an_error_like_any_other(encrypted, tmp_path):
    """A file of certificates that is not there makes the kiosk offline, and says which."""
    with pytest.raises(Unreachable, match=r"absent\.pem"):
        beat(Client(f"https://localhost:{encrypted.port}", KEY, ca_file=str(tmp_path / "absent.pem")))


def test_handshake_that_drips_ends_at_the_deadline(office):
    """A peer that says hello in TLS byte by byte holds nobody beyond the deadline."""

    def drip_hello(sock):
        for byte in b"\x16\x03\x03\x3f\xff" + b"\x02" * 16_383:
            sock.sendall(bytes([byte]))
            time.sleep(0.01)  # the drip itself, not a wait for something
        return sock

    with FaultyServer(served(office), drip_hello) as server:
        client = Client(f"https://127.0.0.1:{server.port}", KEY, deadline_s=0.4)
        started = time.monotonic()
        with pytest.raises(TooSlow):
            beat(client)
        assert time.monotonic() - started < 2.4
        until(lambda: not any(thread.name == "egao-exchange" for thread in threading.enumerate()))


def test_server_that_does_not_speak_tls_is_said_in_words(office):
    """Talking TLS to a plain server is an error in words."""

    def speak_plainly(sock):
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return sock

    with (
        FaultyServer(served(office), speak_plainly) as server,
        pytest.raises(Unreachable, match="no encrypted connection"),
    ):
        beat(Client(f"https://127.0.0.1:{server.port}", KEY, deadline_s=5))


@pytest.fixture(params=["unknown authority", "wrong host", "expired", "clock before", "no TLS at all"])
def untrusted(request, certificate, office, tmp_path):
    """A place that cannot be trusted: its server, its address, and the authority the kiosk goes by."""
    days = {"expired": ("200101", "200201"), "clock before": ("480101", "490101")}.get(request.param)
    pair = dated(tmp_path, certificate, first=days[0], last=days[1]) if days else certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    host = "127.0.0.1" if request.param == "wrong host" else "localhost"
    authority = None if request.param == "unknown authority" else str(pair[0])
    wrap = None if request.param == "no TLS at all" else partial(context.wrap_socket, server_side=True)
    with FaultyServer(served(office), wrap) as server:
        yield server, f"https://{host}:{server.port}", authority


def test_no_harm_behind_tls(untrusted, surveys):
    """The catalogue's promise: no tap is taken as sent, no exchange hangs, no memory is eaten."""
    server, address, authority = untrusted
    kiosk = Kiosk(address, surveys, ca_file=authority)
    with closing(kiosk.client):  # a connection that was made all the same would hold the server's end
        kiosk.exchange()
    kiosk.suffers_no_harm()
    assert isinstance(kiosk.error, Unreachable)
    assert kiosk.outbox.pending() == TAPS
    assert server.requests == []


def test_whom_the_device_trusts_is_trusted(encrypted, certificate, monkeypatch):
    """An authority that was installed on the machine is believed without a word to the kiosk."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    client = Client(f"https://localhost:{encrypted.port}", KEY, deadline_s=5)
    assert beat(client).through == 0
    client.close()


def test_a_system_without_authorities_is_helped_out(tmp_path, monkeypatch):
    """Its folder counts as soon as there is one in it; until then those that came with requests do."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert authorities() == where()
    (tmp_path / "5ed36f99.0").touch()
    assert authorities() == str(tmp_path)
