"""A store's logo, where its name would stand.

Used by kiosk.ui.app once the first frame is on the screen. Reads the one file; may touch Kivy's images.
"""

import logging
from pathlib import Path

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.settings.picture import fault_of

log = logging.getLogger(__name__)


class Mark(Widget):  # type: ignore[misc] # Kivy ships no types
    """The logo, as large as its room lets it be; on dark paper it stands on a white plate."""

    texture = ObjectProperty(None, allownone=True)
    room = NumericProperty(0)  # pixels across
    most = NumericProperty(0)  # and up
    pad = NumericProperty(0)  # of the plate, pixels
    grow = NumericProperty(0)
    plated = BooleanProperty(False)


def load_logo(file: str) -> Texture | None:
    """The logo's picture; None, and a line in the log, where it cannot be shown."""
    from kivy.core.image import Image  # noqa: PLC0415 - only a kiosk with a logo loads pictures

    if fault := fault_of(Path(file)):
        log.warning("screen.logo: %s. The store's name stands in its place", fault)
        return None
    try:
        return Image(file, mipmap=True, nocache=True).texture
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises, the kiosk works without a logo
        log.warning("screen.logo: cannot be decoded (%s). The store's name stands in its place", error)
        return None
