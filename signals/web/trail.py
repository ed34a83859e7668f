"""The audit trail in the words of who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from signals.domain.catalogue import Catalogue
from signals.store.access import visible_meetings, visible_units
from signals.store.models import AuditEntry, Meeting, User

ACTION = {
    "login": "登录", "logout": "退出", "login_failed": "登录失败", "password": "改密码", "upload": "上传", "view": "查看报告",
    "play": "播放录音", "export": "下载", "correct": "修改报告", "undo": "撤销修改", "change": "改资料", "cancel": "取消分析",
    "retry": "重试", "delete": "删除会谈", "expired": "到期删除", "add_user": "添加用户", "disable": "停用用户",
    "add_token": "建立令牌", "delete_token": "删除令牌", "add_unit": "添加机构", "retention": "改保存期限",
    "score": "评分", "answer": "回复评分", "rubric": "改评分表", "clip": "收入案例库", "unclip": "移出案例库",
    "review": "复核", "dispute": "提出异议", "comment": "写批注", "assign": "布置任务",
}  # fmt: skip
_WORDS = {
    "rename_speaker": "改称呼", "set_role": "指定身份", "swap_speakers": "对调说话人", "merge_speakers": "合并说话人",
    "assign_turn": "改一段的说话人", "fix_text": "改文字", "judge_hit": "确认或否定信号", "change_hit": "改信号",
    "add_hit": "添加信号", "observe": "补记现场信号", "details": "会谈资料", "recording": "录音", "transcript": "文字稿",
    "docx": "Word", "xlsx": "Excel", "md": "Markdown", "json": "JSON", "srt": "字幕 SRT", "csv": "CSV",
    "manager": "客户经理", "coach": "教练", "branch_head": "机构负责人", "admin": "管理员", "reset": "重设",
    "draft": "草稿", "shared": "已发出", "acknowledged": "已确认", "disputed": "有异议", "clip": "案例片段",
    "hit": "信号", "missed": "错过的时机", "taken": "抓住的时机", "open": "仍在的时机", "accepted": "认可", "rejected": "否定",
    "items": "项", "version": "版本", "machine": "机器", "html": "网页",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as it is shown. `meeting`: the title where the reader may open it; `link`: whether it is still there."""

    entry: AuditEntry
    action: str
    detail: str
    meeting: str
    link: bool


def told(session: Session, user: User, entries: Sequence[AuditEntry], catalogue: Catalogue) -> list[Told]:
    """The entries with titles of meetings that the reader may see. Of a deleted one no word is left to show."""
    ids = {e.meeting_id for e in entries if e.meeting_id}
    seen = session.scalars(visible_meetings(user).where(Meeting.id.in_(ids))).unique()
    titles = {m.id: m.title for m in seen}
    units = {str(u.id): u.name for u in session.scalars(visible_units(user))}
    labels = {x.id: x.name for x in catalogue.labels}
    return [
        Told(
            e,
            ACTION.get(e.action, e.action),
            _unit(e.detail, units) if e.action in ("add_unit", "retention") else _detail(e.detail, labels),
            titles.get(e.meeting_id, "（已删除或无权查看）" if e.meeting_id else ""),
            e.meeting_id in titles,
        )
        for e in entries
    ]


def _detail(detail: str, labels: Mapping[str, str]) -> str:
    """Word by word; who did it comes after "by"."""
    what, _, by = detail.partition("by ") if detail.startswith("by ") else detail.partition(" by ")
    said = " ".join(_WORDS.get(w, labels.get(w, w)) for w in what.split())
    return "，".join(part for part in (said, f"由 {by}" if by else "") if part)


def _unit(detail: str, units: Mapping[str, str]) -> str:
    """ "3" or "3: 90": the unit, and for how many days its meetings are kept."""
    id, colon, days = detail.partition(":")
    name = units.get(id, f"机构 {id}")
    if not colon:
        return name
    days = days.strip()
    return f"{name}：{'随上级' if not days else '一直保留' if days == '0' else f'{days} 天'}"
