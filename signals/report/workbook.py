"""report.xlsx: one sheet a question, for those who count and filter."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.domain.catalogue import Catalogue
from signals.domain.report import Report
from signals.report import content, wording
from signals.report.files import write_whole_bytes
from signals.report.sheets import Cell, add_sheet
from signals.report.wording import clock

if TYPE_CHECKING:
    from openpyxl import Workbook


@dataclass(frozen=True)
class WorkbookReport:
    """Summary, windows, signals, the manager's craft, talk and transcript. Cells are values, never formulas: what was
    said begins no calculation."""

    catalogue: Catalogue
    suffix = ".xlsx"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        sink = io.BytesIO()
        self.workbook(report).save(sink)
        write_whole_bytes(path, sink.getvalue())

    def workbook(self, report: Report) -> Workbook:
        """The sheets."""
        from openpyxl import Workbook

        book = Workbook()
        book.remove(book.worksheets[0])
        add_sheet(book, "结论", ("项目", "内容"), self._summary(report), (18, 90))
        head: Sequence[str] = (
            "序号",
            "开始",
            "结束",
            "结果",
            "最高准备度",
            "建议策略",
            "为什么",
            "可以这样说",
            "依据",
            "几秒后提出",
        )
        add_sheet(book, "成交时机", head, self._windows(report), (6, 9, 9, 10, 11, 12, 40, 50, 40, 11))
        head = ("时间", "秒", "信号", "类别", "把握", "原话")
        wanted = [h for h in report.hits if self.catalogue.label(h.label).speaker == "customer"]
        add_sheet(book, "客户信号", head, self._hits(wanted), (9, 9, 14, 12, 8, 80))
        said = [h for h in report.hits if self.catalogue.label(h.label).speaker == "manager"]
        add_sheet(book, "客户经理", head, self._hits(said), (9, 9, 14, 12, 8, 80))
        add_sheet(book, "谈话", ("说话人", "占比", "秒", "段数", "最长连续说（秒）"), _talk(report), (22, 8, 10, 8, 16))
        add_sheet(
            book, "准备度", ("秒", "准备度"), ((round(p.time, 3), p.value) for p in report.closing.readiness), (10, 10)
        )
        add_sheet(book, "逐句记录", ("时间", "秒", "说话人", "内容", "标签"), self._turns(report), (9, 9, 18, 90, 30))
        return book

    def _summary(self, report: Report) -> Iterable[Sequence[Cell]]:
        closing, window = report.closing, content.deciding_window(report)
        yield "标题", report.title
        yield "来源", report.source_name
        yield "时长", wording.length(report.conversation.duration)
        yield "结论（判断）", wording.VERDICT[closing.verdict]
        yield "理由", closing.reason
        if window is not None:
            yield "建议策略", content.strategy(self.catalogue, window.advice.strategy).name
            yield "可以这样说", window.advice.line
        for hit in content.strongest(report, self.catalogue):
            yield "最强信号", f"{clock(hit.start)} {self.catalogue.label(hit.label).name}：{hit.quote}"
        yield from (("下一步", step) for step in closing.next_steps)
        yield from (("请注意", w.message) for w in report.warnings)
        yield from (("说明", n) for n in wording.NOTICES)

    def _windows(self, report: Report) -> Iterable[Sequence[Cell]]:
        for number, w in enumerate(report.closing.windows, 1):
            waited = w.seconds_to_proposal
            yield (
                number,
                clock(w.start),
                clock(w.end),
                wording.OUTCOME[w.outcome],
                w.peak.value,
                content.strategy(self.catalogue, w.advice.strategy).name,
                w.advice.reason,
                w.advice.line,
                "；".join(f"{self.catalogue.label(h.label).name}“{h.quote}”" for h in w.evidence),
                None if waited is None else round(waited, 1),
            )

    def _hits(self, hits: Iterable[Any]) -> Iterable[Sequence[Cell]]:
        for hit in hits:
            label = self.catalogue.label(hit.label)
            yield (
                clock(hit.start),
                round(hit.start, 2),
                label.name,
                wording.KIND[label.kind],
                round(hit.score, 3),
                hit.quote,
            )

    def _turns(self, report: Report) -> Iterable[Sequence[Cell]]:
        names = content.speaker_names(report)
        labels: dict[int, list[str]] = {}
        for hit in report.hits:
            labels.setdefault(hit.turn, []).append(self.catalogue.label(hit.label).name)
        for t in report.conversation.turns:
            yield (
                clock(t.start),
                round(t.start, 2),
                names.get(t.speaker, t.speaker),
                t.text,
                "、".join(labels.get(t.index, [])),
            )


def _talk(report: Report) -> Iterable[Sequence[Cell]]:
    names = content.speaker_names(report)
    for s in report.talk.speakers:
        yield (
            names.get(s.speaker, s.speaker),
            round(s.share, 3),
            round(s.seconds, 1),
            s.turns,
            round(s.longest_monologue, 1),
        )
