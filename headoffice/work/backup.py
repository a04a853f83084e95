"""Back up head office into one file while it runs, and put such a file back in its place.

Called by `cli`.
May touch the backup's file and, at a restore, the database's own.
"""

from pathlib import Path

from headoffice.problems import DataUnusable
from headoffice.store import copies, dumps
from headoffice.store.engine import Place


def backup(place: Place, target: Path) -> None:
    """Write a backup; it appears under its name only when it is whole. Raises DataUnusable."""
    if isinstance(place, Path) and not place.exists():
        raise DataUnusable(f"{place}: there is no database here")
    if target.exists():
        raise DataUnusable(f"{target}: is there already; name a file that is not")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        if isinstance(place, Path):
            copies.write_copy(place, part)
            copies.check_copy(part)
        else:
            dumps.write_dump(place, part)
        part.rename(target)
    except OSError as error:
        raise DataUnusable(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def restore(place: Place, source: Path, *, now: int) -> str | None:
    """Put a backup in the database's place, in a new epoch; returns where the old database was set aside.

    Raises DataUnusable for a file that is no whole backup, InUse while the database is served.
    """
    if not source.is_file():
        raise DataUnusable(f"{source}: there is no such file")
    if isinstance(place, Path):
        return _restore_file(place, source, now=now)
    return dumps.restore_dump(place, source, now=now)


def _restore_file(path: Path, source: Path, *, now: int) -> str | None:
    copies.check_copy(source)
    part = path.with_name(path.name + ".restoring")
    aside = path.with_name(f"{path.name}.before-{now}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        copies.write_copy(source, part)
        copies.begin_epoch(part)
        copies.put_in_place(part, path, aside=aside)
    except OSError as error:
        raise DataUnusable(f"{path.parent}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return str(aside) if aside.exists() else None
