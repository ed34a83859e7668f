"""report.md: the report for a mail or for notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from signals.domain.catalogue import Catalogue, Label
from signals.domain.closing import ClosingWindow
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.report import content, wording
from signals.report.files import write_whole
from signals.report.wording import clock, length, percent

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_BLOCK = re.compile(r"^(\d+)([.)])|^([-+=:])")
"""What begins a list, a rule or a heading at the start of a line."""
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto):|\bwww\.")


@dataclass(frozen=True)
class MarkdownReport:
    """Plain CommonMark; what was said is escaped, so that it can't become markup, links or pictures."""

    catalogue: Catalogue
    suffix = ".md"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        write_whole(path, self.render(report))

    def render(self, report: Report) -> str:
        """The report as text."""
        return "\n".join(_Page(self.catalogue, report).lines()) + "\n"


@dataclass(frozen=True)
class _Page:
    catalogue: Catalogue
    report: Report

    def lines(self) -> Iterator[str]:
        report = self.report
        yield f"# {safe(report.title)}"
        estimated = "（估算）" if report.conversation.times_estimated else ""
        made = wording.date_time(report.created)
        yield f"\n{safe(report.source_name)}，{length(report.conversation.duration)}{estimated}，生成于 {safe(made)}"
        for part in (self._summary, self._windows, self._signals, self._talk, self._transcript, self._making):
            yield from part()
        yield "\n---\n"
        yield " ".join(wording.NOTICES)

    def _summary(self) -> Iterator[str]:
        closing, window = self.report.closing, content.deciding_window(self.report)
        yield f"\n## 结论：{wording.VERDICT[closing.verdict]}（判断）"
        yield f"\n{safe(closing.reason)}"
        if window is not None:
            yield f"\n**{content.strategy(self.catalogue, window.advice.strategy).name}**，可以这样说："
            yield f"\n> {safe(window.advice.line)}"
        strongest = content.strongest(self.report, self.catalogue)
        yield from _section("客户最强的信号", [self._quote(h) for h in strongest] or ["没有听到购买信号。"])
        yield from _section("下一步", [safe(s) for s in closing.next_steps], numbered=True)
        yield from _section("请注意", [safe(w.message) for w in self.report.warnings])

    def _windows(self) -> Iterator[str]:
        closing = self.report.closing
        yield "\n## 成交时机（判断）"
        for number, window in enumerate(closing.windows, 1):
            yield from self._window(number, window)
        if not closing.windows:
            yield "\n这次会谈没有出现提出成交的时机。"
        early = [f"{self._quote(p.proposal)}，当时准备度 {percent(p.readiness)}" for p in closing.premature]
        yield from _section("提得过早", early)
        yield from _section("尚未化解的异议", [self._quote(h) for h in closing.open_objections])

    def _window(self, number: int, window: ClosingWindow) -> Iterator[str]:
        strategy = content.strategy(self.catalogue, window.advice.strategy)
        outcome = wording.OUTCOME[window.outcome]
        yield f"\n### {wording.circled(number)} {clock(window.start)}–{clock(window.end)} {outcome}"
        waited = window.seconds_to_proposal
        after = "没有提出" if waited is None else f"{length(waited)}后提出"
        yield f"\n准备度最高 {percent(window.peak.value)}（{clock(window.peak.time)}），{after}。"
        yield from _section("客户的表示", [self._quote(h) for h in window.evidence])
        yield f"\n建议策略 **{strategy.name}**：{safe(window.advice.reason)}"
        yield f"\n> {safe(window.advice.line)}"
        yield from _section("提出之前先处理", [safe(p) for p in window.advice.preconditions])
        if window.proposal is not None:
            yield f"\n客户经理的提法：{self._quote(window.proposal)}"

    def _signals(self) -> Iterator[str]:
        groups = content.grouped(self.report, self.catalogue, lambda x: x.is_signal or x.kind == "objection")
        yield "\n## 客户的信号与异议（判断）"
        for group in groups:
            yield f"\n### {group.label.name}，{len(group.hits)} 次"
            yield f"\n{group.label.meaning}**该怎么做**：{group.label.action}\n"
            yield from (f"- {self._quote(h, named=False)}" for h in group.hits)
        if not groups:
            yield "\n没有听到购买信号，也没有听到异议。"

    def _talk(self) -> Iterator[str]:
        talk, names = self.report.talk, content.speaker_names(self.report)
        basis = "估算" if self.report.conversation.times_estimated else "实测"
        yield f"\n## 客户经理的谈话\n\n### 谁说了多少（{basis}）"
        if talk.speakers:
            yield "\n| 说话人 | 占比 | 时长 | 段数 | 最长连续说 |\n|---|---:|---:|---:|---:|"
        for share in talk.speakers:
            name = safe(names.get(share.speaker, share.speaker))
            longest = length(share.longest_monologue)
            yield f"| {name} | {percent(share.share)} | {length(share.seconds)} | {share.turns} | {longest} |"
        waits = "" if talk.patience is None else f"客户说完后客户经理等待 {length(talk.patience)}（中位数）；"
        yield f"\n{waits}每分钟换人 {talk.switches_per_minute:.1f} 次；无人说话 {length(talk.silence_seconds)}。"
        if talk.questions:
            asked = "，".join(f"{self.catalogue.label(label).name} {count} 次" for label, count in talk.questions)
            yield f"\n### 提问方式（判断）\n\n{asked}。"
        craft = content.grouped(self.report, self.catalogue, _is_craft)
        yield from _section("沟通技巧（判断）", [self._quote(h) for group in craft for h in group.hits])

    def _transcript(self) -> Iterator[str]:
        names = content.speaker_names(self.report)
        labels: dict[int, list[str]] = {}
        for hit in self.report.hits:
            labels.setdefault(hit.turn, []).append(self.catalogue.label(hit.label).name)
        yield "\n## 逐句记录\n"
        for turn in self.report.conversation.turns:
            heard = f" 【{'、'.join(labels[turn.index])}】" if turn.index in labels else ""
            yield f"- `{clock(turn.start)}` **{safe(names.get(turn.speaker, turn.speaker))}**：{safe(turn.text)}{heard}"

    def _making(self) -> Iterator[str]:
        report = self.report
        yield "\n## 这份报告是怎么得出的\n"
        yield f"- 实测：{wording.BASIS['measured']}。"
        yield f"- 判断：{wording.BASIS['judged']}。"
        yield f"- 说话人：{wording.METHOD[report.diarization]}。"
        for role in report.conversation.roles:
            source = wording.ROLE_SOURCE.get(role.source, role.source)
            sure = "" if role.source == "given" else f"，把握 {percent(role.confidence)}"
            yield f"- {safe(role.speaker)}：{wording.ROLE[role.role]}，{source}{sure}。"
        if report.coverage is not None:
            speech, covered = length(report.coverage.speech_seconds), length(report.coverage.covered_seconds)
            yield f"- 覆盖：检测到说话声 {speech}，其中 {covered}（{percent(report.coverage.ratio)}）得到了文字。"
        for reason, count in Counter(r.reason for r in report.removed).items():
            yield f"- 去掉的文字：{wording.REMOVAL[reason]} {count} 处。"
        for stage in report.stages:
            used = "；".join(f"{wording.PARAMETER.get(k, k)} {v}" for k, v in stage.parameters)
            took = "沿用上次的结果" if stage.reused else f"{stage.seconds:.1f} 秒"
            what = f"{stage.version}{'；' if stage.version and used else ''}{used}"
            yield f"- {safe(wording.STAGE.get(stage.name, stage.name))}：{safe(what)}，{took}。"
        yield f"- 程序版本 {safe(report.program_version)}。"

    def _quote(self, hit: Hit, *, named: bool = True) -> str:
        name = f" {self.catalogue.label(hit.label).name}" if named else ""
        return f"`{clock(hit.start)}`{name}（{percent(hit.score)}）：“{safe(hit.quote)}”"


def _is_craft(label: Label) -> bool:
    return label.kind == "craft"


def _section(title: str, items: Sequence[str], *, numbered: bool = False) -> Iterator[str]:
    if items:
        yield f"\n**{title}**\n"
        yield from (f"{f'{i}.' if numbered else '-'} {item}" for i, item in enumerate(items, 1))


def safe(text: str) -> str:
    """One line of text that Markdown shows as it is: no markup, no block, no address made a link."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    escaped = _ADDRESS.sub(lambda m: m[0][:-1] + "\\" + m[0][-1], escaped)
    return _BLOCK.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", escaped)
