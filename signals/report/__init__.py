"""One writer a format, over the same `Report`."""

from signals.report.audio_source import AudioSource
from signals.report.coaching import CoachingExport, Drawing, Table, rows_as_csv
from signals.report.files import write_whole, write_whole_bytes
from signals.report.html import HtmlReport, asset
from signals.report.json_report import JsonReport
from signals.report.markdown import MarkdownReport
from signals.report.sheets import Cell, add_chart, add_sheet, write_cell
from signals.report.srt import SrtReport
from signals.report.word import WordReport
from signals.report.workbook import WorkbookReport

__all__ = [
    "AudioSource",
    "Cell",
    "CoachingExport",
    "Drawing",
    "HtmlReport",
    "JsonReport",
    "MarkdownReport",
    "SrtReport",
    "Table",
    "WordReport",
    "WorkbookReport",
    "add_chart",
    "add_sheet",
    "asset",
    "rows_as_csv",
    "write_cell",
    "write_whole",
    "write_whole_bytes",
]
