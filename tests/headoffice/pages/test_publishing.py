"""From a draft to a kiosk and back: publishing to a tag, what the page says first, and who may."""

import json
import re
import zipfile
from copy import deepcopy
from functools import partial
from io import BytesIO

import pytest
from openpyxl import load_workbook

from headoffice.store import drafts
from headoffice.store.audit import By
from headoffice.web.words import read_words
from headoffice.work import access
from tests.headoffice.kiosk_side import Sender, refused
from tests.headoffice.pages.conftest import XSS, new_office, one_time_code

EN = read_words()["en"]
FORM = re.compile(r'name="([a-z]+)" value="([^"]*)"')
ATTACK = "<script>alert(1)</script>"
KANSAI = {"where": "some", "named": "region=kansai", "lock": "locked", "places": "2", "ask": "extension 210"}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A head office with a shop in Kansai and one elsewhere, a kiosk in each, and the survey in force."""
    office = new_office(tmp_path_factory.mktemp("publishing"))
    office.kiosks = {}
    for name, tags in ((f"Umeda {XSS}", {"region": "kansai"}), ("Sapporo", {})):
        add = partial(access.add_site, name=name, timezone="Asia/Tokyo", tags=tags, by=By("t", 1))
        site = office.change(add)
        office.kiosks[name[:5]] = Sender(office.url, office.key(site=site))
    office.kansai, office.others = office.kiosks.values()
    yield office
    for each in office.kiosks.values():
        each.close()
    office.close()


@pytest.fixture
def admin(chain, visitor):
    """An administrator's browser without a screen."""
    client = visitor(chain, **{"Accept-Language": "en"})
    assert client.post("/sign-in/code", data={"code": one_time_code(chain)}).status_code == 303
    return client


def draft_of(chain, document, *, by="person 1"):
    """Begin a draft from the survey in force; gives its page."""
    made = chain.change(partial(drafts.create, document=document, base=chain.version, by=By(by, 5)))
    return f"/surveys/drafts/{made.id}"


def changed(chain, words):
    document = deepcopy(chain.document)
    document["title"] = document["title"] | {"en": words}
    return document


def form_of(client, path, **choice):
    """What the form on the page would post: it shows what was chosen, and what was seen."""
    page = client.get(path, params=choice)
    return page, dict(FORM.findall(page.text.partition('class="go"')[2]))


def shown(kiosk):
    told = kiosk.client.get("/kiosk/v1/programme").json()
    return [
        (each["title"]["en"], terms["locked"], terms["places"])
        for each, terms in zip(told["surveys"], told["terms"], strict=True)
    ]


