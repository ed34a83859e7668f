"""What is known of the meetings beforehand: from a sheet beside the files, else from their names."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile

from signals.domain.errors import BatchError
from signals.domain.file_names import day_of, guess

SUFFIXES = (".csv", ".xlsx", ".xlsm")
COLUMNS = {
    "file": ("文件", "文件名", "录音", "file", "filename"),
    "client": ("客户", "客户名称", "client"),
    "manager": ("客户经理", "经理", "manager"),
    "met_on": ("日期", "会谈日期", "date"),
    "title": ("标题", "title"),
    "attendees": ("参会人", "attendees"),
    "speakers": ("说话人数", "speakers"),
    "manager_channel": ("客户经理声道", "manager_channel"),
}
_COLUMN_OF = {name: column for column, names in COLUMNS.items() for name in names}
_CHANNELS = {"左": 0, "左声道": 0, "left": 0, "l": 0, "0": 0, "右": 1, "右声道": 1, "right": 1, "r": 1, "1": 1}
_LONGEST = {"client": 120, "manager": 120, "title": 200, "attendees": 300}
_MOST = 20_000
_AGAIN = "请改正后再运行同一命令"
Cells = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of one meeting; empty or None where nothing is. `manager_channel`: 0 left, 1 right."""

    client: str = ""
    manager: str = ""
    met_on: date | None = None
    title: str = ""
    attendees: str = ""
    speakers: int | None = None
    manager_channel: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sheet; `details` holds what it says and nothing more."""

    number: int
    """As Excel counts: the titles are row 1."""
    file: str
    details: Details


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows matched with files by path below the folder or by name, each with or without its ending."""

    name: str
    rows: tuple[Row, ...]

    def match(self, names: Iterable[str]) -> tuple[dict[str, Row], tuple[Row, ...]]:
        """Row by file name, and the rows whose file is not there.

        Raises `BatchError` where a row means several files or two rows mean one.
        """
        places: dict[str, set[str]] = {}
        for name in names:
            path = PurePosixPath(name)
            for called in (path, path.with_suffix(""), PurePosixPath(path.name), PurePosixPath(path.stem)):
                places.setdefault(_plain(str(called)), set()).add(name)
        rows, missing = dict[str, Row](), []
        for row in self.rows:
            meant = places.get(_plain(row.file), set())
            if len(meant) > 1:
                exact = {n for n in meant if _plain(n) == _plain(row.file)}
                if len(exact) != 1:
                    raise self._fault(row, f"“{row.file}”指的可能是{'、'.join(sorted(meant))}", "请写全路径和后缀")
                meant = exact
            for name in meant:
                if name in rows:
                    raise self._fault(row, f"“{row.file}”在第 {rows[name].number} 行已经有了", "请删去其中一行")
                rows[name] = row
            if not meant:
                missing.append(row)
        return rows, tuple(missing)

    def _fault(self, row: Row, what: str, remedy: str) -> BatchError:
        return BatchError("bad_sheet", f"表格“{self.name}”第 {row.number} 行“文件”列：{what}", f"{remedy}，{_AGAIN}")


def details_of(name: str, row: Row | None) -> Details:
    """What the sheet says of a file, and what its name seems to say where the sheet says nothing."""
    seen = guess(name)
    said = row.details if row else Details()
    return Details(
        client=said.client or seen.client,
        manager=said.manager or seen.manager,
        met_on=said.met_on or seen.met_on,
        title=said.title or seen.title,
        attendees=said.attendees or seen.attendees,
        speakers=said.speakers if said.speakers is not None else seen.speakers,
        manager_channel=said.manager_channel if said.manager_channel is not None else seen.manager_channel,
    )


def sheet_in(folder: Path) -> Path | None:
    """The one CSV or Excel file that lies in the folder itself; None without one. Raises `BatchError` for several."""
    names = sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$")) and p.is_file()
    )
    if len(names) > 1:
        shown = "、".join(p.name for p in names[:4])
        raise BatchError(
            "several_sheets", f"文件夹里有几个表格：{shown}", "请用 --sheet 指定其中一个，或用 --no-sheet 都不用"
        )
    return names[0] if names else None


