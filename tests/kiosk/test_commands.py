"""The commands, as a person or a program uses them: real processes, real files."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from headoffice.cli import run
from kiosk import cli
from sync import __version__
from tests.sync.faulty_server import FaultyServer, Response, answer, served
from tests.sync.office import KEY, Office

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config.toml"
COLUMNS = ["ledger", "seq", "visit", "survey", "question", "answer", "language"]
COLUMNS += ["at", "uptime", "boot", "took", "synced_clock", "check"]


class Shell:
    """Runs commands with this test's own home."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "egao"
        self.environment = {**os.environ, "XDG_DATA_HOME": str(folder), "PYTHONWARNINGS": "error"}
        self.environment.pop("PYTHONUNBUFFERED", None)  # what is flushed is up to the command

    def __call__(self, *words, **options):
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", *map(str, words)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    @contextmanager
    def started(self, *words):
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", *map(str, words)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def exported(self):
        done = self("export")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


@pytest.fixture
def office():
    """A head office that enrols with one code, and a server for it."""
    office = Office()

    def handle(request):
        if request.path != "/kiosk/v1/enrol":
            return office(request)
        office.asked = json.loads(request.decoded)
        if office.asked["code"] != "GOOD-CODE":
            return Response(400, b'{"problem": "invalid", "detail": "the code is used up"}')
        given = {
            "kiosk": "kiosk-1",
            "key": KEY,
            "site": "s",
            "touchpoint": "checkout",
            "timezone": "Asia/Tokyo",
        }
        return Response(200, json.dumps(given).encode())

    with FaultyServer(served(handle)) as server:
        office.server = server
        yield office


def with_faults(file):
    text = SHIPPED.read_text("utf-8")
    for right, wrong in (
        ('theme = "light"', 'theme = "dark"'),
        ("idle_s = 20", "idle_s = 2"),
        ("every_s = 30", "evry_s = 30"),
        ('next = { "0-6" = "nps_why"', 'next = { "0-6" = "q9"'),
        ('type = "faces"\n  metric = "csat"', 'type = "faces"\n  metric = "ces"'),
    ):
        assert right in text
        text = text.replace(right, wrong, 1)
    file.write_text(text, "utf-8")


def test_five_faults_give_five_lines_and_nothing_else(shell, tmp_path):
    """`check` names every fault at once, one on a line with file and place, and exits with 1."""
    with_faults(tmp_path / "config.toml")
    done = shell("check", "--config", tmp_path / "config.toml")
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["config.toml", "kiosk.idle_s"],
        ["config.toml", "screen.theme"],
        ["config.toml", "sync.evry_s"],
        ["config.toml", "survey[0].question[0].metric"],
        ["config.toml", "survey[0].question[3].next.0-6"],
    ]
    assert 'no question "q9"' in lines[4]
    assert "did you mean every_s?" in lines[2]


def test_check_says_what_is_configured(shell):
    """A file without faults is summed up on stderr."""
    done = shell("check")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no faults" in done.stderr
    assert "みどり市場" in done.stderr
    assert "survey checkout: 5 questions in ja, en, shown always" in done.stderr


@pytest.mark.parametrize("command", [["run"], ["simulate", "--visits", "1"], ["sync", "--once"]])
def test_no_command_goes_on_with_a_faulty_config(shell, tmp_path, command):
    """The same lines, and nothing is written."""
    with_faults(tmp_path / "config.toml")
    done = shell(*command, "--config", tmp_path / "config.toml")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 5
    assert not shell.data.exists()


def test_simulate_prints_what_export_finds(shell):
    """Each line of `simulate` is a tap of the ledger with all its columns; `export` prints the same lines."""
    printed = shell("simulate", "--visits", "40", "--seed", "3").stdout
    taps = [json.loads(line) for line in printed.splitlines()]
    assert [list(tap) for tap in taps] == [COLUMNS] * len(taps)
    assert [tap["seq"] for tap in taps] == list(range(1, len(taps) + 1))
    assert {type(tap["synced_clock"]) for tap in taps} == {bool}
    assert any(isinstance(tap["answer"], list) for tap in taps)
    assert shell("export").stdout == printed


