"""The sheet beside the files, and what names tell where it says nothing."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from signals.batch import Details, read_sheet
from signals.batch.sheet import details_of, sheet_in
from signals.domain.errors import BatchError

CHINESE = "文件,客户,客户经理,日期,标题,参会人,说话人数,客户经理声道,备注"
VALUES = "a.m4a,甲公司,李明,2026/11/20,季度拜访,王总、陈会计,3,右,随便写"
DETAILS = Details(
    client="甲公司",
    manager="李明",
    met_on=date(2026, 11, 20),
    title="季度拜访",
    attendees="王总、陈会计",
    speakers=3,
    manager_channel=1,
)


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "表.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_as_excel_writes_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"{CHINESE}\r\n{VALUES}\r\n".replace(",", delimiter)
    (row,) = read_sheet(csv(tmp_path, text, encoding)).rows
    assert (row.number, row.file, row.details) == (2, "a.m4a", DETAILS)


def test_english_names_in_any_order_do_as_well(tmp_path: Path) -> None:
    text = "Manager_Channel,speakers,title,attendees,date,manager,client,FILE\nright,3,季度拜访,王总、陈会计,20261120,李明,甲公司,a.m4a\n"
    assert read_sheet(csv(tmp_path, text)).rows[0].details == DETAILS


def test_an_excel_sheet_may_hold_dates_and_numbers_and_empty_rows(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(CHINESE.split(","))
    sheet.append([])
    sheet.append(["a.m4a", "甲公司", "李明", datetime(2026, 11, 20), "季度拜访", "王总、陈会计", 3.0, "右声道", None])
    sheet.append([20261120, None, None, None])
    book.save(tmp_path / "表.xlsx")
    first, second = read_sheet(tmp_path / "表.xlsx").rows
    assert (first.number, first.details) == (3, DETAILS)
    assert (second.file, second.details) == ("20261120", Details())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("客户\n甲公司\n", ("第 1 行", "“文件”列")),
        ("", ("第 1 行", "“文件”列")),
        ("文件,客户,client\na,b,c\n", ("第 1 行", "“client”列")),
        ("文件,日期\na,明天\n", ("第 2 行", "“日期”列", "明天")),
        ("文件,日期\na,2026-11-20\nb,2026-13-40\n", ("第 3 行", "“日期”列")),
        ("file,speakers\na,很多\n", ("第 2 行", "“speakers”列", "很多")),
        ("文件,说话人数\na,21\n", ("第 2 行", "“说话人数”列")),
        ("文件,客户经理声道\na,中间\n", ("第 2 行", "“客户经理声道”列", "中间")),
        ("文件,客户\n,甲公司\n", ("第 2 行", "“文件”列")),
        (f"文件,客户\na,{'长' * 121}\n", ("第 2 行", "“客户”列", "120")),
    ],
)
def test_what_is_odd_is_told_by_row_and_column_with_a_remedy(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    with pytest.raises(BatchError) as error:
        read_sheet(csv(tmp_path, text))
    assert [t for t in told if t not in error.value.message] == []
    assert error.value.remedy


@pytest.mark.parametrize("name", ["没有.csv", "没有.xlsx", "坏的.xlsx", "坏在里面.xlsx", "文字.docx", "文件夹.csv"])
def test_a_sheet_that_can_t_be_read_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / "坏的.xlsx").write_bytes(b"PK no workbook")
    (tmp_path / "文件夹.csv").mkdir()
    Workbook().save(tmp_path / "好的.xlsx")
    with zipfile.ZipFile(tmp_path / "好的.xlsx") as good, zipfile.ZipFile(tmp_path / "坏在里面.xlsx", "w") as bad:
        for part in good.namelist():
            bad.writestr(part, b"<x" if part.startswith("xl/worksheets/") else good.read(part))
    with pytest.raises(BatchError) as error:
        read_sheet(tmp_path / name)
    assert error.value.remedy


def test_a_sheet_that_is_too_long_is_an_error_and_rows_that_are_only_empty_are_not(tmp_path: Path) -> None:
    assert read_sheet(csv(tmp_path, "文件,客户\na,b\n" + ",\n" * 30_000)).rows
    with pytest.raises(BatchError, match="20000 行"):
        read_sheet(csv(tmp_path, "文件,客户\n" + "a,b\n" * 20_001))


@pytest.mark.parametrize("written", ["东区/a.m4a", "东区\\A.M4A", "a.m4a", "a", "./东区/a.m4a"])
def test_a_row_finds_its_file_by_path_or_name(tmp_path: Path, written: str) -> None:
    rows, missing = read_sheet(csv(tmp_path, f"文件,客户\n{written},甲\n")).match(["东区/a.m4a", "b.m4a"])
    assert [(n, r.details.client) for n, r in rows.items()] == [("东区/a.m4a", "甲")]
    assert missing == ()


def test_a_row_without_its_file_is_told(tmp_path: Path) -> None:
    rows, missing = read_sheet(csv(tmp_path, "文件\nx.m4a\n")).match(["a.m4a"])
    assert (rows, [m.file for m in missing]) == ({}, ["x.m4a"])


@pytest.mark.parametrize(
    ("rows", "names", "told"),
    [
        ("a.m4a\n", ["东区/a.m4a", "西区/a.m4a"], "第 2 行"),
        ("a\n", ["a.m4a", "a.txt"], "第 2 行"),
        ("a.m4a\nA\n", ["a.m4a"], "第 3 行"),
    ],
)
def test_rows_that_may_mean_several_files_or_the_same_are_errors(
    tmp_path: Path, rows: str, names: list[str], told: str
) -> None:
    with pytest.raises(BatchError, match=told):
        read_sheet(csv(tmp_path, f"文件\n{rows}")).match(names)


def test_a_whole_path_means_the_one_file_also_where_names_repeat(tmp_path: Path) -> None:
    rows, _ = read_sheet(csv(tmp_path, "文件\na.m4a\n")).match(["a.m4a", "东区/a.m4a"])
    assert list(rows) == ["a.m4a"]


def test_the_name_tells_what_the_sheet_does_not(tmp_path: Path) -> None:
    name = "20261103_宏达制造_客户经理李明.m4a"
    rows, _ = read_sheet(csv(tmp_path, f"文件,客户\n{name},甲公司\n")).match([name])
    found = details_of(name, rows[name])
    assert (found.client, found.manager, found.met_on) == ("甲公司", "李明", date(2026, 11, 3))


def test_the_one_sheet_in_the_folder_is_taken_and_of_several_none(tmp_path: Path) -> None:
    assert sheet_in(tmp_path) is None
    (tmp_path / "a.xlsx").touch()
    (tmp_path / "~$a.xlsx").touch()
    assert sheet_in(tmp_path) == tmp_path / "a.xlsx"
    (tmp_path / "b.csv").touch()
    with pytest.raises(BatchError, match=r"a\.xlsx、b\.csv"):
        sheet_in(tmp_path)
