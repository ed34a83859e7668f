"""meetings.xlsx: meetings, moments, failures and charts, for those who count and filter."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.batch.summary import Entry, Result
from signals.domain.closing import Verdict, WindowOutcome
from signals.report import Cell, add_chart, add_sheet, wording, write_whole_bytes

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MEETINGS = (
    ("日期", 12),
    ("客户", 20),
    ("客户经理", 12),
    ("会谈（点击看报告）", 30),
    ("时长（分钟）", 12),
    ("结论（判断）", 22),
    ("理由", 44),
    ("建议策略", 14),
    ("用过的策略", 18),
    ("信号", 8),
    ("时机：把握", 11),
    ("时机：错过", 11),
    ("时机：敞开", 11),
    ("最快几秒后提出", 15),
    ("客户经理说话占比", 16),
    ("最长连续说（秒）", 15),
    ("客户停后等待（秒）", 17),
    ("参会人", 20),
    ("文件", 34),
    ("请注意", 40),
)
_MOMENTS = (
    ("日期", 12),
    ("客户", 20),
    ("客户经理", 12),
    ("会谈", 30),
    ("时间（点击看原话）", 18),
    ("秒", 9),
    ("信号（判断）", 16),
    ("把握", 8),
    ("原话", 70),
    ("所在时机", 11),
)
_FORMATS = {"客户经理说话占比": "0%", "把握": "0%", "日期": "yyyy-mm-dd"}
_MOST_BARS = 40
"""Meetings in the chart of talk; more would not be read."""


def write_workbook(result: Result, path: Path) -> None:
    """Writes the workbook. Raises `OutputError`; then what was there is left."""
    sink = io.BytesIO()
    workbook(result).save(sink)
    write_whole_bytes(path, sink.getvalue())


def workbook(result: Result) -> Workbook:
    """Sheets 会谈, 信号时刻, 失败文件 and 图表. Rows lead to the reports that lie beside the workbook."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    meetings = _table(book, "会谈", _MEETINGS, (_meeting(e) for e in result.entries))
    for number, entry in enumerate(result.entries, 2):
        _link(meetings, number, "会谈（点击看报告）", f"{entry.folder}/report.html")
    moments = [(e, m) for e in result.entries for m in e.meeting.moments]
    rows = _table(book, "信号时刻", _MOMENTS, (_moment(e, m) for e, m in moments))
    for number, (entry, moment) in enumerate(moments, 2):
        _link(rows, number, "时间（点击看原话）", f"{entry.folder}/report.html#turn-{moment.turn}")
    troubles = [*result.failures, *result.passed_over]
    kinds = ["没有完成"] * len(result.failures) + ["有意略过"] * len(result.passed_over)
    add_sheet(
        book,
        "失败文件",
        ("文件", "结果", "原因", "办法"),
        ((f.name, kind, f.message, f.remedy) for f, kind in zip(troubles, kinds, strict=True)),
        (40, 11, 50, 60),
    )
    if result.entries:
        _charts(book, result.entries)
    return book


def _table(book: Workbook, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> Worksheet:
    sheet = add_sheet(book, title, [name for name, _ in columns], rows, [width for _, width in columns])
    for cells in sheet.iter_cols():
        if pattern := _FORMATS.get(str(cells[0].value)):
            for cell in cells[1:]:
                cell.number_format = pattern
    return sheet


def _link(sheet: Worksheet, row: int, column: str, target: str) -> None:
    cell: Any = next(c for c in sheet[1] if c.value == column)
    cell = sheet.cell(row, cell.column)
    cell.hyperlink = target
    cell.style = "Hyperlink"


def _meeting(entry: Entry) -> Sequence[Cell]:
    m, d = entry.meeting, entry.details
    waits = [w.waited for w in m.windows if w.waited is not None]
    return (
        d.met_on,
        d.client,
        d.manager,
        m.title,
        round(m.duration / 60, 1),
        wording.VERDICT[m.verdict],
        m.reason,
        m.strategy,
        "、".join(m.used),
        len(m.moments),
        m.count(WindowOutcome.TAKEN),
        m.count(WindowOutcome.MISSED),
        m.count(WindowOutcome.OPEN),
        _rounded(min(waits, default=None)),
        None if m.manager_share is None else round(m.manager_share, 3),
        _rounded(m.longest_monologue),
        _rounded(m.patience),
        d.attendees,
        entry.name,
        "；".join(m.notices),
    )


def _moment(entry: Entry, moment: Any) -> Sequence[Cell]:
    d = entry.details
    return (
        d.met_on,
        d.client,
        d.manager,
        entry.meeting.title,
        wording.clock(moment.start),
        moment.start,
        moment.label,
        moment.score,
        moment.quote,
        wording.OUTCOME[moment.outcome] if moment.outcome else None,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _charts(book: Workbook, entries: Sequence[Entry]) -> None:
    """Counted values with a native chart beside each."""
    sheet = book.create_sheet("图表")
    verdicts = Counter(e.meeting.verdict for e in entries)
    outcomes = Counter(w.outcome for e in entries for w in e.meeting.windows)
    labels = Counter(m.label for e in entries for m in e.meeting.moments)
    talk = [(e.meeting.title, e.meeting.manager_share) for e in entries if e.meeting.manager_share is not None]
    tables: Sequence[tuple[str, str, Sequence[tuple[str, float]]]] = (
        ("结论", "场", [(wording.VERDICT[v], verdicts[v]) for v in Verdict]),
        ("成交时机", "个", [(wording.OUTCOME[o], outcomes[o]) for o in WindowOutcome]),
        ("购买信号", "处", labels.most_common()),
        ("客户经理说话占比", "占比", [(t, round(s, 3)) for t, s in talk[:_MOST_BARS]]),
    )
    row = 1
    for title, unit, values in tables:
        row = add_chart(sheet, row, title, unit, values)
    sheet.column_dimensions["A"].width = 34
