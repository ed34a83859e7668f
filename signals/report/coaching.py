"""Figures over many meetings as a workbook, a document for one person, or plain rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from signals.report.paper import blank, clean, table
from signals.report.sheets import Cell, add_chart, add_sheet

_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOTICE = "统计用于辅导和改进，不作为人事评价的依据。信号、时机和策略是模型的判断，可能有误。"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a row of titles. `widths` in characters."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A bar chart: what it is of, its unit, and names with values."""

    title: str
    unit: str
    values: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class CoachingExport:
    """What a viewer may see of a period: `title` says which, `figures` are names with values, then tables and drawings."""

    title: str
    figures: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    drawings: Sequence[Drawing] = ()

    def workbook(self) -> bytes:
        """One sheet a table, the figures first, native charts last."""
        from openpyxl import Workbook

        book = Workbook()
        book.remove(book.worksheets[0])
        add_sheet(book, "总览", ("项目", "内容"), [("范围", self.title), *self.figures, ("说明", NOTICE)], (26, 60))
        for part in self.tables:
            add_sheet(book, part.title, part.head, part.rows, part.widths)
        if any(d.values for d in self.drawings):
            sheet, row = book.create_sheet("图表"), 1
            for drawing in self.drawings:
                row = add_chart(sheet, row, drawing.title, drawing.unit, drawing.values)
            sheet.column_dimensions["A"].width = 34
        sink = io.BytesIO()
        book.save(sink)
        return sink.getvalue()

    def document(self) -> bytes:
        """A4, for one person's file or talk: figures, then each table's first rows, then a line to sign on."""
        document = blank(self.title)
        document.add_heading(clean(self.title), 0)
        document.add_paragraph(NOTICE)
        table(document, (), self.figures, (5.0, 11.2))
        for part in self.tables:
            document.add_heading(clean(part.title), 1)
            if not part.rows:
                document.add_paragraph("没有。")
                continue
            width = 16.2 / sum(part.widths)
            rows = [[_text(cell) for cell in row] for row in part.rows]
            table(document, part.head, rows, [w * width for w in part.widths])
        table(document, (), [("教练签字", ""), ("客户经理签字", ""), ("日期", "")], (5.0, 11.2))
        sink = io.BytesIO()
        document.save(sink)
        return sink.getvalue()


def rows_as_csv(part: Table) -> bytes:
    """UTF-8 with the mark that Excel needs; a text that begins like a formula gets an apostrophe before it."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(part.head)
    for row in part.rows:
        writer.writerow([_harmless(_text(cell)) if isinstance(cell, str) else _text(cell) for cell in row])
    return sink.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_AS_FORMULA) else text
