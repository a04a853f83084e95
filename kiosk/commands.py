"""What the kiosk's commands do, all but the window's; each takes what was asked for and gives an exit code.

Called by kiosk.cli once one of them is wanted: the window does not wait for what they import.
Touches what kiosk.bootstrap opens for it. Raises what kiosk.cli turns into words.
"""

import getpass
import json
import secrets
import sys
import time
from argparse import Namespace
from pathlib import Path

from kiosk import bootstrap, report
from kiosk.bulk import files
from kiosk.doctor.visit import examine, here
from kiosk.enrolling import accept_address, ask
from kiosk.health import boot_id, uptime_ms
from kiosk.in_force import InForce, peek
from kiosk.settings import picture
from kiosk.settings.file import Config, InvalidConfig, load
from kiosk.settings.lockout import Uptime
from kiosk.settings.pin import Pins, WeakPin
from kiosk.settings.publish import Author, publish
from kiosk.settings.versions import Versions
from kiosk.settings.write import surveys_toml
from kiosk.simulate import Simulation
from kiosk.store.enrolment import keep_enrolment
from kiosk.store.export import export as stored_taps
from kiosk.store.folder import make_private
from kiosk.store.residence import take_over
from kiosk.terminal import FAULT, Refused, give, log_to_stderr, say
from kiosk.ui.glyphs import Fonts
from kiosk.ui.legible import faults_of, unreadable
from kiosk.ui.shown import beyond_us
from kiosk.visit import Answered
from survey.compare import differences
from survey.model import Programme
from survey.problems import Fault, InvalidSurvey
from sync.finding import Verdict, lines

BY_IMPORT = "import"  # the role under which head office sees what came from a file


def check(asked: Namespace) -> int:
    """Name every fault of config.toml."""
    config = load(asked.config)
    fonts = bootstrap.shipped("assets") / "fonts"
    kiosk = config.settings.kiosk
    faults = (
        *faults_of(kiosk.store, kiosk.language, "kiosk.store", Fonts(fonts)),
        *_logo(config.settings.screen.logo),
        *unreadable(config.settings.thanks, Fonts(fonts)),
        *beyond_us(config.programme, fonts=fonts),
    )
    if faults:
        raise InvalidConfig(asked.config.name, faults)
    say(report.configured(asked.config.name, config))
    return 0


def _logo(file: str) -> tuple[Fault, ...]:
    fault = picture.fault_of(Path(file)) if file else None
    return (Fault("screen.logo", fault),) if fault else ()


def status(asked: Namespace) -> int:
    """Say how the answers and the sync stand."""
    state = report.status(asked.data)
    give(json.dumps(state, ensure_ascii=False) if asked.json else report.words(state))
    return FAULT if state["damaged"] else 0


def export(asked: Namespace) -> int:
    """Print every stored answer."""
    complaints: list[str] = []
    for tap in stored_taps(asked.data, complaints.append):
        give(tap.line())
    for complaint in complaints:
        say(complaint)
    return FAULT if complaints else 0


def enrol(asked: Namespace) -> int:
    """Enrol this kiosk at a head office."""
    accept_address(asked.address, insecure=asked.insecure)
    with bootstrap.writing(asked.data, load(asked.config)) as opened:
        given = ask(asked.address, asked.code, asked.name)
        with opened.store.database.write() as writer:
            keep_enrolment(writer, given)
            if asked.moved:
                take_over(writer)
    say(f"enrolled at {asked.address}: site {given.site}, touchpoint {given.touchpoint}, {given.timezone}")
    give(given.kiosk)
    return 0


def set_pin(asked: Namespace) -> int:
    """Set the PIN of staff or technician."""
    pin = _typed_twice(asked.role) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    make_private(asked.data)
    try:
        Pins(asked.data, now=lambda: Uptime(boot=boot_id(), ms=uptime_ms())).put(asked.role, pin)
    except WeakPin as weak:
        raise Refused(f"the PIN was not set. {weak}") from None
    say(f"the PIN of {asked.role} is set")
    return 0


