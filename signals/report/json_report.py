"""report.json: the whole report for other programs. Its names are a contract (docs/report-schema.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from signals.domain.audio import AudioInfo, ChannelLayout
from signals.domain.catalogue import Catalogue
from signals.domain.closing import ClosingWindow, StrategyAdvice
from signals.domain.conversation import Turn
from signals.domain.report import REPORT_VERSION, Report
from signals.domain.tags import Hit
from signals.domain.transcript import Coverage
from signals.report import content, wording
from signals.report.files import write_whole

SCHEMA = Path(__file__).parent / "report.schema.json"

Json = dict[str, Any]
"""An object of the document; what is in it, the schema says."""


@cache
def schema() -> Json:
    """The JSON Schema (draft 2020-12) that every report.json of this version meets."""
    loaded: Json = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class JsonReport:
    """Ids stand beside their Chinese names; times are seconds with three decimals, scores and shares 0..1."""

    catalogue: Catalogue
    suffix = ".json"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        text = json.dumps(self.document(report), ensure_ascii=False, indent=1, allow_nan=False)
        write_whole(path, text + "\n")

    def document(self, report: Report) -> Json:
        """The report as plain JSON values. Raises `CatalogueError` for labels that the catalogue does not have."""
        return {
            "version": REPORT_VERSION,
            "title": report.title,
            "created": report.created,
            "program_version": report.program_version,
            "source": _source(report),
            "duration": _seconds(report.conversation.duration),
            "times_estimated": report.conversation.times_estimated,
            "warnings": [{"code": w.code, "message": w.message} for w in report.warnings],
            "summary": self._summary(report),
            "speakers": _speakers(report),
            "turns": [_turn(t) for t in report.conversation.turns],
            "hits": [self.hit(h) for h in report.hits],
            "closing": self._closing(report),
            "talk": self._talk(report),
            "coverage": _coverage(report.coverage),
            "removed": [
                {
                    "start": _seconds(r.start),
                    "end": _seconds(r.end),
                    "text": r.text,
                    "reason": r.reason.value,
                    "reason_name": wording.REMOVAL[r.reason],
                }
                for r in report.removed
            ],
            "repairs": [
                {
                    "turn": turn,
                    "start": _seconds(word.start),
                    "end": _seconds(word.end),
                    "heard": word.heard,
                    "text": word.text,
                }
                for turn, word in content.repairs(report)
            ],
            "stages": _stages(report),
        }

    def _summary(self, report: Report) -> Json:
        window = content.deciding_window(report)
        return {
            "verdict": report.closing.verdict.value,
            "verdict_name": wording.VERDICT[report.closing.verdict],
            "reason": report.closing.reason,
            "advice": None if window is None else self._advice(window.advice),
            "strongest": [self.hit(h) for h in content.strongest(report, self.catalogue)],
            "next_steps": list(report.closing.next_steps),
        }

    def hit(self, hit: Hit) -> Json:
        """One label over its threshold."""
        label = self.catalogue.label(hit.label)
        return {
            "turn": hit.turn,
            "label": hit.label,
            "name": label.name,
            "kind": label.kind,
            "kind_name": wording.KIND[label.kind],
            "said_by": label.speaker,
            "score": _ratio(hit.score),
            "threshold": _ratio(hit.threshold),
            "start": _seconds(hit.start),
            "end": _seconds(hit.end),
            "quote": hit.quote,
            "evidence": [{"start": e.start, "end": e.end, "weight": _ratio(e.weight)} for e in hit.evidence],
        }

    def _closing(self, report: Report) -> Json:
        closing = report.closing
        return {
            "threshold": _ratio(closing.threshold),
            "readiness": [{"time": _seconds(p.time), "value": _ratio(p.value)} for p in closing.readiness],
            "windows": [self._window(w) for w in closing.windows],
            "premature": [
                {"proposal": self.hit(p.proposal), "readiness": _ratio(p.readiness)} for p in closing.premature
            ],
            "open_objections": [self.hit(h) for h in closing.open_objections],
            "stages": [
                {
                    "start": _seconds(s.start),
                    "end": _seconds(s.end),
                    "stage": s.stage,
                    "name": content.stage_name(self.catalogue, s.stage),
                    "because": [self.hit(h) for h in s.because],
                }
                for s in closing.stages
            ],
        }

    def _window(self, window: ClosingWindow) -> Json:
        waited = window.seconds_to_proposal
        return {
            "start": _seconds(window.start),
            "end": _seconds(window.end),
            "outcome": window.outcome.value,
            "outcome_name": wording.OUTCOME[window.outcome],
            "peak": {"time": _seconds(window.peak.time), "value": _ratio(window.peak.value)},
            "evidence": [self.hit(h) for h in window.evidence],
            "advice": self._advice(window.advice),
            "proposal": None if window.proposal is None else self.hit(window.proposal),
            "seconds_to_proposal": None if waited is None else _seconds(waited),
        }

    def _advice(self, advice: StrategyAdvice) -> Json:
        return {
            "strategy": advice.strategy,
            "strategy_name": content.strategy(self.catalogue, advice.strategy).name,
            "reason": advice.reason,
            "line": advice.line,
            "preconditions": list(advice.preconditions),
        }

    def _talk(self, report: Report) -> Json:
        talk = report.talk
        return {
            "speakers": [
                {
                    "speaker": s.speaker,
                    "role": s.role.value,
                    "seconds": _seconds(s.seconds),
                    "share": _ratio(s.share),
                    "turns": s.turns,
                    "longest_monologue": _seconds(s.longest_monologue),
                }
                for s in talk.speakers
            ],
            "silence_seconds": _seconds(talk.silence_seconds),
            "manager_share": None if talk.manager_share is None else _ratio(talk.manager_share),
            "patience": None if talk.patience is None else _seconds(talk.patience),
            "switches_per_minute": round(talk.switches_per_minute, 3),
            "questions": [
                {"label": label, "name": self.catalogue.label(label).name, "count": count}
                for label, count in talk.questions
            ],
        }


def _seconds(value: float) -> float:
    return round(float(value), 3)


def _ratio(value: float) -> float:
    return round(float(value), 4)


def _source(report: Report) -> Json:
    return {
        "name": report.source_name,
        "audio": None if report.source is None else _audio(report.source, report.layout),
        "separated_by": report.diarization.value,
        "separated_by_name": wording.METHOD[report.diarization],
    }


def _audio(info: AudioInfo, layout: ChannelLayout | None) -> Json:
    return {
        "sha256": info.sha256,
        "container": info.container,
        "codec": info.codec,
        "sample_rate": info.sample_rate,
        "channels": info.channels,
        "layout": None if layout is None else layout.value,
    }


def _speakers(report: Report) -> list[Json]:
    names = content.speaker_names(report)
    return [
        {
            "id": r.speaker,
            "name": names[r.speaker],
            "role": r.role.value,
            "role_name": wording.ROLE[r.role],
            "confidence": _ratio(r.confidence),
            "source": r.source,
        }
        for r in report.conversation.roles
    ]


def _turn(turn: Turn) -> Json:
    return {
        "index": turn.index,
        "speaker": turn.speaker,
        "role": turn.role.value,
        "start": _seconds(turn.start),
        "end": _seconds(turn.end),
        "text": turn.text,
        "raw": turn.raw,
        "words": [
            {
                "text": w.text,
                "raw": w.raw,
                "heard": w.heard or None,
                "start": _seconds(w.start),
                "end": _seconds(w.end),
                "probability": _ratio(w.probability),
            }
            for w in turn.words
        ],
    }


def _coverage(coverage: Coverage | None) -> Json | None:
    if coverage is None:
        return None
    return {
        "speech_seconds": _seconds(coverage.speech_seconds),
        "covered_seconds": _seconds(coverage.covered_seconds),
        "ratio": _ratio(coverage.ratio),
        "gaps": [{"start": _seconds(g.start), "end": _seconds(g.end)} for g in coverage.gaps],
    }


def _stages(report: Report) -> list[Json]:
    return [
        {
            "name": s.name,
            "display_name": wording.STAGE.get(s.name, s.name),
            "version": s.version,
            "parameters": dict(s.parameters),
            "seconds": _seconds(s.seconds),
            "reused": s.reused,
        }
        for s in report.stages
    ]
