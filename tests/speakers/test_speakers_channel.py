"""Telling speakers apart by the side of a stereo recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.conversation import DiarizationMethod
from signals.domain.transcript import SpeechSpan
from signals.speakers.channel import ChannelDiarizer


def unwatched(done: float) -> None:
    """Nobody looks on."""


def meeting(
    folder: Path, turns: list[tuple[float, float, int]], *, crosstalk: float = 0.1, gain: float = 1.0
) -> Waveform:
    """Bursts of noise in (start, end, side), heard on the other side at `crosstalk`; `gain` is the right channel's."""
    rng = np.random.default_rng(0)
    frames = round((turns[-1][1] + 1) * SAMPLE_RATE)
    sound = rng.normal(size=(frames, 2)) * 5
    for start, end, side in turns:
        first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
        voice = (
            rng.normal(size=last - first)
            * np.repeat(rng.uniform(500, 4000, (last - first) // 1600 + 1), 1600)[: last - first]
        )
        sound[first:last, side] += voice
        sound[first:last, 1 - side] += voice * crosstalk
    sound[:, 1] *= gain
    path = folder / "sound.raw"
    np.clip(sound, -32768, 32767).astype("<i2").tofile(path)
    return Waveform(path, frames, 2)


@pytest.mark.parametrize("gain", [0.1, 1.0, 4.0])
def test_each_side_is_a_speaker_whatever_its_level(gain: float, tmp_path: Path) -> None:
    turns = [(1.0, 5.0, 0), (5.5, 8.0, 1), (9.5, 12.0, 0), (12.3, 13.0, 1)]
    speech = tuple(SpeechSpan(start, end) for start, end, _ in turns)
    found = ChannelDiarizer().diarize(meeting(tmp_path, turns, gain=gain), speech, None, unwatched)
    assert found.method is DiarizationMethod.CHANNEL
    assert found.channels == ("SPEAKER_00", "SPEAKER_01")
    assert [(s.start, s.end, s.speaker) for s in found.spans] == [
        (start, end, f"SPEAKER_0{side}") for start, end, side in turns
    ]


def test_a_change_within_a_stretch_of_speech_is_found_within_a_few_tenths(tmp_path: Path) -> None:
    turns = [(1.0, 5.0, 0), (5.0, 8.0, 1), (8.0, 12.0, 0)]
    found = ChannelDiarizer().diarize(meeting(tmp_path, turns), (SpeechSpan(1, 12),), None, unwatched)
    assert [s.speaker for s in found.spans] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    assert found.spans[1].start == pytest.approx(5.0, abs=0.3)
    assert found.spans[1].end == pytest.approx(8.0, abs=0.3)


def test_a_side_that_hardly_speaks_keeps_its_words(tmp_path: Path) -> None:
    turns = [(float(t), t + 7.5, 0) for t in range(0, 160, 8)] + [(162.0, 167.0, 1)]
    speech = tuple(SpeechSpan(start, end) for start, end, _ in turns)
    found = ChannelDiarizer().diarize(meeting(tmp_path, turns, crosstalk=0.15), speech, None, unwatched)
    assert [s.speaker for s in found.spans][-1] == "SPEAKER_01"
    assert sum(s.end - s.start for s in found.spans if s.speaker == "SPEAKER_01") == pytest.approx(5.0, abs=0.5)


def test_the_left_side_is_the_first_speaker_even_when_the_right_one_begins(tmp_path: Path) -> None:
    turns = [(1.0, 3.0, 1), (4.0, 8.0, 0)]
    speech = tuple(SpeechSpan(start, end) for start, end, _ in turns)
    found = ChannelDiarizer().diarize(meeting(tmp_path, turns), speech, None, unwatched)
    assert [s.speaker for s in found.spans] == ["SPEAKER_01", "SPEAKER_00"]


def test_no_speech_gives_no_spans(tmp_path: Path) -> None:
    found = ChannelDiarizer().diarize(meeting(tmp_path, [(0.0, 1.0, 0)]), (), None, unwatched)
    assert found.spans == ()
