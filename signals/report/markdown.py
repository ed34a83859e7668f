"""report.md: the report for a mail or for notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from signals.domain.catalogue import Catalogue
from signals.domain.closing import ClosingWindow
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.report import wording
from signals.report.files import write_whole
from signals.report.wording import clock

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")


@dataclass(frozen=True)
class MarkdownReport:
    """Plain Markdown; what was said is escaped, so that it can't become markup."""

    catalogue: Catalogue
    suffix = ".md"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        write_whole(path, "\n".join(self._lines(report)) + "\n")

    def _lines(self, report: Report) -> Iterator[str]:
        closing = report.closing
        yield f"# {_safe(report.title)}"
        yield f"\n{_safe(report.source_name)}，{wording.length(report.conversation.duration)}，生成于 {report.created}"
        yield f"\n**结论（判断）：{wording.VERDICT[closing.verdict]}**。{_safe(closing.reason)}"
        yield from self._list("下一步", [_safe(s) for s in closing.next_steps])
        yield from self._list("注意", [_safe(w.message) for w in report.warnings])
        yield "\n## 成交时机（判断）"
        for window in closing.windows:
            yield from self._window(window)
        if not closing.windows:
            yield "\n没有出现提出成交的时机。"
        yield from self._list("提得过早", [self._quote(p.proposal) for p in closing.premature])
        yield from self._list("尚未化解的异议", [self._quote(h) for h in closing.open_objections])
        yield "\n## 客户的信号（判断）"
        signals = [h for h in report.hits if self.catalogue.label(h.label).speaker == "customer"]
        yield from (f"- {self._quote(h)}" for h in signals)
        if not signals:
            yield "\n没有发现信号。"
        yield "\n## 谈话方式（实测）\n"
        yield "| 说话人 | 角色 | 占比 | 段数 | 最长连续说 |\n|---|---|---|---|---|"
        for share in report.talk.speakers:
            role, longest = wording.ROLE[share.role], wording.length(share.longest_monologue)
            yield f"| {_safe(share.speaker)} | {role} | {share.share:.0%} | {share.turns} | {longest} |"
        yield "\n## 文字稿\n"
        for turn in report.conversation.turns:
            yield f"- `{clock(turn.start)}` **{wording.ROLE[turn.role]}**：{_safe(turn.text)}"
        yield "\n---\n" + " ".join(wording.NOTICES)

    def _window(self, window: ClosingWindow) -> Iterator[str]:
        strategy = next(s for s in self.catalogue.strategies if s.id == window.advice.strategy)
        yield f"\n### {clock(window.start)}–{clock(window.end)} {wording.OUTCOME[window.outcome]}"
        yield f"\n**{strategy.name}**：{_safe(window.advice.reason)}"
        yield f"\n> {_safe(window.advice.line)}"
        yield from self._list("先处理", [_safe(p) for p in window.advice.preconditions])
        yield from self._list("依据", [self._quote(h) for h in window.evidence])
        if window.proposal is not None:
            yield f"\n客户经理的提议：{self._quote(window.proposal)}"

    def _quote(self, hit: Hit) -> str:
        name = self.catalogue.label(hit.label).name
        return f"`{clock(hit.start)}` {name}（{hit.score:.0%}）：“{_safe(hit.quote)}”"

    @staticmethod
    def _list(title: str, items: list[str]) -> Iterator[str]:
        if items:
            yield f"\n{title}：\n"
            yield from (f"- {item}" for item in items)


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
