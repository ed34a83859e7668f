"""faster-whisper behind the `Transcriber` protocol."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import TYPE_CHECKING, Any

from signals.asr.again import put_in, to_hear_again
from signals.asr.cleanup import clean
from signals.asr.coverage import coverage, passages_without_text
from signals.asr.model_files import ModelFolder, fingerprint
from signals.asr.vad import Piece, cut_at_pauses, find_speech
from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.errors import ModelError, TranscriptionError
from signals.domain.protocols import Progress
from signals.domain.transcript import Segment, SpeechSpan, Transcript, Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

VERSION = "3"
_FULL_WIDTH = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_HALF_WIDTH = re.compile(r"(?<!\d)[,:]|[,:](?!\d)|[?!;]")
_CLIP = 28.0
"""Seconds of a clip where many are heard at once: the model hears 30."""
_GPU_BATCH = 16
_NO_REPEAT = 8
"""Tokens; a batch has no second attempt that would break a loop, so a stretch as long may come once only."""
_VAD_SHARE = 0.03
"""Share of the stage's time that finding speech takes, for the progress bar."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WhisperOptions:
    """How to run the model. Defaults are the best measured for Mandarin meetings (docs/accuracy.md)."""

    device: str = "auto"
    """"auto" (a GPU when there is one), "cpu" or "cuda"."""
    compute_type: str = "auto"
    """"auto" is float16 on a GPU and int8 on a CPU."""
    beam_size: int = 5
    threads: int = 0
    """CPU threads; 0 leaves it to the engine."""
    batch_size: int = 0
    """Windows that are heard at once; 0 is 16 on a GPU and 1 on a CPU, where more gain nothing."""
    piece_seconds: float = 300.0
    """Longest stretch held in memory at once."""


@dataclass(frozen=True, slots=True)
class Placement:
    device: str
    compute_type: str
    batch_size: int


def place(options: WhisperOptions, gpus: int) -> Placement:
    """Device, arithmetic and batch for a machine with that many usable GPUs. Raises `ModelError` if one is wanted and missing."""
    device = options.device if options.device != "auto" else ("cuda" if gpus else "cpu")
    if device == "cuda" and not gpus:
        raise ModelError("no_gpu", "没有可用的 GPU", "请改用 --device cpu，或检查显卡驱动和 CUDA 库")
    compute = options.compute_type if options.compute_type != "auto" else ("float16" if device == "cuda" else "int8")
    return Placement(device, compute, options.batch_size or (_GPU_BATCH if device == "cuda" else 1))


