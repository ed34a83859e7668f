"""Every format that recorders, telephones and messengers write becomes the same 16 kHz samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recordings import KINDS, MP3, WAV, Kind, tone, write

from signals.audio import decode, probe
from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.errors import Cancelled


def heard(path: Path) -> tuple[Waveform, bool]:
    return decode(path, probe(path), path.with_suffix(".raw"), lambda done: None)


def pitch_of(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    """Hz of the strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * SAMPLE_RATE / len(samples))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_format_is_decoded_at_its_length_pitch_and_level(kind: Kind, tmp_path: Path) -> None:
    path = write(tmp_path / f"会谈{kind.suffix}", kind, tone(3.0, kind.rate))
    waveform, broken = heard(path)
    middle = waveform.read(0.5, 2.5)
    assert waveform.duration == pytest.approx(3.0, abs=0.1)
    assert pitch_of(middle) == pytest.approx(440.0, abs=2.0)
    assert np.sqrt((middle**2).mean()) > 0.1
    assert not broken


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_probing_tells_rate_channels_and_duration(kind: Kind, tmp_path: Path) -> None:
    info = probe(write(tmp_path / f"会谈{kind.suffix}", kind, tone(3.0, kind.rate)))
    assert info.channels == kind.channels
    assert info.sample_rate == kind.rate
    assert info.duration == pytest.approx(3.0, abs=0.25)
    assert len(info.sha256) == 64


def test_the_sound_of_a_wav_file_is_unchanged(tmp_path: Path) -> None:
    sound = tone(2.0, WAV.rate)
    waveform, _ = heard(write(tmp_path / "a.wav", WAV, sound))
    assert np.abs(waveform.read() - sound).max() < 2 / 32768


def test_left_and_right_stay_apart(tmp_path: Path) -> None:
    kind = KINDS["wav at 48 kHz, stereo"]
    low, high = tone(2.0, kind.rate, pitch=300), tone(2.0, kind.rate, pitch=900)
    waveform, _ = heard(write(tmp_path / "a.wav", kind, low, high))
    assert waveform.channels == 2
    assert pitch_of(waveform.read(channel=0)) == pytest.approx(300, abs=2)
    assert pitch_of(waveform.read(channel=1)) == pytest.approx(900, abs=2)


def test_crossed_wires_do_not_cancel_the_sound(tmp_path: Path) -> None:
    kind = KINDS["wav at 48 kHz, stereo"]
    sound = tone(3.0, kind.rate)
    waveform, _ = heard(write(tmp_path / "a.wav", kind, sound, -0.8 * sound))
    assert np.abs(waveform.read()).max() > 0.2
    assert np.allclose(waveform.read(channel=1), 0.8 * waveform.read(channel=0), atol=0.01)


def test_more_than_two_channels_become_one(tmp_path: Path) -> None:
    kind = KINDS["wav, 5.1"]
    waveform, _ = heard(write(tmp_path / "a.wav", kind, tone(2.0, kind.rate)))
    assert waveform.channels == 1


def test_a_suffix_that_lies_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", WAV, tone(2.0, WAV.rate))
    assert heard(path)[0].duration == pytest.approx(2.0, abs=0.01)


def test_a_name_that_looks_like_a_protocol_is_only_a_name(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.wav", WAV, tone(2.0, WAV.rate)).rename(tmp_path / "concat:a.wav|b.wav")
    assert heard(path)[0].duration == pytest.approx(2.0, abs=0.01)


def test_joined_recordings_of_different_formats_are_decoded_whole(tmp_path: Path) -> None:
    stereo = Kind(suffix=".mp3", codec="libmp3lame", container="mp3", rate=48_000, layout="stereo")
    first = write(tmp_path / "1.mp3", MP3, tone(2.0, MP3.rate))
    second = write(tmp_path / "2.mp3", stereo, tone(2.0, stereo.rate, pitch=880))
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    waveform, _ = heard(joined)
    assert waveform.duration == pytest.approx(4.0, abs=0.2)
    assert pitch_of(waveform.read(2.5, 3.5)) == pytest.approx(880, abs=3)


@pytest.mark.parametrize("kind", [MP3, WAV], ids=["mp3", "wav"])
def test_progress_rises_to_one(kind: Kind, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{kind.suffix}", kind, tone(5.0, kind.rate))
    seen: list[float] = []

    def watch(done: float) -> None:
        seen.append(done)

    decode(path, probe(path), tmp_path / "a.raw", watch)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert any(0.3 < x < 0.7 for x in seen)


@pytest.mark.parametrize("stop_at", [0.0, 0.5, 1.0])
def test_cancelling_leaves_no_samples_behind(stop_at: float, tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(5.0, WAV.rate))

    def stop(done: float) -> None:
        if done >= stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        decode(path, probe(path), tmp_path / "a.raw", stop)
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]
