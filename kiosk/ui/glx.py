"""Shows a patch of what was drawn: the X server is given those pixels instead of the whole window's.

Used by kiosk.ui.painting. May touch the GLX context that is current. Where a driver has no such call, there
is nothing to use. https://registry.khronos.org/OpenGL/extensions/MESA/GLX_MESA_copy_sub_buffer.txt
"""

import ctypes
from collections.abc import Callable

Show = Callable[[int, int, int, int], None]  # left, bottom, width, height in pixels

EXTENSION = b"GLX_MESA_copy_sub_buffer"
CALL = b"glXCopySubBufferMESA"
LIBRARIES = ("libGLX.so.0", "libGL.so.1")


def find_show() -> Show | None:
    """The call that shows a patch of the window whose context is current; None where there is none."""
    glx = open_glx()
    if glx is None:
        return None
    for name in ("glXGetCurrentDisplay", "glXGetCurrentDrawable"):
        getattr(glx, name).restype = ctypes.c_void_p
    display, window = glx.glXGetCurrentDisplay(), glx.glXGetCurrentDrawable()
    if not display or not window or EXTENSION not in _extensions(glx, display):
        return None
    glx.glXGetProcAddressARB.restype = ctypes.c_void_p
    address = glx.glXGetProcAddressARB(CALL)
    if not address:
        return None
    numbers = (ctypes.c_int,) * 4
    copy = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_ulong, *numbers)(address)
    return lambda left, bottom, width, height: copy(display, window, left, bottom, width, height)


def open_glx() -> ctypes.CDLL | None:
    """The library of GLX; None where there is none."""
    return next(filter(None, map(_library, LIBRARIES)), None)


def _library(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def _extensions(glx: ctypes.CDLL, display: int) -> list[bytes]:
    """What the server and the client can do on the display's own screen."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XDefaultScreen.argtypes = [ctypes.c_void_p]
    glx.glXQueryExtensionsString.argtypes = [ctypes.c_void_p, ctypes.c_int]
    glx.glXQueryExtensionsString.restype = ctypes.c_char_p
    told: bytes | None = glx.glXQueryExtensionsString(display, x11.XDefaultScreen(display))
    return (told or b"").split()
