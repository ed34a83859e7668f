"""Measures how well recordings are heard, from sound to signals, and prints tables.

    python benchmarks/hearing/measure.py FOLDER [--degraded]     every recording that has NAME.jsonl beside it
    python benchmarks/hearing/measure.py MEETING.flac ...        some recordings
    python benchmarks/hearing/measure.py FOLDER --speakers-only  diarization alone, which takes a tenth of the time
    python benchmarks/hearing/measure.py --clips manifest.jsonl  single clips: character errors
    python benchmarks/hearing/measure.py --voices manifest.jsonl clips spliced into meetings: diarization

A reference line is {"speaker", "text", "start", "end"} with seconds and, where known, "role" and "labels"; a manifest line is
{"file", "text", "text_kind", "speaker"}. Each recording is measured in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import spliced
from degrade import KINDS, degrade, recordings
from hearing_metrics import (
    CharacterErrors,
    DiarizationErrors,
    Spoken,
    attributed_share,
    character_errors,
    diarization_errors,
)
from meeting_metrics import Found, Reference, ghosts, role_share, signal_scores, term_recall, word_time_errors
from peak import peak_megabytes
from tables import print_clips, print_meetings, print_voices, simplifier

from signals.domain.conversation import Conversation, Diarization, Role, Turn
from signals.domain.report import Report
from signals.domain.transcript import Transcript
from signals.pipeline import Engines


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    model: str
    options: dict[str, Any]
    """Fields of `WhisperOptions` that differ from their defaults."""
    texts: Path | None
    """Folder for reference and recognised text of each recording, for reading the errors."""
    as_heard: bool
    """Leaves the recogniser's words and numbers as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one recording measured. Seconds are of computing, not of sound."""

    name: str
    duration: float
    text: CharacterErrors
    terms: Found
    signals: Found
    signals_of_script: Found
    """The tagger on the script itself: what hearing could reach at most."""
    repairs: int
    false_repairs: int
    """Repairs whose word is not in what was said at that time."""
    coverage: float
    removed: int
    known: DiarizationErrors
    unknown: DiarizationErrors
    speakers: int
    attributed: float
    roles: float | None
    word_times: tuple[float, float]
    """Median and 90th percentile, seconds."""
    ghosts: tuple[int, float]
    stages: dict[str, float]
    processor_seconds: float
    peak_megabytes: float


def measure_meeting(path: Path, setup: Setup) -> Heard:
    """One recording through the whole pipeline, against the reference beside it."""
    from signals.pipeline import Request, Unwatched, analyse_recording

    lines = _reference(path)
    engines = _engines(setup)
    with tempfile.TemporaryDirectory(prefix="hearing-") as folder:
        request = Request(path=path, keep=Path(folder))
        began = time.process_time()
        report = analyse_recording(request, engines, Unwatched())
        processor = time.process_time() - began
        unknown = _stored(Path(folder), "speakers", Diarization)
        speakers = len({x.speaker for x in lines})
        peak = peak_megabytes()
        analyse_recording(replace(request, speakers=speakers), engines, Unwatched())
        known = _stored(Path(folder), "speakers", Diarization)
        removed = len(_stored(Path(folder), "asr", Transcript).removed)
    said, text = "".join(x.text for x in lines), "\n".join(t.text for t in report.conversation.turns)
    _keep_texts(setup, path.stem, "\n".join(x.text for x in lines), text)
    words = [w for t in report.conversation.turns for w in t.words]
    times = sorted(word_time_errors(lines, words, simplifier()))
    repaired = [w for w in words if w.heard]
    spoken = _spoken(lines)
    labels = engines.catalogue.signal_ids
    return Heard(
        name=path.stem,
        duration=report.conversation.duration,
        text=character_errors(said, text, simplifier()),
        terms=term_recall(_terms(engines), said, text, simplifier()),
        signals=signal_scores(lines, report.hits, labels),
        signals_of_script=signal_scores(lines, engines.tagger.tag(_script(lines)), labels),
        repairs=len(repaired),
        false_repairs=sum(not _was_said(w.text, w.start, w.end, lines) for w in repaired),
        coverage=report.coverage.ratio if report.coverage else 0.0,
        removed=removed,
        known=diarization_errors(spoken, _spans(known)),
        unknown=diarization_errors(spoken, _spans(unknown)),
        speakers=speakers,
        attributed=attributed_share(spoken, [Spoken(t.speaker, t.start, t.end) for t in report.conversation.turns]),
        roles=role_share(lines, report.conversation),
        word_times=(median(times), times[int(0.9 * len(times))]) if times else (0.0, 0.0),
        ghosts=ghosts(lines, words, report.conversation.duration),
        stages=_seconds(report),
        processor_seconds=processor,
        peak_megabytes=peak,
    )


def measure_clips(manifest: Path, setup: Setup) -> list[tuple[str, CharacterErrors]]:
    """Character errors of each clip of a manifest that has a reference text."""
    engines = _engines(setup)
    results = []
    for clip in spliced.clips(manifest):
        if clip["text_kind"] != "reference":
            continue
        with tempfile.TemporaryDirectory(prefix="hearing-") as folder:
            waveform = spliced.decoded(manifest.parent / clip["file"], Path(folder))
            transcript = engines.rewriter.rewrite(engines.transcriber.transcribe(waveform, _unwatched))
        text = "".join(s.text for s in transcript.segments)
        _keep_texts(setup, clip["file"], clip["text"], text)
        results.append((clip["file"], character_errors(clip["text"], text, simplifier())))
    return results


