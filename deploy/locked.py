"""The pins of requirements.lock, with their hashes, that an extra comes to on some machine.

Called by deploy.debian and the container file. I read the checkout and the metadata of what is installed.
"""

import argparse
import platform
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PIN = re.compile(
    r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;\\]+)(?: *; *(?P<marker>[^\\\n]+?))?(?= *\\?$)", re.MULTILINE
)


class NotLocked(Exception):  # noqa: N818 # said to whoever builds
    """Something that an extra asks for is not in requirements.lock."""


def machine(python: str, architecture: str) -> dict[str, str]:
    """Name a Linux machine as markers ask for it; `architecture` as the kernel has it, `python` as "3.11"."""
    found = {key: str(value) for key, value in default_environment().items()}
    return found | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": architecture,
        "sys_platform": "linux",
        "platform_system": "Linux",
    }


def closure(declared: list[str], target: dict[str, str]) -> list[str]:
    """Every package that these requirements come to on that machine, by name, in order."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in declared]
    while waiting:
        wanted = waiting.pop()
        if wanted.marker and not any(
            wanted.marker.evaluate(target | {"extra": extra}) for extra in ("", *wanted.extras)
        ):
            continue
        name = canonicalize_name(wanted.name)
        fresh = name not in found
        found.add(name)
        if fresh or wanted.extras:
            waiting += _asked_for(name, wanted.extras, target)
    return sorted(found)


def pins(names: list[str], target: dict[str, str]) -> str:
    """The lines of requirements.lock for these packages, hashes included; raises NotLocked."""
    blocks = dict(_blocks((ROOT / "requirements.lock").read_text("utf-8"), target))
    if missing := [name for name in names if name not in blocks]:
        raise NotLocked(f"not in requirements.lock: {', '.join(missing)}; run `make lock`")
    return "".join(blocks[name] for name in names)


def declared(extra: str) -> list[str]:
    """The requirements of an extra, as pyproject.toml has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: list[str] = project["optional-dependencies"][extra]
    return found


def main() -> int:
    """Print the pins of an extra for this machine."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.locked", description="Print the pins of an extra."
    )
    parser.add_argument("extra", choices=("kiosk", "headoffice", "parquet"))
    here = machine("{}.{}".format(*sys.version_info), platform.machine())
    print(pins(closure(declared(parser.parse_args().extra), here), here), end="")
    return 0


def _asked_for(name: str, extras: set[str], target: dict[str, str]) -> Iterator[Requirement]:
    for text in requires(name) or ():
        wanted = Requirement(text)
        if wanted.marker is None or any(
            wanted.marker.evaluate(target | {"extra": extra}) for extra in ("", *extras)
        ):
            wanted.marker = None  # what it said has been heard
            yield wanted


def _blocks(lock: str, target: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A pin with its hashes, where its marker fits."""
    for block in re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE):
        pin = PIN.match(block)
        if pin and (pin["marker"] is None or Marker(pin["marker"]).evaluate(target)):
            yield canonicalize_name(pin["name"]), block


if __name__ == "__main__":
    sys.exit(main())
