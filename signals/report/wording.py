"""Chinese words for what the report's values mean, and how times and shares are written."""

from __future__ import annotations

from signals.domain.audio import ChannelLayout
from signals.domain.closing import Verdict, WindowOutcome
from signals.domain.conversation import DiarizationMethod, Role
from signals.domain.transcript import RemovalReason

VERDICT = {
    Verdict.PROPOSE_NOW: "现在就可以提出成交建议",
    Verdict.TAKEN: "已及时提出成交建议",
    Verdict.MISSED: "错过了成交时机",
    Verdict.NOT_YET: "时机未到",
}
OUTCOME = {WindowOutcome.TAKEN: "已把握", WindowOutcome.MISSED: "错过", WindowOutcome.OPEN: "仍然敞开"}
ROLE = {Role.MANAGER: "客户经理", Role.CUSTOMER: "客户", Role.UNKNOWN: "角色未知"}
KIND = {
    "verbal": "语言信号",
    "behaviour": "行为信号",
    "expression": "表情信号",
    "objection": "异议",
    "closing": "成交建议",
    "question": "提问",
    "craft": "沟通技巧",
}
METHOD = {
    DiarizationMethod.CHANNEL: "按声道区分",
    DiarizationMethod.VOICE: "按声音区分",
    DiarizationMethod.GIVEN: "文字稿已标明",
    DiarizationMethod.NONE: "未能区分",
}
LAYOUT = {
    ChannelLayout.MONO: "单声道",
    ChannelLayout.DUAL_MONO: "双声道，内容相同",
    ChannelLayout.SPLIT: "左右声道各录一方",
}
REMOVAL = {
    RemovalReason.LOOP: "识别引擎反复输出的循环",
    RemovalReason.CREDIT: "字幕署名等套话",
    RemovalReason.SILENCE: "无人说话处凭空出现的文字",
}
ROLE_SOURCE = {"said": "从所说的话判断", "given": "由使用者或文字稿指定"}
STAGE = {
    "audio": "读取录音",
    "asr": "语音识别",
    "wording": "校正用词和数字",
    "speakers": "区分说话人",
    "transcripts": "读取文字稿",
    "tagging": "识别信号",
    "closing": "判断成交时机",
}
PARAMETER = {"engine": "引擎与模型", "speakers": "说话人数"}
BASIS = {
    "measured": "从录音或文字稿直接量得：时间、时长、占比、次数",
    "judged": "由模型推断：谁是客户经理、信号、成交准备度、时机、策略、心理阶段；可能有误，请以原话和声音为准",
}
NOTICES = (
    "录音须事先征得被录音者同意。",
    "本报告用于辅导和改进，不得作为人事决定的依据。",
    "不保存任何人的声纹。",
)


def clock(seconds: float) -> str:
    """02:03, or 1:02:03 from an hour on."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def length(seconds: float) -> str:
    """A length of time as people say it: 4.2 秒, 45 秒, 3 分 20 秒, 1 小时 5 分."""
    seconds = max(0.0, seconds)
    if seconds < 9.95 and round(seconds, 1) % 1:
        return f"{seconds:.1f} 秒"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} 小时 {minutes} 分"
    if minutes:
        return f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分钟"
    return f"{rest} 秒"


def percent(share: float) -> str:
    """0..1 as whole percent."""
    return f"{min(max(share, 0.0), 1.0):.0%}"


def circled(number: int) -> str:
    """①, ② … ⑳, then (21)."""
    return chr(0x245F + number) if 1 <= number <= 20 else f"({number})"


def date_time(iso: str) -> str:
    """2026-03-05 14:20 of an ISO 8601 time; anything else as it is."""
    return iso[:16].replace("T", " ") if len(iso) >= 16 and iso[10:11] == "T" else iso
