"""The deck's four closing strategies: how far the conditions of each hold at a moment.

The conditions are the deck's; the scores that rank them are our judgement (docs/closing.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from signals.closing.cues import doubts_the_step
from signals.closing.moment import Moment
from signals.closing.quoting import listed, said, words


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a strategy fits, and in Chinese what speaks for it."""

    score: float
    facts: tuple[str, ...]


class ClosingStrategy(Protocol):
    """One of the deck's four ways to propose the deal."""

    id: str
    """As in the catalogue."""

    def weigh(self, moment: Moment) -> Fit: ...


class Direct:
    """Deck: the wish to buy has shown; an open, quick finance head or top executive."""

    id = "direct"

    def weigh(self, moment: Moment) -> Fit:
        facts: list[str] = []
        score = 0.15
        if moment.strong:
            strongest = max(moment.strong, key=lambda e: (e.strength, e.time))
            score = 0.3 + 0.35 * strongest.strength
            facts.append(f"客户说{said(strongest, moment.talk)}，购买愿望已经表露")
        elif moment.readiness >= 0.85 and moment.manner.quick:
            score = 0.45
        if moment.readiness >= 0.8:
            score += 0.1
            facts.append(f"成交准备度 {moment.readiness:.0%}，共有 {moment.kinds} 种信号")
        if moment.manner.quick:
            score += 0.15
            quote = moment.manner.quick.quote
            facts.append(f"客户表态干脆：“{quote}”" if quote else "客户说话短促干脆")
        score -= 0.35 * bool(moment.standing) + 0.1 * bool(moment.hesitations) + 0.25 * bool(moment.manner.upward)
        if not moment.standing and not moment.unanswered:
            facts.append("没有未回应的问题和异议")
        if not moment.manner.quick:
            facts.append("对方能不能当场拍板，录音里听不出来，请自己判断")
        return Fit(score, tuple(facts))


class Summarise:
    """Deck: restate one by one what both sides already agree on."""

    id = "summarise"

    def weigh(self, moment: Moment) -> Fit:
        points = moment.points
        praise = [e for e in moment.signals if e.label.id == "plan_affirmation"]
        score = 0.2 if len(points) < 3 else 0.5 + 0.05 * min(len(points) - 3, 4) + 0.1 * bool(praise)
        score -= 0.3 * bool(moment.standing) + 0.15 * bool(moment.strong)
        facts = [f"已经谈过{listed(points)} {len(points)} 个要点，可以逐条复述"] if len(points) > 1 else []
        if praise:
            facts.append(f"客户肯定过{said(praise[-1], moment.talk)}")
        lead = moment.lead
        if lead not in praise:
            facts.append(f"客户最近关心的是{said(lead, moment.talk)}")
        return Fit(score, tuple(facts))


class Stepwise:
    """Deck: from small to large; first a trial, or some regions of a group customer."""

    id = "stepwise"

    def weigh(self, moment: Moment) -> Fit:
        score, facts = 0.15, []
        if moment.hesitations:
            last = moment.hesitations[-1].event
            score += 0.45 if moment.standing else 0.35
            score += 0.15 * any(doubts_the_step(o.event.hit.quote) for o in moment.hesitations)
            facts.append(f"客户有过顾虑{words(last, moment.talk)}")
        if moment.manner.trying:
            score += 0.3
            facts.append(f"客户说“{moment.manner.trying.quote}”，适合先试")
        if moment.manner.upward:
            score += 0.25
            facts.append(f"客户还要内部商量：“{moment.manner.upward.quote}”")
        if moment.manner.group:
            score += 0.15
            facts.append(f"客户有下属单位：“{moment.manner.group.quote}”，可以先在部分地区试点")
        facts.append(f"客户的信号是{said(moment.lead, moment.talk)}")
        return Fit(min(0.95, score), tuple(facts))


class Probe:
    """Deck: frank and sincere first proposal. That it suits first signals and open questions is our reading."""

    id = "probe"

    def weigh(self, moment: Moment) -> Fit:
        first = moment.kinds < 3 and not moment.strong
        score = (0.5 if first else 0.3) + 0.15 * bool(moment.unanswered)
        facts = [f"客户{'刚露出信号' if first else '的信号是'}{said(moment.lead, moment.talk)}"]
        if moment.unanswered:
            facts.append(f"还有 {len(moment.unanswered)} 个问题没有答完")
        return Fit(score, tuple(facts))


STRATEGIES: tuple[ClosingStrategy, ...] = (Direct(), Summarise(), Stepwise(), Probe())
"""In the order in which ties are decided."""
