"""The small copy of the sound that a report carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recordings import KINDS, Kind, tone, write

from signals.audio import compress, decode, probe
from signals.domain.errors import AudioError


@pytest.mark.parametrize("name", ["wav at 48 kHz, stereo", "m4a", "wav, 5.1", "amr"])
def test_the_copy_is_mono_mp3_of_the_same_length_and_sound(name: str, tmp_path: Path) -> None:
    kind: Kind = KINDS[name]
    copy = tmp_path / "copy.mp3"
    copy.write_bytes(compress(write(tmp_path / f"a{kind.suffix}", kind, tone(10.0, kind.rate))))
    info = probe(copy)
    waveform, broken = decode(copy, info, tmp_path / "copy.raw", lambda done: None)
    assert (info.codec.removesuffix("float"), info.channels) == ("mp3", 1)
    assert waveform.duration == pytest.approx(10.0, abs=0.15)
    assert np.abs(waveform.read(2, 8)).max() > 0.1
    assert not broken


def test_a_minute_is_about_a_quarter_of_a_megabyte(tmp_path: Path) -> None:
    kind = KINDS["wav at 8 kHz"]
    size = len(compress(write(tmp_path / "a.wav", kind, tone(60.0, kind.rate))))
    assert size == pytest.approx(240_000, rel=0.05)


def test_what_is_no_recording_can_not_be_copied(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"no sound")
    with pytest.raises(AudioError):
        compress(tmp_path / "a.mp3")
