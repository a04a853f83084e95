"""Drafts of surveys: kept through everything, published once, or thrown away."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.settings.drafts import Doors, Drafts, Overtaken
from kiosk.settings.file import InvalidConfig, load
from survey.edit import Editing
from survey.problems import Fault
from tests.kiosk.test_publish import Disk, PowerCutError
from tests.kiosk.test_settings import SHIPPED


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(SHIPPED.read_bytes())
    return path


@pytest.fixture
def looks():
    return []


@pytest.fixture
def drafts(config, tmp_path, looks):
    doors = Doors(now_ms=lambda: 7, beyond_us=lambda _: (), look_at_config=lambda: looks.append(1))
    return Drafts(config, tmp_path / "data", doors)


def changed(begun, ask=0.5):
    return Editing(begun.documents).set_question(0, 3, "ask", ask).documents


def test_a_draft_outlives_its_editor_and_ends_with_its_publishing(drafts, config, looks):
    """Kept it is found again, published it is in force and gone, and the kiosk is told to look."""
    begun = drafts.begin()
    assert begun.documents == begun.base == begun.start
    assert drafts.keep(changed(begun), begun.base) == ()
    again = drafts.begin()
    assert (again.documents, again.base) == (changed(begun), begun.base)
    assert again.start == begun.start
    drafts.publish(again.documents, again.base, "staff")
    assert load(config).programme.surveys[0].question("recommend").ask == 0.5
    assert drafts.begin().documents == drafts.begin().base == changed(begun)
    assert looks == [1]
    newest = drafts.versions()[0]
    assert (newest.role, newest.at_ms, drafts.is_in_force(newest)) == ("staff", 7, True)


def test_a_draft_is_thrown_away(drafts):
    """Then editing begins with what is in force; and once more does no harm."""
    begun = drafts.begin()
    drafts.keep(changed(begun), begun.base)
    drafts.discard()
    drafts.discard()
    assert drafts.begin() == begun


def test_a_draft_with_faults_is_kept_and_not_published(drafts, config):
    """All faults are told, the file stays, and so does the draft."""
    begun = drafts.begin()
    wrong = Editing(begun.documents).set_question(0, 1, "text", {"ja": "何?"}).documents
    assert [fault.place for fault in drafts.keep(wrong, begun.base)] == ["survey[0].question[1].text.en"]
    with pytest.raises(InvalidConfig):
        drafts.publish(wrong, begun.base, "staff")
    assert config.read_bytes() == SHIPPED.read_bytes()
    assert drafts.begin().documents == wrong


def test_what_the_screens_cannot_show_is_not_published(config, tmp_path):
    """A letter that no font has keeps a survey back, though it is sound."""
    fault = Fault("survey[0].title.ja", "no font has it")
    doors = Doors(now_ms=lambda: 7, beyond_us=lambda _: (fault,), look_at_config=lambda: None)
    drafts = Drafts(config, tmp_path / "data", doors)
    begun = drafts.begin()
    with pytest.raises(InvalidConfig) as caught:
        drafts.publish(changed(begun), begun.base, "staff")
    assert caught.value.faults == (fault,)


def test_who_was_overtaken_is_told(drafts, config):
    """A file that somebody else changed meanwhile is not overwritten unseen; looked at again, it may be."""
    begun = drafts.begin()
    by_hand = SHIPPED.read_text("utf-8").replace("ask = 0.25", "ask = 0.75")
    config.write_text(by_hand, "utf-8")
    with pytest.raises(Overtaken):
        drafts.publish(changed(begun), begun.base, "staff")
    assert config.read_text("utf-8") == by_hand
    drafts.publish(changed(begun), drafts.begin().base, "staff")
    assert load(config).programme.surveys[0].question("recommend").ask == 0.5


def test_of_two_publishers_at_once_one_is_told(config, tmp_path):
    """Both began with the same: whoever comes second finds the file changed, and nothing is mixed."""
    doors = Doors(now_ms=lambda: 7, beyond_us=lambda _: (), look_at_config=lambda: None)

    def publish(ask):
        drafts = Drafts(config, tmp_path / "data", doors)
        try:
            drafts.publish(changed(begun, ask), begun.base, "staff")
        except Overtaken:
            return None
        return ask

    begun = Drafts(config, tmp_path / "data", doors).begin()
    with ThreadPoolExecutor(4) as pool:
        done = [ask for ask in pool.map(publish, (0.1, 0.2, 0.3, 0.4)) if ask]
    assert [load(config).programme.surveys[0].question("recommend").ask] == done


def test_rollback_is_in_force_and_ends_the_draft(drafts, config, looks):
    """The old file is back byte for byte, even while a hand has spoilt the one in force."""
    begun = drafts.begin()
    drafts.publish(changed(begun), begun.base, "staff")
    drafts.keep(changed(begun, 0.1), changed(begun))
    config.write_text("spoilt", "utf-8")
    with pytest.raises(InvalidConfig):
        drafts.begin()
    drafts.rollback(1, "technician")
    assert config.read_bytes() == SHIPPED.read_bytes()
    assert drafts.begin() == begun
    assert looks == [1, 1]


def test_a_power_cut_while_a_draft_is_kept_leaves_the_old_one_or_the_new(drafts, monkeypatch):
    """Cut before each thing asked of the disk: the draft is one of the two, whole."""
    begun = drafts.begin()
    old, new = changed(begun, 0.1), changed(begun, 0.2)
    seen = []
    while not seen or seen[-1] != "done":
        drafts.keep(old, begun.base)
        with monkeypatch.context() as patched:
            Disk(patched, len(seen))
            try:
                drafts.keep(new, begun.base)
                seen.append("done")
            except PowerCutError:
                seen.append("cut")
        assert drafts.begin().documents in (old, new)
    assert len(seen) > 5


def test_a_power_cut_while_publishing_a_draft_loses_neither(drafts, config, monkeypatch):
    """At every step the file is old or new, and while it is old the draft is there to be published."""
    begun = drafts.begin()
    wanted, seen = changed(begun), []
    while not seen or seen[-1] != "done":
        config.write_bytes(SHIPPED.read_bytes())
        drafts.keep(wanted, begun.base)
        with monkeypatch.context() as patched:
            Disk(patched, len(seen))
            try:
                drafts.publish(wanted, begun.base, "staff")
                seen.append("done")
            except PowerCutError:
                seen.append("old" if config.read_bytes() == SHIPPED.read_bytes() else "new")
        assert drafts.begin().documents == wanted
    assert {"old", "new", "done"} == set(seen)


def test_a_damaged_draft_is_no_draft(drafts, tmp_path):
    """A flipped bit does not become a question."""
    begun = drafts.begin()
    drafts.keep(changed(begun), begun.base)
    file = tmp_path / "data" / "draft.json"
    assert file.stat().st_mode & 0o777 == 0o600
    for content in (file.read_bytes().replace(b"0.5", b"0.6"), b"", b"[]", b"\xff"):
        file.write_bytes(content)
        assert drafts.begin() == begun


def test_a_language_goes_into_every_text_and_out_again(drafts):
    """A new one is missing at each place, and can be taken out without a trace."""
    begun = Editing(drafts.begin().documents)
    more = begun.add_language(0, "fr")
    faults = more.faults()
    assert len(faults) > 20
    assert all(fault.place.endswith(".fr") and fault.message.startswith("is blank") for fault in faults)
    assert more.remove_language(0, "fr").documents == begun.documents
