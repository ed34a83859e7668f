"""The effective view: the machine's report with people's corrections on it, everything derived from them made anew.

Nothing is transcribed or separated again: tagging runs only where words or speakers were corrected, readiness, windows,
advice and figures always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from signals.domain.catalogue import Catalogue
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.corrections import (
    AddHit,
    AssignTurn,
    Change,
    ChangeHit,
    FixText,
    JudgeHit,
    MarkedHit,
    MergeSpeakers,
    Numbered,
    Observe,
    RenameSpeaker,
    SetRole,
    SwapSpeakers,
    correct_conversation,
    correct_hits,
    needs_tagging,
)
from signals.domain.errors import RequestError
from signals.domain.protocols import Tagger
from signals.domain.report import Report
from signals.domain.tags import Hit

_ABOUT_ROLES = frozenset({"roles", "one_speaker", "times"})


@dataclass(frozen=True, slots=True)
class Corrected:
    """`report` is what every writer writes; `hits` says of each hit where it comes from, the rejected ones included."""

    report: Report
    hits: tuple[MarkedHit, ...]


def judged_anew(report: Report, hits: Sequence[Hit], catalogue: Catalogue) -> Report:
    """The machine's report with other hits, and with everything that follows from them."""
    from signals.closing import analyse
    from signals.coaching import talk_statistics

    conversation, found = report.conversation, tuple(hits)
    return replace(
        report,
        hits=found,
        closing=analyse(conversation, found, catalogue),
        talk=talk_statistics(conversation, found),
    )


def judged_by(tagger: Tagger, catalogue: Catalogue) -> str:
    """Version of all that hits and what follows from them depend on; at most 120 characters."""
    entries = sha256(catalogue.model_dump_json().encode()).hexdigest()[:8]
    return f"{tagger.description[:100]} catalogue {entries}"


def correct(
    report: Report, changes: Sequence[Numbered], catalogue: Catalogue, tagger: Callable[[], Tagger]
) -> Corrected:
    """Lays the corrections over the machine's report. Pure; without corrections the report is the machine's own."""
    from signals.pipeline import role_notices

    if not changes:
        return Corrected(report, correct_hits(report.conversation, report.hits, (), catalogue))
    conversation = correct_conversation(report.conversation, changes)
    found = _tagged(report, conversation, tagger) if needs_tagging(changes) else report.hits
    marked = correct_hits(conversation, found, changes, catalogue)
    hits = tuple(m.hit if m.hit.quote else _seen(m, catalogue) for m in marked if m.status != "rejected")
    kept = tuple(w for w in report.warnings if w.code not in _ABOUT_ROLES)
    heard = replace(report, conversation=conversation, warnings=(*kept, *role_notices(conversation)))
    return Corrected(judged_anew(heard, hits, catalogue), marked)


def _tagged(report: Report, conversation: Conversation, tagger: Callable[[], Tagger]) -> tuple[Hit, ...]:
    """The machine's hits, with those turns tagged anew whose words, role, or what the other side said before changed."""
    before, after = _heard(report.conversation.turns), _heard(conversation.turns)
    changed = {i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old[:3] != new[:3]}
    kept = [h for h in report.hits if h.turn not in {conversation.turns[i].index for i in changed}]
    if not changed:
        return tuple(kept)
    needed = sorted(changed | {after[i][3] for i in changed if after[i][3] >= 0})
    turns = tuple(replace(conversation.turns[i], index=place) for place, i in enumerate(needed))
    found = tagger().tag(replace(conversation, turns=turns))
    new = [replace(h, turn=conversation.turns[needed[h.turn]].index) for h in found if needed[h.turn] in changed]
    return tuple(sorted([*kept, *new], key=lambda h: (h.start, h.turn, -h.score)))


def _heard(turns: Sequence[Turn]) -> list[tuple[str, Role, str, int]]:
    """What a tagger knows of each turn: its text, its role, what the other side said last before it, and where."""
    last: dict[Role, int] = {}
    heard = []
    for place, turn in enumerate(turns):
        earlier = max((at for role, at in last.items() if role is not turn.role), default=-1)
        heard.append((turn.text, turn.role, turns[earlier].text if earlier >= 0 else "", earlier))
        if turn.role is not Role.UNKNOWN:
            last[turn.role] = place
    return heard


def check(change: Change, current: Corrected, catalogue: Catalogue) -> None:
    """Raises `RequestError` for a correction that would have no effect on the view that its maker looks at."""
    conversation = current.report.conversation
    speakers = {t.speaker for t in conversation.turns}
    turns = {t.index: t for t in conversation.turns}
    if isinstance(change, RenameSpeaker | SetRole):
        _require({change.speaker} <= speakers, "no_speaker", "会谈中没有这位说话人")
    elif isinstance(change, SwapSpeakers):
        _require(
            {change.first, change.second} <= speakers and change.first != change.second,
            "no_speaker",
            "请选择两位不同的说话人",
        )
    elif isinstance(change, MergeSpeakers):
        _require(
            {change.speaker, change.into} <= speakers and change.speaker != change.into,
            "no_speaker",
            "请选择两位不同的说话人",
        )
    elif isinstance(change, Observe):
        label = catalogue.by_id.get(change.label)
        _require(label is not None and label.kind in ("behaviour", "expression"), "no_label", "只能补记行为和表情信号")
        _require(
            any(t.role.value == "customer" for t in conversation.turns),
            "no_customer",
            "会谈中还没有认出客户，请先指定谁是客户",
        )
        _require(change.time <= conversation.duration + 1.0, "bad_time", "时间超出了会谈的长度")
    else:
        _require(change.turn in turns, "no_turn", "没有这一段话")
        if isinstance(change, AssignTurn):
            _require(change.speaker in speakers, "no_speaker", "会谈中没有这位说话人")
        elif not isinstance(change, FixText):
            _check_hit(change, current, turns[change.turn].role.value, catalogue)


def _check_hit(change: JudgeHit | ChangeHit | AddHit, current: Corrected, role: str, catalogue: Catalogue) -> None:
    there = {(m.hit.turn, m.hit.label) for m in current.hits if m.status != "observed"}
    if not isinstance(change, AddHit):
        _require((change.turn, change.label) in there, "no_hit", "这一段话上没有这个标签")
    wanted = change.to if isinstance(change, ChangeHit) else change.label
    label = catalogue.by_id.get(wanted)
    _require(label is not None and label.audible, "no_label", "没有这个标签")
    _require(label is not None and label.speaker == role, "wrong_speaker", "这个标签不属于说这段话的人，请先改正说话人")


def _seen(marked: MarkedHit, catalogue: Catalogue) -> Hit:
    text = f"（现场看到）{catalogue.label(marked.hit.label).name}"
    return replace(marked.hit, quote=f"{text}：{marked.note}" if marked.note else text)


def _require(held: bool, code: str, message: str) -> None:
    if not held:
        raise RequestError(code, message, "请刷新页面后再试")
