"""Edited surveys put in force: remarks kept, all or nothing, the last versions at hand."""

import os
import tomllib
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.settings import publish as publishing
from kiosk.settings import table
from kiosk.settings.blocks import Group, cut
from kiosk.settings.file import InvalidConfig, load, parse
from kiosk.settings.publish import Author, publish, rollback
from kiosk.settings.versions import MOST, Versions
from kiosk.settings.write import rewritten
from survey.canonical import plain
from survey.edit import Editing
from tests.kiosk.test_settings import SHIPPED, SURVEY

LONG = bool(os.environ.get("EGAO_TORTURE"))
IN_TABLES = SHIPPED.parent / "assets/surveys/checkout.toml"
STAFF = Author(role="staff", at_ms=1_795_250_000_000)
UNUSUAL = """\ufeff# A hand's own way.
survey_of = "nobody"
[screen] # [[survey]]
theme = 'light'
rows = [
  [ "survey" ],
  [["survey"]],
]
[[ survey ]]   # mine
id = "one" # remark
kind = "in_the_moment"
title.ja = "一"
when = { from = 2026-12-01, to = 2026-12-31 }
# asked
  [[survey."question"]]
  id = "rating"
  type = "choice"
  text.ja = '''
[[survey.question]]'''
  options = [ # which
    # the first
    { id = "a", text.ja = "[[survey]]" }, # A
    { id = "b", text = { ja = "]\\"" } } ]
[thanks]
words = { ja = "ど\\u3046も" }
[[survey]]
id = "two"
kind = "in_the_moment"
title = { ja = "二" }
question = [ { id = "x", type = "faces", text = { ja = "ん" } } ]
"""
IN_ONE_LINE = """survey = [{ id = "a", kind = "in_the_moment", title = { ja = "あ" }, \
question = [{ id = "b", type = "faces", text = { ja = "い" } }] }]
"""
TEXTS = {
    "shipped": SHIPPED.read_text("utf-8"),
    "tables": IN_TABLES.read_text("utf-8"),
    "dos": SHIPPED.read_text("utf-8").replace("\n", "\r\n"),
    "unusual": UNUSUAL,
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    path.write_bytes(SHIPPED.read_bytes())
    return path


@pytest.fixture
def versions(tmp_path):
    return Versions(tmp_path / "data")


def editing(text):
    return Editing(tuple(tomllib.loads(text.removeprefix("\ufeff"))["survey"]))


def remarks(text):
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", TEXTS)
def test_what_did_not_change_keeps_every_byte(name):
    """A file is its pieces, and one whose surveys did not change is written as it was."""
    text = TEXTS[name]
    body = text.removeprefix("\ufeff")
    assert "".join(piece.text() if isinstance(piece, Group) else piece for piece in cut(body)) == body
    assert rewritten(text, editing(text).documents) == text
    assert rewritten(IN_ONE_LINE, editing(IN_ONE_LINE).documents) == IN_ONE_LINE
    kept = parse(SHIPPED.read_bytes()).programme.surveys[0].document()
    assert rewritten(TEXTS["shipped"], [kept]) == TEXTS["shipped"]


def test_a_changed_text_changes_its_line_alone():
    """Remarks, order and layout stay where a question's text, an option's or a survey's key changes."""
    text = TEXTS["shipped"]
    begun = editing(text)
    for changed, lines in (
        (begun.set_question(0, 1, "text", {"ja": "何?", "en": "What went wrong?"}), 1),
        (begun.set_option(0, 1, 2, "text", {"ja": "人", "en": "People"}), 1),
        (begun.set_survey(0, "kind", "transactional"), 1),
        (begun.set_question(0, 3, "ask", 0.5), 1),
    ):
        before, after = text.splitlines(), rewritten(text, changed.documents).splitlines()
        assert sum(old != new for old, new in zip(before, after, strict=True)) == lines
        assert len(remarks("\n".join(after))) == len(remarks(text))
    after = rewritten(text, begun.set_survey(0, "kind", "relationship").documents)
    assert 'kind = "relationship"         # "in_the_moment" (here and now)' in after


def test_a_moved_question_takes_its_remark_with_it():
    """What stands above a question goes where it goes; what explains the file stays."""
    text = TEXTS["shipped"]
    after = rewritten(text, editing(text).move_question(0, 4, 1).documents)
    numbered = [line for line in remarks(after) if line[2:3].isdecimal() and line[3] == "."]
    assert [line[2] for line in numbered] == ["1", "5", "2", "3", "4"]
    assert sorted(remarks(after)) == sorted(remarks(text))
    assert after[: after.index("[[survey]]")] == text[: text.index("[[survey]]")]


MOVABLE = """
    options = [                                # all
    # the queue's own
    { id = "queue", text = { ja = "列" } },    # mine
    { id = "price", text = { ja = "値" } }, { id = "range", text = { ja = "品" } },
    { id = "staff", text = { ja = "人" } }     # asked for by the manager
    # no more
  ]  # end
"""


def test_a_moved_option_takes_its_remarks_with_it():
    """What stands above an option and at its line's end goes where it goes; all other lines stay."""
    text = TEXTS["shipped"]
    begin = text.index("  options = [", text.index('id = "improve"'))
    end = text.index("]\n", begin) + 2
    text = text[:begin] + MOVABLE.lstrip("\n") + text[end:]
    begun = editing(text)
    after = rewritten(text, begun.move_option(0, 2, 0, 3).documents)
    assert [line.strip() for line in after[begin:].splitlines()[1:7]] == [
        '{ id = "price", text = { ja = "値" } }, { id = "range", text = { ja = "品" } },',
        '{ id = "staff", text = { ja = "人" } },     # asked for by the manager',
        "# the queue's own",
        '{ id = "queue", text = { ja = "列" } },    # mine',
        "# no more",
        "]  # end",
    ]
    assert plain(tomllib.loads(after)["survey"]) == plain(begun.move_option(0, 2, 0, 3).documents)
    both = begun.move_option(0, 2, 3, 0).delete_option(0, 2, 1).set_option(0, 2, 0, "text", {"ja": "係"})
    after = rewritten(text, both.documents)
    assert '"係" } },     # asked for by the manager' in after
    line = text.replace(
        text[begin : text.index("]  # end", begin)],
        'options = [{ id = "a", text = { ja = "1" } }, { id = "b", text = { ja = "2" } }',
    )
    moved = rewritten(line, editing(line).move_option(0, 2, 1, 0).documents)
    assert '[{ id = "b", text = { ja = "2" } }, { id = "a", text = { ja = "1" } }]  # end' in moved


def test_a_deleted_question_takes_its_remark_with_it_and_no_other():
    """Nothing is left of it, and nothing else is lost."""
    text = TEXTS["shipped"]
    after = rewritten(text, editing(text).delete_question(0, 2).documents)
    gone = [line for line in remarks(text) if line not in remarks(after)]
    assert gone == ["# 3. After the neutral face: the one thing to improve."]


def test_an_added_question_and_option_leave_all_others():
    """What is new stands on lines of its own; not one old line is lost."""
    text = TEXTS["shipped"]
    notice = {"id": "news", "type": "notice", "text": {"ja": 'お知"らせ', "en": "New\\s"}}
    more = (
        editing(text)
        .add_question(0, 1, notice)
        .add_option(0, 2, 1, {"id": "x", "text": {"ja": "x", "en": "x"}})
    )
    after = rewritten(text, more.duplicate_survey(0).documents)
    missing = set(text.splitlines()) - set(after.splitlines())
    assert missing == set()
    assert plain(tomllib.loads(after)["survey"]) == plain(more.duplicate_survey(0).documents)


def test_remarks_inside_an_unusual_layout_stay():
    """Dotted keys, lists with remarks, a header in a string, a survey after a table, a byte order mark."""
    changed = editing(UNUSUAL).set_option(0, 0, 1, "text", {"ja": "び"}).set_question(1, 0, "id", "y")
    after = rewritten(UNUSUAL, changed.documents)
    assert plain(tomllib.loads(after[1:])["survey"]) == plain(changed.documents)
    for kept in (
        "# mine",
        "# remark",
        "# asked",
        "# which",
        "# the first",
        "# A",
        'words = { ja = "ど\\u3046も" }',
    ):
        assert kept in after
    assert after.startswith(UNUSUAL[: UNUSUAL.index("[[ survey ]]")])
    assert "from = 2026-12-01" in after


def test_a_block_that_was_changed_wrongly_is_written_anew(monkeypatch):
    """What comes out of a change is read again; a wrong one is not taken, and the remark above stays."""
    changed = editing(TEXTS["shipped"]).set_question(0, 1, "text", {"ja": "何?", "en": "What?"})
    for wrong in ("", "[[survey.question]]\nid = 'other'\n", "no TOML", None):
        monkeypatch.setattr(table, "changed", lambda *_arguments, wrong=wrong: wrong)
        after = rewritten(TEXTS["shipped"], changed.documents)
        assert plain(tomllib.loads(after)["survey"]) == plain(changed.documents)
        assert (
            "  # 2. After the sad face: what went wrong. Several may be chosen.\n  [[survey.question]]"
            in after
        )


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=9
)
IDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