def test_from_a_draft_to_one_tags_kiosks_and_back(chain, admin):
    """What the page announces comes to kiosks of that tag and to no other; rolled back, all is as it was."""
    was, etag = shown(chain.others), chain.kansai.client.get("/kiosk/v1/programme").headers["etag"]
    path = draft_of(chain, changed(chain, ATTACK))
    page, form = form_of(admin, f"{path}/publish", **KANSAI)
    assert (page.status_code, "<script>alert" in page.text, EN("publish.changes", n=1) in page.text) == (
        200,
        False,
        True,
    )
    assert "title.en" in page.text
    assert EN("publish.terms.places", n=2) in page.text
    done = admin.post(f"{path}/publish", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/surveys/checkout/history?done=published")
    assert shown(chain.kansai) == [(ATTACK, True, 2)]
    assert shown(chain.others) == was
    again = admin.post(f"{path}/publish", data=form)  # the second of two clicks
    assert (again.status_code, again.headers["location"]) == (303, done.headers["location"])
    assert chain.value("SELECT count(*) FROM audit WHERE did = 'publish' AND who LIKE 'person %'") == 1
    assert admin.get(f"{path}/publish").status_code == 404
    history = admin.get("/surveys/checkout/history").text
    assert all(each in history for each in ("region=kansai", "admin@example.com", "extension 210"))
    assert "<script>alert" not in history
    _, form = form_of(admin, f"/surveys/versions/{chain.version}/publish", where="all")
    assert admin.post(f"/surveys/versions/{chain.version}/publish", data=form).status_code == 303
    assert shown(chain.kansai) == was
    assert chain.kansai.client.get("/kiosk/v1/programme").headers["etag"] == etag


def test_who_publishes_meanwhile_is_told(chain, admin):
    """Where somebody published or edited since, the page says so, shows what is now, and waits."""
    first, second = (draft_of(chain, changed(chain, words)) for words in ("First", "Second"))
    _, form = form_of(admin, f"{first}/publish", **KANSAI)
    _, other = form_of(admin, f"{second}/publish", **KANSAI)
    assert admin.post(f"{second}/publish", data=other).status_code == 303
    late = admin.post(f"{first}/publish", data=form)
    assert (late.status_code, EN("publish.overtaken") in late.text) == (409, True)
    assert shown(chain.kansai)[0][0] == "Second"
    form |= dict(FORM.findall(late.text.partition('class="go"')[2]))
    number = int(first.rpartition("/")[2])
    save = partial(drafts.save, draft=number, document=changed(chain, "Third"), revision=1, by=By("p", 6))
    chain.change(save)
    assert admin.post(f"{first}/publish", data=form).status_code == 409
    _, form = form_of(admin, f"{first}/publish", **KANSAI)
    assert admin.post(f"{first}/publish", data=form).status_code == 303
    assert shown(chain.kansai)[0][0] == "Third"


def test_a_survey_is_withdrawn_where_it_was_said(chain, admin):
    """A withdrawn survey leaves that tag's kiosks, as its page said, twice clicked or not, and comes back."""
    was, path = shown(chain.others), "/surveys/checkout/withdraw"
    assert f'href="{path}"' in admin.get("/surveys/checkout/history").text
    page, form = form_of(admin, path, where="some", named="region=kansai")
    assert EN("withdraw.own").replace("'", "&#39;") in page.text
    assert "Umeda" in page.text.partition("<article")[2]
    assert "Sapporo" not in page.text.partition("<article")[2]
    for _ in range(2):
        done = admin.post(path, data=form)
        assert done.headers["location"] == "/surveys/checkout/history?done=withdrawn"
    assert (shown(chain.kansai), shown(chain.others)) == ([], was)
    assert chain.value("SELECT count(*) FROM audit WHERE did = 'withdraw'") == 1
    assert EN("publish.step.withdrawn") in admin.get("/surveys/checkout/history").text
    assert EN("withdraw.nowhere") in admin.get(path, params={"where": "some", "named": "region=kansai"}).text
    assert admin.post(path, data=form | {"seen": "0"}).status_code == 409
    assert admin.get("/surveys/nobody/withdraw").status_code == 404
    _, form = form_of(admin, f"/surveys/versions/{chain.version}/publish", where="all")
    assert admin.post(f"/surveys/versions/{chain.version}/publish", data=form).status_code == 303
    assert shown(chain.kansai) == shown(chain.others)


def test_faults_forbid_it_with_their_places(chain, admin):
    """A draft with faults shows each with its place and has no button; a forged form publishes nothing."""
    document = changed(chain, "Broken")
    document["question"][0]["text"].pop("en")
    document["question"][1]["next"] = "nowhere"
    path = draft_of(chain, document)
    page = admin.get(f"{path}/publish").text
    assert "survey[0].question[0].text" in page
    assert "survey[0].question[1].next" in page
    assert 'class="go"' not in page
    _, form = form_of(admin, f"{draft_of(chain, changed(chain, 'Sound'))}/publish", where="all")
    before = chain.value("SELECT count(*) FROM programmes")
    assert "survey[0]" in admin.post(f"{path}/publish", data=form).text
    wrong = form | {"where": "some", "named": "Nowhere", "places": "99", "ask": "x" * 101}
    sound = draft_of(chain, changed(chain, "Sound"))
    answer = admin.post(f"{sound}/publish", data=wrong)
    assert answer.status_code == 400
    assert all(EN(f"publish.fault.{each}") in answer.text for each in ("named", "places", "ask"))
    refused(admin.post(f"{sound}/publish", data=form | {"csrf": "0" * 64}), 403, "forbidden")
    assert chain.value("SELECT count(*) FROM programmes") == before


def test_a_survey_behind_one_that_is_always_shown_is_said_to_be_hidden(chain, admin):
    """The page says which survey nobody will see in the order that publishing leads to."""
    document = changed(chain, "Evening") | {"id": "evening"}
    page, _ = form_of(admin, f"{draft_of(chain, document)}/publish", where="all", place="last")
    assert EN("publish.this_hidden") in page.text
    page, _ = form_of(admin, f"{draft_of(chain, document)}/publish", where="all")
    assert EN("publish.this_hidden") not in page.text
    assert EN("publish.hidden") in page.text


def upload(client, name, content, csrf=None):
    token = csrf or dict(FORM.findall(client.get("/surveys/sheets").text))["csrf"]
    return client.post("/surveys/sheets", data={"csrf": token}, files={"file": (name, content)})


def test_a_spreadsheet_goes_out_and_comes_back_as_a_draft(chain, admin):
    """What was had as a workbook is the same survey again; each survey of a file is a draft."""
    got = admin.get(f"/surveys/versions/{chain.version}/survey.xlsx")
    assert got.headers["content-disposition"].endswith(f'checkout-{chain.version}.xlsx"')
    same = upload(admin, "same.xlsx", got.content)
    assert same.status_code == 303
    assert chain.version in admin.get(same.headers["location"].replace("preview", "publish")).text
    book = load_workbook(BytesIO(got.content))
    cell = next(c for row in book["translations"].iter_rows() for c in row if c.value == "Checkout")
    cell.value = "=1+1 is no title"
    book["questions"]["C2"].value = "whenever"
    packed = BytesIO()
    book.save(packed)
    before = chain.value("SELECT count(*) FROM drafts")
    answer = upload(admin, "wrong.xlsx", packed.getvalue())
    assert answer.status_code == 400
    assert f"translations!{cell.coordinate}" in answer.text
    admin.cookies.set("egao_language", "ja")
    assert "数式があります" in upload(admin, "wrong.xlsx", packed.getvalue()).text
    admin.cookies.set("egao_language", "en")
    both = json.dumps({"survey": [changed(chain, "One"), changed(chain, "Two") | {"id": "two"}]}).encode()
    told = upload(admin, "both.json", both)
    assert (told.status_code, EN("sheets.made", n=2) in told.text) == (200, True)
    assert chain.value("SELECT count(*) FROM drafts") == before + 2
    broken = changed(chain, "x" * 99)
    broken["question"][0]["type"] = "smileys"
    places = upload(admin, "broken.json", json.dumps([broken]).encode()).text
    assert all(place in places for place in ("survey[0].title.en", "survey[0].question[0].type"))
    assert admin.get(f"/surveys/versions/{chain.version}/survey.json").json()["survey"][0]["id"] == "checkout"


def test_a_file_that_is_none_or_too_large_unpacked_is_refused(chain, admin):
    """A zip bomb, a lie, no workbook, no file, another session's form: words and no draft."""
    before, bomb = chain.value("SELECT count(*) FROM drafts"), BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * (9 << 20))
    for name, content, status, words, ja in (
        ("bomb.xlsx", bomb.getvalue(), 400, "unpacks to more than 8 MB", "ファイル: 展開すると大きすぎます"),
        ("none.xlsx", b"PK no workbook", 400, "is no workbook", "ファイルとして読めません"),
        ("survey.exe", b"x", 400, "ends in none of", "読めない種類のファイル"),
        ("bad.toml", b"[[survey]\n", 400, "line 1", "1 行目"),
        ("large.json", b" " * (2 << 20), 413, "larger than 1 MB", "1 MB を超えています"),
    ):
        for language, said in (("en", words), ("ja", ja)):
            admin.cookies.set("egao_language", language)
            answer = upload(admin, name, content)
            assert (answer.status_code, said in answer.text) == (status, True), (name, answer.text[-900:])
    refused(upload(admin, "a.json", b"[]", csrf="0" * 64), 403, "forbidden")
    assert admin.post("/surveys/sheets", data={"csrf": "x"}).status_code == 415
    assert chain.value("SELECT count(*) FROM drafts") == before
