"""The settings of one kiosk, as values.

Read by kiosk.ui and kiosk.bootstrap, made by kiosk.settings.file from config.toml.
May touch nothing: the rows in kiosk.settings.fields say what each may hold.
"""

from collections.abc import Mapping
from dataclasses import field

from survey.model import When
from survey.values import frozen


@frozen
class KioskSettings:
    """Its name, languages and waits; a `timezone` of None is head office's, or else the machine's own."""

    store: str = ""
    language: str = "ja"
    languages: tuple[str, ...] = ("ja", "en")
    timezone: str | None = None
    idle_s: int = 20
    warn_s: int = 20
    thanks_s: int = 4
    keypad: bool = False
    scan_s: int = 0
    spoken: bool = False
    display_button: bool = True


@frozen
class ScreenSettings:
    """How it is drawn; a width and height of 0 px are the screen's own."""

    theme: str = "light"
    text_size: str = "normal"
    width: int = 0
    height: int = 0
    diagonal_inches: float = 10.1
    motion: bool = True
    sound: bool = False
    reach: str = "all"
    logo: str = ""  # a file; load() makes it absolute
    accent: str = ""  # #RRGGBB
    hours: When | None = None  # outside of them it goes dark


@frozen
class ThanksSettings:
    """What a store says at a visit's end, by language: its words, and a "you said, we did" notice."""

    words: Mapping[str, str] = field(default_factory=dict)
    you_said: Mapping[str, str] = field(default_factory=dict)
    we_did: Mapping[str, str] = field(default_factory=dict)

    def has_notice(self, language: str) -> bool:
        """Whether both halves of the notice are there in this language."""
        return language in self.you_said and language in self.we_did


@frozen
class SyncSettings:
    """How often head office is told, and how many taps go in one batch at most."""

    every_s: int = 30
    batch_taps: int = 500


@frozen
class Settings:
    """All of it; the defaults are those of a kiosk without a config.toml."""

    kiosk: KioskSettings = field(default_factory=KioskSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    thanks: ThanksSettings = field(default_factory=ThanksSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
