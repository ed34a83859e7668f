"""Measures how well recordings are heard: text, speakers, time and memory.

    python benchmarks/hearing/measure.py MEETING.flac ...            the reference lies beside it as MEETING.jsonl
    python benchmarks/hearing/measure.py --clips FOLDER/manifest.jsonl    single clips with a text each

A reference line is {"speaker", "text", "start", "end"} with seconds; a manifest line is {"file", "text", "text_kind"}, of which only
text_kind "reference" is used. Each recording is measured in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hearing_metrics import (
    CharacterErrors,
    DiarizationErrors,
    Spoken,
    attributed_share,
    character_errors,
    diarization_errors,
)

from signals.domain.audio import ChannelLayout, Waveform
from signals.domain.conversation import Diarization
from signals.domain.transcript import Transcript

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    model: str
    options: dict[str, Any]
    """Fields of `WhisperOptions` that differ from their defaults."""
    texts: Path | None
    """Folder for reference and recognised text of each recording, for reading the errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one recording measured. Seconds are of computing, not of sound."""

    name: str
    duration: float
    text: CharacterErrors
    coverage: float
    removed: int
    method: str
    known: DiarizationErrors
    unknown: DiarizationErrors
    speakers: int
    attributed: float
    decode_seconds: float
    asr_seconds: float
    speaker_seconds: float
    peak_megabytes: float


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def run(self, stage: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = work()
        self.seconds[stage] = time.perf_counter() - began
        return result


def measure_meeting(path: Path, setup: Setup) -> Heard:
    """One recording through decoding, recognition and speakers, against the reference beside it."""
    from signals.audio import channel_layout
    from signals.speakers.turns import build_turns

    lines = [json.loads(x) for x in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines() if x.strip()]
    reference = [Spoken(x["speaker"], x["start"], x["end"]) for x in lines]
    number = len({r.speaker for r in reference})
    clock = _Clock()
    with tempfile.TemporaryDirectory(prefix="hearing-") as folder:
        waveform = clock.run("decode", lambda: _decoded(path, Path(folder)))
        layout = channel_layout(waveform)
        transcript = clock.run("asr", lambda: _transcribed(waveform, setup))
        known = _by_voice(waveform, transcript, number)
        found = clock.run("speakers", lambda: _diarized(waveform, transcript, layout))
        unknown = found if layout is not ChannelLayout.SPLIT else _by_voice(waveform, transcript, None)
    turns = [Spoken(t.speaker, t.start, t.end) for t in build_turns(transcript, found)]
    text = "\n".join(s.text for s in transcript.segments)
    _keep_texts(setup, path.stem, "\n".join(x["text"] for x in lines), text)
    return Heard(
        name=path.name,
        duration=waveform.duration,
        text=character_errors("".join(x["text"] for x in lines), text, _simplifier()),
        coverage=transcript.coverage.ratio,
        removed=len(transcript.removed),
        method=f"{found.method} {diarization_errors(reference, _spoken(found)).rate:.1%}",
        known=diarization_errors(reference, _spoken(known)),
        unknown=diarization_errors(reference, _spoken(unknown)),
        speakers=number,
        attributed=attributed_share(reference, turns),
        decode_seconds=clock.seconds["decode"],
        asr_seconds=clock.seconds["asr"],
        speaker_seconds=clock.seconds["speakers"],
        peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def measure_clips(manifest: Path, setup: Setup) -> list[tuple[str, CharacterErrors]]:
    """Character errors of each clip of a manifest that has a reference text."""
    results = []
    for line in manifest.read_text(encoding="utf-8").splitlines():
        clip = json.loads(line)
        if clip["text_kind"] != "reference":
            continue
        with tempfile.TemporaryDirectory(prefix="hearing-") as folder:
            transcript = _transcribed(_decoded(manifest.parent / clip["file"], Path(folder)), setup)
        text = "".join(s.text for s in transcript.segments)
        _keep_texts(setup, Path(clip["file"]).stem, clip["text"], text)
        results.append((clip["file"], character_errors(clip["text"], text, _simplifier())))
    return results


def _decoded(path: Path, folder: Path) -> Waveform:
    from signals.audio import decode, probe

    return decode(path, probe(path), folder / "sound.raw", _unwatched)[0]


def _transcribed(waveform: Waveform, setup: Setup) -> Transcript:
    from signals.asr.engine import FasterWhisperTranscriber, WhisperOptions
    from signals.asr.model_files import default_store, resolve

    model = resolve(setup.model, default_store())
    return FasterWhisperTranscriber(model, WhisperOptions(**setup.options)).transcribe(waveform, _unwatched)


def _diarized(waveform: Waveform, transcript: Transcript, layout: ChannelLayout) -> Diarization:
    """As the product does it when it is told nothing."""
    from signals.speakers.channel import ChannelDiarizer

    if layout is ChannelLayout.SPLIT:
        return ChannelDiarizer().diarize(waveform, transcript.speech, None, _unwatched)
    return _by_voice(waveform, transcript, None)


def _by_voice(waveform: Waveform, transcript: Transcript, speakers: int | None) -> Diarization:
    from signals.resources import models_dir
    from signals.speakers.embedding import SpeakerEmbedder
    from signals.speakers.voice import VoiceDiarizer

    diarizer = VoiceDiarizer(SpeakerEmbedder(models_dir() / "campplus.onnx"))
    return diarizer.diarize(waveform, transcript.speech, speakers, _unwatched)


def _spoken(diarization: Diarization) -> list[Spoken]:
    return [Spoken(s.speaker, s.start, s.end) for s in diarization.spans]


def _simplifier() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _keep_texts(setup: Setup, name: str, reference: str, heard: str) -> None:
    if setup.texts is not None:
        setup.texts.mkdir(parents=True, exist_ok=True)
        (setup.texts / f"{name}.reference.txt").write_text(reference + "\n", encoding="utf-8")
        (setup.texts / f"{name}.heard.txt").write_text(heard + "\n", encoding="utf-8")


def _unwatched(done: float) -> None:
    """Nobody looks on."""


def _print_meetings(rows: Sequence[Heard]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Meetings (DER: miss + false alarm + confusion = sum, percent of reference speech)")
    for column in (
        "recording", "min", "CER", "coverage", "removed", "as product", "DER number known", "DER number unknown",
        "found/true", "right speaker", "decode", "asr", "speakers", "peak MB",
    ):  # fmt: skip
        table.add_column(column, justify="left" if column == "recording" else "right")
    for row in rows:
        minutes = row.duration / 60
        table.add_row(
            row.name,
            f"{minutes:.1f}",
            f"{row.text.rate:.2%}",
            f"{row.coverage:.1%}",
            str(row.removed),
            row.method,
            _shown(row.known),
            _shown(row.unknown),
            f"{row.unknown.speakers}/{row.speakers}",
            f"{row.attributed:.1%}",
            *(f"{s / minutes:.2f}" for s in (row.decode_seconds, row.asr_seconds, row.speaker_seconds)),
            f"{row.peak_megabytes:.0f}",
        )
    table.caption = "decode, asr, speakers: seconds of computing a minute of sound"
    Console(width=None if Console().is_terminal else 200).print(table)


def _shown(errors: DiarizationErrors) -> str:
    parts = " + ".join(f"{100 * x:.1f}" for x in (errors.miss, errors.false_alarm, errors.confusion))
    return f"{parts} = {100 * errors.rate:.1f}"


def _print_clips(rows: Sequence[tuple[str, CharacterErrors]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Clips")
    for column in ("clip", "errors", "characters", "CER"):
        table.add_column(column, justify="left" if column == "clip" else "right")
    for name, errors in rows:
        table.add_row(name, str(errors.errors), str(errors.characters), f"{errors.rate:.1%}")
    whole = sum((errors for _, errors in rows), CharacterErrors(0, 0))
    table.add_section()
    table.add_row("all", str(whole.errors), str(whole.characters), f"{whole.rate:.1%}")
    Console().print(table)


def _options(pairs: Sequence[str]) -> dict[str, Any]:
    return {key: json.loads(value) for key, _, value in (pair.partition("=") for pair in pairs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", nargs="*", type=Path, help="recordings with a reference .jsonl beside them")
    parser.add_argument("--clips", type=Path, help="manifest of single clips: CER only")
    parser.add_argument("--model", default="auto", help="speech model, as for signals analyze")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="KEY=JSON", help="options of the engine, e.g. beam_size=1"
    )
    parser.add_argument("--texts", type=Path, help="folder to which reference and recognised texts are written")
    arguments = parser.parse_args()
    setup = Setup(model=arguments.model, options=_options(arguments.set), texts=arguments.texts)
    if arguments.audio:
        alone = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=alone, max_tasks_per_child=1) as pool:
            _print_meetings(list(pool.map(measure_meeting, arguments.audio, [setup] * len(arguments.audio))))
    if arguments.clips:
        _print_clips(measure_clips(arguments.clips, setup))


if __name__ == "__main__":
    main()
