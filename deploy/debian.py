"""Builds the Debian packages egao-kiosk and egao-headoffice, each with the libraries requirements.lock pins.

`python -m deploy.debian kiosk headoffice --release bookworm --architecture arm64 --to dist`. I write below
--to only, and ask pip for wheels of the machine that is named, so an amd64 machine builds for a Raspberry Pi.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

from deploy.locked import ROOT, closure, declared, machine, pins
from sync import __version__

HERE = ROOT / "deploy"
KERNEL_NAMES = {"amd64": "x86_64", "arm64": "aarch64"}
PYTHONS = {"bookworm": ("3.11", "deb12"), "trixie": ("3.13", "deb13")}
BY_OTHERS = ("-backup.service", "-update.service", ".socket")  # started by their timers, or the service
GLIBC = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34")  # wheels for these run on Debian 12


@dataclass(frozen=True)
class Package:
    """One of the two: its extra, its units by the name they get, and what Debian must bring."""

    name: str
    module: str
    units: dict[str, str]
    depends: str
    recommends: str
    summary: str
    description: str


PACKAGES = {
    "kiosk": Package(
        "egao-kiosk",
        "kiosk",
        {
            "egao-kiosk.service": "egao-kiosk-session.service",
            **{name: name for name in (f"egao-kiosk-update{end}" for end in (".service", ".timer"))},
        },
        "systemd, udev, cage, seatd, xwayland, libgl1, libgl1-mesa-dri, libegl1, libmtdev1",
        "espeak-ng, mozc-server, emacs-mozc-bin, ca-certificates",
        "in-store feedback kiosk",
        " Three faces on a touch screen beside the checkout. Every tap is stored at once and\n"
        " sent to head office when the shop is online. The service owns the whole screen.",
    ),
    "headoffice": Package(
        "egao-headoffice",
        "headoffice",
        {
            name: name
            for name in (
                f"egao-headoffice{end}" for end in (".socket", ".service", "-backup.service", "-backup.timer")
            )
        },
        "systemd",
        "caddy | nginx, ca-certificates",
        "head office of the Egao feedback kiosks",
        " Takes the answers of every kiosk in, and gives scores, exports and a dashboard.\n"
        " It listens on loopback: a reverse proxy before it speaks TLS.",
    ),
}


@dataclass(frozen=True)
class Target:
    """The machines a package is for."""

    release: str
    architecture: str

    @property
    def python(self) -> str:
        """The release's own Python."""
        return PYTHONS[self.release][0]

    def file_name(self, package: Package) -> str:
        """As Debian names them."""
        return f"{package.name}_{self.version}_{self.architecture}.deb"

    @property
    def version(self) -> str:
        """The same source for each release, sorted as Debian's own rebuilds are."""
        return f"{__version__}-1~{PYTHONS[self.release][1]}u1"


def main() -> int:
    """Build what is asked for, and say where it is and how big."""
    parser = argparse.ArgumentParser(prog="python -m deploy.debian", description="Build Debian packages.")
    parser.add_argument(
        "packages", nargs="+", choices=PACKAGES, metavar="PACKAGE", help="kiosk or headoffice"
    )
    parser.add_argument("--release", choices=PYTHONS, default="bookworm")
    parser.add_argument("--architecture", choices=KERNEL_NAMES, default="amd64")
    parser.add_argument("--to", type=Path, default=ROOT / "dist", metavar="DIR", help="default: dist")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    target = Target(asked.release, asked.architecture)
    for name in asked.packages:
        made = build(PACKAGES[name], target, asked.to)
        print(f"{made}  {made.stat().st_size / 1e6:.1f} MB")
    return 0


