"""The real window, the real sync beside it, the real server, and a cable between them."""

import subprocess

from deploy.places import Places
from deploy.screen import Screen
from tests.e2e.cable import Cable
from tests.e2e.fleet import wait_for
from tests.screens.desk import Desk


def test_taps_on_the_window_reach_head_office_over_a_cable_that_was_cut(shop, tmp_path):
    """Taps before, during and after a cut arrive once each; the window goes on as if nothing were."""
    cable, places = Cable(shop.office.port), Places()
    code = shop.office.run("enrol-code", shop.site, "--touchpoint", "checkout")
    with Screen() as screen, Desk(screen, tmp_path / "desk", shop.often().read_text("utf-8")) as desk:
        enrol = desk.command("enrol", f"http://127.0.0.1:{cable.port}", code)
        subprocess.run(enrol, check=True, capture_output=True, env=desk.environment())
        desk.start()
        start = screen.still()

        def visit():
            """Sad, then skip the reasons, then on with a touch on the thanks."""
            kept = len(desk.taps())
            screen.turn(*places.face("sad"))
            screen.turn(*places.skip)
            desk.wait_for_taps(kept + 2)
            screen.tap(640, 190)
            screen.until_like(start)
            screen.still()

        visit()
        shop.until_settled(2)
        cable.cut()
        tries = cable.connections
        visit()
        wait_for(lambda: cable.connections > tries, what="a try over the cut cable")
        visit()
        assert len(shop.feed()) == 2
        cable.mend()
        visit()
        feed = shop.until_settled(8)
        kept = sorted((ledger, seq) for ledger, seq in desk.rows("ledger, seq"))
        assert sorted((tap["ledger"], tap["seq"]) for tap in feed) == kept
        assert [tap["question"] for tap in feed] == ["rating", "why_sad"] * 4
        assert desk.stop() == 0
    cable.close()
