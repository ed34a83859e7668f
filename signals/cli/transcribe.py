"""`signals transcribe`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import typer

from signals.api import load_rewriter, load_tagger, load_transcriber
from signals.audio import decode, probe
from signals.cli.run import ProgressWatcher, clock
from signals.domain.errors import OutputError
from signals.domain.transcript import Transcript
from signals.settings import Settings


def transcribe(file: Path, format: str, output: Path | None, settings: Settings) -> None:
    """Writes the text of a recording as plain lines, SRT or JSON."""
    with ProgressWatcher() as watcher, tempfile.TemporaryDirectory(prefix="signals-", dir=settings.work_dir) as folder:
        watcher.stage("audio")
        waveform, _ = decode(file, probe(file), Path(folder) / "sound.raw", watcher.progress)
        watcher.stage("asr")
        transcript = load_transcriber(settings).transcribe(waveform, watcher.progress)
        watcher.stage("wording")
        transcript = load_rewriter(load_tagger()).rewrite(transcript)
    text = {"txt": _as_text, "srt": _as_srt, "json": _as_json}[format](transcript)
    if output is None:
        typer.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError:
        raise OutputError("cannot_write", f"无法写入 {output}", "请换一个可写的位置") from None


def _as_text(transcript: Transcript) -> str:
    return "\n".join(f"[{clock(s.start)}] {s.text}" for s in transcript.segments)


def _as_srt(transcript: Transcript) -> str:
    cues = [
        f"{number}\n{_stamp(s.start)} --> {_stamp(s.end)}\n{s.text}\n"
        for number, s in enumerate(transcript.segments, 1)
    ]
    return "\n".join(cues)


def _as_json(transcript: Transcript) -> str:
    """The shape that whisperX writes, so that other programs and `signals analyze` read it."""
    segments = [
        {
            "start": round(s.start, 3),
            "end": round(s.end, 3),
            "text": s.text,
            "words": [
                {"word": w.text, "start": round(w.start, 3), "end": round(w.end, 3), "score": round(w.probability, 3)}
                for w in s.words
            ],
        }
        for s in transcript.segments
    ]
    return json.dumps({"segments": segments, "language": "zh"}, ensure_ascii=False, indent=1)


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d},{milliseconds % 1000:03d}"
