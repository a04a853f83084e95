"""Flag: judge the kept taps by the misuse rules in force, and move what is flagged out of the counts.

Run by the clock for taps that came, and again over everything when the rules change; dry on request.
May touch `taps.flag`, the tallies and the misuse tables, in one transaction a step.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from headoffice.store import ledgers, misuse, recount, surveys, tallies
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.misuse import Behind, Filter
from headoffice.store.results import questions
from headoffice.store.taps import StoredTap
from headoffice.work.counting import Countable, LocalTimes, Sums, countables
from headoffice.work.misuse import Judge, Rules
from survey.model import STAFF_METRICS

AT_ONCE = 5000  # taps of one step: others write in between
LOOKED_BACK = 5000  # taps before the first new one, so that no rule misses what it looks back at
LEDGERS_AT_ONCE = 50


@dataclass
class Effect:
    """What judging changes, in taps: by reason, and by site; `seen` is how many were judged."""

    seen: int = 0
    now: Counter[str] = field(default_factory=Counter)
    then: Counter[str] = field(default_factory=Counter)
    newly_flagged: Counter[int] = field(default_factory=Counter)
    counted_again: Counter[int] = field(default_factory=Counter)

    def add(self, tap: StoredTap, flag: str | None, site: int) -> None:
        """Take a tap in, with the flag it would have."""
        self.seen += 1
        if tap.flag is not None:
            self.now[tap.flag] += 1
        if flag is not None:
            self.then[flag] += 1
        if tap.flag is None and flag is not None:
            self.newly_flagged[site] += 1
        if tap.flag is not None and flag is None:
            self.counted_again[site] += 1

    def document(self) -> dict[str, object]:
        """The same as JSON has it."""
        sites = sorted({*self.newly_flagged, *self.counted_again})
        return {
            "seen": self.seen,
            "flagged_now": dict(sorted(self.now.items())),
            "flagged_then": dict(sorted(self.then.items())),
            "sites": [
                {
                    "site": str(site),
                    "newly_flagged": self.newly_flagged[site],
                    "counted_again": self.counted_again[site],
                }
                for site in sites
            ],
        }


def standing(connection: Connection) -> dict[str, object]:
    """The rules in force, and whether some taps are not judged by them yet."""
    rules = misuse.in_force(connection)
    return {"filter": rules.name, "rules": dict(rules.rules), "waiting": is_behind(connection)}


def tried(connection: Connection, rules: Rules) -> dict[str, object]:
    """What a dry run of these rules finds, beside them."""
    now = {"dry_run": True, "filter": misuse.in_force(connection).name, "rules": dict(rules)}
    return {**now, **dry_run(connection, rules).document()}


def change_rules(connection: Connection, rules: Rules, *, by: By) -> Filter:
    """Put other rules in force; the taps are judged by them step by step."""
    made = misuse.put_in_force(connection, rules, who=by.who, now=by.at)
    note(connection, by=by, did="change misuse rules", what={"filter": made.name, "rules": dict(rules)})
    return made


def dry_run(connection: Connection, rules: Rules) -> Effect:
    """What these rules would change if they were in force; changes nothing."""
    places, effect, staffs = misuse.places(connection), Effect(), staff_questions(connection)
    for ledger in misuse.ledgers(connection):
        judge = Judge(rules, places, staffs)
        for taps in misuse.all_taps(connection, ledger, at_once=AT_ONCE):
            for tap in taps:
                effect.add(tap, judge.flag(tap), places[tap.placement].site)
    return effect


def is_behind(connection: Connection) -> bool:
    """Whether some tap is not judged yet."""
    rules = misuse.in_force(connection)
    return _ever_changed(rules) and bool(misuse.behind(connection, rules.version, limit=1))


def step(connection: Connection) -> bool:
    """Judge some thousands of taps and count them as they are flagged; returns whether more are waiting."""
    rules = misuse.in_force(connection)
    if not _ever_changed(rules):
        return False
    waiting = misuse.behind(connection, rules.version, limit=LEDGERS_AT_ONCE)
    places, room, staffs = misuse.places(connection), AT_ONCE, staff_questions(connection)
    sums, local, known = Sums(), LocalTimes(), _countables(connection) if waiting else {}
    for each in waiting:
        ledgers.keep_others_out(connection, each.ledger)
        changed, seen, done = _judge(connection, each, Judge(rules.rules, places, staffs), most=room)
        misuse.judged(connection, each.ledger, version=rules.version, through=done)
        misuse.set_flags(connection, each.ledger, [(tap.seq, flag) for tap, flag in changed])
        _recount(sums, changed, known, local, {place: at.timezone for place, at in places.items()})
        room -= seen
        if room <= 0:
            break
    tallies.add_counts(connection, "tallies_day", sums.days)
    tallies.add_counts(connection, "tallies_hour", sums.hours)
    return bool(misuse.behind(connection, rules.version, limit=1))


def staff_questions(connection: Connection) -> frozenset[int]:
    """Questions that staff answer, whose taps are no visits."""
    return frozenset(asked.id for asked in questions(connection) if asked.metric in STAFF_METRICS)


def _ever_changed(rules: Filter) -> bool:
    """Version 1 has no rule, and no tap was flagged before it."""
    return rules.version > 1


def _judge(
    connection: Connection, behind: Behind, judge: Judge, *, most: int
) -> tuple[list[tuple[StoredTap, str | None]], int, int]:
    """The taps whose flag changes, with it; how many were judged, and through which number."""
    first = max(0, behind.through - LOOKED_BACK)
    taps = misuse.taps_after(connection, behind.ledger, first, limit=LOOKED_BACK + most)
    for tap in taps:
        if tap.seq <= behind.through:
            judge.trust(tap)
    new = [(tap, judge.flag(tap)) for tap in taps if tap.seq > behind.through]
    whole = len(taps) < LOOKED_BACK + most
    through = misuse.through_of(connection, behind.ledger) if whole else taps[-1].seq
    return [(tap, flag) for tap, flag in new if tap.flag != flag], len(new), through


def _recount(
    sums: Sums,
    changed: Iterable[tuple[StoredTap, str | None]],
    known: Mapping[int, Countable],
    local: LocalTimes,
    timezones: Mapping[int, str],
) -> None:
    """Take the taps out of the counts they are in, and into the others."""
    for tap, flag in changed:
        if tap.superseded:
            continue  # counted nowhere
        day, hour = local.at(timezones[tap.placement], tap.tapped_at)
        reckoned = known[tap.question].reckon_stored(tap.answer)
        sums.add(tap, reckoned, day=day, hour=hour, times=-1)
        sums.add(tap._replace(flag=flag), reckoned, day=day, hour=hour, times=1)


def _countables(connection: Connection) -> dict[int, Countable]:
    found: dict[int, Countable] = {}
    for version in recount.versions(connection):
        known = surveys.find_survey(connection, version)
        if known is not None:
            found |= {countable.id: countable for countable in countables(known).values()}
    return found