def _step(draw, now):
    """One random step of a finger on the editor."""
    survey = draw(st.integers(0, len(now.documents) - 1))
    asked = now.documents[survey]["question"]
    question = draw(st.integers(0, len(asked) - 1))
    text = {tag: draw(WORDS) for tag in now.documents[survey]["title"]}
    to = draw(st.integers(0, len(asked) - 1))
    steps = [
        partial(now.duplicate_survey, survey),
        partial(now.move_survey, survey, draw(st.integers(0, len(now.documents) - 1))),
        partial(now.set_survey, survey, "title", text),
        partial(now.set_survey, survey, "when", draw(st.sampled_from([None, {"hours": "09:00-12:00"}]))),
        partial(now.add_question, survey, to, {"id": draw(IDS), "type": "notice", "text": text}),
        partial(now.set_question, survey, question, "id", draw(IDS)),
        partial(now.set_question, survey, question, "text", text),
        partial(now.set_question, survey, question, "help", draw(st.sampled_from([None, text]))),
        partial(now.set_question, survey, question, "ask", draw(st.sampled_from([None, 0.1, 1, 0.25]))),
        partial(now.set_question, survey, question, "next", draw(st.sampled_from([None, "end"]))),
        partial(now.move_question, survey, question, to),
        partial(now.duplicate_question, survey, question),
        now.undo,
    ]
    if len(asked) > 1:
        steps.append(partial(now.delete_question, survey, question))
    if len(now.documents) > 1:
        steps.append(partial(now.delete_survey, survey))
    if options := asked[question].get("options"):
        option, place = (draw(st.integers(0, len(options) - 1)) for _ in range(2))
        steps += [
            partial(now.add_option, survey, question, place, {"id": draw(IDS), "text": text}),
            partial(now.set_option, survey, question, option, "id", draw(IDS)),
            partial(now.set_option, survey, question, option, "text", text),
            partial(now.set_option, survey, question, option, "icon", draw(st.sampled_from([None, "yen"]))),
            partial(now.move_option, survey, question, option, place),
            partial(now.duplicate_option, survey, question, option),
        ]
        if len(options) > 1:
            steps.append(partial(now.delete_option, survey, question, option))
    return draw(st.sampled_from(steps))()


