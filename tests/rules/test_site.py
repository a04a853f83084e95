import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "deploy/site/mkdocs.yml"
NAMED = {  # what pages tell people to read elsewhere, and addresses that stand for the reader's own
    "127.0.0.1",
    "localhost",
    "xlsform.org",
    "www.standardwebhooks.com",
    "keepachangelog.com",
    "semver.org",
    "github.com",
    "handbook.happy-or-not.com",
    "techecho.bigdataflowing.com",
    "www.help.com",
    "blogs.library.leiden.edu",
    "help.extensionerp.com",
    "www.qualtrics.com",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The docs, built as `make docs` does, strictly."""
    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(CONFIG), site_dir=str(folder)))
    return folder


def test_site_has_every_page_and_what_pages_link_to(site):
    """Each page of the docs is a page of the site, and so is what stands beside docs/ and is linked to."""
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if not (site / page).exists()} == set()
    assert "<h1" in (site / "checkout/SECURITY.html").read_text("utf-8")
    assert (site / "checkout/deploy/proxy/Caddyfile").read_bytes() == (
        ROOT / "deploy/proxy/Caddyfile"
    ).read_bytes()
    assert all((site / page).read_text("utf-8").count("<main") == 1 for page in pages)


def test_site_fetches_nothing_from_anywhere(site):
    """Reading the site asks no other machine for anything, and what is addressed outside of it is known."""
    pages = {path: path.read_text("utf-8") for path in site.rglob("*.html")}
    for path, html in pages.items():
        fetched = re.findall(r"""(?:<(?:img|script|iframe|source)[^>]*?src|<link[^>]*?href)="([^"]+)""", html)
        assert fetched, path
        assert [each for each in fetched if "//" in each] == [], path
    styles = (site / "site.css").read_text("utf-8") + (site / "search.js").read_text("utf-8")
    assert "//" not in re.sub(r"^//.*", "", styles, flags=re.MULTILINE)
    hosts = {host for html in pages.values() for host in re.findall(r"https?://([\w.-]*\w)", html)}
    assert {host for host in hosts - NAMED if "example" not in host} == set()


def test_search_knows_every_page_and_its_words(site):
    """Whoever searches finds each page by its words, Japanese ones too, without a server."""
    words = (site / "words.js").read_text("utf-8")
    assert words.startswith("window.egaoPages = [{")
    pages = [path for path in site.rglob("*.html") if path.name != "404.html"]
    assert words.count('"to": ') == len(pages)
    assert "個人情報の保護に関する法律" in words


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path):
    """`make docs` builds nothing where a page links to one that is not there."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Egao\n\n[gone](gone.md)\n", "utf-8")
    config = load_config(
        str(CONFIG), docs_dir=str(tmp_path / "docs"), site_dir=str(tmp_path / "site"), nav=None
    )
    with pytest.raises(Abort):
        build(config)
