"""The time that is said to be left."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from signals.cli import run
from signals.cli.run import ProgressWatcher


@dataclass
class Clock:
    """A clock that the test turns."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(run, "time", clock)
    return clock


@pytest.mark.parametrize("cores", [2, 16])
def test_the_time_left_is_right_within_a_fifth_after_the_first_tenth(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """On a machine where the stages take their usual shares, each stage going on evenly."""
    monkeypatch.setattr(run, "cores", lambda: cores)
    watcher = ProgressWatcher()
    shares = watcher.shares
    whole, began = 600.0, clock.now
    assert sum(shares.values()) == pytest.approx(1.0)
    for stage, share in shares.items():
        watcher.stage(stage)
        for step in range(1, 21):
            clock.now += whole * share / 20
            watcher.progress(step / 20)
            passed = clock.now - began
            if 0.1 * whole < passed < 0.99 * whole:
                assert watcher.seconds_left == pytest.approx(whole - passed, rel=0.2)
    assert watcher.seconds_left == pytest.approx(0.0, abs=1.0)


def test_nothing_is_said_as_long_as_nothing_is_known(clock: Clock) -> None:
    watcher = ProgressWatcher()
    watcher.stage("audio")
    assert watcher.seconds_left is None
    clock.now += 60
    watcher.progress(0.01)
    assert watcher.seconds_left is None


def test_told_apart_alongside_the_speakers_take_no_time_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "cores", lambda: 16)
    assert ProgressWatcher().shares["speakers"] <= 0.02


def test_of_many_files_the_time_left_is_that_of_all(clock: Clock) -> None:
    """Two files, the second three times as long as the first, after a rest that counts for nothing."""
    watcher = ProgressWatcher()
    clock.now += 5000.0
    began, whole = clock.now, 400.0
    for number, (done, share) in enumerate([(0.0, 0.25), (0.25, 0.75)], 1):
        watcher.file(number, 2, f"{number}.wav", done, share)
        for stage, part in watcher.shares.items():
            watcher.stage(stage)
            for step in range(1, 21):
                clock.now += whole * share * part / 20
                watcher.progress(step / 20)
                passed = clock.now - began
                if 0.1 * whole < passed < 0.99 * whole:
                    assert watcher.seconds_left == pytest.approx(whole - passed, rel=0.2)
    assert watcher.seconds_left == pytest.approx(0.0, abs=1.0)