@settings(max_examples=400 if LONG else 60, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(TEXTS)))
def test_what_is_written_parses_to_exactly_what_was_edited(data, name):
    """Whatever is edited, sound or not, the file says that, and all else is as it was."""
    text = TEXTS[name]
    now = editing(text)
    for _ in range(data.draw(st.integers(1, 6))):
        for _ in range(data.draw(st.integers(1, 3))):
            now = _step(data.draw, now)
        text = rewritten(text, now.documents)
        read = tomllib.loads(text.removeprefix("\ufeff"))
        assert plain(read.pop("survey")) == plain(now.documents)
        others = tomllib.loads(TEXTS[name].removeprefix("\ufeff"))
        del others["survey"]
        assert read == others
        outside = [piece for piece in cut(text) if not isinstance(piece, Group)]
        before = [piece for piece in cut(TEXTS[name]) if not isinstance(piece, Group)]
        assert [piece.strip() for piece in outside] == [piece.strip() for piece in before]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_can_be_published_always_loads(tmp_path_factory, data):
    """Random edits: without a fault they are published and load as edited; with one nothing is written."""
    folder = tmp_path_factory.mktemp("config")
    path = folder / "config.toml"
    path.write_bytes(SHIPPED.read_bytes())
    now = Editing.of(load(path).programme)
    for _ in range(data.draw(st.integers(1, 4))):
        now = _step(data.draw, now)
    if now.faults():
        with pytest.raises(InvalidConfig):
            publish(path, now.documents, versions=Versions(folder / "data"), author=STAFF)
        assert path.read_bytes() == SHIPPED.read_bytes()
    else:
        published = publish(path, now.documents, versions=Versions(folder / "data"), author=STAFF)
        assert plain(Editing.of(published.programme).documents) == plain(now.documents)
        assert load(path) == published


