import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from headoffice.store.engine import driver
from headoffice.store.sqlite import SqliteDatabase
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.running import RunningOffice, wait_for


def visit_taps(first):
    """A visit of three taps, the second of which is given again."""
    visit = new_id()
    return [
        tap(first, visit=visit, answer="sad"),
        tap(first + 1, visit=visit, question="recommend", answer=first % 11),
        tap(first + 2, visit=visit, answer="happy"),
    ]


@pytest.mark.parametrize("served", ["sqlite", "postgresql"], indirect=True, scope="module")
def test_concurrent_senders_are_all_acked_and_counted_once(office):
    """Sixteen kiosks send at once, each batch twice: all is acked, held once, and a recount agrees."""
    held, last_n = office.value("SELECT count(*) FROM taps"), office.value("SELECT sum(n) FROM feed_lanes")

    def run(_):
        sender = office.sender()
        for visit in range(12):
            taps = visit_taps(1 + 3 * visit)
            assert sender.acked(taps)["through"] == sender.acked(taps)["through"] == 3 + 3 * visit
        sender.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(run, range(16)))
    assert office.value("SELECT count(*) FROM taps") == held + 16 * 12 * 3
    assert office.value("SELECT sum(n) FROM feed_lanes") == last_n + 16 * 12 * 3
    assert office.value("SELECT sum(last - first + 1) FROM feed") == last_n + 16 * 12 * 3
    assert not office.wrong()


@pytest.mark.parametrize("served", ["sqlite", "postgresql"], indirect=True, scope="module")
def test_the_same_batch_from_many_connections_is_held_once(office, kiosk):
    """Eight copies of a batch at the same moment: each is acked, the taps are held once."""
    taps = [tap(seq) for seq in range(1, 21)]
    with ThreadPoolExecutor(8) as pool:
        acks = list(pool.map(lambda _: kiosk.acked(taps), range(8)))
    assert {ack["through"] for ack in acks} == {20}
    held = office.value(
        "SELECT count(*) FROM taps WHERE ledger = (SELECT ledger FROM taps ORDER BY ledger DESC LIMIT 1)"
    )
    assert held == 20
    assert not office.wrong()


def test_when_too_many_wait_they_are_told_to_come_again(tmp_path):
    """While somebody else holds the database a full queue answers 503; later all is taken."""
    office = RunningOffice(tmp_path, queue_requests=2)
    office.publish()
    senders = [office.sender() for _ in range(8)]
    outsider = SqliteDatabase(office.path)
    answers = []
    with outsider.alone():
        threads = [
            threading.Thread(target=lambda each=each: answers.append(each.send([tap(1)]))) for each in senders
        ]
        for thread in threads:
            thread.start()
        wait_for(lambda: any(answer.status_code == 503 for answer in list(answers)))
        assert all(answer.status_code == 503 for answer in list(answers)), "no ack before its commit"
        assert httpx.get(f"{office.url}/healthz", trust_env=False).status_code == 200, (
            "readers are not held up"
        )
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            refused(answer, 503, "busy")
            assert int(answer.headers["retry-after"]) >= 1
    for sender in senders:
        assert sender.send([tap(1)]).status_code in {200, 409}
    outsider.close()
    for sender in senders:
        sender.close()
    office.close()


def test_bodies_do_not_fill_the_memory(tmp_path):
    """When bodies under way take all they may together, the next is told to come again."""
    office = RunningOffice(tmp_path, queue_mib=4)
    sender = office.sender()
    with office.context.bodies.share() as take:
        take(4 << 20)
        refused(sender.send([tap(1)]), 503, "busy")
    refused(sender.send([tap(1)]), 409, "survey_wanted")
    sender.close()
    office.close()


def test_an_ack_waits_for_its_commit(office, kiosk):
    """While the commit cannot happen no ack comes; when it has happened the taps are there."""
    outsider = SqliteDatabase(office.path)
    kiosk.acked([])
    with ThreadPoolExecutor(1) as pool:
        with outsider.alone():
            waiting = pool.submit(kiosk.acked, [tap(1)])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result()["through"] == 1
    outsider.close()


def test_what_a_failed_group_found_is_not_believed(tmp_path):
    """After a group that did not fit on the disk the next batch goes on from what is really held."""
    office = RunningOffice(tmp_path)
    office.publish()
    sender = office.sender()
    sender.acked([tap(1)])

    def pages(most):
        return lambda connection: driver(connection).execute(f"PRAGMA max_page_count = {most}").fetchone()

    office.change(pages(1))  # as many as there are: it cannot grow
    many = [tap(seq, question="words", answer="x" * 200) for seq in range(2, 60)]
    refused(sender.send(many), 503, "busy")
    office.change(pages(1 << 30))
    refused(sender.send([tap(60)]), 409, "gap")
    assert sender.acked([*many, tap(60)])["through"] == 60
    assert not any(vars(office.wrong()).values())
    sender.close()
    office.close()


def test_a_stop_finishes_what_is_under_way(tmp_path):
    """A batch that waits for its commit when the server is told to stop is acked first, and then let go."""
    office = RunningOffice(tmp_path)
    office.publish()
    sender = office.sender()
    sender.acked([tap(1)])
    lines = office._server.server_state.connections
    with ThreadPoolExecutor(1) as pool:
        with office.database.alone():
            answer = pool.submit(sender.send, [tap(2)])
            wait_for(lambda: any(not line.cycle.response_complete for line in lines))
            office._server.should_exit = True
            wait_for(lambda: not any(line.cycle.keep_alive for line in lines))
        assert answer.result().json()["through"] == 2
    assert answer.result().headers["connection"] == "close"
    sender.close()
    office.close()
