"""A child process with fake engines: a recording of any length becomes the same small conversation.

FAKE_PAUSE: seconds that recognition takes. FAKE_FILE: a folder; a file STAGE in it makes the stage wait there, a file
STAGE.crash makes the process die in it, STAGE.full makes the disk full.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes import FakeDiarizer, FakeRewriter, FakeRoleScorer, FakeTagger, FakeTranscriber, spoken, transcript

from signals.domain.audio import Waveform
from signals.domain.catalogue import load_catalogue
from signals.domain.conversation import Conversation, Diarization, SpeakerSpan
from signals.domain.protocols import Progress
from signals.domain.tags import Hit
from signals.domain.transcript import SpeechSpan, Transcript
from signals.jobs import child
from signals.pipeline import Engines
from signals.resources import catalog_dir
from signals.settings import Settings

LINES = (
    ("我们行的方案给您带来了，您看看", 0.3, 2.3),
    ("这个额度怎么用，利率能不能再低点", 2.5, 4.5),
    ("看您的结算量，可以再谈", 4.6, 5.4),
    ("资料给齐了多久能批下来", 5.5, 6.6),
    ("那合同条款先给我看看，没问题就先办了", 6.7, 7.9),
)
SIGNALS = {
    "利率能不能再低": "rate_cut",
    "多久能批下来": "approval_time",
    "合同条款": "contract_terms",
    "先办了": "purchase_intent",
    "怎么用": "usage_question",
}
MANAGER = {"我们行": 3.0, "结算量": 2.0, "利率": -2.0, "多久": -2.0, "合同": -3.0}


def gate(stage: str, progress: Progress) -> None:
    """Waits while the test wants it to, or dies as it wants."""
    folder = Path(os.environ["FAKE_FILE"]) if "FAKE_FILE" in os.environ else None
    if folder is None:
        return
    with (folder / "runs.log").open("a", encoding="ascii") as log:
        log.write(f"{stage}\n")
    if (folder / f"{stage}.crash").exists():
        os.abort()
    if (folder / f"{stage}.full").exists():
        raise OSError(errno.ENOSPC, "full")
    while (folder / stage).exists():
        (folder / f"{stage}.reached").touch()
        progress(0.4)
        time.sleep(0.05)


@dataclass
class Transcriber(FakeTranscriber):
    def transcribe(
        self, waveform: Waveform, progress: Progress, on_speech: Callable[[tuple[SpeechSpan, ...]], None] | None = None
    ) -> Transcript:
        gate("asr", progress)
        pause = float(os.environ.get("FAKE_PAUSE", "0"))
        for step in range(50):
            progress(step / 50)
            time.sleep(pause / 50)
        return super().transcribe(waveform, progress, on_speech)


@dataclass
class Diarizer(FakeDiarizer):
    def diarize(
        self, waveform: Waveform, speech: Sequence[SpeechSpan], speakers: int | None, progress: Progress
    ) -> Diarization:
        gate("speakers", progress)
        return super().diarize(waveform, speech, speakers, progress)


@dataclass
class Tagger(FakeTagger):
    def tag(self, conversation: Conversation) -> tuple[Hit, ...]:
        gate("understand", lambda _: None)
        return super().tag(conversation)


def engines(_: Settings) -> Engines:
    spans = tuple(SpeakerSpan(s, e, f"SPEAKER_0{n % 2 if n < 4 else 1}") for n, (_, s, e) in enumerate(LINES))
    text = transcript(*(spoken(t, s, e) for t, s, e in LINES))
    return Engines(
        transcriber=Transcriber(text),
        rewriter=FakeRewriter(),
        by_voice=Diarizer(spans),
        by_channel=Diarizer(spans),
        roles=FakeRoleScorer(MANAGER),
        tagger=Tagger(SIGNALS),
        catalogue=load_catalogue(catalog_dir()),
    )


def held_at(stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The work, after a wait at its beginning while the test wants it; leaves no line in the log of engines."""

    def held(order: Mapping[str, Any], line: child.Line, load: child.EngineLoader) -> Any:
        folder = Path(os.environ["FAKE_FILE"]) if "FAKE_FILE" in os.environ else None
        while folder is not None and (folder / stage).exists():
            (folder / f"{stage}.reached").touch()
            line.say(stage=stage)
            time.sleep(0.05)
        return work(order, line, load)

    return held


if __name__ == "__main__":
    child._WORK = {
        **child._WORK,
        "hear": held_at("audio", child._WORK["hear"]),
        "publish": held_at("publish", child._WORK["publish"]),
    }
    sys.exit(child.main(engines))