def test_a_refused_edit_names_all_faults_and_leaves_the_file(config, versions):
    """P7: nothing is written while anything is wrong, and all of it is told at once."""
    begun = Editing.of(load(config).programme)
    wrong = begun.set_question(0, 0, "type", "smileys").set_question(0, 3, "text", None)
    with pytest.raises(InvalidConfig) as caught:
        publish(config, wrong.documents, versions=versions, author=STAFF)
    assert [fault.place for fault in caught.value.faults] == [
        "survey[0].question[0].type",
        "survey[0].question[3].text",
    ]
    assert config.read_bytes() == SHIPPED.read_bytes()
    assert versions.all() == []
    assert [entry.name for entry in config.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (SHIPPED.read_text("utf-8") + "[screen]\n", "line"),
        (IN_ONE_LINE, "survey"),
        ("survey = 3\n", "survey"),
    ],
)
def test_a_file_that_cannot_be_changed_is_left_alone(config, versions, text, place):
    """One that is at fault already, or that has its surveys in one line, is for a text editor."""
    config.write_text(text, "utf-8")
    fresh = parse(SURVEY).programme
    with pytest.raises(InvalidConfig) as caught:
        publish(config, Editing.of(fresh).documents, versions=versions, author=STAFF)
    assert caught.value.faults[0].place.startswith(place)
    assert config.read_text("utf-8") == text


def test_mode_and_link_stay(tmp_path, versions):
    """The file keeps its mode; a link still leads to it."""
    real = tmp_path / "real.toml"
    real.write_bytes(SHIPPED.read_bytes())
    real.chmod(0o640)
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    changed = Editing.of(load(link).programme).set_question(0, 3, "ask", 0.5)
    publish(link, changed.documents, versions=versions, author=STAFF)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert load(link).programme.surveys[0].question("recommend").ask == 0.5


def test_versions_say_who_and_when_and_lead_back(config, versions):
    """What a hand left and what was published are kept; rollback restores every byte, and is kept too."""
    begun = Editing.of(load(config).programme)
    changed = begun.set_question(0, 3, "ask", 0.5)
    publish(config, changed.documents, versions=versions, author=STAFF)
    after = config.read_text("utf-8")
    assert [(each.role, each.number) for each in versions.all()] == [("staff", 2), ("hand", 1)]
    assert versions.all()[0].at_ms == STAFF.at_ms
    assert versions.all()[0].content == after
    publish(config, changed.documents, versions=versions, author=STAFF)  # nothing new
    assert len(versions.all()) == 2
    rollback(config, 1, versions=versions, author=Author(role="technician", at_ms=5))
    assert config.read_bytes() == SHIPPED.read_bytes()
    assert [each.role for each in versions.all()] == ["technician", "staff", "hand"]
    with pytest.raises(KeyError):
        rollback(config, 9, versions=versions, author=STAFF)


