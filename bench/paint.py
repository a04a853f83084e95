"""When a browser has painted the largest thing of head office's pages, on a phone and on a desk.

Called by `pages` while head office is served. I start Debian's Chromium; without one I measure nothing.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from deploy.browser import PATIENCE_MS, QUIET, find_chromium

WIDTHS = {390: 844, 1440: 900}  # CSS pixels; and the height
# The last candidate that the browser names once all is loaded, ms after the address was asked for.
LARGEST = """
() => new Promise(done => {
  let last = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) last = entry.startTime })
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(last), 300);
})
"""


def paints(address: str, cookie: str, pages: Sequence[str], *, rounds: int) -> Mapping[str, list[float]]:
    """The largest contentful paints of each page at each width, ms; the first look at each is left out."""
    try:
        chromium = find_chromium()
    except SystemExit:
        return {}
    found: dict[str, list[float]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=QUIET)
        for width, height in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP")
            context.add_cookies([{"name": "egao_session", "value": cookie, "url": address}])
            page = context.new_page()
            for path in pages:
                looks = [_largest(page, address + path) for _ in range(rounds + 1)]
                found[f"{path} at {width} px"] = looks[1:]
            context.close()
        browser.close()
    return found


def _largest(page: Page, address: str) -> float:
    page.goto(address, timeout=PATIENCE_MS, wait_until="load")
    if urlsplit(page.url).path != urlsplit(address).path:
        raise RuntimeError(f"{address} led to {page.url}")
    largest = float(page.evaluate(LARGEST))
    if not largest:
        raise RuntimeError(f"{address}: the browser names no largest paint")
    return largest
