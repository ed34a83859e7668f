"""What a file's name tells of the meeting: date, client, attendees, manager, number of speakers, the manager's channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_DATE = re.compile(r"(?<!\d)(20\d{2})[-_./年 ]?(\d{1,2})[-_./月 ]?(\d{1,2})日?(?!\d)")
_SPEAKERS = re.compile(r"(?<!\d)([2-9])\s*(?:人|个人|位|speakers?|spk)(?![a-z])", re.IGNORECASE)
_LEFT = re.compile(r"(?:经理|我|行方|manager)?在?(?:左(?:声道|边|侧)?|(?<![a-z])left(?![a-z]))", re.IGNORECASE)
_RIGHT = re.compile(r"(?:经理|我|行方|manager)?在?(?:右(?:声道|边|侧)?|(?<![a-z])right(?![a-z]))", re.IGNORECASE)
_CHANNEL = re.compile(r"声道|经理|我在|我左|我右|manager|行方|left|right", re.IGNORECASE)
_SPLIT = re.compile(r"[\s_\-–—,，、;；+&()（）\[\]【】]+")
_COMPANY = re.compile(
    r".*(?:公司|集团|股份|有限|厂|制造|科技|实业|贸易|商贸|物流|食品|纺织|化工|机械|电子|建设|建筑|医药|医院|学校|学院|合作社|中心|超市|酒店|农业|能源)$"
)
_PERSON = re.compile(
    r"[\u4e00-\u9fff]{1,3}(?:总|董|董事长|总监|经理|行长|主任|会计|处长|科长|厂长|院长|校长|老板|先生|女士|工)$"
)
_MANAGER = re.compile(
    r"客户经理([\u4e00-\u9fff]{1,4})|([\u4e00-\u9fff]{1,4})客户经理|([\u4e00-\u9fff]{1,3}(?<!总)经理)"
)
_NOISE = re.compile(r"(?:录音|会谈|会议|拜访|音频|新录音|recording|voice|audio|rec|wav|mp3)?\s*\d*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """What the name seems to say; empty or None where it says nothing. `manager_channel`: 0 left, 1 right."""

    title: str
    met_on: date | None
    client: str
    attendees: str
    speakers: int | None
    manager_channel: int | None
    manager: str = ""


def guess(file_name: str) -> Guess:
    """A proposal for the fields of a meeting; the user has the last word."""
    stem = file_name.replace("\\", "/").rpartition("/")[2]
    stem = (stem.rpartition(".")[0] or stem)[:200]
    met_on, rest = _date(stem)
    speakers = _SPEAKERS.search(rest)
    rest = _SPEAKERS.sub(" ", rest)
    channel, rest = _channel(rest)
    parts = [p for p in _SPLIT.split(rest) if p and not _NOISE.fullmatch(p)]
    people = [p for p in parts if _PERSON.fullmatch(p)]
    companies = [p for p in parts if _COMPANY.fullmatch(p) and p not in people]
    return Guess(
        title=" ".join(parts)[:200] or stem,
        met_on=met_on,
        client=companies[0] if companies else "",
        attendees="、".join(people),
        speakers=int(speakers[1]) if speakers else None,
        manager_channel=channel,
        manager=_manager(parts),
    )


def day_of(text: str) -> date | None:
    """The first date in a text, as 2026-11-20, 20261120, 2026/11/20 or 2026年11月20日; None without one."""
    return _date(text)[0]


def _manager(parts: list[str]) -> str:
    """客户经理李明 or 李经理; nobody where two are named, as one of them is the client's."""
    found = {next(filter(None, m.groups())) for p in parts if (m := _MANAGER.fullmatch(p))}
    return found.pop() if len(found) == 1 else ""


def _date(text: str) -> tuple[date | None, str]:
    for found in _DATE.finditer(text):
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
        return day, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _channel(text: str) -> tuple[int | None, str]:
    """Only where the word is about a channel or a side of the talk: 左 alone may be a name."""
    for number, pattern in ((0, _LEFT), (1, _RIGHT)):
        for found in pattern.finditer(text):
            if _CHANNEL.search(found[0]):
                return number, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text
