"""Do two channels hold the two sides of the talk, or the same sound twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signals.domain.audio import SAMPLE_RATE, ChannelLayout, Waveform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FRAME = 0.05
_BLOCK = 60.0
_LOUD = 99
"""Percentile of a channel's levels that stands for its speaker's voice: high, so that a customer with a twentieth of the talk counts."""
_ACTIVE_DB = 35.0
"""A frame is active when it is at most this far under the channel's loud level."""
_SIDE_DB = 10.0
"""A frame belongs to one side when that channel is this much louder."""
_SIDED_SHARE = 0.7
"""Share of active frames that must belong to one side before the channels are trusted as speakers."""
_SMALLER_SIDE = 0.03
"""Each side must have at least this share of the sided frames; else one microphone was off."""


def channel_layout(waveform: Waveform) -> ChannelLayout:
    """Judges a recording by the levels of its two channels in frames of 50 ms.

    Identical, level-shifted or slightly delayed copies have a constant level difference and are DUAL_MONO, as is a pair
    with one dead channel. Two speakers on a microphone each give frames that lean clearly to one side or the other:
    SPLIT. A room recorded in stereo, where both microphones hear everybody, leans to neither and is DUAL_MONO too, so
    that voices are told apart by sound instead.
    """
    if waveform.channels != 2:
        return ChannelLayout.MONO
    import numpy as np

    levels = np.concatenate([_levels(waveform, at) for at in np.arange(0.0, waveform.duration, _BLOCK)])
    loud = np.percentile(levels, _LOUD, axis=0)
    if (loud < -80).any():
        return ChannelLayout.DUAL_MONO
    active = (levels > loud - _ACTIVE_DB).any(axis=1)
    difference = (levels[:, 0] - loud[0]) - (levels[:, 1] - loud[1])
    left, right = (difference[active] > _SIDE_DB).mean(), (difference[active] < -_SIDE_DB).mean()
    sided = float(left + right)
    if sided >= _SIDED_SHARE and min(left, right) >= _SMALLER_SIDE * sided:
        return ChannelLayout.SPLIT
    return ChannelLayout.DUAL_MONO


def _levels(waveform: Waveform, start: float) -> NDArray[np.float64]:
    """dBFS per frame and channel, shape (frames, 2)."""
    import numpy as np

    size = int(_FRAME * SAMPLE_RATE)
    columns = []
    for channel in (0, 1):
        samples = waveform.read(start, start + _BLOCK, channel)
        whole = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
        columns.append(10 * np.log10(np.maximum((whole**2).mean(axis=1), 1e-12)))
    return np.stack(columns, axis=1)
