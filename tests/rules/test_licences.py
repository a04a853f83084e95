"""What Egao ships may be shipped: every licence is known, and listed."""

import re
from pathlib import Path

import pytest

from deploy.licences import ASSETS, bill_of_materials, libraries

ROOT = Path(__file__).parents[2]
MAY_BE_SHIPPED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "LGPL-3.0-only", "LGPL-3.0-or-later",
    "LicenseRef-Public-Domain", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "PSF-2.0",
}  # fmt: skip


@pytest.mark.parametrize("library", libraries(), ids=lambda library: library.name)
def test_a_library_may_be_shipped(library):
    """Each library says under which licence it is, and it is one that we may pass on."""
    assert set(re.split(r" (?:AND|OR) ", library.licence)) <= MAY_BE_SHIPPED


def test_every_font_script_and_picture_is_listed():
    """No asset is shipped whose licence nobody wrote down, and each licence's text is there."""
    assert {licence for _, _, licence, _ in ASSETS} <= MAY_BE_SHIPPED
    places = [place for places, *_ in ASSETS for place in places.split(", ")]
    brought = [*(ROOT / "assets").iterdir(), *(ROOT / "headoffice/web/static").rglob("*.min.*")]
    assert len(brought) > 5
    for each in brought:
        assert each.relative_to(ROOT).as_posix() in places
    assert all((ROOT / text).exists() for *_, text in ASSETS)


def test_the_bill_of_materials_has_every_library_with_its_hashes():
    """A company's scanner finds every library with its version, and can compare what it has by a hash."""
    bill = bill_of_materials()
    components = {each["name"]: each for each in bill["components"]}
    assert set(components) == {library.name for library in libraries()}
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for name, each in components.items():
        assert f"{name}=={each['version']}" in lock
        assert each["hashes"]
        assert all(digest["content"] in lock for digest in each["hashes"])
