"""Thousands of visits in one run of the real kiosk: whether its memory stays what it is.

Called by `__main__`. I start a screen and a kiosk with bench.day's shoppers in fifteen languages; I weigh it.
"""

import subprocess
import sys
import time
from itertools import pairwise

from bench.figures import Figure, Goal, Report, Scale
from bench.glass import Glass
from bench.machine import scratch
from bench.processes import first_line, pss_mb, running
from kiosk.bootstrap import shipped
from survey.documents import from_toml
from survey.parse import parse_programme

VISITS = {Scale.QUICK: 200, Scale.USUAL: 10_000, Scale.FULL: 30_000}
FLAT_FROM = 1_500
STEP = 100
ANONYMOUS = "Pss_Anon"  # files' pages are shared with whoever else has them open, and come and go
FLAT = Goal("at most", 1.05)


def measure(scale: Scale) -> Report:
    """Let the shoppers come, and weigh the kiosk after every hundred of them."""
    visits = VISITS[scale]
    weights: list[tuple[int, float]] = []
    with scratch() as folder, Glass(1280, 800, folder) as glass:
        log, config = folder / "kiosk.log", folder / "config.toml"
        config.write_text(many_languages(), "utf-8")
        words = [sys.executable, "-m", "bench.day", str(visits), str(STEP), "run", "--config", str(config)]
        words += ["--data", str(folder / "data")]
        begin = time.perf_counter()
        with running(words, log=log, env={"DISPLAY": glass.display}, talks=True) as process:
            first_line(process, log)
            while len(weights) * STEP < visits:
                done = int(first_line(process, log))
                weights.append((done, pss_mb([process.pid], ANONYMOUS)))
                go_on(process)
        took_s = time.perf_counter() - begin
    return report(weights, took_s)


def go_on(process: subprocess.Popen[str]) -> None:
    """Let the next shoppers in."""
    if process.stdin:
        process.stdin.write("\n")
        process.stdin.flush()


def many_languages() -> str:
    """Give a config.toml with the survey in every language that the kiosk speaks."""
    survey = shipped("assets").joinpath("surveys", "checkout.toml").read_text("utf-8")
    (first,) = parse_programme(from_toml(survey)["survey"]).surveys
    return f"[kiosk]\nlanguages = {list(first.languages)}\n\n{survey}"


def report(weights: list[tuple[int, float]], took_s: float) -> Report:
    """Put the weights behind the first 1,500 visits beside the one there."""
    visits = weights[-1][0]
    settled = [mb for done, mb in weights if done >= min(FLAT_FROM, visits // 2)]
    rises = sum(after - before > 0 for (_, before), (_, after) in pairwise(weights))
    return Report(
        title=f"{visits:,} visits in one run of the kiosk",
        peer=f"after {min(FLAT_FROM, visits // 2):,}",
        figures=(
            Figure("memory, most of all later, MB", max(settled), settled[0], FLAT),
            Figure("memory, at the end, MB", settled[-1], settled[0], FLAT),
            Figure("memory after the first hundred, MB", weights[0][1]),
        ),
        notes=(
            f"Every screen is drawn; {took_s / visits * 1000:,.0f} ms a visit.",
            "The memory that the program asked for itself, without its files.",
            "Three shoppers of ten choose one of fifteen languages.",
            f"Weighed after every {STEP} visits; {rises} of {len(weights) - 1} times it was more.",
        ),
    )
