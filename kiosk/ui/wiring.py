"""All that the screens need from the rest of the kiosk.

Made by kiosk.bootstrap, read by kiosk.ui.app. A value: touches nothing.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.camera import Camera
from kiosk.settings.model import Settings
from kiosk.visit import Visit
from survey.model import Survey
from survey.values import frozen

if TYPE_CHECKING:
    from kiosk.ui.staff.backroom import Backroom


@frozen
class Wiring:
    """What is handed to the screens, and what they call when the time has come."""

    settings: Settings
    assets: Path  # the folder with fonts/ and languages/
    kv: Path  # kiosk.kv
    windowed: bool
    settings_now: Callable[[], Settings]  # as staff changed them meanwhile; asked between visits only
    survey_now: Callable[[], Survey | None]  # the survey in force at this moment; asked between visits only
    local_time: Callable[[], datetime]  # of the site
    begin: Callable[[Survey, str], Visit]  # a new visit in a language
    touched: Callable[[], None]  # somebody is there; asks for nothing, and costs nothing
    after_first_frame: Callable[[], None]  # opens the ledger, starts the sync; called once
    on_ready: Callable[[], None]  # the first question is on screen and taps can be stored; called once
    on_stop: Callable[[], None]
    camera: Camera | None = None  # by which head office may see the screen between visits
    staff: "Callable[[], Backroom] | None" = None  # what staff's pages need; without it there is no way in
    first_start: bool = False  # whether nobody has set this kiosk up
