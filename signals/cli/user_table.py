"""Users in an Excel file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from signals.domain.errors import RequestError
from signals.store.models import UserRole

_ROLES = {
    "": UserRole.MANAGER,
    "客户经理": UserRole.MANAGER,
    "教练": UserRole.COACH,
    "机构负责人": UserRole.BRANCH_HEAD,
    "行长": UserRole.BRANCH_HEAD,
    "管理员": UserRole.ADMIN,
} | {r.value: r for r in UserRole}
_MOST = 5000


@dataclass(frozen=True, slots=True)
class UserRow:
    """One row, as it stands in the file."""

    number: int
    username: str
    name: str
    role_name: str
    unit: str

    def role(self) -> UserRole:
        """Raises `RequestError` for a role that there is not."""
        try:
            return _ROLES[self.role_name]
        except KeyError:
            raise RequestError(
                "no_role", f"没有角色“{self.role_name}”", "可用：客户经理、教练、机构负责人、管理员"
            ) from None


def read_users(path: Path) -> Iterator[UserRow]:
    """Columns 用户名, 姓名, 角色, 机构 below one row of titles. Raises `RequestError` for a file that is no Excel."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError):
        raise RequestError("no_excel", f"“{path.name}”不是能读的 Excel 文件", "请另存为 .xlsx 后重试") from None
    try:
        for number, row in enumerate(book.worksheets[0].iter_rows(min_row=2, max_row=_MOST, values_only=True), 2):
            cells = [str(c).strip() if c is not None else "" for c in (*row[:4], *[None] * (4 - len(row)))]
            if any(cells):
                yield UserRow(number, *cells)
    finally:
        book.close()
