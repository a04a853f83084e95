"""What a person would see at a glance: text that leaves its card, and text that lies on other text."""

_OVERFLOWING = """() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push("the page itself");
    for (const card of document.querySelectorAll(".card, header.top")) {
        const box = card.getBoundingClientRect();
        for (const each of card.querySelectorAll("*")) {
            if (each.closest("details, .scroll, .day .readout, .away, code")) continue;
            if (!each.textContent.trim() || getComputedStyle(each).visibility === "hidden") continue;
            const is = each.getBoundingClientRect();
            const beside = is.left < box.left - 0.5 || is.right > box.right + 0.5;
            const beyond = is.top < box.top - 0.5 || is.bottom > box.bottom + 0.5;
            if (is.width && (beside || beyond)) found.push(each.textContent.trim().slice(0, 40));
        }
    }
    return found;
}"""

_OVERLAPPING = """() => {
    const wanted = ".card text:not(.readout), .card p, .card span, .card h2, .card b, .top a, .top button";
    const texts = [...document.querySelectorAll(wanted)].filter(
        (each) => each.textContent.trim() && !each.closest("details") && !each.querySelector("*"));
    const found = [];
    for (const [place, one] of texts.entries()) for (const other of texts.slice(place + 1)) {
        const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 5) found.push([one.textContent.trim(), other.textContent.trim()]);
    }
    return found;
}"""


def overflowing(page):
    """What runs out of its card, or out of the page."""
    return page.evaluate(_OVERFLOWING)


def overlapping(page):
    """Pairs of texts that lie on each other."""
    return page.evaluate(_OVERLAPPING)
