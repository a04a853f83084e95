"""The machine's own clocks and disk."""

import time

from kiosk import health


def test_now_reads_all_clocks_at_once():
    """Wall clock and uptime are in ms; uptime and boot are the machine's, whenever we started."""
    before_ms, uptime_ms = time.time_ns() // 1_000_000, health.uptime_ms()
    first, second = health.Clocks().now(), health.Clocks().now()
    assert before_ms <= first.at <= second.at <= before_ms + 60_000
    assert uptime_ms <= first.uptime <= second.uptime <= uptime_ms + 60_000
    assert first.boot == second.boot == health.boot_id() != ""
    assert type(first.synced_clock) is bool


def test_a_clock_is_not_called_synced_when_nobody_can_tell():
    """A system without that call, one that fails it, and one whose clock is free are all not synced."""
    clocks = health.Clocks()
    for state, synced in ((0, True), (4, True), (5, False), (-1, False)):
        clocks._adjtimex = lambda _, state=state: state
        assert clocks.is_synced() is synced
    clocks._adjtimex = None
    assert clocks.is_synced() is False


def test_a_kernel_without_a_boot_id_still_tells_runs_apart(monkeypatch, tmp_path):
    """The uptimes of two boots are never compared."""
    monkeypatch.setattr(health, "BOOT_ID", tmp_path / "missing")
    assert health.boot_id()
    assert health.boot_id() == health.boot_id()


def test_room_on_a_disk_that_is_gone_is_none(tmp_path):
    """A vanished folder does not stop a heartbeat."""
    assert health.free_bytes(tmp_path) > 0
    assert health.free_bytes(tmp_path / "gone") == 0
