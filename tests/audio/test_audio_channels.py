"""One side of the talk on each channel, or the same sound twice?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from signals.audio import channel_layout
from signals.domain.audio import SAMPLE_RATE, ChannelLayout, Waveform

Sound = NDArray[np.float64]


def syllables(seconds: float, seed: int, *, talking: Sound | None = None) -> Sound:
    """Noise in bursts of 0.2 s of changing loudness, as speech has; silent where `talking` (one value a second) is 0."""
    rng = np.random.default_rng(seed)
    loud = np.repeat(rng.uniform(0.02, 0.3, round(seconds * 5)), SAMPLE_RATE // 5)
    gate = np.ones(len(loud)) if talking is None else np.repeat(talking, SAMPLE_RATE)[: len(loud)]
    return np.asarray(rng.normal(size=len(loud)) * loud * gate)


def hiss(seconds: float, seed: int, level: float = 0.0005) -> Sound:
    return np.asarray(np.random.default_rng(seed).normal(size=round(seconds * SAMPLE_RATE)) * level)


def turns(seconds: int, *, share: float = 0.5, length: int = 4) -> tuple[Sound, Sound]:
    """Who talks in each second: the first speaker, then the second for `share` of the time."""
    cycle = (
        np.arange(seconds) % round(length / share) < length
        if share < 0.5
        else np.arange(seconds) % (2 * length) < length
    )
    second = cycle.astype(np.float64)
    return 1 - second, second


def judged(folder: Path, *channels: Sound) -> ChannelLayout:
    shortest = min(len(c) for c in channels)
    samples = np.clip(np.stack([c[:shortest] for c in channels], axis=1), -1, 1)
    path = folder / "sound.raw"
    (samples * 32767).astype("<i2").tofile(path)
    return channel_layout(Waveform(path, shortest, len(channels)))


def test_one_channel_is_mono(tmp_path: Path) -> None:
    assert judged(tmp_path, syllables(10, 1)) is ChannelLayout.MONO


def test_the_same_sound_twice_is_dual_mono(tmp_path: Path) -> None:
    sound = syllables(70, 1)
    assert judged(tmp_path, sound, sound) is ChannelLayout.DUAL_MONO


@pytest.mark.parametrize("gain", [0.1, 0.5, 0.9])
def test_the_same_sound_at_another_level_is_dual_mono(gain: float, tmp_path: Path) -> None:
    sound = syllables(30, 1) + hiss(30, 2)
    assert judged(tmp_path, sound, gain * sound + hiss(30, 3)) is ChannelLayout.DUAL_MONO


@pytest.mark.parametrize("milliseconds", [0.1, 2, 15])
def test_the_same_sound_slightly_later_is_dual_mono(milliseconds: float, tmp_path: Path) -> None:
    sound = syllables(30, 1) + hiss(30, 2)
    assert judged(tmp_path, sound, np.roll(sound, round(milliseconds * SAMPLE_RATE / 1000))) is ChannelLayout.DUAL_MONO


def test_the_same_sound_upside_down_is_dual_mono(tmp_path: Path) -> None:
    sound = syllables(30, 1) + hiss(30, 2)
    assert judged(tmp_path, sound, -sound) is ChannelLayout.DUAL_MONO


@pytest.mark.parametrize("rest", [0.0, 0.00003, 0.0005], ids=["digital silence", "a weak hiss", "a hiss"])
def test_a_dead_channel_is_dual_mono(rest: float, tmp_path: Path) -> None:
    first, second = turns(60)
    both = syllables(60, 1, talking=first) + syllables(60, 2, talking=second)
    assert judged(tmp_path, both, hiss(60, 3, rest)) is ChannelLayout.DUAL_MONO


@pytest.mark.parametrize("crosstalk", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("gain", [0.2, 1.0])
def test_a_speaker_on_each_side_is_split(crosstalk: float, gain: float, tmp_path: Path) -> None:
    first, second = turns(80)
    left, right = syllables(80, 1, talking=first), syllables(80, 2, talking=second)
    left, right = left + crosstalk * right + hiss(80, 3), gain * (right + crosstalk * left + hiss(80, 4))
    assert judged(tmp_path, left, right) is ChannelLayout.SPLIT


@pytest.mark.parametrize("share", [0.04, 0.1, 0.25])
def test_a_customer_who_hardly_speaks_is_still_a_side(share: float, tmp_path: Path) -> None:
    first, second = turns(240, share=share)
    left, right = syllables(240, 1, talking=first), syllables(240, 2, talking=second)
    left, right = left + 0.1 * right + hiss(240, 3), right + 0.1 * left + hiss(240, 4)
    assert judged(tmp_path, left, right) is ChannelLayout.SPLIT


def test_two_people_who_often_talk_at_once_are_still_split(tmp_path: Path) -> None:
    first, second = turns(80)
    second[::5] = 1.0
    left, right = syllables(80, 1, talking=first) + hiss(80, 3), syllables(80, 2, talking=second) + hiss(80, 4)
    assert judged(tmp_path, left, right) is ChannelLayout.SPLIT


@pytest.mark.parametrize("balance", [1.0, 0.7, 0.5])
def test_a_room_that_both_microphones_hear_is_dual_mono(balance: float, tmp_path: Path) -> None:
    first, second = turns(80)
    one, other = syllables(80, 1, talking=first), syllables(80, 2, talking=second)
    left = one + balance * other + hiss(80, 3, 0.002)
    right = balance * one + other + hiss(80, 4, 0.002)
    assert judged(tmp_path, left, right) is ChannelLayout.DUAL_MONO
