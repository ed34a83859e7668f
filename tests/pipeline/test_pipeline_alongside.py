"""Speakers are told apart while words are recognised, where there are cores for both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes import CancellingWatcher, FakeDiarizer, RecordingWatcher
from test_pipeline_recording import SPANS, TEXT, engines, sound

from signals import pipeline
from signals.alongside import Alongside
from signals.domain.audio import Waveform
from signals.domain.conversation import Diarization, DiarizationMethod
from signals.domain.errors import Cancelled, DiarizationError
from signals.domain.protocols import Progress
from signals.domain.transcript import SpeechSpan, Transcript
from signals.pipeline import Request, Unwatched, analyse_recording


@dataclass
class SlowTranscriber:
    """Gives its answer when the diarizer has begun, or after `patience` seconds."""

    begun: threading.Event
    patience: float
    saw_it_begin: bool = False
    description: str = "slow-asr v1"

    def transcribe(
        self, waveform: Waveform, progress: Progress, on_speech: Callable[[tuple[SpeechSpan, ...]], None] | None = None
    ) -> Transcript:
        if on_speech is not None:
            on_speech(TEXT.speech)
        self.saw_it_begin = self.begun.wait(self.patience)
        progress(0.5)
        return TEXT


@dataclass
class WatchedDiarizer:
    """Says when it begins; with `until` it goes on reporting progress until that is set."""

    begun: threading.Event
    until: threading.Event | None = None
    error: Exception | None = None
    description: str = "watched v1"
    threads: list[str] = field(default_factory=list)
    cancelled: bool = False

    def diarize(
        self, waveform: Waveform, speech: Sequence[SpeechSpan], speakers: int | None, progress: Progress
    ) -> Diarization:
        assert tuple(speech) == TEXT.speech
        self.threads.append(threading.current_thread().name)
        self.begun.set()
        if self.error is not None:
            raise self.error
        try:
            while self.until is not None and not self.until.wait(0.01):
                progress(0.3)
        except Cancelled:
            self.cancelled = True
            raise
        return Diarization(SPANS, DiarizationMethod.VOICE)


@pytest.fixture
def many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "cores", lambda: 8)


@pytest.mark.usefixtures("many_cores")
def test_speakers_are_told_apart_while_words_are_recognised(tmp_path: Path) -> None:
    begun = threading.Event()
    slow, diarizer = SlowTranscriber(begun, patience=20), WatchedDiarizer(begun)
    used = replace(engines(), transcriber=slow, by_voice=diarizer)
    report = analyse_recording(Request(path=sound(tmp_path / "a.wav")), used, Unwatched())
    assert slow.saw_it_begin
    assert len(diarizer.threads) == 1
    assert (
        report.conversation.turns
        == analyse_recording(
            Request(path=tmp_path / "a.wav"), replace(engines(), by_voice=FakeDiarizer(SPANS)), Unwatched()
        ).conversation.turns
    )


def test_on_few_cores_one_comes_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "cores", lambda: 2)
    begun = threading.Event()
    slow, diarizer = SlowTranscriber(begun, patience=0.2), WatchedDiarizer(begun)
    analyse_recording(
        Request(path=sound(tmp_path / "a.wav")), replace(engines(), transcriber=slow, by_voice=diarizer), Unwatched()
    )
    assert not slow.saw_it_begin
    assert diarizer.threads == [threading.current_thread().name]


@pytest.mark.usefixtures("many_cores")
def test_who_cancels_while_words_are_recognised_stops_both(tmp_path: Path) -> None:
    begun = threading.Event()
    diarizer = WatchedDiarizer(begun, until=threading.Event())
    used = replace(engines(), transcriber=SlowTranscriber(begun, patience=20), by_voice=diarizer)
    with pytest.raises(Cancelled):
        analyse_recording(Request(path=sound(tmp_path / "a.wav")), used, CancellingWatcher(in_stage="asr"))
    assert diarizer.cancelled
    assert not [t for t in threading.enumerate() if t.name.startswith("alongside")]


@pytest.mark.usefixtures("many_cores")
def test_a_failure_alongside_is_a_notice_and_the_words_stay(tmp_path: Path) -> None:
    begun = threading.Event()
    failing = WatchedDiarizer(begun, error=DiarizationError("x", "说话声太少", "请核对"))
    used = replace(engines(), transcriber=SlowTranscriber(begun, patience=20), by_voice=failing)
    report = analyse_recording(Request(path=sound(tmp_path / "a.wav")), used, Unwatched())
    assert any("说话声太少" in w.message for w in report.warnings)
    assert report.conversation.turns


@pytest.mark.usefixtures("many_cores")
def test_the_second_run_with_other_speakers_recognises_nothing_again(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages")
    analyse_recording(request, engines(), Unwatched())
    begun = threading.Event()
    slow, diarizer = SlowTranscriber(begun, patience=0.0), WatchedDiarizer(begun)
    slow.description = engines().transcriber.description
    analyse_recording(
        replace(request, speakers=3), replace(engines(), transcriber=slow, by_voice=diarizer), Unwatched()
    )
    assert diarizer.threads == [threading.current_thread().name]


def test_the_one_who_waits_is_told_how_far_the_work_is() -> None:
    go_on = threading.Event()
    watcher = RecordingWatcher()
    watcher.stage("speakers")

    def work(progress: Progress) -> int:
        progress(0.7)
        assert go_on.wait(20)
        return 5

    def seen(done: float) -> None:
        watcher.progress(done)
        go_on.set()

    with Alongside[int]() as early:
        early.start(work)
        assert early.result(seen, lambda: 0) == 5
    assert watcher.reported["speakers"] == [0.7]


def test_what_was_never_begun_is_done_in_its_turn() -> None:
    with Alongside[int]() as early:
        assert early.result(lambda _: None, lambda: 9) == 9
