"""Between the sync, which is asked for a picture of the screen, and the window, which takes it.

Made by kiosk.bootstrap; the sync thread asks and fetches, kiosk.ui looks whether one is wanted.
Keeps one picture in memory until it is fetched, nothing on disk.
"""

from collections.abc import Callable

from kiosk.raster import as_png, from_window


class Camera:
    """One picture at a time. Each attribute is replaced whole, so the two threads need no lock."""

    def __init__(self, taken: Callable[[], None]) -> None:
        """Make one that nobody waits for; `taken` is called on the window's thread."""
        self._taken = taken
        self._wanted = False
        self._film: tuple[int, int, bytes] | None = None  # width, height, pixels as OpenGL reads them

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a picture that is not taken yet; costs nothing."""
        return self._wanted

    def ask(self) -> None:
        """Have a picture taken."""
        self._wanted = True

    def snap(self, width: int, height: int, pixels: bytes) -> None:
        """Keep what the window shows; it is written as PNG later, on another thread."""
        if self._wanted:
            self._film, self._wanted = (width, height, pixels), False
            self._taken()

    def developed(self) -> bytes | None:
        """Give the picture as PNG, once."""
        from sync.contract import MAX_PICTURE_BYTES, MAX_PICTURE_PX  # noqa: PLC0415 - after the first frame

        film, self._film = self._film, None
        if film is None:
            return None
        return as_png(from_window(*film), most_bytes=MAX_PICTURE_BYTES, most_px=MAX_PICTURE_PX)

    def forget(self) -> None:
        """Nobody waits any more."""
        self._wanted, self._film = False, None
