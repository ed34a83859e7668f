"""Word, Excel and subtitles hold what the report says, and nothing that was said does harm in them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from report_example import ALL, catalogue, example_report

from signals.domain.protocols import ReportWriter
from signals.domain.report import Report
from signals.report import SrtReport, WordReport, WorkbookReport, wording
from signals.transcripts import read_transcript

WRITERS: tuple[Callable[..., ReportWriter], ...] = (WordReport, WorkbookReport, SrtReport)
every_report = pytest.mark.parametrize("make", ALL.values(), ids=list(ALL))


@every_report
@pytest.mark.parametrize("writer", WRITERS, ids=["word", "excel", "srt"])
def test_every_report_is_written_whole(
    make: Callable[[], Report], writer: Callable[..., ReportWriter], tmp_path: Path
) -> None:
    made = writer(catalogue())
    made.write(make(), tmp_path / f"report{made.suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [f"report{made.suffix}"]


def _text(path: Path) -> str:
    document = Document(str(path))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_the_word_report_tells_conclusion_strategy_windows_signals_and_transcript(tmp_path: Path) -> None:
    report = example_report()
    WordReport(catalogue()).write(report, tmp_path / "r.docx")
    text = _text(tmp_path / "r.docx")
    assert wording.VERDICT[report.closing.verdict] in text
    assert report.closing.reason in text
    for window in report.closing.windows:
        assert window.advice.line in text
    for turn in report.conversation.turns:
        assert " ".join(turn.text.split()) in text
    assert "客户经理签字" in text
    assert all(n in text for n in wording.NOTICES)


def test_the_word_report_writes_chinese_in_a_chinese_font_on_a4(tmp_path: Path) -> None:
    WordReport(catalogue()).write(example_report(), tmp_path / "r.docx")
    with zipfile.ZipFile(tmp_path / "r.docx") as parts:
        assert 'w:eastAsia="宋体"' in parts.read("word/styles.xml").decode()
    width = Document(str(tmp_path / "r.docx")).sections[0].page_width
    assert width is not None
    assert round(width.cm, 1) == 21.0


def test_the_workbook_holds_every_hit_and_turn_as_values(tmp_path: Path) -> None:
    report = example_report()
    WorkbookReport(catalogue()).write(report, tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    counted = book["客户信号"].max_row + book["客户经理"].max_row - 2
    assert counted == len(report.hits)
    assert book["逐句记录"].max_row - 1 == len(report.conversation.turns)
    assert book["成交时机"].max_row - 1 == len(report.closing.windows)
    scores = [c.value for c in book["客户信号"]["E"][1:]]
    assert all(isinstance(s, float) and 0 <= s <= 1 for s in scores)


def test_nothing_said_becomes_a_formula(tmp_path: Path) -> None:
    from dataclasses import replace

    report = example_report()
    turns = tuple(replace(t, text=f"=HYPERLINK(1)+{t.text}\x07") for t in report.conversation.turns)
    hostile = replace(report, title="=1+1", conversation=replace(report.conversation, turns=turns))
    WorkbookReport(catalogue()).write(hostile, tmp_path / "r.xlsx")
    for sheet in load_workbook(tmp_path / "r.xlsx"):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    WordReport(catalogue()).write(hostile, tmp_path / "r.docx")
    assert "=HYPERLINK(1)" in _text(tmp_path / "r.docx")


def test_subtitles_are_in_order_and_read_back_with_their_speakers(tmp_path: Path) -> None:
    report = example_report()
    SrtReport(catalogue()).write(report, tmp_path / "r.srt")
    text = (tmp_path / "r.srt").read_text(encoding="utf-8")
    starts = re.findall(r"^(\d\d:\d\d:\d\d,\d{3}) -->", text, re.MULTILINE)
    assert starts == sorted(starts)
    assert len(starts) == len(report.conversation.turns)
    again = read_transcript(tmp_path / "r.srt")
    assert {t.speaker for t in again.turns} == {"客户经理", "客户"}
    assert again.turns[0].text.replace(" ", "") in report.conversation.turns[0].text
