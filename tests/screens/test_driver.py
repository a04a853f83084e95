"""The graphics driver is there when the window needs it, and the window is no more than the kiosk draws."""

import pytest
from Xlib.display import Display

from kiosk.ui.driver import Driver
from tests.screens.desk import Desk


def test_the_kiosk_opens_the_plainest_window(kiosk: Desk, monkeypatch: pytest.MonkeyPatch):
    """Its window has the form that has neither depth nor stencil, not what SDL would ask for."""
    monkeypatch.setenv("DISPLAY", kiosk.screen.name)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    driver = Driver()
    plain = driver.visual()
    driver.let_go()
    display = Display(kiosk.screen.name)
    try:
        windows = display.screen().root.query_tree().children
        assert plain in [window.get_attributes().visual for window in windows]
    finally:
        display.close()


@pytest.mark.parametrize(
    "environ", [{"DISPLAY": ""}, {"DISPLAY": ":4711"}, {"DISPLAY": ":0", "SDL_VIDEODRIVER": "offscreen"}]
)
def test_without_an_x_server_no_driver_is_loaded(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    """Then the window takes what it gets, and whoever asks has his answer at once."""
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    driver = Driver()
    assert driver.visual() is None
    driver.let_go()
