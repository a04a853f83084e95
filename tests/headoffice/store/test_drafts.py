import pytest

from headoffice.problems import Overtaken, Unknown
from headoffice.store import drafts
from headoffice.store.audit import By
from tests.headoffice.running import Office

FIRST, OTHER = By("person 1", 1000), By("person 2", 2000)


@pytest.fixture
def office(tmp_path, place):
    """A head office that is not served."""
    office = Office(tmp_path, place=place)
    yield office
    office.close()


def test_a_draft_keeps_its_steps_and_tells_who_is_late(office):
    """Steps lead back and on; who names an older revision changes nothing and hears who was there first."""

    def each_in_turn(connection):
        draft = drafts.create(connection, {"id": "a", "title": {"ja": "あ"}}, base=None, by=FIRST)
        second = drafts.save(connection, draft.id, {"id": "b"}, revision=draft.revision, by=OTHER)
        assert (second.survey, second.who, second.changed_at, second.revision) == ("b", "person 2", 2000, 2)
        late = (
            lambda: drafts.save(connection, draft.id, {"id": "lost"}, revision=1, by=FIRST),
            lambda: drafts.undo(connection, draft.id, revision=1, by=FIRST),
            lambda: drafts.remove(connection, draft.id, revision=1),
        )
        for change in late:
            with pytest.raises(Overtaken, match="person 2"):
                change()
        back = drafts.undo(connection, draft.id, revision=2, by=FIRST)
        assert (back.document, back.undos, back.redos) == (draft.document, 0, 1)
        assert drafts.undo(connection, draft.id, revision=3, by=FIRST) == back
        again = drafts.redo(connection, draft.id, revision=3, by=FIRST)
        assert (again.document, again.undos, again.redos) == ({"id": "b"}, 1, 0)
        drafts.undo(connection, draft.id, revision=4, by=FIRST)
        third = drafts.save(connection, draft.id, {}, revision=5, by=FIRST)
        assert (third.survey, third.undos, third.redos) == ("", 1, 0)
        assert drafts.rebase(connection, draft.id, "3fa9", revision=6, by=FIRST).base == "3fa9"
        for number in range(drafts.STEPS_BACK + 20):
            drafts.save(connection, draft.id, {"id": str(number)}, revision=7 + number, by=FIRST)
        assert [each.undos for each in drafts.all(connection)] == [drafts.STEPS_BACK]
        drafts.remove(connection, draft.id)
        with pytest.raises(Unknown):
            drafts.save(connection, draft.id, {}, revision=1, by=FIRST)
        return drafts.read(connection, draft.id)

    assert office.change(each_in_turn) is None
    assert office.rows("SELECT * FROM draft_steps") == []
