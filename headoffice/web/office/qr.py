"""QR codes as SVG that stands in a page.

Called by web/office/kiosks.py. The only place that knows segno. Pure: touches nothing.
"""

import io

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """A text as a QR code: dark on light in every theme, since readers want it so, with its quiet margin."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here: numbers and our own colours, no text