def _typed_twice(role: str) -> str:
    pin = getpass.getpass(f"new PIN of {role}: ")
    if getpass.getpass("once more: ") != pin:
        raise Refused("the PIN was not set. You typed two different ones.")
    return pin


def simulate(asked: Namespace) -> int:
    """Let made-up shoppers answer."""
    with bootstrap.writing(asked.data, load(asked.config)) as opened:

        def save(answered: Answered) -> None:
            give(opened.store.ledger.save(answered).line())  # what is read here was committed
            sys.stdout.flush()

        simulation = Simulation(
            survey=opened.in_force.survey_now() or opened.in_force.programme.surveys[0],
            seed=asked.seed or secrets.token_hex(8),
            save=save,
            new_id=bootstrap.new_id,
        )
        begun_s = time.monotonic()
        for number in range(asked.visits):
            if asked.rate:
                time.sleep(max(0.0, begun_s + number / asked.rate - time.monotonic()))
            simulation.visit(number)
    return 0


def survey(asked: Namespace) -> int:
    """Take surveys from a file into config.toml, or write them to one."""
    config = load(asked.config)
    try:
        if asked.action == "export":
            programme = _of_office(asked, config) if asked.office else config.programme
            files.export_file(asked.file, programme, surveys_toml)
            say(f"{len(programme.surveys)} surveys are in {asked.file}")
            return 0
        found = files.import_file(asked.file)
    except InvalidSurvey as invalid:
        raise InvalidConfig(asked.file.name, invalid.faults) from invalid
    if faults := beyond_us(found.programme, fonts=bootstrap.shipped("assets") / "fonts"):
        raise InvalidConfig(asked.file.name, faults)
    for each in found.left:
        say(f"cannot be carried over: {each}")
    _take_in(asked, config, found.programme)
    return 0


def _of_office(asked: Namespace, config: Config) -> Programme:
    """Give head office's surveys as it sent them, whatever the store changed since; raises Refused."""
    in_force = InForce(config)
    peek(asked.data, in_force)
    if in_force.office is None:
        raise Refused("head office has sent no surveys to this kiosk, or none that it can read")
    return in_force.office


def _take_in(asked: Namespace, config: Config, imported: Programme) -> None:
    """Put imported surveys in the place of those with their ids, others at the end; say what changed."""
    standing = {each.id: each.document() for each in config.programme.surveys}
    fresh = {each.id: each.document() for each in imported.surveys}
    documents = fresh if asked.replace else standing | fresh
    changes = [
        f"{name}: {each}"
        for name, document in documents.items()
        for each in differences(standing.get(name), document)
    ] + [f"{name}: taken out" for name in standing if name not in documents]
    for change in changes:
        say(change)
    in_force = InForce(config)
    peek(asked.data, in_force)
    if faults := in_force.may_publish(list(documents.values())):
        raise InvalidConfig(asked.file.name, faults)
    if asked.check or not changes:
        say("nothing was written" if asked.check else "nothing changed")
        return
    make_private(asked.data)
    author = Author(role=BY_IMPORT, at_ms=time.time_ns() // 1_000_000)
    publish(asked.config, list(documents.values()), versions=Versions(asked.data), author=author)
    say(f"{asked.config} has {len(documents)} surveys; a running kiosk shows them with the next visit")


def sync(asked: Namespace) -> int:
    """Talk to head office, without a window."""
    log_to_stderr()
    if not asked.once:
        bootstrap.sync(asked.config, asked.data)
    left = bootstrap.drain(load(asked.config), asked.data)
    say(f"{left:,} answers are still not settled" if left else "everything is settled")
    return FAULT if left else 0


def doctor(asked: Namespace) -> int:
    """Look at everything a kiosk needs."""
    findings = examine(here(asked.config, asked.data))
    give(json.dumps([vars(each) for each in findings], ensure_ascii=False) if asked.json else lines(findings))
    return FAULT if any(each.verdict is Verdict.BROKEN for each in findings) else 0


COMMANDS = {
    "check": check,
    "doctor": doctor,
    "status": status,
    "export": export,
    "enrol": enrol,
    "set-pin": set_pin,
    "survey": survey,
    "simulate": simulate,
    "sync": sync,
}
