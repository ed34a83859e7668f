"""A table as a sheet of a workbook: cells are values, never formulas, so what was said begins no calculation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | float | int | date | None
_NOT_ALLOWED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def add_sheet(
    book: Workbook, title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]
) -> Worksheet:
    """Adds a sheet with a row of titles and an automatic filter; `widths` of the columns in characters."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet: Worksheet = book.create_sheet(title)
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="14324D")
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            write_cell(cell, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    if sheet.max_row > 1:
        sheet.auto_filter.ref = sheet.dimensions
    return sheet


def write_cell(cell: Any, value: Cell) -> None:
    """Writes a value; a text that begins like a formula stays a text, and what Excel can't hold is left out."""
    cell.value = _NOT_ALLOWED.sub("", value)[:32_000] if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"


def add_chart(sheet: Worksheet, row: int, title: str, unit: str, values: Sequence[tuple[str, float]]) -> int:
    """Writes a table at `row`, its chart beside it, and returns the row where the next one may begin."""
    from openpyxl.chart import BarChart, Reference

    write_cell(sheet.cell(row, 1), title)
    write_cell(sheet.cell(row, 2), unit)
    for at, (name, value) in enumerate(values, row + 1):
        write_cell(sheet.cell(at, 1), name)
        sheet.cell(at, 2, value).number_format = "0%" if unit == "占比" else "0"
    if not values:
        return row + 2
    last = row + len(values)
    chart = BarChart()
    chart.type, chart.style, chart.title, chart.legend = "bar", 10, title, None
    chart.add_data(Reference(sheet, min_col=2, min_row=row, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=last))
    height = max(5.0, 1.8 + 0.75 * len(values))
    chart.height, chart.width, chart.gapWidth = height, 17, 45
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.number_format = "0%" if unit == "占比" else "0"
    sheet.add_chart(chart, f"D{row}")
    return max(last, row + round(height * 2)) + 2
