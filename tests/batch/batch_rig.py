"""A folder of meetings and its output, with fakes in place of the models."""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from fake_child import engines
from fakes import FakeTagger, FakeTranscriber, RecordingWatcher

from signals.batch import Batch, Plan, Result
from signals.batch.files import Found
from signals.pipeline import Engines
from signals.settings import Settings

MISSED = (
    "客户经理：我们行的方案给您带来了，您看看\n客户：资料给齐了多久能批下来\n客户：利率能不能再低\n"
    "客户：那合同条款先给我看看，没问题就先办了\n客户经理：我们行门口的桂花开了\n"
    + "客户：今天天气不错，路上也不堵\n客户经理：是啊，难得\n"
    * 100
)
QUIET = "客户经理：我们行的方案给您带来了\n客户：今天天气不错\n"


def sound(path: Path, seed: int = 0) -> Path:
    """Eight seconds of noise of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(seed).normal(0, 4000, 8 * 8000)
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(8000)
        sink.writeframes(samples.astype("<i2").tobytes())
    return path


@dataclass
class FileWatcher(RecordingWatcher):
    """Also remembers the files."""

    files: list[tuple[int, int, str]] = field(default_factory=list)
    shares: list[tuple[float, float]] = field(default_factory=list)

    def file(self, number: int, of: int, name: str, done: float, share: float) -> None:
        self.files.append((number, of, name))
        self.shares.append((done, share))


@dataclass
class Rig:
    """Each `run` is a run of the program: a new `Batch` on the same folders."""

    root: Path
    change: Callable[[Engines], Engines] = lambda e: e
    """What is different about the engines."""
    watcher: FileWatcher = field(default_factory=FileWatcher)
    engines: Engines = field(init=False)

    @property
    def folder(self) -> Path:
        return self.root / "会谈"

    @property
    def output(self) -> Path:
        return self.root / "out"

    def text(self, name: str, text: str = QUIET) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def batch(self, **plan: object) -> Batch:
        self.watcher = FileWatcher()
        self.engines = self.change(engines(Settings()))
        made = replace(Plan(folder=self.folder, output=self.output, audio=False), **plan)  # type: ignore[arg-type]
        return Batch(made, Settings(work_dir=self.root), self.watcher, lambda _: self.engines)

    def run(self, found: list[Found] | None = None, **plan: object) -> Result:
        batch = self.batch(**plan)
        with batch.alone():
            return batch.round(found)

    @property
    def done(self) -> list[str]:
        """Files that the last run worked on."""
        return [name for _, _, name in self.watcher.files]

    @property
    def heard(self) -> int:
        """Recordings that the last run recognised."""
        assert isinstance(self.engines.transcriber, FakeTranscriber)
        return self.engines.transcriber.calls

    @property
    def tagged(self) -> int:
        assert isinstance(self.engines.tagger, FakeTagger)
        return self.engines.tagger.calls
