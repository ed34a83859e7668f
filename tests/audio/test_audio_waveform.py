"""Reading slices of decoded sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.audio import SAMPLE_RATE, Waveform

FRAMES = 3 * SAMPLE_RATE + 123


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory) -> Waveform:
    """Noise whose right channel is not its left one."""
    path = tmp_path_factory.mktemp("waveform") / "sound.raw"
    samples = np.random.default_rng(1).integers(-32768, 32768, (FRAMES, 2))
    samples.astype("<i2").tofile(path)
    return Waveform(path, FRAMES, 2)


_seconds = st.floats(-10, 10, allow_nan=False)


@given(start=_seconds, end=st.none() | _seconds, channel=st.sampled_from([None, 0, 1]))
def test_any_slice_is_mono_in_range_and_no_longer_than_asked(
    stereo: Waveform, start: float, end: float | None, channel: int | None
) -> None:
    samples = stereo.read(start, end, channel)
    wanted = (stereo.duration if end is None else min(max(end, 0), stereo.duration)) - min(
        max(start, 0), stereo.duration
    )
    assert samples.dtype == np.float32
    assert samples.shape == (max(0, len(samples)),)
    assert abs(len(samples) - max(0.0, wanted) * SAMPLE_RATE) <= 1.01
    assert (np.abs(samples) <= 1.0).all()


@given(cut=st.floats(0, 3, allow_nan=False), channel=st.sampled_from([None, 0, 1]))
def test_two_slices_that_meet_are_the_whole(stereo: Waveform, cut: float, channel: int | None) -> None:
    halves = np.concatenate([stereo.read(0.0, cut, channel), stereo.read(cut, None, channel)])
    assert np.array_equal(halves, stereo.read(channel=channel))


def test_without_a_channel_both_are_mixed(stereo: Waveform) -> None:
    mixed = (stereo.read(channel=0) + stereo.read(channel=1)) / 2
    assert np.allclose(stereo.read(), mixed, atol=1e-6)


def test_a_slice_is_where_it_should_be(tmp_path: Path) -> None:
    np.arange(SAMPLE_RATE).astype("<i2").tofile(tmp_path / "ramp.raw")
    ramp = Waveform(tmp_path / "ramp.raw", SAMPLE_RATE, 1)
    assert ramp.read(0.5, 0.5 + 1 / SAMPLE_RATE)[0] * 32768 == SAMPLE_RATE // 2
