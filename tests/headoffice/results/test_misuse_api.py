"""The misuse rules over HTTP: shown, tried, changed; both scores stay at hand."""

import json

from headoffice.work import flag
from tests.headoffice.kiosk_side import refused
from tests.headoffice.results.asking import client_of, send_faces

PATH = "/api/v1/misuse"


def test_rules_are_tried_then_changed_and_both_scores_stay(small):
    """A dry run changes nothing; a change gives a new filter version, the unfiltered score beside it."""
    with client_of(small, "admin") as admin, client_of(small, "results") as others:

        def post(client, **body):
            return client.post(PATH, content=json.dumps(body))

        send_faces(small.kiosk, small.version, *["sad"] * 6)  # all within the same moment
        assert others.get(PATH).json() == {"filter": "v1", "rules": {}, "waiting": False}
        refused(post(others, rules={}), 403, "forbidden")
        refused(post(admin, rules={"too_sun": {}}), 400, "invalid")
        refused(post(admin), 400, "invalid")
        refused(post(admin, rules={}, dry_run="yes"), 400, "invalid")

        tried = post(admin, rules={"too_soon": {}}, dry_run=True).json()
        assert (tried["seen"], tried["flagged_now"], tried["flagged_then"]) == (6, {}, {"too_soon": 5})
        assert [site["newly_flagged"] for site in tried["sites"]] == [5]
        assert others.get(PATH).json()["filter"] == "v1"

        assert post(admin, rules={"too_soon": {}}).json()["filter"] == "v2"
        while small.change(flag.step):
            pass
        assert others.get(PATH).json()["waiting"] is False
        answer = admin.get("/api/v1/metrics?metric=csat").json()
        assert answer["filter"] == "v2"
        assert (answer["rows"][0]["n"], answer["rows"][0]["unfiltered"]["n"]) == (1, 6)
        assert {tap["flag"] for tap in admin.get("/api/v1/taps").json()["taps"]} == {None, "too_soon"}
        assert not small.wrong()
