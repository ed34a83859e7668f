"""Names of speakers: where a line begins with one, and when the name itself tells the role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from signals.domain.conversation import Role
from signals.transcripts.cue import tidy

STAMP = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
"""Hours optional, fractions optional: 01:23, 00:01:23, 00:01:23.456."""
_PART = r"[^\s:：,，。!！?？;；、…\[\]【】()（）<>{}\"“”'‘’/\\|]{1,16}"
NAME = rf"{_PART}(?: {_PART}){{0,2}}"
_PREFIX = re.compile(
    rf"\s*(?:[-–—]\s*)?[\[【(（]?(?P<name>{NAME}(?:[(（](?!\s*{STAMP})[^()（）:：]{{1,20}}[)）])?)[\]】)）]?"
    rf"\s*(?:[\[【(（]?\s*(?P<stamp>{STAMP})\s*[\]】)）]?)?\s*[:：](?!//)\s*(?P<text>.*)",
    re.DOTALL,
)
_NUMBERED = re.compile(r"(?:speaker|spk|s|说话人|发言人|讲话人|对话人|嘉宾)[ _-]?\d{1,3}", re.IGNORECASE)
_TITLES = re.compile(
    r".{1,4}(?:总|董|经理|主任|行长|先生|女士|小姐|老师|会计|老板|科长|处长|院长|校长|局长|书记|厂长|总监|工)"
)
_NO_NAME = re.compile(
    r"第.*|其.|[一二三四五六七八九十]是|另外|还有|比如|例如|比方说|总之|结论|备注|.{0,2}(?:时间|日期|地点|主题|名称|人员)|附件"
)
"""What stands before a colon in speech and in the heads of minutes."""
_TAIL = r"[ _-]?(?:[0-9]{1,3}|[a-z]|[一二三四五六七八九十甲乙丙丁])?"
_MANAGER = re.compile(
    rf".*客户经理.*|(?:银行|我行|行方|银行方|银行经理|经理){_TAIL}|(?:(?:bank|account|relationship|client|customer) ?)?manager{_TAIL}|bank{_TAIL}",
    re.IGNORECASE | re.DOTALL,
)
_CUSTOMER = re.compile(rf"(?:客户|顾客)(?!部|服务|中心|代表).*|(?:customer|client){_TAIL}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands before the colon of a line, and the rest."""

    name: str
    stamp: str
    text: str


def prefix(line: str) -> Prefix | None:
    """The name that the line may begin with; whether it is one, `Names` decides over the whole file."""
    found = _PREFIX.match(line)
    if found is None or not any(c.isalpha() for c in found["name"]):
        return None
    return Prefix(tidy(found["name"]), found["stamp"] or "", found["text"])


class Names:
    """Which candidates are speakers: those that look like one, and those that come again.

    A clause before a colon (我说一句：…) looks like a name, but hardly ever comes twice.
    """

    def __init__(self, candidates: Iterable[str], *, all_lines: bool = False) -> None:
        """`all_lines`: every line of the file begins with a candidate, so all of them are speakers."""
        self._counts = Counter(candidates)
        self._all = all_lines

    def __contains__(self, name: str) -> bool:
        if name not in self._counts:
            return False
        if looks_like_speaker(name):
            return True
        return (self._all or self._counts[name] > 1) and not _NO_NAME.fullmatch(name)


def looks_like_speaker(name: str) -> bool:
    return bool(_NUMBERED.fullmatch(name) or _TITLES.fullmatch(name)) or role_of(name) is not Role.UNKNOWN


def role_of(name: str) -> Role:
    """The role that the name itself tells (客户经理, manager, 客户 2, customer), else UNKNOWN."""
    if _MANAGER.fullmatch(name):
        return Role.MANAGER
    return Role.CUSTOMER if _CUSTOMER.fullmatch(name) else Role.UNKNOWN


def seconds(stamp: str) -> float:
    """A time stamp that matches `STAMP`, in seconds."""
    total = 0.0
    for part in stamp.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total
