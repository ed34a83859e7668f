"""Voice embeddings of short windows of speech. They live as long as the call that asked for them, and no longer."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.errors import ModelError
from signals.domain.machine import cores
from signals.domain.protocols import Progress
from signals.domain.transcript import SpeechSpan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 1.5
HOP = 0.75
_SHORTEST = 0.4
"""Seconds; a shorter stretch of speech tells voices apart no better than chance and takes its neighbour's speaker."""
_LEAST_SAMPLES = SAMPLE_RATE // 20
"""Room for a few of the filter bank's frames of 25 ms."""
_MEL_BINS = 80
DIMENSIONS = 192
_BATCH = 16


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of speech of `WINDOW` seconds or less. Seconds."""

    start: float
    end: float


def cut_windows(speech: Sequence[SpeechSpan]) -> tuple[Window, ...]:
    """Windows of 1.5 s every 0.75 s inside each stretch of speech; a shorter stretch is one window."""
    windows = []
    for span in speech:
        start = span.start
        while span.end - start > WINDOW:
            windows.append(Window(start, start + WINDOW))
            start += HOP
        if span.end - start >= _SHORTEST or start == span.start:
            windows.append(Window(max(span.start, min(start, span.end - WINDOW)), span.end))
    return tuple(windows)


@dataclass
class SpeakerEmbedder:
    """CAM++ (3D-Speaker; Wang et al. 2023) on ONNX Runtime: 192 numbers a window, of unit length."""

    model: Path
    threads: int = 0
    """Batches at once; 0 is one for each core."""

    def embed(self, waveform: Waveform, windows: Sequence[Window], progress: Progress) -> NDArray[np.float32]:
        """Embeddings of shape (windows, 192). Raises `ModelError`.

        Batches of like length run side by side, each on one core: cores that share a batch mostly wait for each other.
        """
        import numpy as np

        found = np.zeros((len(windows), DIMENSIONS), np.float32)
        if not windows:
            return found
        _ = self._session  # loaded once, before there are several threads
        with ThreadPoolExecutor(self.threads or cores()) as pool:
            try:
                batches = _batches(windows)
                done = 0
                for places, rows in zip(
                    batches, pool.map(lambda b: self._batch(waveform, windows, b), batches), strict=True
                ):
                    found[places] = rows
                    done += len(places)
                    progress(done / len(windows))
            finally:
                pool.shutdown(cancel_futures=True)
        return found

    def _batch(self, waveform: Waveform, windows: Sequence[Window], places: Sequence[int]) -> NDArray[np.float32]:
        import numpy as np

        feats = [self._fbank(waveform.read(windows[i].start, windows[i].end)) for i in places]
        longest = max(len(f) for f in feats)
        padded = np.stack([np.pad(f, ((0, longest - len(f)), (0, 0)), mode="wrap") for f in feats])
        rows = self._run(padded)
        unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return np.asarray(unit, dtype=np.float32)

    def _run(self, feats: NDArray[np.float32]) -> NDArray[np.float32]:
        session = self._session
        try:
            found: NDArray[np.float32] = session.run(None, {"feats": feats})[0]
        except Exception as error:  # ONNX Runtime's errors have no base class of their own
            raise ModelError("speaker_model_failed", "声纹模型运行出错", "请关闭其他程序后重试") from error
        return found

    def _fbank(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Kaldi log-mel features less their mean, shape (frames, 80)."""
        import kaldi_native_fbank as knf
        import numpy as np

        samples = np.pad(samples, (0, max(0, _LEAST_SAMPLES - len(samples))))
        options = knf.FbankOptions()
        options.frame_opts.samp_freq = SAMPLE_RATE
        options.frame_opts.dither = 0.0
        options.mel_opts.num_bins = _MEL_BINS
        extractor = knf.OnlineFbank(options)
        extractor.accept_waveform(SAMPLE_RATE, (samples * 32768).tolist())
        extractor.input_finished()
        feats = np.stack([extractor.get_frame(i) for i in range(extractor.num_frames_ready)])
        return np.asarray(feats - feats.mean(axis=0), dtype=np.float32)

    @cached_property
    def _session(self) -> Any:
        if not self.model.is_file():
            raise ModelError(
                "no_speaker_model", "缺少声纹模型 campplus.onnx", "请重新安装本程序，或运行 signals doctor 查看"
            )
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(self.model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no base class of their own
            raise ModelError(
                "speaker_model_damaged", "声纹模型 campplus.onnx 已损坏，无法加载", "请重新安装本程序"
            ) from error


def _batches(windows: Sequence[Window]) -> list[list[int]]:
    """The places of windows of like length together, at most `_BATCH` of them, the shortest first."""
    batches: list[list[int]] = []
    shortest = 0.0
    for place in sorted(range(len(windows)), key=lambda i: windows[i].end - windows[i].start):
        length = windows[place].end - windows[place].start
        if batches and len(batches[-1]) < _BATCH and length - shortest < 0.05:
            batches[-1].append(place)
        else:
            batches.append([place])
            shortest = length
    return batches
