"""The demo's browser: opens head office's dashboard, waits until it shows the visits, takes its picture.

`deploy.demo` calls me. I drive Debian's own Chromium and write pictures and one local page.
"""

from __future__ import annotations

import html
import json
import shutil
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from pathlib import Path

# Without these, Chromium looks up its maker's hosts at every start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Shown:
    """What a person reads on the dashboard: today's faces, and CSAT as a share."""

    faces: dict[str, int]
    csat: float


def ask(address: str, path: str, token: str) -> Any:
    """GET from the results API, as JSON."""
    request = urllib.request.Request(address + path, headers={"Authorization": f"Bearer {token}"})  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return json.load(answer)


def opening_page(address: str, code: str, path: Path) -> Path:
    """Write a local page that signs in with a one-time code: no secret stands in a URL or a command line."""
    path.touch(mode=0o600)
    path.write_text(
        f"""<!doctype html><meta charset="utf-8"><title>Egao</title>
<form method="post" action="{html.escape(address)}/sign-in/code">
<input name="code" type="hidden" value="{html.escape(code)}"><button>Open the dashboard</button></form>
<script>document.forms[0].submit()</script>""",
        "utf-8",
    )
    return path


def watch(address: str, code: str, *, visits: int, picture: Path) -> Shown:
    """Sign in, wait until the dashboard shows so many visits without a reload, and take its picture."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=find_chromium(), args=QUIET)
        page = chromium.new_page(viewport={"width": 1280, "height": 960}, locale="ja-JP")
        page.goto(opening_page(address, code, picture.with_suffix(".html")).as_uri())
        page.wait_for_url(f"{address}/", timeout=PATIENCE_MS)
        page.wait_for_function(
            """visits => { const faces = document.querySelector('[data-faces]').dataset;
               return Number(faces.sad) + Number(faces.neutral) + Number(faces.happy) >= visits }""",
            arg=visits,
            timeout=PATIENCE_MS,
        )
        page.screenshot(path=picture, full_page=True)
        faces = page.locator("[data-faces]")
        shown = Shown(
            faces={
                face: int(faces.get_attribute(f"data-{face}") or -1) for face in ("sad", "neutral", "happy")
            },
            csat=float(page.locator("[data-metric=csat]").get_attribute("data-value") or -1),
        )
        chromium.close()
        return shown


def find_chromium() -> str:
    """Name Debian's Chromium, or what another system calls it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("demo: no Chromium found; on Debian: apt-get install chromium")
