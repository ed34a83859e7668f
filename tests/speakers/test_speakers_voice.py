"""From windows of speech to spans of speakers, with voices that are made up."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.conversation import DiarizationMethod, SpeakerSpan
from signals.domain.errors import Cancelled, DiarizationError, ModelError
from signals.domain.protocols import Progress
from signals.domain.transcript import SpeechSpan
from signals.speakers.embedding import DIMENSIONS, SpeakerEmbedder, Window
from signals.speakers.spans import join_own_gaps
from signals.speakers.voice import VoiceDiarizer

NOTHING = Waveform(Path("unused"), 0, 1)
MODEL = Path(__file__).parents[2] / "models" / "campplus.onnx"


@dataclass
class MadeUpVoices(SpeakerEmbedder):
    """Gives a window the voices of those who speak in it, in proportion, with a little noise."""

    model: Path = Path("unused")
    truth: tuple[SpeakerSpan, ...] = ()
    noise: float = 0.5
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def embed(self, waveform: Waveform, windows: Sequence[Window], progress: Progress) -> NDArray[np.float32]:
        names = sorted({s.speaker for s in self.truth})
        voices = np.random.default_rng(7).normal(size=(len(names), DIMENSIONS)) / np.sqrt(DIMENSIONS)
        rows = self.rng.normal(size=(len(windows), DIMENSIONS)) * self.noise / np.sqrt(DIMENSIONS)
        for number, window in enumerate(windows):
            for span in self.truth:
                shared = max(0.0, min(span.end, window.end) - max(span.start, window.start))
                rows[number] += voices[names.index(span.speaker)] * shared / (window.end - window.start)
        progress(1.0)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def unwatched(done: float) -> None:
    """Nobody looks on."""


def alternating(lengths: Sequence[float], gap: float = 0.5, speakers: str = "AB") -> tuple[SpeakerSpan, ...]:
    spans, at = [], 0.0
    for number, length in enumerate(lengths):
        spans.append(SpeakerSpan(at, at + length, speakers[number % len(speakers)]))
        at += length + gap
    return tuple(spans)


def speech_of(truth: Sequence[SpeakerSpan]) -> tuple[SpeechSpan, ...]:
    return tuple(SpeechSpan(s.start, s.end) for s in truth)


@pytest.mark.parametrize("speakers", [2, None])
def test_turns_of_two_voices_are_told_apart(speakers: int | None) -> None:
    truth = alternating([4, 2, 5, 3, 1.2, 6, 2, 4] * 4)
    found = VoiceDiarizer(MadeUpVoices(truth=truth)).diarize(NOTHING, speech_of(truth), speakers, unwatched)
    assert found.method is DiarizationMethod.VOICE
    assert found.speakers == ("SPEAKER_00", "SPEAKER_01")
    assert [s.speaker for s in found.spans] == ["SPEAKER_00", "SPEAKER_01"] * 16
    assert [(s.start, s.end) for s in found.spans] == [(s.start, s.end) for s in truth]


def test_a_change_of_speaker_without_a_pause_is_found_within_half_a_second() -> None:
    truth = alternating([4.0, 5.0] * 6, gap=0.0)
    found = VoiceDiarizer(MadeUpVoices(truth=truth)).diarize(NOTHING, (SpeechSpan(0, 54),), 2, unwatched)
    assert len(found.spans) == 12
    for span, true in zip(found.spans, truth, strict=True):
        assert abs(span.start - true.start) < 0.5


def test_speakers_are_numbered_in_order_of_appearance() -> None:
    truth = alternating([3.0] * 12, speakers="CAB")
    found = VoiceDiarizer(MadeUpVoices(truth=truth)).diarize(NOTHING, speech_of(truth), 3, unwatched)
    assert found.speakers == ("SPEAKER_00", "SPEAKER_01", "SPEAKER_02")


def test_fewer_voices_than_the_user_said_is_noted() -> None:
    truth = alternating([3.0] * 20, speakers="A")
    same = MadeUpVoices(truth=truth, noise=0.0)
    found = VoiceDiarizer(same).diarize(NOTHING, speech_of(truth), 2, unwatched)
    assert "少于指定的人数" in found.note


def test_too_little_speech_is_an_error_that_says_so() -> None:
    with pytest.raises(DiarizationError) as caught:
        VoiceDiarizer(MadeUpVoices()).diarize(NOTHING, (SpeechSpan(0, 1),), None, unwatched)
    assert caught.value.code == "too_little_speech"


@pytest.mark.parametrize("speakers", [0, 9, -1])
def test_an_impossible_number_of_speakers_is_refused(speakers: int) -> None:
    with pytest.raises(DiarizationError) as caught:
        VoiceDiarizer(MadeUpVoices()).diarize(NOTHING, (SpeechSpan(0, 10),), speakers, unwatched)
    assert caught.value.code == "bad_count"


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.floats(0.2, 9), min_size=3, max_size=12), speakers=st.none() | st.integers(1, 4))
def test_spans_are_in_order_do_not_overlap_and_hold_all_speech(lengths: list[float], speakers: int | None) -> None:
    truth = alternating([*lengths, 3.0])
    found = VoiceDiarizer(MadeUpVoices(truth=truth)).diarize(NOTHING, speech_of(truth), speakers, unwatched)
    assert all(s.start < s.end for s in found.spans)
    assert all(a.end <= b.start + 1e-6 for a, b in itertools.pairwise(found.spans))
    for stretch in speech_of(truth):
        inside = sum(max(0.0, min(s.end, stretch.end) - max(s.start, stretch.start)) for s in found.spans)
        assert inside == pytest.approx(stretch.end - stretch.start, abs=1e-6)


def test_a_speakers_own_pauses_are_joined_up_to_a_second() -> None:
    spans = [SpeakerSpan(0, 1, "A"), SpeakerSpan(2, 3, "A"), SpeakerSpan(4.1, 5, "A"), SpeakerSpan(5, 6, "B")]
    assert join_own_gaps(spans) == (SpeakerSpan(0, 3, "A"), SpeakerSpan(4.1, 5, "A"), SpeakerSpan(5, 6, "B"))


@pytest.fixture
def noise(tmp_path: Path) -> Waveform:
    path = tmp_path / "sound.raw"
    (np.random.default_rng(1).normal(size=5 * SAMPLE_RATE) * 3000).astype("<i2").tofile(path)
    return Waveform(path, 5 * SAMPLE_RATE, 1)


@pytest.mark.real
def test_embeddings_are_unit_vectors_for_windows_of_any_length(noise: Waveform) -> None:
    windows = [Window(0, 1.5), Window(1, 2.5), Window(2, 2.01), Window(3, 3.4), Window(4.99, 5.0), Window(0, 1.5)]
    found = SpeakerEmbedder(MODEL).embed(noise, windows, unwatched)
    assert found.shape == (6, DIMENSIONS)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    assert np.allclose(found[0], found[5], atol=1e-4)


@pytest.mark.real
def test_no_windows_give_no_embeddings(noise: Waveform) -> None:
    assert SpeakerEmbedder(MODEL).embed(noise, [], unwatched).shape == (0, DIMENSIONS)


@pytest.mark.real
def test_cancelling_stops_between_batches(noise: Waveform) -> None:
    def stop(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        SpeakerEmbedder(MODEL).embed(noise, [Window(0, 1.5)], stop)


def test_a_missing_voice_model_is_one_clear_error(noise: Waveform, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        SpeakerEmbedder(tmp_path / "none.onnx").embed(noise, [Window(0, 1.5)], unwatched)
    assert caught.value.code == "no_speaker_model"


def test_a_damaged_voice_model_is_one_clear_error(noise: Waveform, tmp_path: Path) -> None:
    (tmp_path / "damaged.onnx").write_bytes(b"garbage")
    with pytest.raises(ModelError) as caught:
        SpeakerEmbedder(tmp_path / "damaged.onnx").embed(noise, [Window(0, 1.5)], unwatched)
    assert caught.value.code == "speaker_model_damaged"


def test_nothing_of_the_voices_is_left_when_the_meeting_is_done() -> None:
    truth = alternating([4.0] * 6)
    kept: list[weakref.ref[NDArray[np.float32]]] = []

    class Watched(MadeUpVoices):
        def embed(self, waveform: Waveform, windows: Sequence[Window], progress: Progress) -> NDArray[np.float32]:
            found = super().embed(waveform, windows, progress)
            kept.append(weakref.ref(found))
            return found

    diarizer = VoiceDiarizer(Watched(truth=truth))
    found = diarizer.diarize(NOTHING, [SpeechSpan(s.start, s.end) for s in truth], 2, unwatched)
    gc.collect()
    assert len(found.speakers) == 2
    assert [ref() for ref in kept] == [None]
    assert not any(isinstance(v, np.ndarray) for v in vars(diarizer.embedder).values())
