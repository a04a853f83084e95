import json
import re
import sqlite3
from pathlib import Path

import pytest

from headoffice.arguments import COMMANDS
from headoffice.cli import run
from headoffice.settings import FIELDS, resolve
from tests.headoffice.kiosk_side import SURVEY

DESIGNED = {
    "serve",
    "migrate",
    "add-site",
    "enrol-code",
    "add-person",
    "token",
    "rebuild",
    "export",
    "backup",
    "restore",
    "copy",
}


def test_what_programs_read_stands_alone_on_stdout(machine):
    """Ids, codes and tokens are one line on stdout; all else goes to stderr."""
    site = machine.told(
        "add-site", "Shibuya", "--timezone", "Asia/Tokyo", "--tag", "region=kanto", "--tag", "a=b=c"
    )
    assert re.fullmatch(r"\d+", site)
    assert re.fullmatch(
        r"[0-9A-Z]{5}-[0-9A-Z]{5}", machine.told("enrol-code", site, "--touchpoint", "checkout")
    )
    assert re.fullmatch(
        r"[0-9A-Z]{5}-[0-9A-Z]{5}", machine.told("enrol-code", "Shibuya", "--touchpoint", "x")
    )
    assert re.fullmatch(
        r"([0-9A-Z]{5}-){3}[0-9A-Z]{5}", machine.told("add-person", "A@b.example", "--role", "admin")
    )
    assert re.fullmatch(r"egao_[\w-]{43}", machine.told("token", "nightly"))
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    assert database.execute("SELECT tag, value FROM site_tags ORDER BY tag").fetchall() == [
        ("a", "b=c"),
        ("region", "kanto"),
    ]
    assert database.execute("SELECT email, role FROM people").fetchall() == [("a@b.example", "admin")]
    assert database.execute("SELECT scope FROM tokens").fetchall() == [("results",)]
    did = [did for (did,) in database.execute("SELECT did FROM audit ORDER BY id")]
    assert did == ["add site", "make enrol code", "make enrol code", "add person", "make token"]
    database.close()


def test_a_command_in_a_process_of_its_own(machine):
    """`python -m headoffice` gives the exit code and keeps stdout for what programs read."""
    done = machine.start("add-site", "Shibuya", "--timezone", "Asia/Tokyo")
    assert (done.returncode, done.stdout) == (0, "1\n")
    done = machine.start("add-site", "Shibuya", "--timezone", "Asia/Tokyo")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "egao-headoffice: name: there is a site 'Shibuya' already\n"
    assert machine.start("fly").returncode == 2


def test_data_may_stand_before_or_after_the_command(machine, tmp_path):
    """--data is understood on both sides, the later wins; so are the URL and the environment."""
    url = f"sqlite:///{machine.data}/headoffice.sqlite3"
    for words, environment in (
        (["--data", machine.data, "add-site", "a", "--timezone", "UTC"], {}),
        (["add-site", "b", "--timezone", "UTC", "--data", machine.data], {}),
        (["--data", tmp_path / "not", "add-site", "c", "--timezone", "UTC", "--data", machine.data], {}),
        (["--database", url, "add-site", "d", "--timezone", "UTC"], {}),
        (["add-site", "e", "--timezone", "UTC"], {"EGAO_HEADOFFICE_DATA": str(machine.data)}),
        (["add-site", "f", "--timezone", "UTC"], {"EGAO_HEADOFFICE_DATABASE": url}),
    ):
        done = machine.run(*words, where=False, **environment)
        assert done.returncode == 0, done.stderr
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    assert "".join(name for (name,) in database.execute("SELECT name FROM sites ORDER BY id")) == "abcdef"
    database.close()
    assert not (tmp_path / "not").exists()


def test_without_data_the_place_is_the_users_own(machine, tmp_path):
    """The default data directory follows XDG_DATA_HOME and is for its owner alone."""
    done = machine.run("migrate", where=False, XDG_DATA_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "home" / "egao-headoffice"
    assert (folder / "headoffice.sqlite3").exists()
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, ["required: COMMAND"]),
        (["fly"], 2, ["invalid choice: 'fly'"]),
        (["serve", "--port", "many"], 2, ["--port: 'many' is not a whole number"]),
        (["serve", "--port", "70000"], 2, ["--port: 70000 is not from 0 to 65535"]),
        (["serve", "--database", "mysql://office/egao"], 2, ["there is SQLite and PostgreSQL"]),
        (["add-site", "x"], 2, ["--timezone"]),
        (["add-site", "x", "--timezone", "UTC", "--tag", "region"], 2, ["--tag: 'region' is not key=value"]),
        (
            ["add-site", " ", "--timezone", "Asia/Tokio"],
            1,
            ["name: ", "timezone: there is no time zone 'Asia/Tokio'; did you mean \"Asia/Tokyo\"?"],
        ),
        (["enrol-code", "nowhere", "--touchpoint", "x"], 1, ["there is no site 'nowhere'"]),
        (["enrol-code", "9" * 30, "--touchpoint", "x"], 1, ["there is no site"]),
        (["add-person", "nobody", "--role", "admin"], 1, ['e-mail: "nobody" is no e-mail address']),
        (["add-person", "a@b.example", "--role", "king"], 2, ["invalid choice: 'king'"]),
        (["token", "\n"], 1, ["name: "]),
        (["publish", "no-such-file.toml"], 1, ["no-such-file.toml: cannot be read"]),
        (["restore", "no-such-file"], 1, ["no-such-file: there is no such file"]),
        (["backup", "x"], 1, ["there is no database here"]),
        (["copy", "--from", "sqlite:////no/where", "--to", "postgresql://x/y"], 1, ["no database here"]),
        (["copy", "--from", "mysql://x/y", "--to", "postgresql://x/y"], 2, ["--from: there is SQLite"]),
        (["copy", "--from", "sqlite:////x", "--to", "postgresql://a@"], 2, ["--to: name the database"]),
    ],
)
def test_mistakes_are_said_with_their_mend(machine, words, code, said):
    """Wrong usage ends with 2, bad input with 1; every fault is a line on stderr and stdout stays empty."""
    done = machine.run(*words)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    for words_said in said:
        assert words_said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_environment_is_read_as_strictly_as_flags(machine):
    """A setting from the environment that cannot be read is named by its variable."""
    done = machine.run("serve", EGAO_HEADOFFICE_PORT="many")
    assert (done.returncode, "EGAO_HEADOFFICE_PORT: 'many'" in done.stderr) == (2, True)