def _reference(path: Path) -> list[Reference]:
    rows = [json.loads(x) for x in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines() if x.strip()]
    return [
        Reference(
            speaker=r["speaker"],
            role=r.get("role", r["speaker"] if r["speaker"] in ("manager", "customer") else ""),
            text=r["text"],
            start=r["start"],
            end=r["end"],
            labels=tuple(r.get("labels", ())),
        )
        for r in rows
    ]


def _script(lines: Sequence[Reference]) -> Conversation:
    """The script as if it had been heard without an error."""
    turns = tuple(
        Turn(i, x.speaker, Role(x.role or "unknown"), x.start, x.end, x.text, x.text) for i, x in enumerate(lines)
    )
    return Conversation(turns, (), lines[-1].end if lines else 0.0)


def _engines(setup: Setup) -> Engines:
    from signals.api import load_catalogue, load_engines
    from signals.asr.engine import FasterWhisperTranscriber, WhisperOptions
    from signals.asr.model_files import default_store, resolve
    from signals.settings import Settings

    engines = load_engines(Settings(model=setup.model), load_catalogue())
    model = resolve(setup.model, default_store())
    engines = replace(engines, transcriber=FasterWhisperTranscriber(model, WhisperOptions(**setup.options)))
    return replace(engines, rewriter=AsHeard()) if setup.as_heard else engines


class AsHeard:
    """A `Rewriter` that changes nothing."""

    description = "as heard"

    def rewrite(self, transcript: Transcript) -> Transcript:
        return transcript


def _terms(engines: Engines) -> list[str]:
    return [w for term in engines.catalogue.terms for w in (term.text, *term.aliases)]


def _was_said(word: str, start: float, end: float, lines: Sequence[Reference]) -> bool:
    return any(word in x.text for x in lines if x.start - 1 < end and start < x.end + 1)


def _spoken(lines: Sequence[Reference]) -> list[Spoken]:
    return [Spoken(x.speaker, x.start, x.end) for x in lines]


def _spans(diarization: Diarization) -> list[Spoken]:
    return [Spoken(s.speaker, s.start, s.end) for s in diarization.spans]


def _stored(folder: Path, stage: str, kind: Any) -> Any:
    from pydantic import TypeAdapter

    path = folder / f"{stage}.json"
    if not path.exists():  # the speakers could not be told apart
        return Diarization((), "none")  # type: ignore[arg-type]
    return TypeAdapter(kind).validate_python(json.loads(path.read_text(encoding="utf-8"))["result"])


def _seconds(report: Report) -> dict[str, float]:
    return {s.name: s.seconds for s in report.stages}


def _keep_texts(setup: Setup, name: str, reference: str, heard: str) -> None:
    if setup.texts is not None:
        setup.texts.mkdir(parents=True, exist_ok=True)
        (setup.texts / f"{name}.reference.txt").write_text(reference + "\n", encoding="utf-8")
        (setup.texts / f"{name}.heard.txt").write_text(heard + "\n", encoding="utf-8")


def _unwatched(done: float) -> None:
    """Nobody looks on."""


def _options(pairs: Sequence[str]) -> dict[str, Any]:
    return {key: json.loads(value) for key, _, value in (pair.partition("=") for pair in pairs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "audio", nargs="*", type=Path, help="folders, or recordings with a reference .jsonl beside them"
    )
    parser.add_argument(
        "--degraded", nargs="*", metavar="KIND", help=f"also {', '.join(KINDS)}, or so many minutes of the first"
    )
    parser.add_argument("--speakers-only", action="store_true", help="diarization alone")
    parser.add_argument("--clips", type=Path, help="manifest of single clips: CER only")
    parser.add_argument("--voices", type=Path, help="manifest of clips with speakers, spliced into meetings: DER")
    parser.add_argument("--model", default="auto", help="speech model, as for signals analyze")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="KEY=JSON", help="options of the engine, e.g. beam_size=1"
    )
    parser.add_argument("--as-heard", action="store_true", help="without repairs and digits")
    parser.add_argument("--texts", type=Path, help="folder to which reference and recognised texts are written")
    given = parser.parse_args()
    setup = Setup(model=given.model, options=_options(given.set), texts=given.texts, as_heard=given.as_heard)
    paths = [f for path in given.audio for f in (recordings(path) if path.is_dir() else [path])]
    with tempfile.TemporaryDirectory(prefix="degraded-") as folder:
        if given.degraded is not None:
            paths += degrade(paths, Path(folder), given.degraded or list(KINDS))
        if given.speakers_only:
            print_voices([spliced.measure_recording(path, _spoken(_reference(path))) for path in paths])
        elif paths:
            alone = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(1, mp_context=alone, max_tasks_per_child=1) as pool:
                print_meetings(list(pool.map(measure_meeting, paths, [setup] * len(paths))))
    if given.clips:
        print_clips(measure_clips(given.clips, setup))
    if given.voices:
        print_voices(spliced.measure(given.voices))


if __name__ == "__main__":
    main()
