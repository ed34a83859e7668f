"""Wrong arguments are told in Chinese."""

from __future__ import annotations

import gettext
import re
import sys

import pytest

from signals.cli import main


@pytest.fixture(autouse=True)
def gettext_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gettext", "ngettext"):
        monkeypatch.setattr(gettext, name, getattr(gettext, name))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyze", "x", "--manager-channel", "up"], "不能是“up”"),
        (["analyze"], "缺少参数 file"),
        (["analyze", "--nope", "x"], "没有选项 --nope"),
        (["serve", "--port", "abc"], "应为整数"),
        (["serve", "--port", "99999"], "不能大于 65535"),
        (["nosuch"], "没有命令"),
    ],
)
def test_wrong_arguments_are_told_in_chinese(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["signals", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in told
    assert not re.search(r"Error|Invalid|Missing|Try ", told)


def test_a_verb_without_its_command_shows_the_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["signals", "user"])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr().err
    assert "passwd" in told
    assert "错误" not in told