def read_sheet(path: Path) -> Sheet:
    """Reads a CSV or Excel file whose first row names the columns, in Chinese or English, in any order.

    Raises `BatchError` that names row and column of what is odd. Columns with other names are passed over.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BatchError("bad_sheet", f"“{path.name}”不是 CSV 或 Excel 表格", "请另存为 .xlsx 或 .csv 后重试")
    try:
        rows = iter(_csv(path) if path.suffix.lower() == ".csv" else _excel(path))
        columns = _columns(path.name, next(rows, ()))
        return Sheet(path.name, tuple(_rows(path.name, columns, rows)))
    except FileNotFoundError:
        raise BatchError("no_sheet", f"找不到表格“{path}”", "请检查 --sheet 的路径") from None
    except OSError:
        raise BatchError("bad_sheet", f"读不出表格“{path.name}”", "请关闭正在使用它的程序，检查权限后重试") from None


def _csv(path: Path) -> Iterator[Cells]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")  # as Excel writes CSV on a Chinese Windows
    head = text.partition("\n")[0]
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count))
    except csv.Error:
        raise BatchError("bad_sheet", f"表格“{path.name}”不是能读的 CSV", "请另存为 .xlsx 后重试") from None


def _excel(path: Path) -> Iterator[Cells]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        try:
            yield from book.worksheets[0].iter_rows(max_row=_MOST + 1, values_only=True)
        finally:
            book.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError):  # the last: broken XML
        raise BatchError("bad_sheet", f"“{path.name}”不是能读的 Excel 文件", "请另存为 .xlsx 后重试") from None


def _columns(name: str, head: Cells) -> dict[int, tuple[str, str]]:
    """Field and title by the column's place."""
    found: dict[int, tuple[str, str]] = {}
    for place, cell in enumerate(head):
        title = _text(cell)
        if field := _COLUMN_OF.get(title.lower().replace(" ", "_")):
            if field in (f for f, _ in found.values()):
                raise BatchError(
                    "bad_sheet", f"表格“{name}”第 1 行：“{title}”列与前面的一列意思相同", f"请删去其中一列，{_AGAIN}"
                )
            found[place] = field, title
    if "file" not in (f for f, _ in found.values()):
        raise BatchError(
            "bad_sheet",
            f"表格“{name}”第 1 行没有“文件”列",
            "第一行请写列名：文件、客户、客户经理、日期、标题、参会人、说话人数、客户经理声道；不用表格请加 --no-sheet",
        )
    return found


def _rows(name: str, columns: Mapping[int, tuple[str, str]], rows: Iterable[Cells]) -> Iterator[Row]:
    for number, cells in enumerate(rows, 2):
        if not any(_text(c) for c in cells):
            continue
        if number > _MOST:
            raise BatchError("bad_sheet", f"表格“{name}”超过 {_MOST} 行", "请分成几个文件夹，各放一个表格")
        file, details = "", Details()
        for place, (field, title) in columns.items():
            value = cells[place] if place < len(cells) else None
            if not _text(value):
                continue
            try:
                read = _READ[field](value)
            except ValueError as error:
                shown = _text(value)[:30]
                raise BatchError(
                    "bad_sheet", f"表格“{name}”第 {number} 行“{title}”列：{error}，而写的是“{shown}”", _AGAIN
                ) from None
            if field == "file":
                file = str(read)
            else:
                details = replace(details, **{field: read})
        if not file:
            raise BatchError("bad_sheet", f"表格“{name}”第 {number} 行“文件”列是空的", f"请写上文件名，{_AGAIN}")
        yield Row(number, file, details)


def _plain(name: str) -> str:
    """The same for what people take for the same name: case, slashes, composed characters."""
    return unicodedata.normalize("NFC", name.replace("\\", "/")).removeprefix("./").casefold()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return " ".join(str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).split())


def _short(field: str) -> Callable[[object], str]:
    def read(cell: object) -> str:
        text = _text(cell)
        if len(text) > _LONGEST[field]:
            raise ValueError(f"最多 {_LONGEST[field]} 字")
        return text

    return read


def _day(cell: object) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if day := day_of(_text(cell)):
        return day
    raise ValueError("应是日期，如 2026-11-20")


def _speakers(cell: object) -> int:
    text = _text(cell).removesuffix("人")
    if not text.isascii() or not text.isdigit() or int(text[:4]) not in range(1, 21):
        raise ValueError("应是 1 到 20 的人数")
    return int(text)


def _channel(cell: object) -> int:
    try:
        return _CHANNELS[_text(cell).lower()]
    except KeyError:
        raise ValueError("应是 左 或 右") from None


_READ: Mapping[str, Callable[[object], Any]] = {
    "file": _text,
    **{field: _short(field) for field in _LONGEST},
    "met_on": _day,
    "speakers": _speakers,
    "manager_channel": _channel,
}
