"""One writer a format, over the same `Report`."""

from signals.report.audio_source import AudioSource
from signals.report.html import HtmlReport, asset
from signals.report.json_report import JsonReport
from signals.report.markdown import MarkdownReport
from signals.report.srt import SrtReport
from signals.report.word import WordReport
from signals.report.workbook import WorkbookReport

__all__ = [
    "AudioSource",
    "HtmlReport",
    "JsonReport",
    "MarkdownReport",
    "SrtReport",
    "WordReport",
    "WorkbookReport",
    "asset",
]
