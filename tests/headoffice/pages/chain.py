"""A small chain whose every tap is known, with an attack in every name that people or kiosks can give."""

import datetime as dt
import time
from copy import deepcopy
from functools import partial
from itertools import count
from zoneinfo import ZoneInfo

from headoffice.store import alerts, drafts
from headoffice.store.audit import By
from headoffice.store.engine import driver
from headoffice.work import access
from survey.parse import version_of
from tests.headoffice.kiosk_side import Sender, new_id, tap
from tests.headoffice.results.asking import make_tokens
from tests.headoffice.running import RunningOffice

SHORT = "<img src=x onerror=alert(3)>"
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"
FORMULA = '=HYPERLINK("http://x")'
FIRST, LAST = dt.date(2026, 10, 26), dt.date(2026, 11, 8)  # New York sets its clocks back on 1 November
PERIOD = {"from": FIRST.isoformat(), "until": LAST.isoformat()}
API_PERIOD = {"from": FIRST.isoformat(), "to": (LAST + dt.timedelta(days=1)).isoformat()}
ZONES = {"Asia/Tokyo": ATTACK, "America/St_Johns": FORMULA, "America/New_York": "New York"}
TOUCHPOINTS = ("入口", f"レジ {ATTACK[:30]}")
WORDS = ("レジの列がながい", "ｶﾀｶﾅ と カタカナ", ATTACK, FORMULA)

DOCUMENT = {
    "id": "checkout",
    "kind": "in_the_moment",
    "title": {"ja": f"題 {SHORT}", "en": f"Title {SHORT}"},
    "question": [
        {
            "id": "rating",
            "type": "faces",
            "metric": "csat",
            "text": {"ja": f"いかが {ATTACK}", "en": f"How {ATTACK}"},
            "next": {"sad": "why", "neutral": "why", "happy": "recommend"},
        },
        {
            "id": "why",
            "type": "choice",
            "metric": "reasons",
            "many": True,
            "text": {"ja": f"なぜ {ATTACK}", "en": f"Why {ATTACK}"},
            "options": [
                {"id": "waiting", "text": {"ja": f"待ち {SHORT}", "en": f"W {SHORT}"}},
                {"id": "range", "text": {"ja": "品ぞろえ", "en": "Range"}},
            ],
            "next": "words",
        },
        {
            "id": "recommend",
            "type": "scale",
            "metric": "nps",
            "min": 0,
            "max": 10,
            "text": {"ja": "すすめますか", "en": "Recommend?"},
            "labels": {"low": {"ja": "いいえ", "en": "No"}, "high": {"ja": "はい", "en": "Yes"}},
            "next": {"0-6": "why", "7-10": "words"},
        },
        {"id": "words", "type": "text", "text": {"ja": "ひとこと", "en": "In your words"}, "next": "end"},
    ],
}


def make_chain(folder):
    """Three sites on three clocks, two touchpoints each, fourteen days; `taps` remembers what was sent."""
    office = RunningOffice(folder)
    office.document = deepcopy(DOCUMENT)
    office.version = version_of(office.document)
    office.sites, office.taps, office.senders = {}, [], []
    try:
        office.publish(office.document)
        office.tokens = make_tokens(office)
        for zone, name in ZONES.items():
            _open(office, zone, name)
        office.change(partial(_attack, version=office.version))
    except BaseException:
        close_chain(office)
        raise
    return office


def _attack(connection, *, version):
    """Put the attack where no shop has a name for it: a kiosk, a token, somebody's tag, an alert."""
    ask = driver(connection).execute
    ask("UPDATE kiosks SET name = ?", (ATTACK,))
    ask("UPDATE ledger_heads SET problems = ?", (f'["{SHORT}"]',))
    access.make_token(connection, name=ATTACK[:60], scope="results", by=By(SHORT, 1))
    wrong = alerts.Wrong(kind=SHORT, subject=ATTACK, detail=f"{ATTACK} {version}", site=1, kiosk=1)
    alerts.raise_alert(connection, wrong, now=1)


def _open(office, zone, name):
    """Add a site with its touchpoints, and send what was tapped there."""
    add = partial(
        access.add_site, name=name, timezone=zone, tags={"region": zone[:4], "format": SHORT}, by=By("t", 1)
    )
    site = office.change(add)
    office.sites[zone] = str(site)
    for place, touchpoint in enumerate(TOUCHPOINTS):
        sender = Sender(office.url, office.key(touchpoint=touchpoint, site=site, timezone=zone))
        office.senders.append(sender)
        sender.acked(list(_taps(office, zone, touchpoint, bad=place * 2)))


def drafted(chain):
    """The page of a draft that has things to mend, the first question's words among them."""
    document = {**chain.document, "question": [dict(each) for each in chain.document["question"]]}
    document["question"][1] |= {"text": {"ja": "なぜ"}, "next": "nobody"}
    by = By("person 1", 1)
    made = chain.change(partial(drafts.create, document=document, base=chain.version, by=by))
    return f"/surveys/drafts/{made.id}"


def close_chain(office):
    """Stop everything."""
    for sender in office.senders:
        sender.close()
    office.close()


def person(office, role, **bounds):
    """A one-time code of somebody new."""
    by, email = By("test", int(time.time() * 1000)), f"{role}-{new_id()}@example.com"
    add = partial(access.add_person, email=email, role=role, by=by, bounds=access.Bounds(**bounds))
    return office.change(add)


def _taps(office, zone, touchpoint, *, bad):
    """Every day three visits at ten by the site's own clock, and three in the small hours that come twice."""
    number, text = count(1), count()
    for ago in range((LAST - FIRST).days + 1):
        day = FIRST + dt.timedelta(days=ago)
        for place in range(6):
            hour = 10 if place < 3 else 1
            local = dt.datetime.combine(day, dt.time(hour, 30), ZoneInfo(zone)).replace(fold=place % 2)
            face = "sad" if place < bad and hour == 10 else ("happy", "happy", "neutral")[(ago + place) % 3]
            given = {"rating": face}
            if face == "happy":
                given["recommend"] = 9 if place % 2 else 4
            if face != "happy" or given["recommend"] < 7:
                given["why"] = ["waiting"] if ago % 2 else ["waiting", "range"]
            given["words"] = WORDS[next(text) % len(WORDS)]
            visit = new_id()
            for step, (question, answer) in enumerate(given.items()):
                at = int(local.timestamp() * 1000) + step * 2000
                office.taps.append((zone, touchpoint, day, hour, question, answer))
                common = {"survey": office.version, "boot": "long ago", "visit": visit, "at": at}
                yield tap(next(number), question=question, answer=answer, **common)
