"""What the machine proposes for a scorecard: each score from things counted in the meeting, with the words it stands on.

The points at which a score changes are our judgement of the deck, which names what is good and gives no numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import yaml

from signals.domain.closing import WindowOutcome
from signals.domain.coaching import ClientKind, Evidence, ItemScore, RubricItem, RubricTemplate
from signals.domain.conversation import Role
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.resources import catalog_dir

_OPENING = 300.0
"""Seconds that count as the opening, or a fifth of a short meeting."""
_SHOWN = 3
_QUOTE = 60
_FAST = 60.0
_TALKS_MUCH, _TALKS_TOO_MUCH = 0.6, 0.75
_MONOLOGUE = 120.0
QUESTIONS = {"q_open": "开放式", "q_closed": "封闭式", "q_clarify": "澄清式", "q_lead": "诱导式"}


def deck_rubric() -> RubricTemplate:
    """The deck's own scorecard, from the catalogue."""
    return RubricTemplate.model_validate(yaml.safe_load((catalog_dir() / "rubric.yaml").read_text(encoding="utf-8")))


def propose(
    report: Report, items: Sequence[RubricItem], client_kind: ClientKind | None = None
) -> tuple[ItemScore, ...]:
    """A proposal for each item, in their order. Items that are not the deck's get none."""
    hits: dict[str, list[Hit]] = {}
    for hit in report.hits:
        hits.setdefault(hit.label, []).append(hit)
    meeting = _Heard(report, hits, client_kind)
    return tuple(_PROPOSALS.get(item.id, _unknown)(meeting, item) for item in items)


class _Heard:
    """A report with its hits by label."""

    def __init__(self, report: Report, hits: Mapping[str, list[Hit]], client_kind: ClientKind | None) -> None:
        self.report, self.hits, self.client_kind = report, hits, client_kind

    def of(self, *labels: str) -> list[Hit]:
        found = [h for label in labels for h in self.hits.get(label, [])]
        return sorted(found, key=lambda h: (h.start, h.turn))


def _unknown(_: _Heard, item: RubricItem) -> ItemScore:
    return ItemScore(item.id, None, "由教练评分")


def _opening(meeting: _Heard, item: RubricItem) -> ItemScore:
    until = min(_OPENING, meeting.report.conversation.duration / 5)
    warm = [h for h in meeting.of("small_talk") if h.start <= until]
    wrong = meeting.of("taboo")
    if wrong:
        return ItemScore(item.id, 1, f"碰了不当话题 {len(wrong)} 处", _shown(wrong))
    score = (2, 4, 5)[min(2, len(warm))]
    return ItemScore(item.id, score, f"开场寒暄或赞美 {len(warm)} 处，没有不当话题", _shown(warm))


def _needs(meeting: _Heard, item: RubricItem) -> ItemScore:
    found: dict[str, Evidence] = {}
    for turn in meeting.report.conversation.turns:
        for need, words in item.needs.items():
            if need not in found and any(w in turn.text for w in words):
                found[need] = Evidence(turn.start, turn.index, turn.text[:_QUOTE])
    if not item.needs:
        return _unknown(meeting, item)
    missing = [n for n in item.needs if n not in found]
    reason = f"谈到 {'、'.join(found) or '无'}" + (f"；没有谈到 {'、'.join(missing)}" if missing else "")
    return ItemScore(item.id, max(1, round(5 * len(found) / len(item.needs))), reason, tuple(found.values()))


def _questions(meeting: _Heard, item: RubricItem) -> ItemScore:
    counts = {name: len(meeting.of(label)) for label, name in QUESTIONS.items()}
    used = [n for n, c in counts.items() if c]
    reason = "、".join(f"{name} {count} 次" for name, count in counts.items())
    firsts = [meeting.of(label)[0] for label in QUESTIONS if meeting.of(label)]
    return ItemScore(item.id, max(1, len(used) + (sum(counts.values()) >= 5)), reason, _shown(firsts, len(firsts)))


def _listening(meeting: _Heard, item: RubricItem) -> ItemScore:
    talk, answers = meeting.report.talk, meeting.of("listening")
    longest = max((s.longest_monologue for s in talk.speakers if s.role is Role.MANAGER), default=0.0)
    share = talk.manager_share
    if share is None:
        return ItemScore(item.id, None, "没有认出客户经理，无法判断")
    score = 3 + (len(answers) >= 3) + (share <= _TALKS_MUCH) - (share > _TALKS_TOO_MUCH) - (longest > _MONOLOGUE)
    reason = f"客户经理说话占 {share:.0%}，最长独白 {longest:.0f} 秒，倾听回应 {len(answers)} 处"
    return ItemScore(item.id, min(5, max(1, score)), reason, _shown(answers))


