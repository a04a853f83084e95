"""`pull`: files of the feed in which no tap is missing and none stands twice, however often it is cut off."""

import json
from pathlib import Path

import httpx
import pytest

from headoffice.cli import run
from headoffice.problems import DataUnusable, InUse
from headoffice.work import pull as pulling
from headoffice.work.pull import Source, pull
from tests.headoffice.results.asking import client_of


@pytest.fixture
def place(tmp_path, town, monkeypatch):
    """Where to pull to, in pages of 100 taps."""
    monkeypatch.setattr(pulling, "PAGE", 100)
    source = Source(url=town.url, token=town.tokens["results"])
    return {"source": source, "cursor_file": tmp_path / "keep" / "cursor", "folder": tmp_path / "taps"}


def feed(town):
    """Every tap in the order in which a reader of pages of 100 gets them: lanes take turns by the page."""
    rows, after, more = [], "", True
    with client_of(town, "results") as client:
        while more:
            page = client.get("/api/v1/taps", params={"limit": 100, "after": after}).json()
            rows, after, more = rows + page["taps"], page["next"], page["more"]
    return rows


def pulled(folder):
    return [
        json.loads(line) for file in sorted(folder.glob("*.ndjson")) for line in file.read_text().splitlines()
    ]


class Cut(BaseException):
    """The power goes."""


@pytest.mark.parametrize("broken", ["write", "fsync", "rename"])
def test_whenever_it_is_cut_off_nothing_is_missed_or_repeated(town, place, monkeypatch, broken):
    """Cut off at every step in turn and run again each time, the files are the feed in the end."""
    steps = {"write": (pulling, "_write"), "fsync": (pulling.os, "fsync"), "rename": (Path, "rename")}
    owner, name = steps[broken]
    real = getattr(owner, name)
    whole, cuts = feed(town), 0
    while len(pulled(place["folder"])) < 500:
        left = 1 + cuts % 5

        def cut(*given, **named):
            nonlocal left
            left -= 1
            if not left:
                raise Cut
            return real(*given, **named)

        monkeypatch.setattr(owner, name, cut)
        with pytest.raises(Cut):
            pull(**place)
        monkeypatch.setattr(owner, name, real)
        cuts += 1
        held = pulled(place["folder"])
        assert held == whole[: len(held)]
    assert cuts >= 3
    pull(**place)
    assert pulled(place["folder"]) == whole
    assert pull(**place) == []


def test_the_command_prints_its_files_and_says_what_is_wrong(town, tmp_path, capsys, monkeypatch):
    """Files stand alone on stdout; a wrong token or cursor is said in words, exit 1; no token, 2."""
    token = tmp_path / "token"
    token.write_text(town.tokens["results"] + "\n")
    words = ["pull", "--since-cursor", str(tmp_path / "c"), "--to", str(tmp_path / "to"), "--url", town.url]

    assert run([*words, "--token-file", str(token), "--format", "csv"]) == 0
    files = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert files
    assert all(file.read_text().startswith("ledger,seq,visit") for file in files)

    monkeypatch.delenv("EGAO_TOKEN", raising=False)
    assert run(words) == 2
    monkeypatch.setenv("EGAO_TOKEN", "egao_wrong")
    assert run(words) == 1
    assert "unknown, revoked or expired" in capsys.readouterr().err
    (tmp_path / "c").write_text("oops")
    assert run(words) == 1
    assert "is no cursor of pull" in capsys.readouterr().err


def test_a_busy_server_is_asked_again_and_a_stranger_is_not(tmp_path, town, monkeypatch):
    """503 and a broken line are tried again after the time asked for; what is no head office is an error."""
    answers = [
        httpx.Response(503, headers={"Retry-After": "7"}, json={"detail": "busy"}),
        httpx.ConnectError("no line"),
        httpx.Response(200, headers={"Egao-Next": "abc"}, content=b'{"seq":1}\n'),
        httpx.Response(200, content=b"<html>sign in to the hotel</html>"),
    ]

    def answer(_request):
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def client(source):
        return httpx.Client(base_url=source.url, transport=httpx.MockTransport(answer))

    monkeypatch.setattr(pulling, "_client", client)
    waited = []
    place = {"cursor_file": tmp_path / "c", "folder": tmp_path / "to", "wait": waited.append}
    source = Source(url="http://office.example", token="t")

    [file] = pull(source, **place)
    assert (waited, file.read_text()) == ([7.0, 2.0], '{"seq":1}\n')
    with pytest.raises(DataUnusable, match="no head office"):
        pull(source, **place)
    assert json.loads((tmp_path / "c").read_text()) == {"cursor": "abc", "files": 1, "next": None}


def test_two_pulls_do_not_mix(place):
    """A second pull from the same cursor file is refused while the first is under way."""
    place["cursor_file"].parent.mkdir(parents=True)
    with pulling._alone(place["cursor_file"]), pytest.raises(InUse):
        pull(**place)