def build(package: Package, target: Target, folder: Path) -> Path:
    """Lay the package's tree out and pack it; gives the file. The same commit gives the same bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        libraries = tree / "usr/lib" / package.name
        libraries.mkdir(parents=True)
        install(package, target, libraries, Path(scratch))
        started = " ".join(unit for unit in package.units if not unit.endswith(BY_OTHERS))
        words = {
            "package": package.name,
            "module": package.module,
            "python": target.python,
            "started": started,
        }
        _write(tree / "usr/bin" / package.name, "launcher", words, mode=0o755)
        _write(tree / "usr/lib/sysusers.d" / f"{package.name}.conf", "sysusers", words)
        if package.module == "kiosk":
            _write(tree / "usr/lib/tmpfiles.d" / f"{package.name}.conf", "tmpfiles", words)
            updater = tree / "usr/lib" / f"{package.name}-update" / "update.py"
            updater.parent.mkdir(parents=True)
            updater.write_bytes((HERE / "update.py").read_bytes())
        units = tree / "usr/lib/systemd/system"
        units.mkdir(parents=True)
        for unit, source in package.units.items():
            (units / unit).write_text(unit_text(package, source), "utf-8")
        licence = tree / "usr/share/doc" / package.name / "copyright"
        licence.parent.mkdir(parents=True)
        licence.write_bytes((ROOT / "LICENSE").read_bytes())
        for script in ("postinst", "prerm", "postrm"):
            _write(tree / "DEBIAN" / script, script, words, mode=0o755)
        _write(tree / "DEBIAN/control", "control", _control(package, target, tree))
        return _pack(tree, folder / target.file_name(package))


def install(package: Package, target: Target, libraries: Path, scratch: Path) -> None:
    """Put Egao and its pinned libraries, for the target's machine, into a folder."""
    platform = machine(target.python, KERNEL_NAMES[target.architecture])
    names = closure(declared(package.module), platform)
    wanted = scratch / "pins.txt"
    wanted.write_text(pins(names, platform), "utf-8")
    _pip(target, libraries, "--require-hashes", "--no-deps", "--requirement", str(wanted))
    _pip(target, libraries, "--no-deps", "--no-index", str(build_wheel(scratch)))
    for leftover in (libraries / "bin", libraries / "share"):  # commands and examples of libraries
        subprocess.run(["rm", "-rf", str(leftover)], check=True)


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, without a network."""
    script = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    built = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return folder / built.stdout.splitlines()[-1]


def unit_text(package: Package, source: str) -> str:
    """A unit of deploy/systemd, with a package's paths and user."""
    text = (HERE / "systemd" / source).read_text("utf-8")
    return text.replace("/opt/egao/.venv/bin/", "/usr/bin/").replace("User=egao\n", f"User={package.name}\n")


def _pip(target: Target, folder: Path, *arguments: str) -> None:
    platforms = [f"manylinux_{version}_{KERNEL_NAMES[target.architecture]}" for version in GLIBC]
    platforms += [f"manylinux2014_{KERNEL_NAMES[target.architecture]}", "any"]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--no-input",
            "--no-compile",
        ]
        + ["--target", str(folder), "--only-binary", ":all:", "--python-version", target.python]
        + [f"--platform={name}" for name in platforms]
        + list(arguments),
        check=True,
        env=_environment(),
    )


def _control(package: Package, target: Target, tree: Path) -> dict[str, str]:
    major, minor = target.python.split(".")
    python = f"python3 (>= {target.python}~), python3 (<< {major}.{int(minor) + 1}~)"
    return {
        "package": package.name,
        "version": target.version,
        "architecture": target.architecture,
        "kibibytes": str(sum(file.stat().st_size for file in _files(tree)) // 1024),
        "depends": f"{python}, {package.depends}",
        "recommends": package.recommends,
        "summary": package.summary,
        "description": package.description,
    }


def _files(tree: Path) -> Iterator[Path]:
    return (path for path in sorted(tree.rglob("*")) if path.is_file())


def _write(path: Path, template: str, words: dict[str, str], *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template((HERE / "debian" / template).read_text("utf-8")).safe_substitute(words), "utf-8")
    path.chmod(mode)


def _pack(tree: Path, target: Path) -> Path:
    (tree / "DEBIAN").chmod(0o755)
    for path in tree.rglob("*"):  # whatever umask the builder has
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(target)],
        check=True,
        capture_output=True,
        env=_environment(),
    )
    return target


def _environment() -> dict[str, str]:
    """The commit's time, so that two builds of one commit are the same bytes."""
    time = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return os.environ | {
        "SOURCE_DATE_EPOCH": time.stdout.strip() or "1700000000",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


if __name__ == "__main__":
    sys.exit(main())
