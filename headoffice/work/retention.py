"""Let taps go that head office has held for long enough, and old lines of the audit.

Called by `work.clock`, a step at a time, so that kiosks get in between.
May touch the taps with their words and their place in the feed, what is noted of those let go, and the audit.
"""

from headoffice.store import audit, ledgers, letting_go, recount, tallies
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.work.counting import LocalTimes, Sums
from headoffice.work.rebuild import countable_questions

AT_ONCE = 5000  # taps of one step


def step(connection: Connection, ledger: int, *, before_ms: int, by: By) -> int:
    """Let some thousands of a ledger's oldest taps go; returns how many, 0 when no more are due.

    What they count for is added to what is noted of those let go, so the tallies remain what a recount of
    all that is held and this together gives.
    """
    ledgers.keep_others_out(connection, ledger)
    taps = letting_go.oldest(connection, ledger, before_ms=before_ms, limit=AT_ONCE)
    if not taps:
        return 0
    questions, zones = countable_questions(connection), recount.timezones(connection)
    sums, local = Sums(), LocalTimes()
    for tap in taps:
        if not tap.superseded:
            day, hour = local.at(zones[tap.placement], tap.tapped_at)
            sums.add(tap, questions[tap.question].reckon_stored(tap.answer), day=day, hour=hour, times=1)
    tallies.add_counts(connection, "let_go_day", sums.days)
    tallies.add_counts(connection, "let_go_hour", sums.hours)
    letting_go.let_go(connection, ledger, through=taps[-1].seq, taps=len(taps), now=by.at)
    return len(taps)


def tell(connection: Connection, *, taps: int, before_ms: int, by: By) -> None:
    """Note in the audit how many taps went."""
    note(connection, by=by, did="let taps go", what={"count": taps, "before_ms": before_ms})


def forget_audit(connection: Connection, *, before_ms: int, by: By) -> int:
    """Forget what was done before a moment; returns how many lines. That this was done is noted."""
    gone = audit.forget_before(connection, before_ms)
    if gone:
        note(connection, by=by, did="forget old audit", what={"count": gone, "before_ms": before_ms})
    return gone
