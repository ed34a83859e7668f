"""Files are written whole or not at all, and errors say what to do."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from report_example import catalogue, example_report

from signals.domain.errors import OutputError
from signals.domain.protocols import ReportWriter
from signals.report import HtmlReport, JsonReport, MarkdownReport

WRITERS: list[ReportWriter] = [HtmlReport(catalogue()), JsonReport(catalogue()), MarkdownReport(catalogue())]
EACH = pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)


@EACH
def test_a_report_replaces_the_older_one_and_leaves_nothing_else(writer: ReportWriter, tmp_path: Path) -> None:
    target = tmp_path / f"report{writer.suffix}"
    target.write_text("before", encoding="utf-8")
    writer.write(example_report(), target)
    assert "陈总" in target.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [target]


@EACH
@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "cannot_write")]
)
@pytest.mark.faults
def test_a_write_that_fails_half_way_leaves_the_older_file(
    writer: ReportWriter, number: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"report{writer.suffix}"
    target.write_text("before", encoding="utf-8")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError) as caught:
        writer.write(example_report(), target)
    assert caught.value.code == code
    assert "--output" in caught.value.remedy
    assert target.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.faults
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the machine has no /dev/full")
def test_a_disk_that_is_full_is_told_as_such(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    (tmp_path / f".report.md.{os.getpid()}.partial").symlink_to("/dev/full")
    with pytest.raises(OutputError) as caught:
        MarkdownReport(catalogue()).write(example_report(), target)
    assert caught.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


@EACH
def test_a_folder_that_is_missing_is_an_error_with_a_remedy(writer: ReportWriter, tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        writer.write(example_report(), tmp_path / "nowhere" / "report")
    assert caught.value.code == "cannot_write"


def test_a_target_that_is_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError):
        WRITERS[0].write(example_report(), tmp_path / "report.html")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


@EACH
def test_a_file_name_that_is_no_text_does_not_stop_the_report(writer: ReportWriter, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    target = tmp_path / "report"
    writer.write(replace(example_report(), source_name=name, title=name), target)
    assert "caf?.wav" in target.read_text(encoding="utf-8")
