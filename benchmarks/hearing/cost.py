"""What the whole pipeline costs beside bare speech recognition, how memory grows, and whether the time left is told right.

    python benchmarks/hearing/cost.py pairs MEETING.wav [--pairs 5]      seconds of both, one after the other, and their ratio
    python benchmarks/hearing/cost.py memory SHORT.wav LONG.wav          peaks of both and their ratio
    python benchmarks/hearing/cost.py time-left MEETING.wav              how far off the time left was, after the first tenth

Bare is faster-whisper with the same model and settings: decoding, voice activity filter, text, times of words. Every run is a
process of its own. Wall seconds depend on what else the machine does; processor seconds hardly do.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from peak import peak_megabytes

from signals.asr.engine import WhisperOptions


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds on the clock, seconds of all cores together, peak in megabytes."""

    wall: float
    processor: float
    peak: float


def bare(path: Path, options: dict[str, Any]) -> Run:
    """faster-whisper alone, from file to words, as its README has it but for the language and the model's settings."""
    began = time.perf_counter()
    from faster_whisper import WhisperModel

    from signals.asr.model_files import default_store, resolve

    asked = WhisperOptions(**options)
    model = WhisperModel(str(resolve("auto", default_store()).path), device="cpu", compute_type="int8")
    found, _ = model.transcribe(
        str(path),
        language="zh",
        beam_size=asked.beam_size,
        word_timestamps=True,
        vad_filter=True,
        vad_parameters={"min_silence_duration_ms": 500, "speech_pad_ms": 300},
        condition_on_previous_text=False,
    )
    for _ in found:
        pass
    return _measured(began)


def pipeline(path: Path, options: dict[str, Any]) -> Run:
    """From file to report, without writing it."""
    began = time.perf_counter()
    _analyse(path, options, None)
    return _measured(began)


def time_left(path: Path, options: dict[str, Any]) -> list[tuple[float, float]]:
    """(share of the whole time that had passed, total time as told over total time as it was), at every report."""
    from signals.cli.run import ProgressWatcher

    began = time.perf_counter()
    told: list[tuple[float, float]] = []

    class Recorder(ProgressWatcher):
        def progress(self, done: float) -> None:
            super().progress(done)
            left = self.seconds_left
            if left is not None:
                now = time.perf_counter() - began
                told.append((now, now + left))

    with Recorder() as watcher:
        _analyse(path, options, watcher)
    whole = time.perf_counter() - began
    return [(now / whole, total / whole) for now, total in told]


def _analyse(path: Path, options: dict[str, Any], watcher: Any) -> None:
    from dataclasses import replace

    from signals.api import load_catalogue, load_engines
    from signals.pipeline import Request, Unwatched, analyse_recording
    from signals.settings import Settings

    engines = load_engines(Settings(), load_catalogue())
    engines = replace(engines, transcriber=replace(engines.transcriber, options=WhisperOptions(**options)))  # type: ignore[type-var]
    with tempfile.TemporaryDirectory(prefix="cost-") as folder:
        analyse_recording(Request(path=path, keep=Path(folder)), engines, watcher or Unwatched())


def _measured(began: float) -> Run:
    return Run(time.perf_counter() - began, time.process_time(), peak_megabytes())


def _alone(work: Any, *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        return pool.submit(work, *arguments).result()


def _print_pairs(path: Path, pairs: int, options: dict[str, Any]) -> None:
    print(
        "| pair | bare s | bare CPU s | pipeline s | pipeline CPU s | ratio | CPU ratio |\n|---|---|---|---|---|---|---|"
    )
    ratios, processor = [], []
    for number in range(pairs):
        order = (bare, pipeline) if number % 2 == 0 else (pipeline, bare)  # neither is always the warmer one
        runs = {work: _alone(work, path, options) for work in order}
        one, other = runs[bare], runs[pipeline]
        ratios.append(other.wall / one.wall)
        processor.append(other.processor / one.processor)
        print(
            f"| {number + 1} | {one.wall:.1f} | {one.processor:.1f} | {other.wall:.1f} | {other.processor:.1f}"
            f" | {ratios[-1]:.2f} | {processor[-1]:.2f} |",
            flush=True,
        )
    print(
        f"\nMean ratio {mean(ratios):.2f} on the clock, {mean(processor):.2f} of processor time; best {min(ratios):.2f}"
    )


def _print_memory(short: Path, long: Path, options: dict[str, Any]) -> None:
    runs = [_alone(pipeline, path, options) for path in (short, long)]
    for path, run in zip((short, long), runs, strict=True):
        print(f"{path.name}: {run.peak:.0f} MB, {run.wall:.0f} s, {run.processor:.0f} CPU s", flush=True)
    print(f"Ratio of the peaks: {runs[1].peak / runs[0].peak:.2f}")


def _print_time_left(path: Path, options: dict[str, Any]) -> None:
    told = _alone(time_left, path, options)
    later = [ratio for share, ratio in told if share >= 0.1]
    worst = max(later, key=lambda r: abs(r - 1))
    within = sum(abs(r - 1) <= 0.2 for r in later) / len(later)
    for share, ratio in told[:: max(1, len(told) // 12)]:
        print(f"after {share:.0%} of the time the whole was told as {ratio:.0%} of what it was")
    print(f"After the first tenth: worst {worst:.0%}, within 20 % in {within:.0%} of {len(later)} reports")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pairs", "memory", "time-left"])
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--beam", type=int, default=WhisperOptions().beam_size)
    given = parser.parse_args()
    options = {"beam_size": given.beam}
    if given.what == "pairs":
        _print_pairs(given.recordings[0], given.pairs, options)
    elif given.what == "memory":
        _print_memory(given.recordings[0], given.recordings[1], options)
    else:
        _print_time_left(given.recordings[0], options)


if __name__ == "__main__":
    main()
