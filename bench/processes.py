"""Processes of ours: started for a benchmark, weighed with all their children, and ended again.

Used by every benchmark that starts a program. I read /proc and end only what I started.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 20.0


@contextmanager
def running(
    words: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, talks: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Start a program; when the block ends it is ended with all its children. stderr goes to `log`.

    One that `talks` is written to on its stdin.
    """
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            stdin=subprocess.PIPE if talks else None,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def command(*words: str) -> str:
    """Run a command of ours to its end and give its stdout; RuntimeError with its stderr when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:2])} failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip()


def first_line(process: subprocess.Popen[str], log: Path) -> str:
    """Give what a program announces on stdout; RuntimeError with its stderr when it ends without a word."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text('utf-8')[-2000:]}")
    return line.strip()


def tree(pid: int) -> list[int]:
    """Give a process and all its descendants, as they are now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(int(entry.name))) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for member in found:
        found.extend(children.get(member, []))
    return found


def pss_mb(pids: Iterable[int], kind: str = "Pss") -> float:
    """Proportional set size in MB: shared pages are divided among those who share them, so a sum is right.

    `Pss_Anon` counts only what the programs asked for themselves, which nobody else's start makes smaller.
    """
    total_kb = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
            total_kb += sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))
    return total_kb / 1000


def rss_mb(pid: int) -> float:
    """Resident set size in MB of one process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_mb(pid: int) -> float:
    """Resident set size in MB of one process when it was largest."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds of processor time that these processes have used, in user space and in the kernel."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = _stat(pid)
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_S


def busy_ns(pids: Iterable[int]) -> dict[tuple[int, int], int]:
    """Nanoseconds on a processor of each thread (process, thread), as the scheduler counts them."""
    spent: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(OSError):
                    words = (thread / "schedstat").read_text("ascii").split()
                    spent[pid, int(thread.name)] = int(words[0])
    return spent


def _parent(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        return int(_stat(pid)[1])
    return None


def _stat(pid: int) -> list[str]:
    # The name may hold blanks and brackets, so count from behind it: state, parent, …
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def _end(process: subprocess.Popen[str]) -> None:
    family = tree(process.pid)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=PATIENCE_S)
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()
    end = time.monotonic() + PATIENCE_S
    left = [pid for pid in family[1:] if _is_there(pid)]
    while left and time.monotonic() < end:
        time.sleep(0.05)
        left = [pid for pid in left if _is_there(pid)]
    for pid in left:
        with contextlib.suppress(OSError):
            os.kill(pid, 9)


def _is_there(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return _stat(pid)[0] != "Z"
    return False
