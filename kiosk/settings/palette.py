"""The roles of colour, in each theme; LOOK.md is where they come from.

Read by kiosk.ui.theme, and by kiosk.settings.accent to judge a colour. Pure values: touches nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType

from survey.values import frozen

NIGHT, NIGHT_INK = "#050607", "#767C83"  # the dark screen outside of opening hours, in every theme


@frozen
class Palette:
    """The roles of colour. Those of the faces mean the answers, and nothing else."""

    paper: str
    card: str
    line: str
    ink: str
    muted: str
    accent: str
    accent_ink: str
    sad: str
    neutral: str
    happy: str


PALETTES: Mapping[str, Palette] = MappingProxyType(
    {
        "light": Palette(
            paper="#FAF7F2",
            card="#FFFFFF",
            line="#E4DED3",
            ink="#1F2328",
            muted="#5B6068",
            accent="#0F6B63",
            accent_ink="#FAF7F2",
            sad="#C4472D",
            neutral="#E3A72F",
            happy="#2E8B57",
        ),
        "contrast": Palette(
            paper="#101418",
            card="#1A2026",
            line="#2C343C",
            ink="#F4F1EA",
            muted="#AEB4BB",
            accent="#5CC8BD",
            accent_ink="#101418",
            sad="#F0846B",
            neutral="#F2C14E",
            happy="#6CCB93",
        ),
    }
)