@dataclass
class FasterWhisperTranscriber:
    """Transcribes in pieces cut at pauses, so that memory does not grow with the length of the meeting."""

    model: ModelFolder
    options: WhisperOptions = field(default_factory=WhisperOptions)
    _placement: Placement = field(init=False, repr=False, compare=False)
    """Where the loaded model runs."""

    @property
    def description(self) -> str:
        options = self.options
        how = (
            f"device={options.device} compute={options.compute_type} beam={options.beam_size}"
            f" batch={options.batch_size or 'auto'}"
        )
        model = f"{self.model.name}@{fingerprint(self.model)}"
        return f"faster-whisper {metadata.version('faster-whisper')} {model} {how} v{VERSION}"

    def transcribe(
        self, waveform: Waveform, progress: Progress, on_speech: Callable[[tuple[SpeechSpan, ...]], None] | None = None
    ) -> Transcript:
        """See `Transcriber.transcribe`. The model is unloaded when it returns."""
        speech = find_speech(waveform, lambda done: progress(done * _VAD_SHARE))
        if on_speech is not None:
            on_speech(speech)
        pieces = cut_at_pauses(speech, waveform.duration, self.options.piece_seconds)
        segments: list[Segment] = []
        try:
            for piece in pieces:
                inside = tuple(s for s in speech if piece.start < s.end and s.start < piece.end)
                heard = []
                for segment in self._listen(waveform, piece, inside):
                    heard.append(segment)
                    progress(_done(segment.end, waveform))
                for span in to_hear_again(passages_without_text(inside, heard), waveform.duration):
                    heard = put_in(heard, span, self._listen_again(waveform, span))
                    progress(_done(piece.end, waveform))
                segments += heard
        except RuntimeError as error:  # what CTranslate2 raises, memory and CUDA faults included
            raise TranscriptionError(
                "engine_failed",
                "语音识别引擎出错",
                "请关闭其他程序后重试；若再次出错，请换用较小的模型或 --device cpu",
            ) from error
        except MemoryError as error:
            raise TranscriptionError(
                "out_of_memory", "内存不足，无法识别语音", "请关闭其他程序后重试，或换用较小的模型"
            ) from error
        finally:
            self.__dict__.pop("_engine", None)
            gc.collect()
        kept, removed = clean(tuple(segments), _simplifier())
        progress(1.0)
        return Transcript(
            segments=kept,
            removed=removed,
            speech=speech,
            coverage=coverage(speech, kept),
            engine=self.description,
        )

    def _listen(self, waveform: Waveform, piece: Piece, speech: tuple[SpeechSpan, ...]) -> Iterator[Segment]:
        """One window after the other, or on a GPU many at once: there, and only there, that is quicker."""
        engine, samples = self._engine, waveform.read(piece.start, piece.end)
        if self._placement.batch_size == 1:
            vad = {"min_silence_duration_ms": 500, "speech_pad_ms": 300}
            found, _ = engine.transcribe(samples, vad_filter=True, vad_parameters=vad, **self._settings)
        else:
            from faster_whisper import BatchedInferencePipeline

            found, _ = BatchedInferencePipeline(engine).transcribe(
                samples,
                vad_filter=False,
                clip_timestamps=[
                    {"start": max(0.0, clip.start - piece.start), "end": clip.end - piece.start}
                    for clip in cut_at_pauses(speech, piece.end, _CLIP)
                ],
                batch_size=self._placement.batch_size,
                no_repeat_ngram_size=_NO_REPEAT,
                **self._settings,
            )
        for segment in found:
            yield _segment(segment, piece.start)

    def _listen_again(self, waveform: Waveform, span: SpeechSpan) -> list[Segment]:
        samples = waveform.read(span.start, span.end)
        found, _ = self._engine.transcribe(samples, vad_filter=False, **self._settings)
        return [_segment(s, span.start) for s in found]

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            "language": "zh",
            "beam_size": self.options.beam_size,
            "word_timestamps": True,
            "condition_on_previous_text": False,
        }

    @cached_property
    def _engine(self) -> WhisperModel:
        """The loaded model. A GPU that was only found, not asked for, and can't work is passed over for the CPU."""
        placement = place(self.options, _usable_gpus())
        try:
            return self._load(placement)
        except (RuntimeError, ValueError, OSError) as error:
            if placement.device != "cuda":
                raise self._cannot_load() from error
            if self.options.device != "auto":
                raise ModelError(
                    "gpu_failed", "显卡无法用于语音识别", "请检查显卡驱动和 CUDA 库（cuBLAS、cuDNN），或用 --device cpu"
                ) from error
        try:
            return self._load(place(self.options, gpus=0))
        except (RuntimeError, ValueError, OSError) as error:
            raise self._cannot_load() from error

    def _load(self, placement: Placement) -> WhisperModel:
        import numpy as np
        from faster_whisper import WhisperModel

        self._placement = placement
        model = WhisperModel(
            str(self.model.path),
            device=placement.device,
            compute_type=placement.compute_type,
            cpu_threads=self.options.threads,
            local_files_only=True,
        )
        if placement.device == "cuda":  # libraries that are missing show only when something is computed
            list(model.transcribe(np.zeros(SAMPLE_RATE, np.float32), language="zh", beam_size=1)[0])
        return model

    def _cannot_load(self) -> ModelError:
        return ModelError(
            "cannot_load", f"语音模型“{self.model.name}”无法加载", "请运行 signals models verify 检查模型文件"
        )


def _done(until: float, waveform: Waveform) -> float:
    """Share of the stage that is done when the recording is heard up to `until` seconds."""
    return min(0.99, _VAD_SHARE + (1 - _VAD_SHARE) * until / waveform.duration)


def _usable_gpus() -> int:
    import ctranslate2

    try:
        return int(ctranslate2.get_cuda_device_count())
    except RuntimeError:  # a driver that is too old or half installed
        return 0


def _segment(found: Any, offset: float) -> Segment:
    words = tuple(
        Word(
            text=_spaced(w.word, previous.word if previous else ""),
            start=float(offset + w.start),
            end=float(offset + w.end),
            probability=min(1.0, max(0.0, float(w.probability))),
            raw=w.word,
        )
        for previous, w in zip([None, *(found.words or [])], found.words or [], strict=False)
        if w.word.strip()
    )
    if not words and found.text.strip():  # the alignment failed: the text is still what was heard
        words = (Word(found.text.strip(), float(offset + found.start), float(offset + found.end), 0.0, found.text),)
    return Segment(
        start=float(offset + found.start),
        end=float(offset + found.end),
        text=found.text.strip(),
        raw=found.text,
        words=words,
        avg_logprob=float(found.avg_logprob),
        no_speech_probability=float(found.no_speech_prob),
    )


def _spaced(word: str, previous: str) -> str:
    """Chinese has no spaces; only two Latin words in a row keep theirs."""
    bare = word.strip()
    latin = word.startswith(" ") and bare[:1].isascii() and previous.strip()[-1:].isascii() and previous.strip()
    return f" {bare}" if latin else bare


def _simplifier() -> Callable[[str], str]:
    """Simplified characters and Chinese punctuation, one character for one. tw2s also knows 著 for 着."""
    from opencc import OpenCC

    convert = OpenCC("tw2s").convert
    return lambda text: _HALF_WIDTH.sub(lambda mark: _FULL_WIDTH[mark.group()], convert(text))
