"""Where the time of a run goes."""

import pytest

from svodka.training import spent
from svodka.training.spent import Spent, told_shares


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [0.0]
    monkeypatch.setattr(spent.time, "monotonic", lambda: now[0])
    return now


def test_what_lies_inside_counts_once(clock):
    timer = Spent()
    for _ in range(2):
        with timer.on("validation"):
            clock[0] += 1
            with timer.on("checkpoints"):
                clock[0] += 2
            clock[0] += 1
    assert timer.seconds == {"validation": 4.0, "checkpoints": 4.0}


def test_the_rest_is_told(clock):
    timer = Spent()
    with timer.on("gradients"):
        clock[0] += 15
    shares = timer.shares(20)
    assert shares == {"gradients": 0.75, "optimizer and batches": 0.25}
    assert told_shares(shares) == "gradients 75%, optimizer and batches 25%"