def test_places_may_stand_before_and_after_the_command(shell, tmp_path):
    """`--data` and `--config` are understood on either side."""
    assert shell("--data", tmp_path / "a", "simulate", "--visits", "1").returncode == 0
    assert shell("simulate", "--visits", "1", "--data", tmp_path / "b").returncode == 0
    assert (tmp_path / "a" / "ledger.sqlite3").exists()
    assert (tmp_path / "b" / "ledger.sqlite3").exists()
    assert shell("--config", SHIPPED, "check").returncode == 0


@pytest.mark.parametrize("words", [["dance"], ["simulate", "--visits", "-1"], ["enrol"]])
def test_wrong_usage_is_2(shell, words):
    """What cannot be understood is exit code 2, with the usage on stderr."""
    done = shell(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: python -m kiosk" in done.stderr


@pytest.fixture
def own_signals():
    """Puts back how this process takes signals, after a command ran in it."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("command", ["run", "check", "enrol", "status", "export", "simulate", "sync"])
def test_help_has_an_example(capsys, command):
    """`--help` of every command shows how it is used."""
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"example: python -m kiosk {command}" in capsys.readouterr().out


def test_both_programs_say_their_version(capsys):
    """Whoever reports a fault can say of which version: `--version`, the same at both ends."""
    for main in (cli.main, run):
        with pytest.raises(SystemExit) as ended:
            main(["--version"])
        assert ended.value.code == 0
        assert capsys.readouterr().out == f"Egao {__version__}\n"


def test_kill_loses_nothing_that_was_printed(shell):
    """P1: kill -9 at any moment; every line that was read is in the ledger, once, exactly as printed."""
    for lines in (1, 7, 30):
        with shell.started("simulate", "--visits", "100000") as process:
            read = [process.stdout.readline() for _ in range(lines)]
            process.kill()
            rest = process.stdout.read()
            read += rest[: rest.rfind("\n") + 1].splitlines(keepends=True)
        kept = {json.dumps(tap, ensure_ascii=False, separators=(",", ":")) + "\n" for tap in shell.exported()}
        assert set(read) <= kept
    numbers = [tap["seq"] for tap in shell.exported()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_term_signal_ends_a_simulation_cleanly(shell):
    """SIGTERM: exit code 0, the last line is whole, the ledger is closed and nothing is missing."""
    with shell.started("simulate", "--visits", "100000", "--rate", "200") as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()  # not by communicate: what came with the first line it does not see
        assert (process.wait(20), process.stderr.read()) == (0, "")
    printed = [json.loads(line) for line in (first + rest).splitlines()]
    kept = shell.exported()
    assert kept[: len(printed)] == printed
    assert len(kept) - len(printed) <= 1, "at most the tap in hand was stored and not printed any more"
    assert not (shell.data / "in-use").exists()


def test_a_reader_that_leaves_ends_a_simulation_quietly(shell):
    """A broken pipe is no failure and loses nothing: `simulate | head`."""
    with shell.started("simulate", "--visits", "100000") as process:
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(timeout=20), errors) == (0, "")
        process.stdout = None
    assert json.loads(first) == shell.exported()[0]


def test_a_reader_that_leaves_ends_an_export_quietly(shell):
    """The same for `export | head`."""
    assert shell("simulate", "--visits", "300").returncode == 0
    with shell.started("export") as process:
        assert json.loads(process.stdout.readline())["seq"] == 1
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(timeout=20), errors) == (0, "")
        process.stdout = None


@pytest.mark.timeout(30)
def test_a_tap_is_printed_when_it_is_stored_and_not_later(shell):
    """Who reads the output knows of a tap as soon as it is safe, however long the next one takes."""
    with shell.started("simulate", "--visits", "2", "--rate", "0.01") as process:
        assert json.loads(process.stdout.readline())["seq"] == 1


def test_rate_paces_the_visits(shell):
    """`--rate 20` takes a second for 21 visits."""
    begun_s = time.monotonic()
    assert shell("simulate", "--visits", "21", "--rate", "20").returncode == 0
    assert time.monotonic() - begun_s >= 1.0


def test_a_second_writer_is_refused_and_told_the_pid(shell):
    """`simulate`, `sync` and `enrol` refuse while another process writes; what only reads works."""
    with shell.started("simulate", "--visits", "100000", "--rate", "50") as process:
        process.stdout.readline()
        for words in (
            ["simulate", "--visits", "1"],
            ["sync", "--once"],
            ["enrol", "http://localhost:1", "X"],
        ):
            done = shell(*words)
            assert (done.returncode, done.stdout) == (1, "")
            assert f"in use by process {process.pid}" in done.stderr
        told = json.loads(shell("status", "--json").stdout)
        assert (told["running"], told["problems"]) == (process.pid, [])
        assert shell.exported()
        assert shell("check").returncode == 0


def test_status_of_a_kiosk_that_never_ran(shell):
    """Nothing stored yet is no fault, and looking makes no files."""
    told = json.loads(shell("status", "--json").stdout)
    assert (told["taps"], told["pending"], told["enrolled"], told["running"]) == (0, 0, None, None)
    assert "everything works and is kept here" in shell("status").stdout
    assert shell("export").stdout == ""
    assert not shell.data.exists()


def test_sync_without_a_head_office_says_how_to_get_one(shell):
    """Not enrolled: exit 1 and the command that mends it."""
    for words in (["sync", "--once"], ["sync"]):
        done = shell(*words)
        assert done.returncode == 1
        assert "not enrolled; enrol it with: python -m kiosk enrol ADDRESS CODE" in done.stderr


def test_enrol_then_sync_once_settles_everything(shell, office):
    """P2: from a one-time code to a drained outbox; the enrolment is in status, its key is not."""
    taps = shell("simulate", "--visits", "30", "--seed", "1").stdout.splitlines()
    done = shell("enrol", office.server.address, "GOOD-CODE", "--name", "till 4")
    assert (done.returncode, done.stdout) == (0, "kiosk-1\n")
    assert office.asked == {"code": "GOOD-CODE", "name": "till 4"}
    done = shell("sync", "--once")
    assert (done.returncode, done.stderr) == (0, "everything is settled\n")
    (held,) = office.ledgers.values()
    assert [item["visit"] for item in held] == [json.loads(tap)["visit"] for tap in taps]
    status = shell("status", "--json").stdout
    assert KEY not in status
    told = json.loads(status)
    assert (told["pending"], told["enrolled"]["site"]) == (0, "s")
    assert office.health["version"] == told["version"] != "0"


def test_head_office_gets_the_survey_that_the_taps_name(shell, office):
    """A version that only this kiosk has is put before its taps."""
    office.knows_every_survey = False
    shell("simulate", "--visits", "3")
    shell("enrol", office.server.address, "GOOD-CODE")
    assert shell("sync", "--once").returncode == 0
    assert office.surveys.keys() == {tap["survey"] for tap in shell.exported()}


def test_head_offices_programme_is_in_force_from_then_on(shell, office):
    """After a sync the kiosk asks what head office published; once that is empty, config.toml's again."""
    text = {"ja": "はい", "en": "Yes"}
    survey = {"id": "central", "kind": "transactional", "title": text}
    survey["question"] = [{"id": "only", "type": "stars", "text": text}]
    office.programme = ("etag-7", [survey])
    shell("enrol", office.server.address, "GOOD-CODE")
    shell("sync", "--once")
    asked = {json.loads(line)["question"] for line in shell("simulate", "--visits", "9").stdout.splitlines()}
    assert asked == {"only"}
    assert "from head office (etag-7)" in shell("status").stdout
    office.programme = ("etag-8", [])
    shell("sync", "--once")
    assert "surveys   from config.toml" in shell("status").stdout
    taps = [json.loads(line) for line in shell("simulate", "--visits", "5").stdout.splitlines()]
    assert taps[0]["question"] == "rating"


def test_sync_once_offline_says_so_and_keeps_everything(shell, office):
    """Head office cannot be reached: exit 1, the reason, and nothing is let go."""
    shell("enrol", office.server.address, "GOOD-CODE")
    shell("simulate", "--visits", "5")
    office.server.plan(answer(503))
    done = shell("sync", "--once")
    assert done.returncode == 1
    assert "busy" in done.stderr
    told = json.loads(shell("status", "--json").stdout)
    assert told["pending"] == told["taps"] > 0


def test_sync_goes_on_until_it_is_told_to_stop(shell, office, tmp_path):
    """Without --once the agent talks at its intervals; SIGTERM ends it with 0 and a closed ledger."""
    shell("enrol", office.server.address, "GOOD-CODE")
    taps = shell("simulate", "--visits", "5").stdout.splitlines()
    with shell.started("sync") as process:
        end_s = time.monotonic() + 30
        while not any(len(held) == len(taps) for held in office.ledgers.values()):
            assert time.monotonic() < end_s
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
    assert not (shell.data / "in-use").exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("office.example", "no address of a head office"),
        ("ftp://office.example", "no address of a head office"),
        ("http://office.example", "not encrypted"),
        ("http://127.0.0.1.example", "not encrypted"),
    ],
)
def test_enrol_refuses_an_address_that_gives_the_key_away(own_signals, tmp_path, capsys, address, words):
    """Plain http is for this machine alone, unless --insecure says that the way is trusted."""
    assert cli.main(["enrol", address, "CODE", "--data", str(tmp_path / "data")]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_enrol_with_a_used_code_changes_nothing(shell, office):
    """Head office's reason is shown, and the kiosk stays as it was."""
    done = shell("enrol", office.server.address, "OLD-CODE")
    assert done.returncode == 1
    assert "the code is used up" in done.stderr
    assert json.loads(shell("status", "--json").stdout)["enrolled"] is None


def test_a_damaged_ledger_is_told_by_status_and_mended_by_the_next_writer(shell):
    """`status` says what is wrong in words; afterwards it says how many were saved and lost."""
    shell("simulate", "--visits", "50")
    before = shell.exported()
    file = shell.data / "ledger.sqlite3"
    content = bytearray(file.read_bytes())
    content[3] ^= 0xFF  # the header: SQLite opens it no more
    file.write_bytes(content)
    done = shell("status")
    assert done.returncode == 1
    assert "the ledger is damaged" in done.stdout
    rescued = shell("export")
    assert rescued.returncode == 1
    assert [json.loads(line) for line in rescued.stdout.splitlines()] == before
    shell("simulate", "--visits", "1")
    assert f"{len(before)} taps saved, 0 lost" in shell("status").stdout
    assert shell.exported()[: len(before)] == before


def test_run_without_a_screen_says_so(shell):
    """No display: exit 1 with the mend, and no window that nobody sees."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        shell.environment.pop(name, None)
    done = shell()
    assert done.returncode == 1
    assert "DISPLAY is not set" in done.stderr


def test_garbage_is_collected_again_after_the_start():
    """What a start switches off to be quick is on again in a command that runs for long."""
    script = """
import gc, sys, kiosk.__main__, kiosk.commands
kiosk.commands.COMMANDS["sync"] = lambda _: 0 if gc.isenabled() else 9
sys.argv = ["kiosk", "sync"]
kiosk.__main__.main()
"""

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)

    assert done.returncode == 0
