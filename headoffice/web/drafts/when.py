"""A survey's schedule between its document and the form: days to tick, two times, two dates.

Called by drafts/steps.py and drafts/views.py. Pure.
"""

from collections.abc import Mapping
from typing import Any

from survey.model import WEEKDAYS
from survey.reading import ReadingError
from survey.schedule import days_of_week, hours_of_day

EVERY_DAY = frozenset(range(len(WEEKDAYS)))
MIDNIGHT, DAYS_END = "00:00", "24:00"


def days(when: Mapping[str, Any]) -> frozenset[int]:
    """The days that are ticked; every one where none is named or what is written is no days."""
    try:
        return days_of_week(when["weekdays"]) if "weekdays" in when else EVERY_DAY
    except ReadingError:
        return EVERY_DAY if when["weekdays"] else frozenset()


def times(when: Mapping[str, Any]) -> tuple[str, str]:
    """When it opens and closes, as a field for times has it; nothing where no hours are named."""
    try:
        opens, closes = hours_of_day(when["hours"])
    except KeyError:
        return "", ""
    except ReadingError:
        first, _, last = str(when["hours"]).partition("-")
        return first.strip(), last.strip()
    return f"{opens:%H:%M}", f"{closes:%H:%M}"


def typed(form: Mapping[str, str], now: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schedule that a form has; what is as it was stays as it was written. None: always."""
    made = dict(now)
    if "weekdays" in form:
        ticked = frozenset(day for day in EVERY_DAY if form.get(f"weekday.{day}"))
        if ticked == EVERY_DAY:
            made.pop("weekdays", None)
        elif ticked != days(now):
            made["weekdays"] = ",".join(WEEKDAYS[day] for day in sorted(ticked))
    if "opens" in form or "closes" in form:
        given = form.get("opens", "").strip(), form.get("closes", "").strip()
        if given == ("", ""):
            made.pop("hours", None)
        elif given != times(now):
            made["hours"] = f"{given[0]}-{DAYS_END if given[1] == MIDNIGHT else given[1]}"
    for key in ("from", "to"):
        if key in form:
            made = {name: each for name, each in made.items() if name != key}
            made |= {key: form[key].strip()} if form[key].strip() else {}
    return made or None
