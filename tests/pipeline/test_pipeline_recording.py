"""The stages together, with fakes in place of the models and a real sound file."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import (
    CancellingWatcher,
    FakeDiarizer,
    FakeRewriter,
    FakeRoleScorer,
    FakeTagger,
    FakeTranscriber,
    RecordingWatcher,
    spoken,
    transcript,
)

from signals.domain.catalogue import load_catalogue
from signals.domain.conversation import DiarizationMethod, Role, SpeakerSpan
from signals.domain.errors import AudioError, Cancelled, DiarizationError, SignalsError
from signals.pipeline import Engines, Request, Unwatched, analyse_recording, analyse_transcript
from signals.report.content import speaker_names
from signals.resources import catalog_dir

SPANS = (SpeakerSpan(0.0, 4.0, "SPEAKER_00"), SpeakerSpan(4.0, 8.0, "SPEAKER_01"))
TEXT = transcript(spoken("我们行的方案带来了", 0.5, 3.5), spoken("合同条款先给我看看", 4.5, 7.5))


def engines() -> Engines:
    return Engines(
        transcriber=FakeTranscriber(TEXT),
        rewriter=FakeRewriter(),
        by_voice=FakeDiarizer(SPANS),
        by_channel=FakeDiarizer(SPANS, DiarizationMethod.CHANNEL, ("SPEAKER_00", "SPEAKER_01")),
        roles=FakeRoleScorer({"我们行": 2.0, "合同": -2.0}),
        tagger=FakeTagger({"合同条款": "contract_terms"}),
        catalogue=load_catalogue(catalog_dir()),
    )


def sound(path: Path, channels: int = 1) -> Path:
    """Eight seconds; with two channels the left one speaks first and the right one afterwards."""
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 4000, (8 * 16000, channels))
    if channels == 2:
        samples[4 * 16000 :, 0] = 0
        samples[: 4 * 16000, 1] = 0
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(channels)
        sink.setsampwidth(2)
        sink.setframerate(16000)
        sink.writeframes(samples.astype("<i2").tobytes())
    return path


def test_a_recording_becomes_a_report_with_roles_hits_and_windows(tmp_path: Path) -> None:
    watcher = RecordingWatcher()
    report = analyse_recording(Request(path=sound(tmp_path / "meeting.wav")), engines(), watcher)
    assert [(t.role, t.text) for t in report.conversation.turns] == [
        (Role.MANAGER, "我们行的方案带来了"),
        (Role.CUSTOMER, "合同条款先给我看看"),
    ]
    assert [(h.label, h.turn) for h in report.hits] == [("contract_terms", 1)]
    assert report.closing.windows
    assert watcher.stages == ["audio", "asr", "wording", "speakers", "tagging", "closing"]
    assert [s.name for s in report.stages] == watcher.stages
    assert report.title == "meeting"


def test_a_second_run_takes_every_result_from_disk(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages")
    first, again = engines(), engines()
    before = analyse_recording(request, first, Unwatched())
    after = analyse_recording(request, again, Unwatched())
    assert isinstance(again.transcriber, FakeTranscriber)
    assert again.transcriber.calls == 0
    assert {s.name: s.reused for s in after.stages} == {
        "audio": True, "asr": True, "wording": False, "speakers": True, "tagging": False, "closing": False,
    }  # fmt: skip
    assert after.hits == before.hits
    assert after.conversation == before.conversation


def test_another_number_of_speakers_separates_again_but_does_not_transcribe_again(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages")
    analyse_recording(request, engines(), Unwatched())
    used = engines()
    analyse_recording(replace(request, speakers=3), used, Unwatched())
    assert isinstance(used.transcriber, FakeTranscriber)
    assert isinstance(used.by_voice, FakeDiarizer)
    assert used.transcriber.calls == 0
    assert used.by_voice.asked_for == [3]


def test_a_stage_file_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages")
    analyse_recording(request, engines(), Unwatched())
    kept = tmp_path / "stages" / "asr.json"
    kept.write_bytes(kept.read_bytes()[:100])
    used = engines()
    analyse_recording(request, used, Unwatched())
    assert isinstance(used.transcriber, FakeTranscriber)
    assert used.transcriber.calls == 1


def test_another_recording_of_the_same_name_is_not_taken_for_the_first(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages")
    analyse_recording(request, engines(), Unwatched())
    sound(tmp_path / "a.wav", channels=2)
    used = engines()
    analyse_recording(request, used, Unwatched())
    assert isinstance(used.transcriber, FakeTranscriber)
    assert used.transcriber.calls == 1


def test_a_failed_separation_still_gives_a_report_that_says_so(tmp_path: Path) -> None:
    failing = replace(engines(), by_voice=FakeDiarizer(error=DiarizationError("x", "说话声太少", "请核对")))
    report = analyse_recording(Request(path=sound(tmp_path / "a.wav")), failing, Unwatched())
    assert report.diarization is DiarizationMethod.NONE
    assert any("说话声太少" in w.message for w in report.warnings)
    assert "".join(t.text for t in report.conversation.turns) == "我们行的方案带来了合同条款先给我看看"


def test_two_different_channels_are_separated_by_channel(tmp_path: Path) -> None:
    report = analyse_recording(Request(path=sound(tmp_path / "a.wav", channels=2)), engines(), Unwatched())
    assert report.diarization is DiarizationMethod.CHANNEL


def test_the_user_says_who_the_manager_is(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), manager_speakers=("SPEAKER_01",))
    report = analyse_recording(request, engines(), Unwatched())
    assert [t.role for t in report.conversation.turns] == [Role.CUSTOMER, Role.MANAGER]
    assert all(r.source == "given" for r in report.conversation.roles)


def test_swapping_the_roles_recognises_and_separates_nothing_again(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages")
    before = analyse_recording(request, engines(), Unwatched())
    used = engines()
    after = analyse_recording(replace(request, manager_speakers=("SPEAKER_01",)), used, Unwatched())
    assert isinstance(used.transcriber, FakeTranscriber)
    assert isinstance(used.by_voice, FakeDiarizer)
    assert (used.transcriber.calls, used.by_voice.asked_for) == (0, [])
    assert [t.role for t in before.conversation.turns] == [Role.MANAGER, Role.CUSTOMER]
    assert [t.role for t in after.conversation.turns] == [Role.CUSTOMER, Role.MANAGER]


def test_speakers_are_called_as_the_user_says(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav"), names=(("SPEAKER_01", "王总"),))
    report = analyse_recording(request, engines(), Unwatched())
    assert [t.speaker for t in report.conversation.turns] == ["SPEAKER_00", "王总"]
    assert [(r.speaker, r.role) for r in report.conversation.roles] == [
        ("SPEAKER_00", Role.MANAGER),
        ("王总", Role.CUSTOMER),
    ]
    assert {s.speaker for s in report.talk.speakers} == {"SPEAKER_00", "王总"}
    assert speaker_names(report) == {"SPEAKER_00": "客户经理", "王总": "王总（客户）"}


@pytest.mark.parametrize("names", [(("SPEAKER_07", "王总"),), (("SPEAKER_00", "王总"), ("SPEAKER_01", "王总"))])
def test_a_name_for_nobody_or_for_two_is_an_error_with_a_remedy(
    tmp_path: Path, names: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(SignalsError) as caught:
        analyse_recording(Request(path=sound(tmp_path / "a.wav"), names=names), engines(), Unwatched())
    assert caught.value.remedy


def test_the_user_says_on_which_channel_the_manager_is(tmp_path: Path) -> None:
    request = Request(path=sound(tmp_path / "a.wav", channels=2), manager_channel=1)
    report = analyse_recording(request, engines(), Unwatched())
    assert [t.role for t in report.conversation.turns] == [Role.CUSTOMER, Role.MANAGER]


@pytest.mark.parametrize(
    "wrong", [{"manager_speakers": ("SPEAKER_09",)}, {"manager_channel": 0}], ids=["speaker", "channel"]
)
def test_a_manager_who_is_not_there_is_an_error_with_a_remedy(tmp_path: Path, wrong: dict[str, object]) -> None:
    request = replace(Request(path=sound(tmp_path / "a.wav")), **wrong)  # type: ignore[arg-type]
    with pytest.raises(SignalsError) as error:
        analyse_recording(request, engines(), Unwatched())
    assert error.value.remedy


def test_cancelling_leaves_finished_stages_and_no_sound(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    seen: list[int] = []
    watcher = CancellingWatcher(in_stage="asr", look=lambda: seen.append(len(list(work.rglob("*.raw")))))
    request = Request(path=sound(tmp_path / "a.wav"), keep=tmp_path / "stages", work_dir=work)
    with pytest.raises(Cancelled):
        analyse_recording(request, engines(), watcher)
    assert seen == [1]
    assert list(work.iterdir()) == []
    assert [p.name for p in (tmp_path / "stages").iterdir()] == ["audio.json"]


def test_low_coverage_and_removed_text_are_said(tmp_path: Path) -> None:
    thin = replace(engines(), transcriber=FakeTranscriber(transcript(*TEXT.segments, covered=3.0)))
    report = analyse_recording(Request(path=sound(tmp_path / "a.wav")), thin, Unwatched())
    assert "coverage" in [w.code for w in report.warnings]


def test_a_recording_without_words_is_reported_as_such(tmp_path: Path) -> None:
    silent = replace(engines(), transcriber=FakeTranscriber(transcript()))
    report = analyse_recording(Request(path=sound(tmp_path / "a.wav")), silent, Unwatched())
    assert "no_text" in [w.code for w in report.warnings]
    assert report.hits == ()


def test_a_file_that_is_no_recording_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("not audio", encoding="utf-8")
    with pytest.raises(AudioError):
        analyse_recording(Request(path=tmp_path / "a.mp3"), engines(), Unwatched())


def test_a_finished_transcript_gets_the_same_report(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("客户经理：我们行的方案带来了\n客户：合同条款先给我看看\n", encoding="utf-8")
    report = analyse_transcript(Request(path=tmp_path / "a.txt"), engines(), Unwatched())
    assert [(h.label, h.turn) for h in report.hits] == [("contract_terms", 1)]
    assert report.source is None
    assert "times" in [w.code for w in report.warnings]
