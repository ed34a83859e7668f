"""report.docx: the report as a bank would file it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signals.domain.catalogue import Catalogue
from signals.domain.closing import ClosingWindow
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.report import content, wording
from signals.report.files import write_whole_bytes
from signals.report.paper import blank, clean, table
from signals.report.wording import clock, length, percent

if TYPE_CHECKING:
    from docx.document import Document


@dataclass(frozen=True)
class WordReport:
    """Heading, facts, conclusion, windows, signals, talk, transcript, how it was made, and lines to sign on. A4."""

    catalogue: Catalogue
    suffix = ".docx"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        sink = io.BytesIO()
        self.document(report).save(sink)
        write_whole_bytes(path, sink.getvalue())

    def document(self, report: Report) -> Document:
        """The document before it is saved."""
        page = _Page(self.catalogue, report)
        for part in (page.head, page.conclusion, page.windows, page.signals, page.talk, page.transcript, page.making):
            part()
        return page.document


class _Page:
    def __init__(self, catalogue: Catalogue, report: Report) -> None:
        self.catalogue, self.report = catalogue, report
        self.names = content.speaker_names(report)
        self.document = blank(report.title)

    def head(self) -> None:
        report = self.report
        self.document.add_heading(clean(report.title), 0)
        estimated = "（估算）" if report.conversation.times_estimated else ""
        table(
            self.document,
            (),
            [
                ("来源", report.source_name),
                ("时长", length(report.conversation.duration) + estimated),
                ("购买信号", f"{len(content.signals(report, self.catalogue))} 处"),
                ("说话人", "；".join(f"{name}" for name in self.names.values()) or "无"),
                ("生成于", wording.date_time(report.created)),
            ],
            (3.2, 13.0),
        )

    def conclusion(self) -> None:
        closing, window = self.report.closing, content.deciding_window(self.report)
        self._heading(f"一、结论：{wording.VERDICT[closing.verdict]}（判断）")
        self._say(closing.reason)
        if window is not None:
            self._say("建议策略：", content.strategy(self.catalogue, window.advice.strategy).name)
            self._quote(window.advice.line)
        self._list("客户最强的信号", [self._hit(h) for h in content.strongest(self.report, self.catalogue)])
        self._list("下一步", closing.next_steps, "List Number")
        self._list("请注意", [w.message for w in self.report.warnings])

    def windows(self) -> None:
        self._heading("二、成交时机（判断）")
        for number, window in enumerate(self.report.closing.windows, 1):
            self._window(number, window)
        if not self.report.closing.windows:
            self._say("这次会谈没有出现提出成交的时机。")
        early = [f"{self._hit(p.proposal)}，当时准备度 {percent(p.readiness)}" for p in self.report.closing.premature]
        self._list("提得过早", early)
        self._list("尚未化解的异议", [self._hit(h) for h in self.report.closing.open_objections])

    def _window(self, number: int, window: ClosingWindow) -> None:
        outcome = wording.OUTCOME[window.outcome]
        self._heading(f"{number}. {clock(window.start)}–{clock(window.end)}　{outcome}", 2)
        waited = window.seconds_to_proposal
        after = "没有提出" if waited is None else f"{length(waited)}后提出"
        self._say(f"准备度最高 {percent(window.peak.value)}（{clock(window.peak.time)}），{after}。")
        self._list("客户的表示", [self._hit(h) for h in window.evidence])
        self._say(
            "建议策略：", content.strategy(self.catalogue, window.advice.strategy).name, f"。{window.advice.reason}"
        )
        self._quote(window.advice.line)
        self._list("提出之前先处理", window.advice.preconditions)
        if window.proposal is not None:
            self._say("客户经理的提法：", "", self._hit(window.proposal))

    def signals(self) -> None:
        self._heading("三、客户的信号与异议（判断）")
        rows = [
            (clock(h.start), self.catalogue.label(h.label).name, percent(h.score), h.quote)
            for h in sorted(self.report.hits, key=lambda h: (h.start, h.turn))
            if self.catalogue.label(h.label).speaker == "customer"
        ]
        if rows:
            table(self.document, ("时间", "信号", "把握", "原话"), rows, (1.8, 2.6, 1.6, 10.2))
        else:
            self._say("没有听到购买信号，也没有听到异议。")

    def talk(self) -> None:
        talk = self.report.talk
        basis = "估算" if self.report.conversation.times_estimated else "实测"
        self._heading(f"四、谈话（{basis}）")
        rows = [
            (
                self.names.get(s.speaker, s.speaker),
                percent(s.share),
                length(s.seconds),
                str(s.turns),
                length(s.longest_monologue),
            )
            for s in talk.speakers
        ]
        if rows:
            table(self.document, ("说话人", "占比", "时长", "段数", "最长连续说"), rows, (5.4, 2.2, 3.2, 2.0, 3.4))
        asked = [f"{self.catalogue.label(label).name} {count} 次" for label, count in talk.questions if count]
        self._list("提问方式（判断）", asked)
        craft = [h for h in self.report.hits if self.catalogue.label(h.label).kind == "craft"]
        self._list("沟通技巧（判断）", [self._hit(h) for h in craft])

    def transcript(self) -> None:
        self._heading("五、逐句记录")
        labels: dict[int, list[str]] = {}
        for hit in self.report.hits:
            labels.setdefault(hit.turn, []).append(self.catalogue.label(hit.label).name)
        for turn in self.report.conversation.turns:
            paragraph = self.document.add_paragraph()
            paragraph.add_run(f"{clock(turn.start)} ").italic = True
            paragraph.add_run(f"{clean(self.names.get(turn.speaker, turn.speaker))}：").bold = True
            paragraph.add_run(clean(turn.text))
            if turn.index in labels:
                paragraph.add_run(f"【{'、'.join(labels[turn.index])}】").bold = True

    def making(self) -> None:
        self._heading("六、说明")
        self._say("实测：", "", f"{wording.BASIS['measured']}。")
        self._say("判断：", "", f"{wording.BASIS['judged']}。")
        for notice in wording.NOTICES:
            self._say(notice)
        self._say(f"程序版本 {self.report.program_version}。")
        table(self.document, (), [("客户经理签字", ""), ("教练意见", ""), ("日期", "")], (3.2, 13.0))

    def _heading(self, text: str, level: int = 1) -> None:
        self.document.add_heading(clean(text), level)

    def _say(self, text: str, strong: str = "", rest: str = "") -> None:
        paragraph = self.document.add_paragraph(clean(text))
        paragraph.add_run(clean(strong)).bold = True
        paragraph.add_run(clean(rest))

    def _quote(self, line: str) -> None:
        self.document.add_paragraph(f"“{clean(line)}”", style="Intense Quote")

    def _list(self, title: str, items: Sequence[str], style: str = "List Bullet") -> None:
        if items:
            self.document.add_paragraph().add_run(title).bold = True
            for item in items:
                self.document.add_paragraph(clean(item), style=style)

    def _hit(self, hit: Hit) -> str:
        return f"{clock(hit.start)} {self.catalogue.label(hit.label).name}（{percent(hit.score)}）：“{hit.quote}”"
