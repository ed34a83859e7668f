"""Chinese words for what the report's values mean, and how times are written."""

from __future__ import annotations

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
ROLE = {Role.MANAGER: "客户经理", Role.CUSTOMER: "客户", Role.UNKNOWN: "未知"}
METHOD = {
    DiarizationMethod.CHANNEL: "按声道",
    DiarizationMethod.VOICE: "按声音",
    DiarizationMethod.GIVEN: "文字稿已标明",
    DiarizationMethod.NONE: "未能区分",
}
REMOVAL = {
    RemovalReason.LOOP: "识别引擎反复输出的循环",
    RemovalReason.CREDIT: "字幕署名等套话",
    RemovalReason.SILENCE: "无人说话处凭空出现的文字",
}
STAGE = {
    "audio": "读取录音",
    "asr": "语音识别",
    "speakers": "区分说话人",
    "tagging": "识别信号",
    "closing": "判断成交时机",
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
    """A length of time as people say it: 45 秒, 3 分 20 秒, 1 小时 5 分."""
    whole = round(max(0.0, seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} 小时 {minutes} 分"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"
