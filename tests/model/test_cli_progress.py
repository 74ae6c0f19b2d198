"""The bar of long work: what it counts, and that it is drawn seldom."""

from __future__ import annotations

import io
import re
import sys
from types import SimpleNamespace

import pytest

from svodka.cli.progress import Meter


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves on; the bar waits two seconds before it is shown."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("svodka.cli.progress.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def screen_of(monkeypatch):
    """Put a terminal behind standard error; pytest would take it away again after a fixture."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return terminal


def shown(screen):
    """Return the last line that the bar drew, without its colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).strip().rsplit("\r", 1)[-1]


def test_what_an_earlier_run_did_is_done_and_tells_nothing_of_the_speed(clock, monkeypatch):
    screen = screen_of(monkeypatch)
    with Meter(total_bytes=1000) as meter:
        clock.now += 50  # skipping takes its time
        meter.skip(400)
        clock.now += 10
        for _ in range(20):
            meter.advance(10)
            clock.now += 0.5
    assert meter.sentences == 20
    line = shown(screen)
    assert "20 sentences" in line
    assert "60 %" in line  # 400 bytes skipped, 200 done
    assert " 1/s" in line  # 20 sentences in about 20 seconds; the 50 before do not count


def test_short_work_shows_nothing(clock, monkeypatch):
    screen = screen_of(monkeypatch)
    with Meter(total_bytes=10) as meter:
        for _ in range(10):
            meter.advance(1)
            clock.now += 0.1
    assert screen.getvalue() == ""


def test_updates_are_spread_over_time(clock, monkeypatch):
    from rich.progress import Progress

    screen_of(monkeypatch)
    updates = []
    monkeypatch.setattr(Progress, "update", lambda self, task, **fields: updates.append(fields["count"]))  # noqa: ARG005
    with Meter(total_bytes=None) as meter:
        clock.now += 3
        for _ in range(1000):
            meter.advance(1)
            clock.now += 0.001
    assert 9 <= len(updates) <= 11  # in one second, whatever the number of sentences
