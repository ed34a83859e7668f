"""One writer a format, over the same `Report`."""

from signals.report.audio_source import AudioSource
from signals.report.html import HtmlReport
from signals.report.json_report import JsonReport
from signals.report.markdown import MarkdownReport

__all__ = ["AudioSource", "HtmlReport", "JsonReport", "MarkdownReport"]
