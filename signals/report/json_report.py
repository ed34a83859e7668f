"""report.json: the whole report for other programs. Its names are a contract (docs/report-schema.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from signals.domain.audio import AudioInfo
from signals.domain.catalogue import Catalogue
from signals.domain.closing import ClosingWindow
from signals.domain.conversation import Turn
from signals.domain.report import REPORT_VERSION, Report
from signals.domain.tags import Hit
from signals.domain.transcript import Coverage
from signals.report import wording
from signals.report.files import write_whole

SCHEMA = Path(__file__).parent / "report.schema.json"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every report.json of this version meets."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class JsonReport:
    """Ids stand beside their Chinese names; times are seconds with three decimals."""

    catalogue: Catalogue
    suffix = ".json"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        write_whole(path, json.dumps(self.document(report), ensure_ascii=False, indent=1) + "\n")

    def document(self, report: Report) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "version": REPORT_VERSION,
            "title": report.title,
            "created": report.created,
            "program_version": report.program_version,
            "source": {"name": report.source_name, "audio": _audio(report.source)},
            "duration": _s(report.conversation.duration),
            "times_estimated": report.conversation.times_estimated,
            "warnings": [{"code": w.code, "message": w.message} for w in report.warnings],
            "speakers": self._speakers(report),
            "turns": [self._turn(t) for t in report.conversation.turns],
            "hits": [self._hit(h) for h in report.hits],
            "closing": self._closing(report),
            "talk": self._talk(report),
            "coverage": _coverage(report.coverage),
            "removed": [
                {"start": _s(r.start), "end": _s(r.end), "text": r.text, "reason": r.reason.value}
                for r in report.removed
            ],
            "stages": [
                {
                    "name": s.name,
                    "version": s.version,
                    "parameters": dict(s.parameters),
                    "seconds": s.seconds,
                    "reused": s.reused,
                }
                for s in report.stages
            ],
        }

    def _speakers(self, report: Report) -> list[dict[str, Any]]:
        return [
            {
                "id": r.speaker,
                "role": r.role.value,
                "role_name": wording.ROLE[r.role],
                "confidence": round(r.confidence, 4),
                "source": r.source,
                "separated_by": report.diarization.value,
            }
            for r in report.conversation.roles
        ]

    @staticmethod
    def _turn(turn: Turn) -> dict[str, Any]:
        return {
            "index": turn.index,
            "speaker": turn.speaker,
            "role": turn.role.value,
            "start": _s(turn.start),
            "end": _s(turn.end),
            "text": turn.text,
            "raw": turn.raw,
            "words": [
                {"text": w.text, "start": _s(w.start), "end": _s(w.end), "probability": round(w.probability, 3)}
                for w in turn.words
            ],
        }

    def _hit(self, hit: Hit) -> dict[str, Any]:
        label = self.catalogue.label(hit.label)
        return {
            "turn": hit.turn,
            "label": hit.label,
            "name": label.name,
            "kind": label.kind,
            "said_by": label.speaker,
            "score": hit.score,
            "threshold": hit.threshold,
            "start": _s(hit.start),
            "end": _s(hit.end),
            "quote": hit.quote,
            "evidence": [{"start": e.start, "end": e.end, "weight": e.weight} for e in hit.evidence],
        }

    def _closing(self, report: Report) -> dict[str, Any]:
        closing = report.closing
        stage_names = {s.number: s.name for s in self.catalogue.stages}
        return {
            "verdict": closing.verdict.value,
            "verdict_name": wording.VERDICT[closing.verdict],
            "reason": closing.reason,
            "threshold": closing.threshold,
            "readiness": [{"time": _s(p.time), "value": round(p.value, 4)} for p in closing.readiness],
            "windows": [self._window(w) for w in closing.windows],
            "premature": [
                {"proposal": self._hit(p.proposal), "readiness": round(p.readiness, 4)} for p in closing.premature
            ],
            "stages": [
                {"start": _s(s.start), "end": _s(s.end), "stage": s.stage, "name": stage_names.get(s.stage, "")}
                for s in closing.stages
            ],
            "next_steps": list(closing.next_steps),
            "open_objections": [self._hit(h) for h in closing.open_objections],
        }

    def _window(self, window: ClosingWindow) -> dict[str, Any]:
        strategy = next(s for s in self.catalogue.strategies if s.id == window.advice.strategy)
        waited = window.seconds_to_proposal
        return {
            "start": _s(window.start),
            "end": _s(window.end),
            "outcome": window.outcome.value,
            "outcome_name": wording.OUTCOME[window.outcome],
            "peak": {"time": _s(window.peak.time), "value": round(window.peak.value, 4)},
            "evidence": [self._hit(h) for h in window.evidence],
            "advice": {
                "strategy": strategy.id,
                "strategy_name": strategy.name,
                "reason": window.advice.reason,
                "line": window.advice.line,
                "preconditions": list(window.advice.preconditions),
            },
            "proposal": None if window.proposal is None else self._hit(window.proposal),
            "seconds_to_proposal": None if waited is None else _s(waited),
        }

    @staticmethod
    def _talk(report: Report) -> dict[str, Any]:
        talk = report.talk
        return {
            "speakers": [
                {
                    "speaker": s.speaker,
                    "role": s.role.value,
                    "seconds": _s(s.seconds),
                    "share": round(s.share, 4),
                    "turns": s.turns,
                    "longest_monologue": _s(s.longest_monologue),
                }
                for s in talk.speakers
            ],
            "silence_seconds": _s(talk.silence_seconds),
            "manager_share": None if talk.manager_share is None else round(talk.manager_share, 4),
            "patience": None if talk.patience is None else _s(talk.patience),
            "switches_per_minute": round(talk.switches_per_minute, 3),
            "questions": dict(talk.questions),
        }


def _s(seconds: float) -> float:
    return round(float(seconds), 3)


def _audio(info: AudioInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    return {
        "sha256": info.sha256,
        "container": info.container,
        "codec": info.codec,
        "sample_rate": info.sample_rate,
        "channels": info.channels,
    }


def _coverage(coverage: Coverage | None) -> dict[str, Any] | None:
    if coverage is None:
        return None
    return {
        "speech_seconds": _s(coverage.speech_seconds),
        "covered_seconds": _s(coverage.covered_seconds),
        "ratio": round(coverage.ratio, 4),
        "gaps": [{"start": _s(g.start), "end": _s(g.end)} for g in coverage.gaps],
    }
