"""What MkDocs does not do: take in files beside docs/ that a page links to, search without a server.

Called by `mkdocs build` (see mkdocs.yml beside me). I read the checkout and write below the site's folder.
"""

from __future__ import annotations

import json
import posixpath
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = "checkout"
LINK = re.compile(r"(?P<open>\]\()(?P<target>[^)#:\s]+)(?P<anchor>#[^)\s]*)?\)")
JAPANESE = "[\u3000-\u9fff\uff00-\uffef]"
ONE_LINE = re.compile(r"<a class=\"headerlink\".*?</a>|<[^>]+>|\s+")


def _in_checkout(source: str, target: str) -> str | None:
    """Name the file of the checkout that a link leads to, or nothing where it stays in docs/."""
    if source.startswith(f"{OUTSIDE}/"):
        named = posixpath.normpath(
            posixpath.join(posixpath.dirname(source.removeprefix(f"{OUTSIDE}/")), target)
        )
        return None if named.startswith("docs/") else named
    named = posixpath.normpath(posixpath.join("docs", posixpath.dirname(source), target))
    return None if named.startswith("docs/") or not (ROOT / named).is_file() else named


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take in what pages link to outside of docs/, so that no link leads out of the site."""
    waiting = [file for file in files if file.src_uri.endswith(".md")]
    while waiting:
        page = waiting.pop()
        for found in LINK.finditer(page.content_string):
            named = _in_checkout(page.src_uri, found["target"])
            where = f"{OUTSIDE}/{named}"
            if named is None or files.get_file_from_path(where) or not (ROOT / named).is_file():
                continue
            taken = File.generated(
                config, where, abs_src_path=str(ROOT / named), inclusion=InclusionLevel.NOT_IN_NAV
            )
            files.append(taken)
            if named.endswith(".md"):
                waiting.append(taken)
    return files


def on_page_markdown(markdown: str, page: Page, **_kept: object) -> str:
    """Turn links that leave docs/, or come from outside, to where the site has them; indent inner lists."""
    source = page.file.src_uri

    def turned(found: re.Match[str]) -> str:
        anchor = found["anchor"] or ""
        named = _in_checkout(source, found["target"])
        if named is not None:
            target = f"{OUTSIDE}/{named}"
        elif source.startswith(f"{OUTSIDE}/"):
            beside = posixpath.dirname(source.removeprefix(f"{OUTSIDE}/"))
            target = posixpath.normpath(posixpath.join(beside, found["target"])).removeprefix("docs/")
        else:
            return found[0]
        return f"{found['open']}{posixpath.relpath(target, posixpath.dirname(source) or '.')}{anchor})"

    written = re.sub(r"^   (- )", r"    \1", LINK.sub(turned, markdown), flags=re.MULTILINE)
    return re.sub(rf"(?<={JAPANESE})\n(?={JAPANESE})", "", written)  # Japanese has no spaces between lines


def on_page_content(html: str, **_kept: object) -> str:
    """Let a table that is wider than the page be moved sideways by itself."""
    return html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Keep a page's words for the search."""
    words = ONE_LINE.sub(" ", page.content or "")
    config.extra.setdefault("words", []).append(
        {"title": page.title, "to": page.url, "words": unescape(re.sub(r"\s+", " ", words)).strip()}
    )
    return output


def on_post_build(config: MkDocsConfig) -> None:
    """Write the words of all pages as a script, which a browser reads from a folder too."""
    words = json.dumps(config.extra.pop("words"), ensure_ascii=False)
    Path(config.site_dir, "words.js").write_text(f"window.egaoPages = {words};\n", "utf-8")
