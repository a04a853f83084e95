"""The doctor finds what was planted in head office, names it, and says how to mend it."""

import json
import os
import sqlite3
from types import SimpleNamespace

from tests.headoffice.kiosk_side import SURVEY


def findings(machine, *words, code=None):
    """What the doctor says, by matter."""
    done = machine.run("doctor", "--json", *words)
    assert code is None or done.returncode == code, done.stdout
    return {each["matter"]: each for each in json.loads(done.stdout)}


def test_a_head_office_in_order_has_nothing_to_mend(machine, tmp_path):
    """With an admin, surveys and a server at work every matter of the database is well."""
    machine.told("add-person", "a@b.example", "--role", "admin")
    survey = tmp_path / "survey.json"
    survey.write_text(json.dumps({"survey": [SURVEY]}), "utf-8")
    machine.told("publish", survey)
    server, _ = machine.serve()
    told = findings(machine, "--deep")
    for matter in (
        "database",
        "server",
        "people",
        "surveys",
        "kiosks",
        "alerts",
        "tallies",
        "privacy",
        "address",
    ):
        assert told[matter]["verdict"] == "ok", told[matter]
    assert told["surveys"]["words"] == "1 programmes in force"
    assert machine.stop(server) == 0
    words = machine.run("doctor").stdout
    assert "look  server" in words
    assert "→ systemctl start egao-headoffice" in words


def test_planted_faults_are_found(machine):
    """No server, no admin, a folder open to others, an open address, a wrong tally: each with its mend."""
    machine.told("add-site", "Shibuya", "--timezone", "Asia/Tokyo")
    machine.data.chmod(0o755)
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    with database:
        columns = len(database.execute("PRAGMA table_info(tallies_day)").fetchall())
        database.execute(f"INSERT INTO tallies_day VALUES ({', '.join('1' * columns)})")  # noqa: S608 - ones
    database.close()
    done = machine.run("doctor", "--deep", "--json", EGAO_HEADOFFICE_HOST="192.0.2.1")
    told = {each["matter"]: each for each in json.loads(done.stdout)}
    assert told["people"]["mend"].endswith("--role admin")
    assert told["privacy"]["words"] == "others on this machine may read data"
    assert told["server"]["verdict"] == told["address"]["verdict"] == "look"
    assert (told["tallies"]["verdict"], done.returncode) == ("bad", 1)
    assert told["tallies"]["mend"] == "egao-headoffice rebuild mends them"


def test_a_worn_out_machine_is_found(machine, monkeypatch):
    """No room, a disk that lies, one that is read-only, a backup that is days old: each beside the others."""
    machine.told("migrate")
    kept = machine.data.with_name(f"{machine.data.name}-backups")
    assert findings(machine)["backups"]["mend"].startswith(
        "systemctl enable --now egao-headoffice-backup.timer"
    )
    kept.mkdir()
    backup = kept / "egao-20261101T031000Z.sqlite3"
    backup.touch()
    assert findings(machine)["backups"]["verdict"] == "ok"
    os.utime(backup, (0, 0))
    monkeypatch.setattr(
        "headoffice.work.doctor.os.statvfs", lambda _: SimpleNamespace(f_bavail=1, f_frsize=4096)
    )
    monkeypatch.setattr("sync.disk.times_to_write", lambda _: [0.000_001] * 5)
    told = findings(machine, code=1)
    assert told["backups"]["verdict"] == "look"
    assert told["backups"]["mend"].startswith("journalctl -u egao-headoffice-backup")
    assert (told["room"]["verdict"], told["room"]["words"]) == ("bad", "0 MiB free")
    assert told["room"]["mend"].startswith("make room on this disk")
    assert (told["writing"]["verdict"], "power cut" in told["writing"]["words"]) == ("bad", True)

    def read_only(_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("sync.disk.times_to_write", read_only)
    told = findings(machine, code=1)
    assert told["writing"]["words"].endswith("cannot be written: Read-only file system")
    assert told["writing"]["mend"].startswith("is it mounted read-only")


def test_a_database_that_is_missing_or_damaged_is_named(machine):
    """Nothing is made in its place: the doctor only looks."""
    told = findings(machine, code=1)
    assert "is not there" in told["database"]["words"]
    assert not machine.data.exists()
    machine.data.mkdir()
    (machine.data / "headoffice.sqlite3").write_bytes(b"\0" * 5000)
    told = findings(machine, code=1)
    assert told["database"]["verdict"] == "bad"
    assert "restore" in told["database"]["mend"]


def test_an_older_database_is_sent_to_migrate(machine):
    """After an update the doctor says what to do before the server runs."""
    machine.told("migrate")
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    told = findings(machine, code=1)
    assert told["database"]["mend"] == "stop the server and run: egao-headoffice migrate"
