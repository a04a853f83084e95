"""The preview: a survey walked through as a shopper would, in the kiosk's colours and words."""

import re
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from headoffice.store import drafts
from headoffice.store.audit import By
from headoffice.store.tables import metadata
from headoffice.web.publishing.preview import SIZES, THEMES
from headoffice.web.publishing.walk import chosen, toggled, walk
from headoffice.web.shell import static_folder
from headoffice.web.shipped import Screens
from kiosk.settings.palette import PALETTES
from survey.parse import parse_survey
from tests.headoffice.kiosk_side import refused
from tests.headoffice.pages.conftest import new_office, one_time_code

ROOT = Path(__file__).parents[3]
HREF = re.compile(r'<a class="(?:face|option-card|cell|press[^"]*)" href="([^"]+)"')


@pytest.fixture(scope="module")
def survey():
    """The ready-made survey, in every language that the kiosk has."""
    return tomllib.loads((ROOT / "assets/surveys/checkout.toml").read_text("utf-8"))["survey"][0]


def held(office):
    """Every row of every table."""
    return {name: office.rows(f"SELECT * FROM {name}") for name in metadata.tables}  # noqa: S608 - ours


def test_a_walk_follows_the_answers_and_forgets_what_does_not_fit(survey):
    """Answers lead where the survey says, with sampled questions asked; a wrong one ends what counts."""
    read = parse_survey(survey)
    went = walk(read, ["rating:sad", "why_sad:waiting,nonsense"])
    assert (went.given, went.now.id, went.position) == (("rating:sad",), "why_sad", 2)
    for wrong in ("rating:glad", "other:sad", "rating", "", "rating:sad:x"):
        assert walk(read, [wrong]).given == (("rating",) if wrong == "rating" else ())
    assert walk(read, ["rating:happy"]).now.id == "recommend"
    assert walk(read, ["rating:happy", "recommend:11"]).now.id == "recommend"
    assert walk(read, ["rating:sad", "why_sad:"]).now is None
    many = read.question("why_sad")
    first, second = (option.id for option in many.options[:2])
    assert toggled(many, (), second) == second
    assert toggled(many, (second,), first) == f"{first},{second}"
    assert toggled(many, (first, second), first) == second
    assert chosen(read.question("recommend"), "8,9") == ("8",)


def test_the_screen_has_the_kiosks_own_colours(survey):
    """Every colour of the preview is the kiosk's, in both themes."""
    style = (static_folder() / "preview.css").read_text("utf-8")
    for theme in THEMES:
        rules = style.split(f".screen.{theme} {{")[1].split("}")[0]
        found = dict(re.findall(r"--k-([a-z-]+): (#[0-9A-F]{6})", rules))
        assert found == {name.replace("_", "-"): colour for name, colour in asdict(PALETTES[theme]).items()}


def test_a_draft_is_walked_to_its_thanks_in_every_language_and_nothing_is_kept(tmp_path, survey, visitor):
    """Each screen's first target leads on until the thanks; ruby and mirror are there; no row is written."""
    office = new_office(tmp_path)
    try:
        draft = office.change(lambda each: drafts.create(each, survey, base=None, by=By("person 1", 5)))
        path, screens = f"/surveys/drafts/{draft.id}/preview", Screens()
        admin, analyst = (visitor(office) for _ in range(2))
        for client, role in ((admin, "admin"), (analyst, "analyst")):
            client.post("/sign-in/code", data={"code": one_time_code(office, f"{role}@x.example", role)})
        refused(analyst.get(path), 403, "forbidden")
        assert analyst.get(f"/surveys/versions/{office.version}/preview").status_code == 200
        before = held(office)
        for place, language in enumerate(survey["title"]):
            size, theme = SIZES[place % len(SIZES)], THEMES[place % len(THEMES)]
            address = f"{path}?size={size}&theme={theme}&language={language}"
            for _ in range(9):
                page = admin.get(address).text.replace("&amp;", "&")
                assert f'dir="{"rtl" if language in ("ar", "he") else "ltr"}"' in page
                assert ("<ruby>" in page) == (language == "ja-simple")
                links = HREF.findall(page)
                if not links:
                    break
                address = next((each for each in links if "c=" in each and "c=" not in address), links[-1])
            assert "thanks-title" in page, (language, address)
            if language != "ja-simple":
                assert screens.say(language, "thanks.title") in page
        assert held(office) == before
        style = (static_folder() / "preview.css").read_text("utf-8")
        for font in re.findall(r'url\("([^"]+)"\)', style):
            assert admin.get(font).content[:4] == b"\0\1\0\0", font
    finally:
        office.close()
