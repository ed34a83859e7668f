"""The verbs of the service."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner
from web_rig import Web

from signals.cli import push as push_verb
from signals.cli.app import app
from signals.domain.errors import RequestError
from signals.logs import JsonLines
from signals.settings import Settings
from signals.store.accounts import find_user, log_in
from signals.store.database import Database
from signals.store.models import UserRole

runner = CliRunner()


def run(*arguments: str) -> str:
    result = runner.invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def database(folder: Path) -> Database:
    return Database(Settings(data_dir=folder).database_address)


def test_a_user_is_added_gets_a_new_password_and_is_disabled(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    run("db", "upgrade", *data)
    first = run("user", "add", "wang", "--name", "王", "--role", "coach", "--unit", "东区分行/一支行", *data)
    second = run("user", "passwd", "wang", *data)
    passwords = [re.findall(r"密码：(\S+)", text)[0] for text in (first, second)]
    assert passwords[0] != passwords[1]
    store = database(tmp_path)
    with store.session() as session:
        assert log_in(session, "wang", passwords[0], "x", 1) is None
        assert log_in(session, "wang", passwords[1], "x", 1) is not None
        user = find_user(session, "wang")
        assert (user.role, user.unit.name, user.must_change_password) == (UserRole.COACH, "一支行", True)
    run("user", "disable", "wang", *data)
    with store.session() as session:
        assert not find_user(session, "wang").active
    store.close()


def test_users_come_from_excel_and_a_wrong_row_keeps_no_other_out(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (
        ("用户名", "姓名", "角色", "机构"),
        ("li", "李", "客户经理", "东区分行"),
        ("zhao", "赵", "船长", ""),
        (1001, "钱", "教练", None),
    ):
        sheet.append(row)
    book.save(tmp_path / "users.xlsx")
    result = runner.invoke(app, ["user", "import", str(tmp_path / "users.xlsx"), "--data", str(tmp_path / "data")])
    assert result.exit_code == 1
    assert "第 3 行" in result.output
    store = database(tmp_path / "data")
    with store.session() as session:
        assert find_user(session, "li").unit.name == "东区分行"
        assert find_user(session, "1001").role is UserRole.COACH
    store.close()


def test_what_is_no_excel_is_told(tmp_path: Path) -> None:
    (tmp_path / "users.xlsx").write_bytes(b"nothing")
    result = runner.invoke(app, ["user", "import", str(tmp_path / "users.xlsx"), "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "不是能读的 Excel" in result.output


def test_a_backup_is_restored_by_the_command(tmp_path: Path) -> None:
    run("user", "add", "wang", "--data", str(tmp_path / "a"))
    run("db", "backup", str(tmp_path / "all.tar"), "--data", str(tmp_path / "a"))
    run("db", "restore", str(tmp_path / "all.tar"), "--data", str(tmp_path / "b"))
    store = database(tmp_path / "b")
    with store.session() as session:
        assert find_user(session, "wang").username == "wang"
    store.close()
    assert (tmp_path / "all.tar").stat().st_mode & 0o077 == 0, "nobody else may read it"


def test_a_file_is_pushed_with_a_token(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import httpx

    client, token = web.client(), web.token("wang")["Authorization"].removeprefix("Bearer ")

    def handle(request: httpx.Request) -> httpx.Response:
        answer = client.request(
            request.method, str(request.url.path), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content)

    real = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **named: real(**named, transport=httpx.MockTransport(handle)))
    source = tmp_path / "minutes.txt"
    source.write_text("客户：合同先给我看看\n客户经理：好的\n", encoding="utf-8")
    push_verb.push(source, "http://server/", token, {"client": "甲公司", "title": ""}, wait=False)
    first = capsys.readouterr().out
    assert re.search(r"已上传：http://server/meetings/[0-9a-f]{32}", first)
    push_verb.push(source, "http://server", token, {}, wait=False)
    assert "以前上传过" in capsys.readouterr().out
    with pytest.raises(RequestError) as error:
        push_verb.push(source, "http://server", "sig_wrong", {}, wait=False)
    assert error.value.code == "unauthenticated"


def test_an_unreachable_server_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(RequestError) as error:
        push_verb.push(tmp_path / "a.txt", "http://127.0.0.1:9", "t", {}, wait=False)
    assert error.value.code == "no_server"


def test_a_log_line_is_json_and_quotes_no_error_message() -> None:
    sink = io.StringIO()
    handler = logging.StreamHandler(sink)
    handler.setFormatter(JsonLines())
    log = logging.Logger("test")
    log.addHandler(handler)
    log.info("request", extra={"route": "/meetings/{id}", "status": 200})
    try:
        raise ValueError("客户说：利率太高")
    except ValueError:
        log.exception("fault")
    first, second = (json.loads(line) for line in sink.getvalue().splitlines())
    assert (first["event"], first["route"], first["status"]) == ("request", "/meetings/{id}", 200)
    assert second["error"] == "ValueError"
    assert "利率" not in sink.getvalue()
