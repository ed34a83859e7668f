"""The starter weights on real sound."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from signals.asr.engine import FasterWhisperTranscriber
from signals.asr.model_files import STARTER, default_store, resolve, verify
from signals.asr.vad import find_speech
from signals.audio import decode, probe
from signals.domain.audio import SAMPLE_RATE, Waveform

pytestmark = pytest.mark.real

DATA = Path(__file__).parents[1] / "data"
SECONDS = 8


@pytest.fixture(scope="module")
def transcriber() -> FasterWhisperTranscriber:
    """The joined weights are kept in the tests' own cache from run to run."""
    return FasterWhisperTranscriber(resolve(STARTER, default_store()))


def unwatched(done: float) -> None:
    """Nobody looks on."""


def recording(name: str, folder: Path) -> Waveform:
    path = DATA / name
    return decode(path, probe(path), folder / "sound.raw", unwatched)[0]


def written(samples: NDArray[np.float64], folder: Path) -> Waveform:
    (np.clip(samples, -1, 1) * 32767).astype("<i2").tofile(folder / "sound.raw")
    return Waveform(folder / "sound.raw", len(samples), 1)


def _noise(level: float) -> NDArray[np.float64]:
    return np.asarray(np.random.default_rng(3).normal(size=SECONDS * SAMPLE_RATE) * level)


def _chords() -> NDArray[np.float64]:
    """Four chords of four notes each, two seconds long, each note with three overtones that fade."""
    chords = ((262, 330, 392, 523), (220, 277, 330, 440), (294, 349, 440, 587), (196, 247, 294, 392))
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    fade = np.exp(-time)
    sounds = [
        fade * sum(np.sin(2 * np.pi * note * k * time) / k for note in chord for k in (1, 2, 3)) for chord in chords
    ]
    return np.asarray(np.concatenate(sounds) * 0.05)


def _knocks() -> NDArray[np.float64]:
    """A cup put down, a door, steps: short bursts of noise."""
    sound = _noise(0.001)
    for start in (0.7, 1.1, 2.9, 4.0, 4.3, 6.6):
        at = int(start * SAMPLE_RATE)
        length = int(0.05 * SAMPLE_RATE)
        sound[at : at + length] += (
            np.random.default_rng(at).normal(size=length) * np.exp(-np.arange(length) / 200) * 0.5
        )
    return sound


@pytest.mark.parametrize(
    "sound",
    [
        lambda: np.zeros(SECONDS * SAMPLE_RATE),
        lambda: _noise(0.003),
        lambda: _noise(0.1),
        _chords,
        _knocks,
        lambda: 0.3 * np.sin(2 * np.pi * 425 * np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE),
    ],
    ids=["silence", "hiss", "loud noise", "music", "knocks", "dial tone"],
)
def test_what_is_not_speech_gives_no_text(
    sound: Callable[[], NDArray[np.float64]], transcriber: FasterWhisperTranscriber, tmp_path: Path
) -> None:
    transcript = transcriber.transcribe(written(sound(), tmp_path), unwatched)
    assert [s.text for s in transcript.segments] == []


def test_speech_becomes_simplified_text_with_times(transcriber: FasterWhisperTranscriber, tmp_path: Path) -> None:
    seen: list[float] = []

    def watch(done: float) -> None:
        seen.append(done)

    waveform = recording("two_speakers.ogg", tmp_path)
    transcript = transcriber.transcribe(waveform, watch)
    text = "".join(s.text for s in transcript.segments)
    for phrase in ("方案", "期限三年", "每个月", "合同", "费用"):
        assert phrase in text
    assert not set(text) & set("們個說這會還錢機與嗎")
    words = [w for s in transcript.segments for w in s.words]
    assert all(0 <= w.start <= w.end <= waveform.duration + 0.5 for w in words)
    contract = next(w for w in words if w.text.startswith("合"))
    assert 29.5 < contract.start < 32.6, "said in the last sentence"
    assert transcript.coverage.ratio > 0.95
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_short_answers_survive(transcriber: FasterWhisperTranscriber, tmp_path: Path) -> None:
    transcript = transcriber.transcribe(recording("short_answers.ogg", tmp_path), unwatched)
    text = "".join(s.text for s in transcript.segments)
    understood = [answer for answer in ("对", "好的", "可以", "没问题", "不用") if answer in text]
    assert len(understood) >= 4, "which one is misheard differs from processor to processor"
    words = [w for s in transcript.segments for w in s.words]
    for span in transcript.speech:
        assert any(w.start < span.end and w.end > span.start for w in words), "every answer got text"
    assert not transcript.removed


def test_the_same_sound_gives_the_same_text(transcriber: FasterWhisperTranscriber, tmp_path: Path) -> None:
    waveform = recording("short_answers.ogg", tmp_path)
    assert transcriber.transcribe(waveform, unwatched) == transcriber.transcribe(waveform, unwatched)


def test_speech_is_found_where_it_is(tmp_path: Path) -> None:
    waveform = recording("short_answers.ogg", tmp_path)
    spans = find_speech(waveform, unwatched)
    assert len(spans) == 5
    for span, start, end in zip(spans, (0.5, 1.94, 3.39, 5.14, 7.16), (0.73, 2.33, 4.01, 5.83, 7.79), strict=True):
        assert abs(span.start - start) < 0.25
        assert abs(span.end - end) < 0.25


def test_speech_is_found_across_the_edges_of_blocks(tmp_path: Path) -> None:
    short = recording("two_speakers.ogg", tmp_path).read()
    silence = np.zeros(round(291.5 * SAMPLE_RATE), np.float32)  # the block of 300 s ends within the second sentence
    alone = sum(s.end - s.start for s in find_speech(written(short.astype(np.float64), tmp_path), unwatched))
    waveform = written(np.concatenate([silence, short]).astype(np.float64), tmp_path)
    spans = find_speech(waveform, unwatched)
    assert sum(s.end - s.start for s in spans) == pytest.approx(alone, abs=0.5)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_the_starter_weights_are_whole() -> None:
    assert verify(resolve(STARTER, default_store())) == ("model.bin",)