def _benefits(meeting: _Heard, item: RubricItem) -> ItemScore:
    gains, proofs = meeting.of("benefit"), meeting.of("evidence")
    score = 1 + min(2, len(gains)) + min(2, len(proofs))
    return ItemScore(
        item.id, score, f"讲好处 {len(gains)} 处，事实证明 {len(proofs)} 处", _shown([*gains[:2], *proofs[:2]], 4)
    )


def _bottom_line(meeting: _Heard, item: RubricItem) -> ItemScore:
    promised = meeting.of("over_promise")
    score = (5, 2, 1)[min(2, len(promised))]
    return ItemScore(
        item.id, score, f"过度承诺 {len(promised)} 处" if promised else "没有听到过度承诺", _shown(promised)
    )


def _offer(meeting: _Heard, item: RubricItem) -> ItemScore:
    haggled = meeting.of("bargaining", "rate_cut")
    if not haggled:
        return ItemScore(item.id, None, "客户没有讨价还价，不适用")
    advice = {
        ClientKind.STATE: "国有大客户：诚恳报底价",
        ClientKind.PUBLIC: "事业单位：诚恳报底价",
        ClientKind.PRIVATE: "民营客户：留余地，再小幅让步",
        ClientKind.FOREIGN: "外资客户：留余地，再小幅让步",
    }
    kind = advice.get(meeting.client_kind) if meeting.client_kind else None
    return ItemScore(
        item.id,
        None,
        f"客户讨价还价 {len(haggled)} 处，请听后评分。{kind or '会谈信息里没有填客户类型'}",
        _shown(haggled),
    )


def _reaction(meeting: _Heard, item: RubricItem) -> ItemScore:
    windows = [w for w in meeting.report.closing.windows if w.outcome is not WindowOutcome.OPEN]
    if not windows:
        return ItemScore(item.id, None, "没有出现成交时机，不适用")
    missed = [w for w in windows if w.outcome is WindowOutcome.MISSED]
    waits = [w.seconds_to_proposal for w in windows if w.seconds_to_proposal is not None]
    slowest = max(waits, default=0.0)
    score = 1 if len(missed) == len(windows) else 2 if missed else 5 if slowest <= _FAST else 4
    reason = f"{len(windows)} 个时机，错过 {len(missed)} 个" + (f"，最慢 {slowest:.0f} 秒后提出" if waits else "")
    return ItemScore(item.id, score, reason, _shown([w.evidence[0] for w in [*missed, *windows] if w.evidence]))


def _closing(meeting: _Heard, item: RubricItem) -> ItemScore:
    closing = meeting.report.closing
    made = [w for w in closing.windows if w.proposal is not None]
    early = len(closing.premature)
    if not closing.windows and not early:
        return ItemScore(item.id, None, "没有出现成交时机，也没有提出成交，不适用")
    if not made:
        score = 1
    else:
        fitting = [w for w in made if w.proposal and w.proposal.label == f"close_{w.advice.strategy}"]
        score = 5 if len(fitting) == len(made) else 4 if fitting else 3
    reason = f"在时机内提出 {len(made)} 次" + (f"，过早提出 {early} 次" if early else "")
    proposals = [w.proposal for w in made if w.proposal] + [p.proposal for p in closing.premature]
    return ItemScore(item.id, max(1, score - (early > 1)), reason, _shown(proposals))


def _shown(hits: Sequence[Hit], most: int = _SHOWN) -> tuple[Evidence, ...]:
    by_turn = {h.turn: Evidence(h.start, h.turn, h.quote[:_QUOTE]) for h in reversed(hits)}
    return tuple(sorted(by_turn.values(), key=lambda e: e.time))[:most]


_PROPOSALS: Mapping[str, Callable[[_Heard, RubricItem], ItemScore]] = {
    "opening": _opening,
    "needs": _needs,
    "questions": _questions,
    "listening": _listening,
    "benefits": _benefits,
    "bottom_line": _bottom_line,
    "offer": _offer,
    "reaction": _reaction,
    "closing": _closing,
}
