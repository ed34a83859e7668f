"""The report in the formats that people keep."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from fastapi.responses import Response

from signals.domain.protocols import ReportWriter
from signals.domain.report import Report
from signals.jobs.process import safe_name
from signals.report import HtmlReport, JsonReport, MarkdownReport, SrtReport, WordReport, WorkbookReport
from signals.web.service import Service


class Format(StrEnum):
    """Ending of the file."""

    DOCX = "docx"
    XLSX = "xlsx"
    MD = "md"
    JSON = "json"
    SRT = "srt"
    HTML = "html"


TYPES = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.MD: "text/markdown; charset=utf-8",
    Format.JSON: "application/json",
    Format.SRT: "application/x-subrip; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
}


def answer(service: Service, report: Report, title: str, format: Format) -> Response:
    """The file, named after the meeting."""
    with service.work_folder() as folder:
        path = Path(folder) / f"report.{format.value}"
        _writer(service, format).write(report, path)
        content = path.read_bytes()
    name = quote(f"{safe_name(title)}.{format.value}")
    headers = {"Content-Disposition": f"attachment; filename=\"report.{format.value}\"; filename*=UTF-8''{name}"}
    return Response(content, media_type=TYPES[format], headers=headers)


def _writer(service: Service, format: Format) -> ReportWriter:
    catalogue = service.catalogue
    writers: dict[Format, ReportWriter] = {
        Format.DOCX: WordReport(catalogue),
        Format.XLSX: WorkbookReport(catalogue),
        Format.MD: MarkdownReport(catalogue),
        Format.JSON: JsonReport(catalogue),
        Format.SRT: SrtReport(catalogue),
        Format.HTML: HtmlReport(catalogue),
    }
    return writers[format]
