import pytest

from tests.e2e.fleet import ROOT, HeadOffice, Kiosk, wait_for


class Shop:
    """A head office with one site, a token to read with, and one kiosk enrolled at it."""

    def __init__(self, folder):
        self.folder = folder
        self.office = HeadOffice(folder / "headoffice")
        self.site = self.office.run("add-site", "Shibuya", "--timezone", "Asia/Tokyo")
        self.token = self.office.run("token", "test", "--scope", "admin")
        self.kiosks = []

    def open_kiosk(self, name="kiosk", *, port=None, config=None):
        """A new device, enrolled at head office (through another port where a test stands between)."""
        kiosk = Kiosk(self.folder / name, config)
        self.enrol(kiosk, port=port)
        self.kiosks.append(kiosk)
        return kiosk

    def enrol(self, kiosk, *, port=None):
        """Give a kiosk a key, or a new one."""
        code = self.office.run("enrol-code", self.site, "--touchpoint", "checkout")
        kiosk.run("enrol", f"http://127.0.0.1:{port or self.office.port}", code)

    def often(self):
        """The shipped config, but with the shortest interval that a store may set: 5 s."""
        config = self.folder / "config.toml"
        config.write_text(
            (ROOT / "config.toml").read_text("utf-8").replace("every_s = 30 ", "every_s = 5 "), "utf-8"
        )
        return config

    def feed(self):
        return self.office.feed(self.token)

    def until_settled(self, count):
        """Wait until the feed holds so many taps."""
        return wait_for(
            lambda: (taps := self.feed()) and len(taps) >= count and taps, what=f"{count} taps in the feed"
        )


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    for kiosk in shop.kiosks:
        kiosk.close()
    if shop.office.process.poll() is None:
        shop.office.stop()
