"""The speech engine's behaviour around a model that is a stand-in."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.asr import engine as engine_module
from signals.asr.engine import FasterWhisperTranscriber, Placement, WhisperOptions, place
from signals.asr.model_files import ModelFolder
from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.errors import Cancelled, ModelError, TranscriptionError
from signals.domain.transcript import RemovalReason, SpeechSpan


@dataclass
class SaidWord:
    word: str
    start: float
    end: float
    probability: float = 0.8


@dataclass
class Said:
    """A segment in the shape of faster-whisper's."""

    text: str
    start: float
    end: float
    words: list[SaidWord] | None = None
    avg_logprob: float = -0.2
    no_speech_prob: float = 0.05

    def __post_init__(self) -> None:
        if self.words is None:
            step = (self.end - self.start) / len(self.text)
            self.words = [
                SaidWord(c, self.start + i * step, self.start + (i + 1) * step) for i, c in enumerate(self.text)
            ]


@dataclass
class Machine:
    """What the stand-in model says, and what was asked of it."""

    says: list[Said] = field(default_factory=list)
    fails_on: dict[str, Exception] = field(default_factory=dict)
    """By device."""
    gpus: int = 0
    loaded: list[tuple[str, str]] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    """Samples of each piece."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    says_again: list[Said] = field(default_factory=list)
    """When it hears a passage a second time."""
    heard_again: list[int] = field(default_factory=list)
    alive: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()

    class Model:
        def __init__(self, path: str, *, device: str, compute_type: str, local_files_only: bool, **_: Any) -> None:
            assert local_files_only
            machine.loaded.append((device, compute_type))
            machine.alive.add(self)
            self.device = device

        def transcribe(self, samples: np.ndarray[Any, Any], **options: Any) -> tuple[Iterator[Said], None]:
            return self._answers(samples, options), None

        def _answers(self, samples: np.ndarray[Any, Any], options: dict[str, Any]) -> Iterator[Said]:
            if fault := machine.fails_on.get(self.device):
                raise fault
            if not samples.any():
                return  # the attempt whether a GPU works
            if not options["vad_filter"] and "clip_timestamps" not in options:
                machine.heard_again.append(len(samples))
                yield from machine.says_again
                return
            machine.heard.append(len(samples))
            machine.asked.append(options)
            yield from machine.says

    class Batched:
        def __init__(self, model: Model) -> None:
            self.transcribe = model.transcribe

    monkeypatch.setattr("faster_whisper.WhisperModel", Model)
    monkeypatch.setattr("faster_whisper.BatchedInferencePipeline", Batched)
    monkeypatch.setattr(engine_module, "_usable_gpus", lambda: machine.gpus)
    monkeypatch.setattr(engine_module, "find_speech", lambda waveform, progress: (SpeechSpan(0, waveform.duration),))
    return machine


@pytest.fixture
def waveform(tmp_path: Path) -> Callable[[float], Waveform]:
    def of(seconds: float) -> Waveform:
        path = tmp_path / "sound.raw"
        np.full(round(seconds * SAMPLE_RATE), 1000, "<i2").tofile(path)
        return Waveform(path, round(seconds * SAMPLE_RATE), 1)

    return of


@pytest.fixture
def model(tmp_path: Path) -> ModelFolder:
    (tmp_path / "model.bin").write_bytes(b"weights")
    return ModelFolder("mine", tmp_path, "path")


def unwatched(done: float) -> None:
    """Nobody looks on."""


def test_words_get_times_and_simplified_text_and_keep_what_was_recognised(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("這個貸款利率", 1.0, 4.0)]
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    (segment,) = transcript.segments
    assert (segment.text, segment.raw) == ("这个贷款利率", "這個貸款利率")
    assert [w.text for w in segment.words] == list("这个贷款利率")
    assert (segment.words[1].start, segment.words[1].end) == (1.5, 2.0)
    assert transcript.coverage.speech_seconds == 10.0


def test_pieces_of_a_long_meeting_get_times_of_the_whole(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("好的", 1.0, 2.0)]
    options = WhisperOptions(piece_seconds=20)
    transcript = FasterWhisperTranscriber(model, options).transcribe(waveform(50), unwatched)
    assert machine.heard == [20 * SAMPLE_RATE, 20 * SAMPLE_RATE, 10 * SAMPLE_RATE]
    assert [s.start for s in transcript.segments] == [1.0, 21.0, 41.0]


def test_the_model_is_told_not_to_listen_to_itself(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched)
    (asked,) = machine.asked
    assert asked["condition_on_previous_text"] is False
    assert asked["vad_filter"] is True
    assert asked["word_timestamps"] is True
    assert asked["language"] == "zh"


def test_speech_that_got_no_text_is_heard_again_and_its_text_stands_where_it_was_said(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    lost = Said("利率多少额度多少", 0.0, 10.0, words=[SaidWord("利率多少", 0.0, 1.0), SaidWord("额度多少", 9.0, 10.0)])
    machine.says = [lost]
    machine.says_again = [Said("期限三年可以吗", 0.3, 7.1)]
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    assert [s.text for s in transcript.segments] == ["利率多少", "期限三年可以吗", "额度多少"]
    assert len(machine.heard_again) == 1
    assert machine.heard_again[0] == pytest.approx(7.8 * SAMPLE_RATE, abs=2)
    times = [(w.start, w.end) for s in transcript.segments for w in s.words]
    assert times == sorted(times)
    assert transcript.coverage.ratio == 1.0


def test_what_was_covered_is_not_heard_again(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("利率多少额度多少", 0.0, 10.0)]
    FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    assert machine.heard_again == []


def test_text_that_the_second_hearing_is_unsure_of_is_left_out(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("利率多少", 0.0, 2.0)]
    machine.says_again = [Said("谢谢观看", 1.0, 3.0, avg_logprob=-1.3)]
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    assert [s.text for s in transcript.segments] == ["利率多少"]


def test_what_the_second_hearing_repeats_is_not_doubled(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("利率多少", 0.0, 4.0)]
    machine.says_again = [Said("少期限三年", 0.0, 5.0)]  # heard from 4.1 on: its first word lies in what was heard
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    assert "".join(s.text for s in transcript.segments).count("期限三年") == 1


def test_a_long_passage_is_heard_again_in_lengths_that_the_model_hears(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("利率多少", 0.0, 2.0)]
    FasterWhisperTranscriber(model).transcribe(waveform(70), unwatched)
    assert max(machine.heard_again) <= 28 * SAMPLE_RATE
    assert sum(machine.heard_again) == pytest.approx((70 - 2.4 + 0.3) * SAMPLE_RATE, rel=0.01)


def test_loops_and_credits_are_removed_and_counted(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("利率低一点", 0, 2), Said("字幕由某某提供", 3, 4), Said("我们的利率" * 10, 5, 9)]
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    assert [s.text for s in transcript.segments] == ["利率低一点", "我们的利率"]
    assert [r.reason for r in transcript.removed] == [RemovalReason.CREDIT, RemovalReason.LOOP]


def test_text_whose_words_got_no_times_is_kept(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("嗯", 2.0, 2.5, words=[])]
    (segment,) = FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched).segments
    assert (segment.text, segment.start, segment.end) == ("嗯", 2.0, 2.5)


def test_chinese_words_are_joined_and_latin_words_keep_their_space(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    words = [SaidWord(w, i, i + 1) for i, w in enumerate([" 用", "的", "是", " Apple", " Pay", " 吧"])]
    machine.says = [Said("用的是 Apple Pay 吧", 0, 6, words=words)]
    (segment,) = FasterWhisperTranscriber(model).transcribe(waveform(8), unwatched).segments
    assert segment.text == "用的是Apple Pay吧"


def test_half_width_punctuation_becomes_chinese_but_numbers_keep_theirs(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("好吗?额度1,000万,利率3.5%!", 0, 6)]
    (segment,) = FasterWhisperTranscriber(model).transcribe(waveform(8), unwatched).segments
    assert segment.text == "好吗？额度1,000万，利率3.5%！"


def test_nothing_heard_gives_no_segments_and_loads_no_model(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "find_speech", lambda waveform, progress: ())
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched)
    assert (transcript.segments, transcript.coverage.ratio, machine.loaded) == ((), 1.0, [])


def test_the_model_is_unloaded_afterwards(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    transcriber = FasterWhisperTranscriber(model)
    transcriber.transcribe(waveform(5), unwatched)
    assert machine.loaded
    assert not machine.alive


def test_cancelling_stops_between_segments_and_unloads_the_model(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("好的", float(i), i + 1.0) for i in range(10)]
    seen: list[float] = []

    def stop(done: float) -> None:
        seen.append(done)
        if done > 0.5:
            raise Cancelled

    transcriber = FasterWhisperTranscriber(model)
    with pytest.raises(Cancelled):
        transcriber.transcribe(waveform(10), stop)
    assert seen[-1] < 0.7
    assert not machine.alive


@pytest.mark.parametrize(
    ("fault", "code"),
    [(RuntimeError("CUDA error"), "engine_failed"), (MemoryError(), "out_of_memory")],
)
def test_a_fault_of_the_engine_is_one_clear_error(
    fault: Exception, code: str, machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.fails_on = {"cpu": fault}
    with pytest.raises(TranscriptionError) as caught:
        FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched)
    assert caught.value.code == code
    assert "CUDA" not in str(caught.value)


@pytest.mark.parametrize("fault", [RuntimeError("bad model"), ValueError("bad model"), OSError("bad model")])
def test_a_model_that_can_not_be_loaded_is_said_to_be_so(
    fault: Exception,
    machine: Machine,
    model: ModelFolder,
    waveform: Callable[[float], Waveform],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("faster_whisper.WhisperModel", fail)
    with pytest.raises(ModelError) as caught:
        FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched)
    assert caught.value.code == "cannot_load"


def test_a_gpu_is_used_when_there_is_one(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.gpus = 1
    FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched)
    assert machine.loaded == [("cuda", "float16")]


def test_a_gpu_hears_many_clips_at_once_and_none_is_longer_than_the_model_hears(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.gpus = 1
    machine.says = [Said("好的" * 40, 0, 100)]
    FasterWhisperTranscriber(model, WhisperOptions(device="cuda")).transcribe(waveform(100), unwatched)
    (asked,) = machine.asked
    assert asked["batch_size"] == 16
    assert asked["vad_filter"] is False
    assert asked["no_repeat_ngram_size"] > 0
    clips = asked["clip_timestamps"]
    assert clips[0]["start"] == 0.0
    assert clips[-1]["end"] == 100.0
    assert all(0 < c["end"] - c["start"] <= 28.0 for c in clips)
    assert all(a["end"] == b["start"] for a, b in itertools.pairwise(clips))


def test_a_cpu_hears_one_window_after_the_other_unless_asked_otherwise(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.says = [Said("好的" * 4, 0, 10)]
    FasterWhisperTranscriber(model).transcribe(waveform(10), unwatched)
    FasterWhisperTranscriber(model, WhisperOptions(batch_size=4)).transcribe(waveform(10), unwatched)
    assert ["batch_size" in asked for asked in machine.asked] == [False, True]


def test_a_gpu_whose_libraries_are_missing_is_passed_over(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.gpus = 1
    machine.says = [Said("好的", 0, 1)]
    machine.fails_on = {"cuda": RuntimeError("Library libcublas.so.12 is not found")}
    transcript = FasterWhisperTranscriber(model).transcribe(waveform(5), unwatched)
    assert machine.loaded == [("cuda", "float16"), ("cpu", "int8")]
    assert transcript.segments


def test_a_gpu_that_was_asked_for_is_not_passed_over(
    machine: Machine, model: ModelFolder, waveform: Callable[[float], Waveform]
) -> None:
    machine.gpus = 1
    machine.fails_on = {"cuda": RuntimeError("Library libcublas.so.12 is not found")}
    with pytest.raises(ModelError) as caught:
        FasterWhisperTranscriber(model, WhisperOptions(device="cuda")).transcribe(waveform(5), unwatched)
    assert caught.value.code == "gpu_failed"


@given(
    device=st.sampled_from(["auto", "cpu", "cuda"]), compute=st.sampled_from(["auto", "int8"]), gpus=st.integers(0, 4)
)
def test_placement_follows_what_was_asked_and_what_is_there(device: str, compute: str, gpus: int) -> None:
    options = WhisperOptions(device=device, compute_type=compute)
    if device == "cuda" and not gpus:
        with pytest.raises(ModelError) as caught:
            place(options, gpus)
        assert caught.value.code == "no_gpu"
        return
    found = place(options, gpus)
    assert found.device == ("cuda" if gpus and device != "cpu" else "cpu")
    assert found.compute_type == ("int8" if compute == "int8" or found.device == "cpu" else "float16")
    assert found.batch_size == (16 if found.device == "cuda" else 1)


def test_the_description_tells_settings_and_models_apart(model: ModelFolder, tmp_path: Path) -> None:
    plain = FasterWhisperTranscriber(model).description
    assert "mine" in plain
    assert FasterWhisperTranscriber(model, WhisperOptions(beam_size=1)).description != plain
    assert FasterWhisperTranscriber(model, WhisperOptions(compute_type="float32")).description != plain
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model.bin").write_bytes(b"other weights")
    assert FasterWhisperTranscriber(ModelFolder("mine", tmp_path / "other", "path")).description != plain


def test_placing_on_the_cpu_by_default() -> None:
    assert place(WhisperOptions(), 0) == Placement("cpu", "int8", 1)
