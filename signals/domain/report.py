"""The whole result of a meeting: one value that every writer reads."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from signals.domain.audio import AudioInfo, ChannelLayout
from signals.domain.closing import ClosingAnalysis
from signals.domain.coaching import TalkStatistics
from signals.domain.conversation import Conversation, DiarizationMethod
from signals.domain.tags import Hit
from signals.domain.transcript import Coverage, Removal

REPORT_VERSION = "1.1"
"""Version of the JSON report (docs/report-schema.md): the major number changes when a reader must."""


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage as it was run: what a reader needs to repeat it."""

    name: str
    version: str
    parameters: tuple[tuple[str, str], ...]
    seconds: float
    reused: bool = False
    """True when the result came from an earlier run on the same input."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know before trusting the report. Chinese."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """A meeting as it was heard and judged. Written by `signals.pipeline`, read by every writer."""

    title: str
    created: str
    """ISO 8601 with zone."""
    program_version: str
    source: AudioInfo | None
    """None when a finished transcript was imported."""
    source_name: str
    layout: ChannelLayout | None
    diarization: DiarizationMethod
    conversation: Conversation
    hits: tuple[Hit, ...]
    closing: ClosingAnalysis
    talk: TalkStatistics
    coverage: Coverage | None
    removed: tuple[Removal, ...]
    warnings: tuple[Notice, ...]
    stages: tuple[StageRun, ...]


REPORT_JSON = TypeAdapter(Report)
"""A report to and from JSON, as the store keeps it."""
