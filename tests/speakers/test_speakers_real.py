"""The voice model on a small synthesised meeting, and the measures that judge it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from signals.asr.vad import find_speech
from signals.audio import channel_layout, decode, probe
from signals.domain.audio import SAMPLE_RATE, ChannelLayout, Waveform
from signals.domain.conversation import Diarization
from signals.resources import models_dir
from signals.speakers.channel import ChannelDiarizer
from signals.speakers.embedding import SpeakerEmbedder
from signals.speakers.voice import VoiceDiarizer

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks" / "hearing"))

from hearing_metrics import (  # noqa: E402
    CharacterErrors,
    Spoken,
    attributed_share,
    character_errors,
    diarization_errors,
    normalise,
)

DATA = ROOT / "tests" / "data"


def unwatched(done: float) -> None:
    """Nobody looks on."""


@pytest.fixture(scope="module")
def reference() -> list[Spoken]:
    lines = (DATA / "two_speakers.jsonl").read_text(encoding="utf-8").splitlines()
    return [Spoken(x["speaker"], x["start"], x["end"]) for x in map(json.loads, lines)]


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Waveform:
    path = DATA / "two_speakers.ogg"
    return decode(path, probe(path), tmp_path_factory.mktemp("meeting") / "sound.raw", unwatched)[0]


def by_voice(waveform: Waveform, speakers: int | None) -> Diarization:
    diarizer = VoiceDiarizer(SpeakerEmbedder(models_dir() / "campplus.onnx"))
    return diarizer.diarize(waveform, find_speech(waveform, unwatched), speakers, unwatched)


def spoken(found: Diarization) -> list[Spoken]:
    return [Spoken(s.speaker, s.start, s.end) for s in found.spans]


@pytest.mark.real
@pytest.mark.parametrize("speakers", [2, None], ids=["number known", "number unknown"])
def test_two_voices_are_told_apart(speakers: int | None, meeting: Waveform, reference: list[Spoken]) -> None:
    errors = diarization_errors(reference, spoken(by_voice(meeting, speakers)))
    assert errors.speakers == 2
    assert errors.rate < 0.05
    assert errors.confusion < 0.01


@pytest.mark.real
def test_the_same_recording_gives_the_same_speakers(meeting: Waveform) -> None:
    assert by_voice(meeting, None) == by_voice(meeting, None)


@pytest.mark.real
def test_one_voice_is_one_speaker(meeting: Waveform, reference: list[Spoken], tmp_path: Path) -> None:
    pieces = [meeting.read(r.start, r.end) for r in reference if r.speaker == "manager"]
    samples = np.concatenate([np.pad(p, (0, SAMPLE_RATE // 3)) for p in pieces])
    (samples * 32767).astype("<i2").tofile(tmp_path / "one.raw")
    found = by_voice(Waveform(tmp_path / "one.raw", len(samples), 1), None)
    assert found.speakers == ("SPEAKER_00",)


@pytest.mark.real
def test_the_sides_of_a_stereo_recording_are_told_apart(
    meeting: Waveform, reference: list[Spoken], tmp_path: Path
) -> None:
    sound = np.random.default_rng(0).normal(size=(meeting.frames, 2)) * 1e-4
    for turn in reference:
        at, samples = round(turn.start * SAMPLE_RATE), meeting.read(turn.start, turn.end)
        sound[at : at + len(samples), int(turn.speaker == "customer")] += samples
    sound += 0.1 * sound[:, ::-1]  # each microphone hears a little of the other
    (sound * 30000).astype("<i2").tofile(tmp_path / "stereo.raw")
    stereo = Waveform(tmp_path / "stereo.raw", meeting.frames, 2)
    assert channel_layout(stereo) is ChannelLayout.SPLIT
    found = ChannelDiarizer().diarize(stereo, find_speech(stereo, unwatched), None, unwatched)
    assert diarization_errors(reference, spoken(found)).rate < 0.05


def test_errors_of_a_perfect_answer_are_none_whatever_the_names(reference: list[Spoken]) -> None:
    names = {"manager": "X", "customer": "Y"}
    errors = diarization_errors(reference, [Spoken(names[r.speaker], r.start, r.end) for r in reference])
    assert (errors.miss, errors.false_alarm, errors.confusion, errors.speakers) == (0, 0, 0, 2)


def test_miss_false_alarm_and_confusion_are_shares_of_the_speech() -> None:
    reference = [Spoken("a", 0, 6), Spoken("b", 6, 10)]
    errors = diarization_errors(reference, [Spoken("x", 0, 5), Spoken("y", 5, 8), Spoken("y", 10, 12)])
    assert errors.confusion == pytest.approx(0.1)
    assert errors.miss == pytest.approx(0.2)
    assert errors.false_alarm == pytest.approx(0.2)
    assert errors.rate == pytest.approx(0.5)


def test_speech_of_two_at_once_is_left_out() -> None:
    reference = [Spoken("a", 0, 6), Spoken("b", 5, 10)]
    assert diarization_errors(reference, [Spoken("x", 0, 5), Spoken("y", 6, 10)]).rate == 0


def test_attribution_counts_seconds_in_a_turn_of_the_right_speaker() -> None:
    reference = [Spoken("a", 0, 6), Spoken("b", 6, 10)]
    assert attributed_share(reference, [Spoken("x", 0, 6), Spoken("y", 7, 10)]) == pytest.approx(0.9)
    assert attributed_share(reference, []) == 0


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("利率3.5%，可以吗？", "利率百分之三点五可以吗"),
        ("500万，两年", "五百万二年"),
        ("2024年3月15日", "二零二四年三月十五日"),
        ("电话13800138000", "电话一三八零零一三八零零零"),
        ("1,005元", "一千零五元"),
        ("10050000", "一千零五万"),
        ("Apple Pay", "applepay"),
    ],
)
def test_numbers_are_compared_as_they_are_read_aloud(written: str, read: str) -> None:
    assert normalise(written, str) == read


def test_character_errors_are_edits_over_the_length_of_the_reference() -> None:
    assert character_errors("利率多少", "利力多少吗", str) == CharacterErrors(2, 4)
    assert character_errors("", "", str).rate == 0
    assert character_errors("好的", "", str).rate == 1