def test_the_twenty_first_version_drops_the_oldest(config, versions):
    """Twenty are kept, closed to others; a damaged one is left out and harms nobody."""
    begun = Editing.of(load(config).programme)
    for number in range(MOST):
        changed = begun.set_question(0, 3, "ask", (number + 1) / 100)
        publish(config, changed.documents, versions=versions, author=STAFF)
    assert [each.number for each in versions.all()] == list(range(21, 1, -1))
    (folder,) = {path.parent for path in config.parent.parent.rglob("000021.json")}
    assert (folder / "000021.json").stat().st_mode & 0o777 == 0o600
    (folder / "000021.json").write_text('{"number": 21}')
    (folder / "000020.json").write_bytes(b"\0\0")
    assert versions.all()[0].number == 19
    publish(config, begun.documents, versions=versions, author=STAFF)
    assert [each.number for each in versions.all()][:3] == [23, 22, 19]


class PowerCutError(Exception):
    pass


class Disk:
    """Counts what is asked of the disk, and has the power cut at one of them."""

    def __init__(self, monkeypatch, cut_at=None):
        self.done = []
        for name in ("open", "write", "fchmod", "fsync", "replace", "unlink"):
            monkeypatch.setattr(os, name, partial(self._do, name, getattr(os, name), cut_at))

    def _do(self, name, really, cut_at, *arguments, **named):
        if cut_at is not None and len(self.done) >= cut_at:
            raise PowerCutError
        self.done.append((name, str(arguments[0])))
        return really(*arguments, **named)


def test_a_power_cut_at_any_step_leaves_the_old_file_or_the_new(config, versions, monkeypatch):
    """Cut before each thing asked of the disk: the file is whole, old or new, and the next publish works."""
    changed = Editing.of(load(config).programme).set_question(0, 3, "ask", 0.5)
    old, new = SHIPPED.read_text("utf-8"), rewritten(SHIPPED.read_text("utf-8"), changed.documents)
    seen, steps = [], 0
    while not seen or seen[-1] != "done":
        config.write_bytes(SHIPPED.read_bytes())
        with monkeypatch.context() as patched:
            Disk(patched, steps)
            try:
                publish(config, changed.documents, versions=versions, author=STAFF)
                seen.append("done")
            except PowerCutError:
                seen.append("old" if config.read_text("utf-8") == old else "new")
        assert config.read_text("utf-8") in {old, new}
        steps += 1
    assert steps > 10
    assert set(seen) == {"old", "new", "done"}
    assert load(config).programme.surveys[0].question("recommend").ask == 0.5


def test_the_new_file_is_on_the_disk_before_its_name_and_the_name_after(config, versions, monkeypatch):
    """Content, then name, then folder, the versions before the file: only so a cut leaves no half of it."""
    changed = Editing.of(load(config).programme).set_question(0, 3, "ask", 0.5)
    disk = Disk(monkeypatch)
    publish(config, changed.documents, versions=versions, author=STAFF)
    names = [name for name, _ in disk.done]
    replaced = [number for number, name in enumerate(names) if name == "replace"]
    assert len(replaced) == 3
    assert disk.done[replaced[-1]][1] == str(config.parent / ".config.toml.new")
    for number in replaced:
        assert names[number - 1] == "fsync"
        assert names[number + 1 : number + 3] == ["open", "fsync"]


def test_a_published_file_that_says_something_else_is_never_written(config, versions, monkeypatch):
    """Should the writer err, the loader's word counts: nothing is written."""
    changed = Editing.of(load(config).programme).set_question(0, 3, "ask", 0.5)
    monkeypatch.setattr(publishing, "rewritten", lambda text, _documents: text.replace("0.25", "0.75"))
    with pytest.raises(InvalidConfig, match="cannot be changed here"):
        publish(config, changed.documents, versions=versions, author=STAFF)
    assert config.read_bytes() == SHIPPED.read_bytes()
