"""Counts the taps again, straight from their table, knowing nothing of tallies or metrics."""

import datetime as dt
import json
from collections import Counter, defaultdict
from uuid import UUID
from zoneinfo import ZoneInfo

TAPS = """
    SELECT ledgers.uuid AS ledger, taps.seq, taps.visit, placements.site, placements.touchpoint,
           placements.kiosk, sites.timezone, surveys.survey, surveys.version, questions.question,
           questions.type, questions.metric, taps.answer, taps.language, taps.tapped_at,
           verbatims.text AS words
    FROM taps
    JOIN ledgers ON ledgers.id = taps.ledger
    JOIN placements ON placements.id = taps.placement
    JOIN sites ON sites.id = placements.site
    JOIN questions ON questions.id = taps.question
    JOIN surveys ON surveys.id = questions.survey
    LEFT JOIN verbatims ON verbatims.ledger = taps.ledger AND verbatims.seq = taps.seq
    ORDER BY taps.ledger, taps.seq
"""
FACES = {"sad": 0, "neutral": 50, "happy": 100}


def taps(office):
    """Every tap as a dict, with its local date and hour."""
    with office.database.read() as connection:
        rows = [dict(row._mapping) for row in connection.exec_driver_sql(TAPS)]
    for row in rows:
        local = dt.datetime.fromtimestamp(row["tapped_at"] / 1000, ZoneInfo(row["timezone"]))
        words = row.pop("words")
        row["answer"] = json.loads(row["answer"]) if words is None else words
        row["ledger_id"], row["visit_id"] = UUID(bytes=row["ledger"]), UUID(bytes=row["visit"])
        row["site"], row["kiosk"] = str(row["site"]), str(row["kiosk"])
        row["day"], row["hour"] = local.date().isoformat(), local.hour
        row["month"], row["weekday"] = f"{local:%Y-%m}", f"{local:%a}".lower()
        row["week"] = f"{local:%G}-W{local:%V}"
    return rows


def answers(office):
    """What was answered: of each visit and question the last tap, without the skipped ones."""
    last = {(row["ledger"], row["visit"], row["version"], row["question"]): row for row in taps(office)}
    return [row for row in last.values() if row["answer"] is not None]


def counted(rows, metric):
    """The answers that a metric counts, as numbers whose mean is its value."""
    if metric == "csat":
        top = {"faces": ("happy",), "stars": (4, 5), "scale": (6, 7)}
        return [(row, row["answer"] in top[row["type"]]) for row in rows if row["metric"] == "csat"]
    if metric == "happy_index":
        return [
            (row, FACES[row["answer"]]) for row in rows if row["metric"] == "csat" and row["type"] == "faces"
        ]
    if metric == "nps":
        return [
            (row, 100 * ((row["answer"] >= 9) - (row["answer"] <= 6)))
            for row in rows
            if row["metric"] == "nps"
        ]
    return [(row, row["answer"]) for row in rows if row["metric"] == "ces"]


def grouped(rows, metric, by):
    """How many answers, and their mean, for each group that has an answer."""
    groups = defaultdict(list)
    for row, value in counted(rows, metric):
        groups[tuple(row[name] for name in by)].append(value)
    return {key: (len(values), sum(values) / len(values)) for key, values in groups.items()}


def sizes(rows, by):
    """How many answers each group has."""
    return Counter(tuple(row[name] for name in by) for row in rows)
