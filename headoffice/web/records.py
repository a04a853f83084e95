"""What the results API says of each thing, as JSON would have it; docs and OpenAPI have the same fields.

Called by web/results_api.py, metrics_api.py and feed_api.py. Pure functions of values: touches nothing.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from headoffice.intervals import Estimate
from headoffice.store.completeness import Holding
from headoffice.store.feed import FeedRow
from headoffice.store.lists import KioskSeen, SiteSeen, SurveySeen
from headoffice.store.survey_edits import SurveyEdit
from headoffice.store.tables import SLOT_COLUMNS
from headoffice.store.visits import VisitSeen
from headoffice.work.columns import Key
from headoffice.work.compare import Compared
from headoffice.work.report import Row
from headoffice.work.tally_rows import TallyRow
from survey.compare import differences

Record = dict[str, object]
COMPARED_FIELDS = ("n", "value", "difference", "low", "high", "p", "p_adjusted", "significant")


def local_time(at_ms: int, timezone: str) -> str:
    """A moment as ISO 8601 with the offset that the site has then."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(timezone)).isoformat(timespec="milliseconds")


def moment(at_ms: int | None, timezone: str = "UTC") -> str | None:
    """The same, of a moment that may not have been."""
    return None if at_ms is None else local_time(at_ms, timezone)


def site_record(site: SiteSeen) -> Record:
    """A site."""
    return {"site": str(site.id), "name": site.name, "timezone": site.timezone, "tags": dict(site.tags)}


def kiosk_record(kiosk: KioskSeen) -> Record:
    """A kiosk and what it said of itself."""
    return {
        "kiosk": str(kiosk.id),
        "name": kiosk.name,
        "site": str(kiosk.site),
        "touchpoint": kiosk.touchpoint,
        "enrolled_at": local_time(kiosk.enrolled_at, kiosk.timezone),
        "heard_at": moment(kiosk.heard_at, kiosk.timezone),
        "version": kiosk.version,
        "pending": kiosk.pending,
        "free_bytes": kiosk.free_bytes,
        "programme": kiosk.programme,
        "problems": list(kiosk.problems),
        "clock_offset_ms": kiosk.clock_offset_ms,
    }


def survey_record(
    survey: SurveySeen, edits: Sequence[SurveyEdit], documents: Mapping[str, Mapping[str, object]]
) -> Record:
    """A survey version, and who made it from which; `documents` are all that are known, by version."""
    return {
        "version": survey.version,
        "survey": survey.survey,
        "kind": survey.kind,
        "added_at": local_time(survey.added_at, "UTC"),
        "kiosk": None if survey.kiosk is None else str(survey.kiosk),
        "document": survey.document,
        "edits": [edit_record(edit, documents.get(edit.base or ""), survey.document) for edit in edits],
    }


def edit_record(edit: SurveyEdit, before: Mapping[str, object] | None, after: Mapping[str, object]) -> Record:
    """Who made a version, and what it changed in the one before, where that is known."""
    return {
        "author": edit.author,
        "kiosk": None if edit.kiosk is None else str(edit.kiosk),
        "made_at": local_time(edit.made_at, "UTC"),
        "received_at": local_time(edit.received_at, "UTC"),
        "base": edit.base,
        "changes": [] if before is None else [str(each) for each in differences(before, after)],
    }


def holding_record(holding: Holding, gaps: list[tuple[int, int]] | None) -> Record:
    """What is held of a ledger; the gaps only where they were looked for."""
    until, last_tap_at, heard_at = holding.complete_until, holding.last_tap_at, holding.heard_at
    written = {
        at: moment(at, holding.timezone) for at in {until, last_tap_at, heard_at}
    }  # two of them at most
    record: Record = {
        "kiosk": str(holding.kiosk),
        "name": holding.name,
        "site": str(holding.site),
        "touchpoint": holding.touchpoint,
        "ledger": holding.ledger,
        "through": holding.through,
        "held": holding.held,
        "rejected": holding.rejected,
        "withheld": holding.withheld,
        "let_go": holding.let_go,
        "missing": holding.missing,
        "pending": holding.pending,
        "complete_until": written[until],
        "last_tap_at": written[last_tap_at],
        "heard_at": written[heard_at],
    }
    if gaps is not None:
        record["missing_seqs"] = [str(first) if first == last else f"{first}-{last}" for first, last in gaps]
    return record


def metric_record(row: Row) -> Record:
    """A line of a metric; what is suppressed or was not answered is null."""
    unfiltered = row.unfiltered
    return {
        "by": dict(row.by),
        **_numbers(row.estimate, suppressed=row.suppressed),
        **{name: _interval(estimate) for name, estimate in row.also.items()},
        "unfiltered": {
            "n": None if row.suppressed or unfiltered is None else unfiltered.n,
            "value": None if unfiltered is None else unfiltered.value,
        },
        "suppressed": row.suppressed,
    }


def compared_record(compared: Compared | None) -> Record:
    """What a line is compared with; all null where that may not be seen or cannot be said."""
    if compared is None:
        return dict.fromkeys(COMPARED_FIELDS)
    gap = compared.difference
    told = (compared.other.n, compared.other.value, gap.value, gap.low, gap.high)
    told_too = (compared.p, compared.p_adjusted, compared.significant)
    return dict(zip(COMPARED_FIELDS, (*told, *told_too), strict=True))


def tally_record(columns: tuple[str, ...], row: TallyRow) -> Record:
    """A tally; c0 … are the answers from the lowest or first on, as many as the question has."""
    tally, slots = row.tally, row.asked.slots
    counts = {
        name: None if row.suppressed or place >= slots else tally.slots[place]
        for place, name in enumerate(SLOT_COLUMNS)
    }
    return {
        **_named(columns, row.key),
        "type": row.asked.type,
        "metric": row.asked.metric,
        "counted": tally.counted,
        "n": None if row.suppressed else tally.n,
        "skipped": None if row.suppressed else tally.skipped,
        "sum": None if row.suppressed else tally.sum,
        **counts,
        "suppressed": row.suppressed,
    }


def _named(columns: tuple[str, ...], key: Key) -> Mapping[str, object]:
    return dict(zip(columns, key, strict=True))


def _numbers(estimate: Estimate, *, suppressed: bool) -> Record:
    return {"n": None if suppressed else estimate.n, **_interval(estimate)}


def _interval(estimate: Estimate) -> Record:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def feed_record(row: FeedRow) -> Record:
    """A tap of the feed, with exactly the fields that DESIGN names."""
    return {
        "ledger": row.ledger,
        "seq": row.seq,
        "visit": row.visit,
        "kiosk": str(row.kiosk),
        "site": str(row.site),
        "touchpoint": row.touchpoint,
        "survey": row.survey,
        "question": row.question,
        "answer": json.loads(row.answer),
        "language": row.language,
        "tapped_at": local_time(row.tapped_at, row.timezone),
        "received_at": local_time(row.received_at, row.timezone),
        "estimated": row.estimated,
        "flag": row.flag,
    }


def visit_record(visit: VisitSeen) -> Record:
    """A visit, its answers by question."""
    return {
        "visit": visit.visit,
        "kiosk": str(visit.kiosk),
        "site": str(visit.site),
        "touchpoint": visit.touchpoint,
        "survey": visit.version,
        "survey_id": visit.survey,
        "language": visit.language,
        "started_at": local_time(visit.started_at, visit.timezone),
        "ended_at": local_time(visit.ended_at, visit.timezone),
        "estimated": visit.estimated,
        "flag": visit.flag,
        "answers": visit.answers,
    }
