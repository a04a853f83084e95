"""The process that writes: batches are its work, and nothing is lost with it."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from headoffice import app
from headoffice.settings import resolve
from headoffice.store.engine import open_database
from headoffice.work import writer as writer_module
from headoffice.work.writer import Writer
from survey.parse import version_of
from tests.headoffice.kiosk_side import new_id, other_survey, refused, tap
from tests.headoffice.running import RunningOffice, wait_for


@pytest.fixture
def office(place, tmp_path):
    """A head office whose batches are taken in by processes of their own."""
    count = 1 if isinstance(place, Path) else 2
    running = RunningOffice(tmp_path, place=place, writers=[Writer(place) for _ in range(count)])
    running.publish()
    with suppress(ValueError), closing(running):  # a test may have closed it
        yield running


def writers(office):
    return office.context.committer._beside


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ignored(pid):
    """The signals that a process ignores."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(int(line.split()[1], 16) for line in lines if line.startswith("SigIgn:"))
    return {number for number in signal.Signals if mask >> (number - 1) & 1}


def hidden_from_the_server(office):
    """Let the server itself commit nothing any more."""
    office.context.committer._groups = None


def test_batches_are_taken_in_there(office):
    """With the server's own way closed, sixteen senders are acked, held once and counted rightly."""
    senders = [office.sender() for _ in range(16)]
    hidden_from_the_server(office)

    def run(sender):
        for first in range(1, 30, 3):
            visit = new_id()
            taps = [
                tap(first, visit=visit, answer="sad"),
                tap(first + 1, visit=visit, question="recommend", answer=first % 11),
                tap(first + 2, visit=visit, answer="happy"),
            ]
            assert sender.acked(taps)["through"] == sender.acked(taps)["through"] == first + 2
        sender.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(run, senders))
    assert office.value("SELECT count(*) FROM taps") == 16 * 30
    assert office.context.committer.writers == len(writers(office))
    assert not office.wrong()


def test_it_answers_as_the_server_does(office):
    """Rejected taps, a gap, a fork, an unknown survey and a key taken back are told as without it."""
    kiosk = office.sender()
    first, second = kiosk.acked([tap(1), tap(2, question="none"), tap(3, answer="glad")])["rejected"]
    assert (first["seq"], second["seq"]) == (2, 3)
    assert 'has no question "none"' in first["problem"]
    assert refused(kiosk.send([tap(9)]), 409, "gap")["through"] == 3
    assert refused(kiosk.send([tap(1, answer="sad")]), 409, "forked")["same"] == 0
    unknown = version_of(other_survey("other"))
    assert refused(kiosk.send([tap(4, survey=unknown)]), 409, "survey_wanted")["surveys"] == [unknown]
    office.change(lambda connection: connection.exec_driver_sql("UPDATE kiosk_keys SET revoked_at = 1"))
    refused(kiosk.send([tap(4)]), 403, "revoked")
    kiosk.close()


def test_what_it_left_open_when_it_died_is_done_by_the_server(office, monkeypatch):
    """Killed three times under eight senders: each batch is acked, held once, and it comes back."""
    monkeypatch.setattr(writer_module, "ANEW_AFTER_S", 0.05)
    senders = [office.sender() for _ in range(8)]
    deaths, done = set(), threading.Event()

    def send(sender):
        seq = 0
        while not (done.is_set() and seq >= 50):
            seq += 1
            assert sender.acked([tap(seq)])["through"] == seq
        sender.close()
        return seq

    def kill():
        for _ in range(3):
            for writer in writers(office):
                wait_for(lambda each=writer: each.pid not in {None, *deaths})
                deaths.add(writer.pid)
                os.kill(writer.pid, signal.SIGKILL)
        done.set()

    with ThreadPoolExecutor(9) as pool:
        sending = [pool.submit(send, sender) for sender in senders]
        try:
            pool.submit(kill).result()
        finally:
            done.set()
        sent = sum(each.result() for each in sending)
    assert len(deaths) == 3 * len(writers(office))
    assert office.value("SELECT count(*) FROM taps") == sent
    assert not office.wrong()
    wait_for(lambda: all(writer.is_up for writer in writers(office)))


def test_it_ends_with_a_stop(office):
    """Stopped in order, the server leaves no process behind."""
    pids = [writer.pid for writer in writers(office)]
    kiosk = office.sender()
    kiosk.acked([tap(1)])
    kiosk.close()
    office.close()
    assert not any(map(is_there, pids))


def test_it_ends_with_a_server_that_was_killed(tmp_path):
    """SIGKILL leaves no time for a good-bye: its input ends, and so does it. Signals alone do not end it."""
    words = [sys.executable, "-m", "headoffice", "serve", "--port", "0", "--writer", "process"]
    with subprocess.Popen([*words, "--data", str(tmp_path)], stdout=subprocess.PIPE) as server:
        try:
            server.stdout.readline()
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
            (pid,) = wait_for(lambda: [int(word) for word in children.read_text().split()])
            wait_for(lambda: {signal.SIGINT, signal.SIGTERM} <= ignored(pid))
        finally:
            server.kill()
        wait_for(lambda: not is_there(pid))


@pytest.mark.parametrize(
    ("setting", "processors", "count"), [("thread", 2, 0), ("process", 1, 1), ("auto", 1, 0), ("auto", 2, 1)]
)
def test_the_setting_says_whether_there_is_one(tmp_path, monkeypatch, setting, processors, count):
    """By itself only where there are two processors; a machine with one gains nothing by it."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    settings = resolve({"data": str(tmp_path), "writer": setting}, {})
    with closing(open_database(tmp_path / "headoffice.sqlite3")) as database:
        assert len(app.writers(settings, database)) == count
