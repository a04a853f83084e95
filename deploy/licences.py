"""The licences of all that is shipped, read from the packages themselves, and a bill of materials (SBOM).

`python -m deploy.licences > egao.cdx.json` prints CycloneDX 1.5; deploy.reference writes the table. I only
read.
"""

import json
import re
import sys
from dataclasses import dataclass
from importlib.metadata import metadata

from deploy.locked import closure, declared, machine, pins
from sync import __version__

SHIPPED = ("kiosk", "headoffice", "parquet")
NAMED = {  # as packages write it in the older fields, and what SPDX calls it
    "MIT License": "MIT",
    "Apache License, Version 2.0": "Apache-2.0",
    "OSI Approved :: BSD License": "BSD-3-Clause",
    "OSI Approved :: MIT License": "MIT",
    "OSI Approved :: GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "Public Domain": "LicenseRef-Public-Domain",
}
STATIC = "headoffice/web/static"
INTRO = (
    "Egao is under Apache-2.0. What it brings along, as each package says of itself "
    "(`python -m deploy.licences` prints the same as a CycloneDX bill of materials, with hashes):"
)
ASSETS = (  # folders or files, what they are, licence, its text
    ("assets/fonts", "Noto Sans, subsets", "OFL-1.1", "assets/fonts/OFL.txt"),
    ("assets/sounds, assets/surveys, assets/library, assets/languages", "Egao", "Apache-2.0", "LICENSE"),
    (f"{STATIC}/htmx.min.js", "htmx", "0BSD", f"{STATIC}/htmx.LICENSE.txt"),
    (STATIC, "Egao, but for the above", "Apache-2.0", "LICENSE"),
)


@dataclass(frozen=True)
class Library:
    """A pinned package: what needs it, and its licence as an SPDX expression."""

    name: str
    version: str
    licence: str
    needed_by: tuple[str, ...]


def libraries() -> list[Library]:
    """Every package that a kiosk or a head office on Debian 12 brings along, by name."""
    here = machine("3.11", "x86_64")
    found = {extra: closure(declared(extra), here) for extra in SHIPPED}
    return [
        Library(name, metadata(name)["Version"], licence(name), tuple(e for e in SHIPPED if name in found[e]))
        for name in sorted(set().union(*found.values()))
    ]


def licence(name: str) -> str:
    """A package's licence in SPDX's words, out of the newest field it fills in; "" where it says nothing."""
    told = metadata(name)
    if expression := told["License-Expression"]:
        return str(expression)
    classifiers = [
        c.removeprefix("License :: ") for c in told.get_all("Classifier", []) if c.startswith("License ::")
    ]
    short = str(told["License"] or "")
    said = [short] if short and "\n" not in short else classifiers[:1]
    return NAMED.get(said[0], said[0]) if said else ""


def table() -> str:
    """The page of the reference."""
    rows = [
        f"| {each.name} | {each.version} | {each.licence} | {', '.join(each.needed_by)} |"
        for each in libraries()
    ]
    assets = [f"| `{where}` | {what} | {how} | `{text}` |" for where, what, how, text in ASSETS]
    return "\n".join(
        [
            "# Licences",
            "",
            INTRO,
            "",
            "| Library | Version | Licence (SPDX) | Needed by |",
            "|---|---|---|---|",
            *rows,
            "",
            "| Asset | What | Licence | Its text |",
            "|---|---|---|---|",
            *assets,
            "",
            "Libraries under the LGPL (psycopg, python-bidi) are separate packages that anybody may replace.",
            "",
        ]
    )


def bill_of_materials() -> dict[str, object]:
    """CycloneDX 1.5, https://cyclonedx.org/docs/1.5/json/: every library with version, licence, hashes."""
    here = machine("3.11", "x86_64")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "egao", "version": __version__}},
        "components": [
            {
                "type": "library",
                "name": each.name,
                "version": each.version,
                "purl": f"pkg:pypi/{each.name}@{each.version}",
                "licenses": [{"expression": each.licence}],
                "hashes": [
                    {"alg": "SHA-256", "content": digest}
                    for digest in re.findall(r"sha256:([0-9a-f]{64})", pins([each.name], here))
                ],
            }
            for each in libraries()
        ],
    }


if __name__ == "__main__":
    json.dump(bill_of_materials(), sys.stdout, indent=1)
    print(file=sys.stdout)
