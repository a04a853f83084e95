import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading

import httpx
import pytest

from tests.headoffice.kiosk_side import SURVEY, Sender, refused, tap


@pytest.fixture
def survey(tmp_path):
    """A file with the survey that the taps name."""
    path = tmp_path / "survey.json"
    path.write_text(json.dumps({"survey": [SURVEY]}))
    return path


def enrolled(machine, url):
    """A kiosk enrolled at the running server through the command line and the wire."""
    machine.run("add-site", "Shibuya", "--timezone", "Asia/Tokyo")
    code = machine.told("enrol-code", "Shibuya", "--touchpoint", "checkout")
    answer = httpx.post(f"{url}/kiosk/v1/enrol", json={"code": code, "name": "k"}, trust_env=False)
    return Sender(url, answer.json()["key"])


def exported(machine):
    return [json.loads(line) for line in machine.told("export").splitlines()]


def test_the_commands_work_while_the_server_runs(machine, survey, tmp_path):
    """Site, code, programme, export, rebuild and backup all work beside a server that takes taps."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    etag = machine.told("publish", survey)
    assert kiosk.client.get("/kiosk/v1/programme").json()["etag"] == etag
    stop = threading.Event()
    sent = 0

    def send():
        nonlocal sent
        while not stop.is_set():
            kiosk.acked([tap(sent + 1), tap(sent + 2)])
            sent += 2

    sending = threading.Thread(target=send)
    sending.start()
    assert machine.run("rebuild", "--check").returncode == 0
    machine.told("backup", tmp_path / "backup.sqlite3")
    machine.told("add-site", "Umeda", "--timezone", "Asia/Tokyo")
    assert machine.run("rebuild").returncode == 0
    stop.set()
    sending.join()
    assert [row["seq"] for row in exported(machine)] == list(range(1, sent + 1))
    assert machine.run("rebuild", "--check").returncode == 0
    kiosk.close()
    assert machine.stop(server) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(machine, number):
    """SIGTERM and Ctrl-C end the server with exit 0, one line on stdout and no complaint on stderr."""
    server, url = machine.serve()
    assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    assert machine.stop(server, number) == 0
    log = (machine.data.parent / "server-0.log").read_text()
    assert [line for line in log.splitlines() if not line.startswith("migrating")] == []


def test_a_request_under_way_is_finished_before_the_end(machine, survey, until):
    """A batch whose body is still arriving when SIGTERM comes is taken and acked; then the server ends."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    machine.told("publish", survey)
    body = json.dumps(
        {
            "ledger": kiosk.ledger,
            "first": 1,
            "sent": {"at": 1, "uptime": 10**9, "boot": "b"},
            "taps": [tap(1)],
        }
    ).encode()
    port = int(url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        request = f"POST /kiosk/v1/taps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kiosk.key}\r\n"
        line.sendall(request.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:50])
        until(lambda: httpx.get(f"{url}/healthz", trust_env=False).status_code == 200)
        server.send_signal(signal.SIGTERM)

        def refuses():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except ConnectionRefusedError:
                return True
            return False

        until(refuses)
        line.sendall(body[50:])
        said = b""
        while piece := line.recv(4096):
            said += piece
    assert said.startswith(b"HTTP/1.1 200")
    assert server.wait(20) == 0
    kiosk.close()
    assert [row["seq"] for row in exported(machine)] == [1]


def test_while_a_newer_server_takes_over_nobody_is_refused(machine, survey):
    """The port outlives the process: between two versions callers wait, and each tap is there once."""
    machine.told("publish", survey)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as held:
        server = handed(machine, held)
        kiosk = enrolled(machine, f"http://127.0.0.1:{held.getsockname()[1]}")
        taps, stop, answered = [], threading.Event(), threading.Event()

        def send():
            while not stop.is_set():
                taps.append(tap(len(taps) + 1))
                while True:
                    try:
                        through = kiosk.acked(taps[-1:])["through"]
                    except (httpx.ReadError, httpx.RemoteProtocolError):
                        continue  # a kept connection ended under it: a kiosk asks again, too
                    break
                assert through == len(taps)
                answered.set()

        sending = threading.Thread(target=send)
        sending.start()
        try:
            assert answered.wait(20)
            assert machine.stop(server) == 0
            answered.clear()
            server = handed(machine, held)
            assert answered.wait(20)
        finally:
            stop.set()
            sending.join(20)
        assert not sending.is_alive()
        assert machine.stop(server) == 0
    kiosk.close()
    assert [row["visit"] for row in exported(machine)] == [tap["visit"] for tap in taps]


HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "headoffice", "serve", "--data", sys.argv[2]])
"""


def handed(machine, held):
    """A server that systemd would have started with the socket it holds."""
    given = held.fileno()
    server = subprocess.Popen(
        [sys.executable, "-c", HAND_OVER, str(given), str(machine.data)],
        env=machine.environment,
        pass_fds=(given,),
        stdout=subprocess.PIPE,
        text=True,
    )
    machine.servers.append(server)
    assert server.stdout.readline().strip().endswith(f":{held.getsockname()[1]}")
    return server


def test_killed_at_any_moment_nothing_acked_is_lost(machine, survey, until):
    """Kill -9 in the middle of traffic, again and again: what was acked is there, and everything once."""
    server, url = machine.serve()
    port = int(url.rsplit(":", 1)[1])
    kiosk = enrolled(machine, url)
    machine.told("publish", survey)
    taps, acked = [], 0
    for _ in range(4):
        killing = threading.Thread(target=server.kill)
        for round_ in range(10_000):
            if round_ == 15:
                killing.start()
            if acked == len(taps):
                taps += [tap(len(taps) + 1), tap(len(taps) + 2, question="recommend", answer=7)]
            try:
                acked = kiosk.acked(taps[acked:])["through"]
            except httpx.TransportError:
                break
        server.communicate(timeout=20)
        killing.join()
        server, _ = machine.serve(port=port)
        through = refused(kiosk.send([], first=10**9), 409, "gap")["through"]
        assert acked <= through <= len(taps)
    assert kiosk.acked(taps[acked:])["through"] == len(taps)
    kiosk.close()
    rows = exported(machine)
    assert [row["seq"] for row in rows] == [tap["seq"] for tap in taps]
    assert [row["visit"] for row in rows] == [tap["visit"] for tap in taps]
    assert machine.run("rebuild", "--check").returncode == 0
    assert machine.stop(server) == 0


def test_a_restored_server_is_refilled(machine, survey, tmp_path):
    """After a restore the server names a lower number, the kiosk sends from there, and all is there once."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    machine.told("publish", survey)
    taps = [tap(seq) for seq in range(1, 31)]
    kiosk.acked(taps[:10])
    machine.told("backup", tmp_path / "backup.sqlite3")
    kiosk.acked(taps[10:20])
    refused_restore = machine.run("restore", tmp_path / "backup.sqlite3")
    assert (refused_restore.returncode, "being served" in refused_restore.stderr) == (1, True)
    assert machine.stop(server) == 0
    machine.told("restore", tmp_path / "backup.sqlite3")
    server, _ = machine.serve(port=int(url.rsplit(":", 1)[1]))
    assert refused(kiosk.send(taps[20:]), 409, "gap")["through"] == 10
    assert kiosk.acked(taps[10:])["through"] == 30
    kiosk.close()
    assert [row["seq"] for row in exported(machine)] == list(range(1, 31))
    assert machine.run("rebuild", "--check").returncode == 0
    assert machine.stop(server) == 0


def test_rebuild_finds_and_mends(machine, survey):
    """A planted wrong tally makes the check fail, a rebuild mends it, and then the check is content."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    machine.told("publish", survey)
    kiosk.acked([tap(1), tap(2)])
    kiosk.close()
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    database.execute("UPDATE tallies_day SET n = n + 1")
    database.commit()
    database.close()
    found = machine.run("rebuild", "--check")
    assert (found.returncode, "1 day tallies" in found.stderr) == (1, True)
    assert machine.run("rebuild").returncode == 0
    assert machine.run("rebuild", "--check").returncode == 0
    assert machine.stop(server) == 0


def test_export_as_csv_has_a_header_and_defused_cells(machine, survey):
    """CSV has the feed's columns; a text that a spreadsheet would run as a formula is defused."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    machine.told("publish", survey)
    kiosk.acked([tap(1, question="words", answer="=1+1"), tap(2)])
    kiosk.close()
    header, first, second = machine.told("export", "--format", "csv").splitlines()
    assert header.startswith("ledger,seq,visit,kiosk,site,touchpoint,survey,question,answer,language")
    assert ",=1+1," not in first
    assert ",happy," in second
    assert machine.stop(server) == 0


def test_a_second_server_and_a_taken_port_are_refused(machine, tmp_path):
    """A database is served once; a port in use is named with the mend. Both end with 1 and no traceback."""
    server, url = machine.serve()
    again = machine.start("serve", "--port", "0")
    assert (again.returncode, f"process {server.pid}" in again.stderr) == (1, True)
    machine.data = tmp_path / "other"
    taken = machine.start("serve", "--port", url.rsplit(":", 1)[1])
    assert taken.returncode == 1
    assert "choose another --port" in taken.stderr
    assert "Traceback" not in taken.stderr + again.stderr
    assert machine.stop(server) == 0


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["rebuild"]])
def test_a_database_that_cannot_be_used_is_said(machine, command, tmp_path):
    """Rubbish, a newer database and a place that cannot be written each end with 1 and a clear line."""
    machine.data.mkdir()
    path = machine.data / "headoffice.sqlite3"
    path.write_bytes(b"rubbish" * 1000)
    done = machine.run(*command)
    assert (done.returncode, "restore a backup" in done.stderr) == (1, True)
    path.unlink()
    machine.told("migrate")
    database = sqlite3.connect(path)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    done = machine.run(*command)
    assert (done.returncode, "later version" in done.stderr) == (1, True)
    (tmp_path / "file").write_text("")
    done = machine.run(*command, "--data", tmp_path / "file" / "data", where=False)
    assert (done.returncode, "cannot be used" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_secrets_are_in_no_log(machine, survey):
    """Neither key, code nor token appears in what the server writes, whatever goes wrong."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    token = machine.told("token", "x")
    httpx.get(
        f"{url}/api/v1/taps?token={token}", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    )
    kiosk.post(b"{")
    kiosk.acked([])
    assert machine.stop(server) == 0
    log = (machine.data.parent / "server-0.log").read_text()
    assert token not in log
    assert kiosk.key not in log
    kiosk.close()


def test_export_to_a_reader_that_leaves_is_quiet(machine, survey):
    """A reader that closes the pipe early gets no traceback."""
    server, url = machine.serve()
    kiosk = enrolled(machine, url)
    machine.told("publish", survey)
    kiosk.acked([tap(seq) for seq in range(1, 2001)])
    kiosk.close()
    read, write = os.pipe()
    with os.fdopen(write, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "headoffice", "export", "--data", machine.data],
            stdout=out,
            stderr=subprocess.PIPE,
        )
    with os.fdopen(read, "rb") as head:
        head.readline()
    _, said = process.communicate(timeout=30)
    assert said == b""
    assert machine.stop(server) == 0