def test_flag_beats_environment_beats_default(tmp_path):
    """Of a flag, a variable and the default the first that is there counts."""
    assert resolve({"port": "1"}, {"EGAO_HEADOFFICE_PORT": "2"}).port == 1
    assert resolve({"port": None}, {"EGAO_HEADOFFICE_PORT": "2"}).port == 2
    assert resolve({}, {}).port == 8400
    assert resolve({}, {"XDG_DATA_HOME": str(tmp_path)}).data == tmp_path / "egao-headoffice"


def test_every_command_has_help_with_an_example(capsys):
    """--help works for the program and each command and shows an example; no designed command is missing."""
    names = {command.name for command in COMMANDS}
    assert names >= DESIGNED
    for words in ([], *([name] for name in sorted(names))):
        with pytest.raises(SystemExit) as ended:
            run([*words, "--help"])
        assert ended.value.code == 0
        assert "example: egao-headoffice " in capsys.readouterr().out


def test_help_names_every_setting(capsys):
    """`serve --help` names the flag and the variable of each setting."""
    with pytest.raises(SystemExit):
        run(["serve", "--help"])
    shown = re.sub(r"\s+", "", capsys.readouterr().out)
    for field in FIELDS:
        assert field.flag in shown
        assert field.variable in shown


def test_publish_takes_the_surveys_of_a_kiosks_config_and_leaves_its_settings(machine, tmp_path):
    """The file that a kiosk runs on can be published as it is, and a file without surveys cannot."""
    assert machine.told("publish", Path(__file__).parents[3] / "config.toml")
    empty = tmp_path / "empty.toml"
    empty.write_text('[kiosk]\nstore = "x"\n', encoding="utf-8")
    done = machine.run("publish", empty)
    assert (done.returncode, "[[survey]]" in done.stderr or "list of surveys" in done.stderr) == (1, True)
    assert "its answers stay" in machine.run("withdraw", "checkout").stderr
    done = machine.run("withdraw", "chekout")
    assert (done.returncode, "in force at none" in done.stderr) == (1, True)


def test_publish_reads_toml_and_json_and_tells_every_fault(machine, tmp_path):
    """A programme comes from either format; a file with two faults gives two lines and changes nothing."""
    sound = tmp_path / "sound.json"
    sound.write_text(json.dumps({"survey": [SURVEY]}))
    etag = machine.told("publish", sound)
    assert re.fullmatch(r"[0-9a-f]{16}", etag)
    toml = tmp_path / "sound.toml"
    toml.write_text(
        '[[survey]]\nid = "short"\nkind = "in_the_moment"\ntitle = { en = "Short" }\n'
        '[[survey.question]]\nid = "rating"\ntype = "faces"\ntext = { en = "How was it?" }\n'
    )
    machine.told("add-site", "Shibuya", "--timezone", "Asia/Tokyo")
    assert machine.told("publish", toml, "--site", "Shibuya") != etag
    broken = tmp_path / "broken.toml"
    broken.write_text(toml.read_text().replace("faces", "smileys").replace("in_the_moment", "whenever"))
    done = machine.run("publish", broken)
    assert done.returncode == 1
    assert "survey[0].kind" in done.stderr
    assert "survey[0].question[0].type" in done.stderr
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    assert database.execute("SELECT count(*) FROM programmes").fetchone() == (2,)
    database.close()


def test_a_person_added_again_gets_a_new_code_and_role(machine):
    """Adding somebody twice keeps one person, with the new role and another code."""
    first = machine.told("add-person", "a@b.example", "--role", "analyst")
    assert machine.told("add-person", "A@B.example", "--role", "admin") != first
    database = sqlite3.connect(machine.data / "headoffice.sqlite3")
    assert database.execute("SELECT email, role FROM people").fetchall() == [("a@b.example", "admin")]
    database.close()


def test_migrate_makes_the_database_and_says_when_there_is_nothing_to_do(machine):
    """The first time it migrates, the second time it says that all is up to date."""
    assert "migrating" in machine.run("migrate").stderr
    done = machine.run("migrate")
    assert (done.returncode, "up to date" in done.stderr) == (0, True)
