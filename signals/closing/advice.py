"""The advice for one window: which strategy, why, and what to say."""

from __future__ import annotations

from signals.closing.moment import Moment
from signals.closing.quoting import listed, said, words
from signals.closing.strategies import STRATEGIES
from signals.domain.catalogue import Strategy
from signals.domain.closing import StrategyAdvice
from signals.domain.errors import CatalogueError

_MOST_POINTS = 4
"""Points that a spoken sentence can carry."""
_NO_POINTS = "刚才说到的几点"


def advise(moment: Moment) -> StrategyAdvice:
    """The strategy of the catalogue that fits best. Raises `CatalogueError` when the catalogue has none of the four."""
    entries = {s.id: s for s in moment.talk.catalogue.strategies}
    fits = [(strategy.id, strategy.weigh(moment)) for strategy in STRATEGIES if strategy.id in entries]
    if not fits:
        raise CatalogueError("no_strategy", "目录中没有成交策略", "请检查 data/catalog/strategies.yaml")
    best, fit = max(fits, key=lambda f: f[1].score)  # of equals the first
    entry = entries[best]
    return StrategyAdvice(
        strategy=best,
        reason=f"{entry.when}。这里：{'；'.join(fit.facts)}。",
        line=line_for(entry, moment),
        preconditions=_preconditions(moment),
    )


def line_for(entry: Strategy, moment: Moment) -> str:
    """The strategy's line for the leading signal, with the points named that the line itself does not name."""
    lead = moment.lead.label
    others = [p for p in moment.points if p != lead.topic]
    line = entry.lines.get(lead.id, entry.lines["default"])
    return line.replace("{topics}", listed(others[:_MOST_POINTS]) or _NO_POINTS)


def _preconditions(moment: Moment) -> tuple[str, ...]:
    questions = [f"先答清楚客户问的{said(e, moment.talk)}，会谈里还没有得到回答" for e in moment.unanswered]
    doubts = [f"先回应客户的顾虑{words(o.event, moment.talk)}，再提成交" for o in moment.standing]
    return tuple(dict.fromkeys([*doubts, *questions]))
