"""The shapes that head office's answers have, as JSON Schema: one for each kind of row.

Called by web/openapi.py; the tests hold real answers against them. Pure values: touches nothing.
"""

from collections.abc import Mapping

from headoffice.store.tables import SLOT_COLUMNS
from headoffice.store.verbatims import STATES

Schema = dict[str, object]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_YES: Schema = {"type": "boolean"}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_MAYBE_NUMBER: Schema = {"type": ["number", "null"]}
_MAYBE_COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}


def text(meaning: str) -> Schema:
    """A text that means something."""
    return {**_TEXT, "description": meaning}


def moment(meaning: str) -> Schema:
    """A time, ISO 8601 with the offset that the site has then."""
    return {**_TEXT, "format": "date-time", "description": meaning}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [str(schema["type"]), "null"]}


def table(fields: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def listed(name: str, row: str) -> Schema:
    """An object that holds rows."""
    return table({name: {"type": "array", "items": reference(row)}})


def reference(name: str) -> Schema:
    """A schema of this file, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


_ANSWER: Schema = {
    "description": "a face, a number, an option or several, a text, true for a notice; null if skipped"
}
_PLACE: Mapping[str, Schema] = {
    "kiosk": text("the kiosk's id"),
    "site": text("the site's id"),
    "touchpoint": text("the place in the journey, such as checkout"),
}
_INTERVAL = table({"value": _MAYBE_NUMBER, "low": _MAYBE_NUMBER, "high": _MAYBE_NUMBER})

_COMPARED = table(
    {
        "n": _MAYBE_COUNT,
        "value": _MAYBE_NUMBER,
        "difference": {**_MAYBE_NUMBER, "description": "this row less the other side"},
        "low": _MAYBE_NUMBER,
        "high": _MAYBE_NUMBER,
        "p": _MAYBE_NUMBER,
        "p_adjusted": {**_MAYBE_NUMBER, "description": "with as many rows compared as there are"},
        "significant": {"type": ["boolean", "null"]},
    }
)

SCHEMAS: Mapping[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "what is wrong, in words that name the place and the mend",
        "properties": {
            "problem": text("its name"),
            "detail": text("for people"),
            "status": {"type": "integer"},
            "faults": {
                "type": "array",
                "description": "every fault of the input at once; lists in places count from 0",
                "items": table({"place": _TEXT, "message": _TEXT}),
            },
        },
        "required": ["problem", "detail"],
    },
    "Tap": table(
        {
            "ledger": text("the kiosk's ledger; with seq the name of the tap"),
            "seq": {"type": "integer", "minimum": 1},
            "visit": _TEXT,
            **_PLACE,
            "survey": text("the survey's version"),
            "question": _TEXT,
            "answer": _ANSWER,
            "language": _TEXT,
            "tapped_at": moment("when it was tapped"),
            "received_at": moment("when head office received it"),
            "estimated": {**_YES, "description": "the kiosk's clock was not set, so tapped_at may be off"},
            "flag": {**_MAYBE_TEXT, "description": "why it is not counted; null if it is"},
        }
    ),
    "Taps": table(
        {
            "taps": {"type": "array", "items": reference("Tap")},
            "next": text("the cursor to ask `after` next; keep it"),
            "more": {**_YES, "description": "whether there is more already"},
            "let_go": {
                **_YES,
                "description": "whether retention let taps after this cursor go before they were read: they "
                "cannot be had any more, their counts stay in the tallies; also the header Egao-Let-Go",
            },
        },
        optional=("next", "more", "let_go"),
    ),
    "Visit": table(
        {
            "visit": _TEXT,
            **_PLACE,
            "survey": text("the survey's version"),
            "survey_id": _TEXT,
            "language": _TEXT,
            "started_at": moment("its first tap"),
            "ended_at": moment("its last tap"),
            "estimated": _YES,
            "flag": _MAYBE_TEXT,
            "answers": {
                "type": "object",
                "description": "by question; the last one if the shopper went back",
                "additionalProperties": _ANSWER,
            },
        }
    ),
    "Visits": table(
        {"visits": {"type": "array", "items": reference("Visit")}, "next": _TEXT, "more": _YES},
        optional=("next", "more"),
    ),
    "MetricRow": table(
        {
            "by": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
            "n": {**_MAYBE_COUNT, "description": "answers it rests on; null if suppressed"},
            "value": {
                **_MAYBE_NUMBER,
                "description": "shares 0 … 1, gap −1 … 1, happy index 0 … 100, NPS −100 … 100, CES 1 … 7",
            },
            "low": {**_MAYBE_NUMBER, "description": "low end of the 95 % interval"},
            "high": {**_MAYBE_NUMBER, "description": "high end of the 95 % interval"},
            "easy": {**_INTERVAL, "description": "with CES: the share of 5 to 7"},
            "predicted": {**_INTERVAL, "description": "with the expectation gap: the share staff predicted"},
            "said": {**_INTERVAL, "description": "with the expectation gap: the share of happy shoppers"},
            "unfiltered": table({"n": _MAYBE_COUNT, "value": _MAYBE_NUMBER}),
            "suppressed": {**_YES, "description": "too few answers for this token to see"},
            "compared": {**_COMPARED, "description": "with compare; all null where it may not be seen"},
        },
        optional=("easy", "predicted", "said", "compared"),
    ),
    "Metrics": table(
        {
            "metric": _TEXT,
            "definition": text("the formula and its version"),
            "filter": text(
                "the version of the misuse rules by which answers are left out of n: v1 leaves none out"
            ),
            "from": maybe({**_TEXT, "format": "date"}),
            "to": maybe({**_TEXT, "format": "date"}),
            "compare": _TEXT,
            "correction": _TEXT,
            "rows": {"type": "array", "items": reference("MetricRow")},
        },
        optional=("compare", "correction"),
    ),
    "Cause": table(
        {
            "question": _TEXT,
            "cause": text("the option's id"),
            "n": {**_COUNT, "description": "visits that scored 0 to 6 and named it"},
            "value": {**_MAYBE_NUMBER, "description": "their share of all visits that scored 0 to 6"},
            "low": _MAYBE_NUMBER,
            "high": _MAYBE_NUMBER,
            "nps_if_fixed": {**_NUMBER, "description": "the NPS if these visits had been passive"},
        }
    ),
    "NpsPlus": table(
        {
            "metric": _TEXT,
            "definition": _TEXT,
            "filter": _TEXT,
            "from": maybe({**_TEXT, "format": "date"}),
            "to": maybe({**_TEXT, "format": "date"}),
            "n": _MAYBE_COUNT,
            "value": {**_MAYBE_NUMBER, "description": "the NPS"},
            "low": _MAYBE_NUMBER,
            "high": _MAYBE_NUMBER,
            "detractors": {**_MAYBE_COUNT, "description": "visits that scored 0 to 6"},
            "explained": {**_MAYBE_COUNT, "description": "of those, how many named a cause"},
            "suppressed": {**_YES, "description": "too few answers for this token to see causes"},
            "causes": {"type": "array", "items": reference("Cause")},
        }
    ),
    "Stage": table(
        {
            "survey": _TEXT,
            "version": _TEXT,
            "question": _TEXT,
            "reached": {**_MAYBE_COUNT, "description": "visits that reached it"},
            "answered": {**_MAYBE_COUNT, "description": "of those, how many answered and did not skip it"},
            "value": {**_MAYBE_NUMBER, "description": "their share"},
            "low": _MAYBE_NUMBER,
            "high": _MAYBE_NUMBER,
            "took_s": {**_MAYBE_NUMBER, "description": "median seconds from the tap before to the answer"},
            "suppressed": _YES,
        }
    ),
    "Funnel": table(
        {
            "metric": _TEXT,
            "definition": _TEXT,
            "filter": _TEXT,
            "from": maybe({**_TEXT, "format": "date"}),
            "to": maybe({**_TEXT, "format": "date"}),
            "rows": {"type": "array", "items": reference("Stage")},
        }
    ),
    "Tally": table(
        {
            "survey": _TEXT,
            "version": _TEXT,
            "question": _TEXT,
            "day": {**_TEXT, "format": "date", "description": "the site's local date"},
            "hour": {"type": "integer", "minimum": 0, "maximum": 23, "description": "with grain=hour"},
            "site": _TEXT,
            "touchpoint": _TEXT,
            "language": {**_TEXT, "description": "with grain=day"},
            "type": _TEXT,
            "metric": _MAYBE_TEXT,
            "counted": {**_YES, "description": "false: the flagged answers"},
            "n": {**_MAYBE_COUNT, "description": "answers given"},
            "skipped": {**_MAYBE_COUNT, "description": "answers passed over"},
            "sum": {"type": ["integer", "null"], "description": "faces 0, 50, 100; scales their number"},
            **{
                name: {**_MAYBE_COUNT, "description": "answers, lowest or first one at c0"}
                for name in SLOT_COLUMNS
            },
            "suppressed": _YES,
        },
        optional=("hour", "language"),
    ),
    "Tallies": listed("tallies", "Tally"),
    "Verbatim": table(
        {
            "verbatim": text("its name; it tells nothing"),
            "site": _TEXT,
            "touchpoint": _TEXT,
            "survey": text("the survey's id"),
            "question": _TEXT,
            "period": text("the month it was written in, or the day where a part of a month was asked for"),
            "text": {**_MAYBE_TEXT, "description": "as the kiosk redacted it; null: erased"},
            "state": {"type": "string", "enum": list(STATES)},
            "version": {
                **_MAYBE_TEXT,
                "description": "the survey's version; this and what follows for admins",
            },
            "language": _MAYBE_TEXT,
            "kiosk": _MAYBE_TEXT,
            "tapped_at": maybe(moment("when it was written")),
            "flag": _MAYBE_TEXT,
        }
    ),
    "Verbatims": table(
        {"verbatims": {"type": "array", "items": reference("Verbatim")}, "next": _TEXT, "more": _YES}
    ),
    "VerbatimChange": {
        "type": "object",
        "properties": {
            "action": {
                "type": "string",
                "enum": ["hide", "show", "redact", "erase"],
                "description": "erase is for good, and so is what redact puts other words in the place of",
            },
            "text": {**_TEXT, "minLength": 1, "maxLength": 2000, "description": "with redact: the new words"},
        },
        "required": ["action"],
    },
    "VerbatimState": table({"verbatim": _TEXT, "state": {"type": "string", "enum": list(STATES)}}),
    "Alert": table(
        {
            "alert": text("its number"),
            "kind": text(
                "kiosk_silent, kiosk_problems, kiosk_quiet, sudden_drop, ledger_forked, ledger_corrupt or "
                "taps_rejected"
            ),
            "state": {"type": "string", "enum": ["open", "closed"]},
            "site": _MAYBE_TEXT,
            "kiosk": _MAYBE_TEXT,
            "subject": text("what it is about; open once for each kind"),
            "detail": text("for people"),
            "raised_at": moment("when it was first seen"),
            "closed_at": maybe(moment("when it was over")),
        }
    ),
    "Alerts": table({"alerts": {"type": "array", "items": reference("Alert")}, "next": _TEXT, "more": _YES}),
    "Misuse": table(
        {
            "filter": text("the version of the rules in force"),
            "rules": {"type": "object", "description": "rule → its numbers; a rule that is not there is off"},
            "waiting": {**_YES, "description": "whether some taps are not judged by them yet"},
        }
    ),
    "MisuseChange": {
        "type": "object",
        "properties": {
            "rules": {
                "type": "object",
                "description": "all that are to be in force: too_soon, same_answers, burst, outside_hours",
            },
            "dry_run": {**_YES, "description": "only say what would change"},
        },
        "required": ["rules"],
    },
    "MisuseEffect": table(
        {
            "dry_run": _YES,
            "filter": text("the version in force now"),
            "rules": {"type": "object"},
            "seen": {**_MAYBE_COUNT, "description": "taps judged; with dry_run"},
            "flagged_now": {"type": "object", "description": "taps flagged by the rules before, by reason"},
            "flagged_then": {"type": "object", "description": "taps these rules flag, by reason"},
            "sites": {
                "type": "array",
                "items": table({"site": _TEXT, "newly_flagged": _COUNT, "counted_again": _COUNT}),
            },
        },
        optional=("seen", "flagged_now", "flagged_then", "sites"),
    ),
    "Site": table(
        {
            "site": text("the site's id"),
            "name": _TEXT,
            "timezone": text("IANA name"),
            "tags": {"type": "object", "additionalProperties": _TEXT},
        }
    ),
    "Sites": listed("sites", "Site"),
    "Kiosk": table(
        {
            "kiosk": text("the kiosk's id"),
            "name": _TEXT,
            "site": _TEXT,
            "touchpoint": _TEXT,
            "enrolled_at": moment("when it got its key"),
            "heard_at": maybe(moment("the last batch or heartbeat")),
            "version": _MAYBE_TEXT,
            "pending": {**_MAYBE_COUNT, "description": "taps it said were waiting"},
            "free_bytes": _MAYBE_COUNT,
            "programme": _MAYBE_TEXT,
            "problems": {"type": "array", "items": _TEXT},
            "clock_offset_ms": {
                "type": ["integer", "null"],
                "description": "by how much its clock is ahead of head office's (negative: behind), by the "
                "least delayed of its last five batches; null: not heard of yet",
            },
        }
    ),
    "Kiosks": listed("kiosks", "Kiosk"),
    "Survey": table(
        {
            "version": _TEXT,
            "survey": text("the survey's id, the same over its versions"),
            "kind": _TEXT,
            "added_at": moment("when head office got it"),
            "kiosk": {**_MAYBE_TEXT, "description": "where it was made; null: at head office"},
            "document": {"type": "object"},
            "edits": {
                "type": "array",
                "description": "each time it was made or published, as head office heard of it",
                "items": reference("SurveyEdit"),
            },
        }
    ),
    "SurveyEdit": table(
        {
            "author": text("staff, technician or hand (a text editor) at a kiosk; else who published it"),
            "kiosk": {**_MAYBE_TEXT, "description": "where; null: at head office"},
            "made_at": moment("by the clock of where it was made"),
            "received_at": moment("when head office heard of it"),
            "base": {**_MAYBE_TEXT, "description": "the version it was made from; null: not told, or new"},
            "changes": {
                "type": "array",
                "items": _TEXT,
                "description": "against the base, in words; none where that is not known",
            },
        }
    ),
    "Surveys": listed("surveys", "Survey"),
    "Holding": table(
        {
            "kiosk": _TEXT,
            "name": _TEXT,
            "site": _TEXT,
            "touchpoint": _TEXT,
            "ledger": {**_MAYBE_TEXT, "description": "null: the kiosk has sent none yet"},
            "through": {**_COUNT, "description": "decided up to this number"},
            "held": _COUNT,
            "rejected": _COUNT,
            "withheld": {**_COUNT, "description": "numbers the kiosk could not send"},
            "let_go": {**_COUNT, "description": "of those held, the ones that are gone by their age"},
            "missing": {"type": "integer", "description": "through less held, rejected and withheld"},
            "pending": _MAYBE_COUNT,
            "complete_until": maybe(moment("up to when every tap is here")),
            "last_tap_at": maybe(moment("the last tap held")),
            "heard_at": maybe(moment("the last batch or heartbeat")),
            "missing_seqs": {
                "type": "array",
                "items": _TEXT,
                "description": "with recount=true: numbers such as 17, or spans such as 20-25",
            },
        },
        optional=("missing_seqs",),
    ),
    "Completeness": listed("completeness", "Holding"),
}
