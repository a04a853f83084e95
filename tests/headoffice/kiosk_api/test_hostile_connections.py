"""Connections that want to use the server up: slow ones, idle ones, and heads without end."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from bench.processes import rss_mb
from headoffice.web.connections import MOST_HEAD_BYTES
from tests.headoffice.running import RunningOffice, wait_for

TORTURE = "EGAO_TORTURE" in os.environ
IDLE, WAITS_S = (10_000, "30") if TORTURE else (300, "3")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A head office that waits a second for a head."""
    office = RunningOffice(tmp_path_factory.mktemp("hostile"), body_timeout_s=1)
    yield office
    office.close()


def line_to(office):
    return closing(socket.create_connection(("127.0.0.1", office.port), timeout=10))


def said(line):
    """All that the server says until it closes."""
    words = b""
    while piece := line.recv(65536):
        words += piece
    return words


@pytest.mark.parametrize(
    ("begin", "drip", "answer"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-Drip: 1\r\n", b"HTTP/1.1 408"),
        (b"GE", b"", b"HTTP/1.1 408"),
        (b"", b"\r\n", b""),
        (b"", b"", b""),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n", b"HTTP/1.1 200"),
    ],
    ids=["headers", "half a word", "empty lines", "nothing", "after an answer"],
)
def test_a_head_that_drips_is_cut_off(office, begin, drip, answer):
    """Who sends a head too slowly, a line now and then or nothing at all, is cut off in time."""
    with line_to(office) as line:
        began = time.monotonic()
        line.sendall(begin)
        line.settimeout(0.1)
        words, open_ = b"", True
        while open_:
            try:
                piece = line.recv(65536)
                words, open_ = words + piece, bool(piece)
            except TimeoutError:
                line.sendall(drip)
            except ConnectionError:
                open_ = False
            assert time.monotonic() - began < 8, "it is still open"
    assert words.startswith(answer)
    assert words.count(b"HTTP/1.1") <= 1 + begin.endswith(b"\r\n\r\n")
    assert httpx.get(f"{office.url}/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize("kind", ["many headers", "one endless header", "an endless address", "trailers"])
def test_a_flood_of_headers_is_refused(office, kind):
    """Heads, and what may follow a body, are taken up to a bound and never kept without one."""
    begin, more = {
        "many headers": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-Flood: 1\r\n" * 1000),
        "one endless header": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Flood: ", b"1" * 12_000),
        "an endless address": (b"GET /", b"a" * 12_000),
        "trailers": (
            b"POST /kiosk/v1/enrol HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
            b"X-Flood: 1\r\n" * 1000,
        ),
    }[kind]
    with line_to(office) as line:
        line.sendall(begin)
        with pytest.raises(ConnectionError):
            line.sendall(more * 2000)
    assert httpx.get(f"{office.url}/healthz", trust_env=False).status_code == 200


def test_a_long_head_within_the_bound_is_read(office):
    """A usual head, however slowly its first answer came, and a large one are answered on one connection."""
    with line_to(office) as line:
        for _ in range(2):
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ")
            line.sendall(b"1" * (MOST_HEAD_BYTES // 2))
            line.sendall(b"\r\n\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 200")


def test_idle_connections_cost_little_and_are_let_go(tmp_path):
    """While very many connections say nothing others are answered at once; then those are closed."""
    data = ["--data", str(tmp_path / "data")]
    subprocess.run([sys.executable, "-m", "headoffice", "migrate", *data], check=True, cwd=ROOT)
    words = [sys.executable, "-m", "headoffice", "serve", "--port", "0", "--body-timeout-s", WAITS_S, *data]
    with ExitStack() as stack:
        server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        stack.enter_context(server.stdout)
        url = server.stdout.readline().split()[-1]
        port = int(url.rpartition(":")[2])
        before, files = rss_mb(server.pid), Path(f"/proc/{server.pid}/fd")
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(IDLE)]
        began = time.monotonic()
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        assert time.monotonic() - began < 5
        assert rss_mb(server.pid) - before < 30 + IDLE * 0.02
        wait_for(lambda: len(list(files.iterdir())) < 100, within_s=60)
        assert all(line.recv(1) == b"" for line in lines[:: max(1, IDLE // 100)])


def test_a_connection_is_let_go_once_it_has_been_idle_for_long(office, monkeypatch):
    """It stays open while it is asked again in time, however old, and is closed in time after the last."""
    monkeypatch.setattr(office._server.config, "timeout_keep_alive", 0.6)
    with line_to(office) as line:
        for _ in range(4):
            line.settimeout(10)
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 200")
            answered = time.monotonic()
            line.settimeout(0.3)
            with pytest.raises(TimeoutError):
                line.recv(1)
        line.settimeout(10)
        assert line.recv(1) == b""
        assert time.monotonic() - answered > 0.5


ROOT = Path(__file__).parents[3]
