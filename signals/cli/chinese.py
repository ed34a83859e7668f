"""Typer's own words (Usage, Options, Error…) in Chinese.

Some it asks gettext for, so that is where they are given; what it says of wrong arguments it writes in English only.
"""

from __future__ import annotations

import gettext
import re

_WORDS = {
    "Usage:": "用法：",
    "Usage: ": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Arguments": "参数",
    "Error": "错误",
    "Error: {message}": "错误：{message}",
    "Aborted!": "已取消",
    "Show this message and exit.": "显示本帮助并退出。",
    "Show the version and exit.": "显示版本并退出。",
    "Try '{command} {option}' for help.": "用 “{command} {option}” 查看帮助。",
    "Missing command.": "缺少命令。",
    "No such command {name!r}.": "没有命令 {name!r}。",
    "No such option: {name}": "没有选项 {name}",
    "No such option {name!r}.": "没有选项 {name!r}。",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Invalid value: {message}": "取值有误：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的取值有误：{message}",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是有效的{number_type}。",
    "Got unexpected extra argument ({args})": "多余的参数（{args}）",
    "default: {default}": "默认：{default}",
    "required": "必填",
}


def speak_chinese() -> None:
    """Makes gettext answer Click in Chinese; words not listed stay as they are."""
    plain, plural = gettext.gettext, gettext.ngettext

    def word(message: str) -> str:
        return _WORDS.get(message, plain(message))

    def words(msgid1: str, msgid2: str, n: int) -> str:
        return _WORDS.get(msgid1, plural(msgid1, msgid2, n))

    gettext.gettext, gettext.ngettext = word, words


_WRONG = (
    (r"No such command '?(.+?)'?\.(?: .*)?", "没有命令 {0}"),
    (r"Missing argument '?(.+?)'?\.(?: .*)?", "缺少参数 {0}"),
    (r"Missing option '?(.+?)'?\.(?: .*)?", "缺少选项 {0}"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "没有选项 {0}，相近的有 {1}"),
    (r"No such option: (\S+)", "没有选项 {0}"),
    (r"Option '(.+)' requires an argument\.", "选项 {0} 后面要写取值"),
    (r"Got unexpected extra arguments? \((.+)\)", "多余的参数：{0}"),
    (r"Invalid value for (.+?): (?:Value error, )?'(.*)' is not one of (.+)\.", "{0} 不能是“{1}”，只能是 {2} 之一"),
    (r"Invalid value for (.+?): .*valid integer.*", "{0} 应为整数"),
    (r"Invalid value for (.+?): .*valid number.*", "{0} 应为数字"),
    (r"Invalid value for (.+?): .*greater than or equal to (\S+)", "{0} 不能小于 {1}"),
    (r"Invalid value for (.+?): .*less than or equal to (\S+)", "{0} 不能大于 {1}"),
    (r"Invalid value for (.+?): [\x00-\x7f]*", "{0} 的取值有误"),
    (r"Invalid value for (.+?): (.+)", "{0} 的取值有误：{1}"),
)


def wrong_arguments(message: str) -> str:
    """What Typer says of wrong arguments, in Chinese; a sentence that is not known stays as it is."""
    for pattern, words in _WRONG:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return words.format(*found.groups())
    return message
