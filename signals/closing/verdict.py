"""The one-word answer, its reason, and what to do after the meeting.

How windows become a verdict is our judgement. A proposal that the customer turned down counts as NOT_YET: what the
manager has to do next is to settle the doubt, not to celebrate the attempt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signals.closing.moment import Moment, unanswered
from signals.closing.objections import Objection
from signals.closing.options import ClosingOptions
from signals.closing.quoting import clock, listed, said, words
from signals.closing.readiness import ReadinessCurve
from signals.closing.talk import ACCEPTING, Event, Talk
from signals.closing.windows import Window
from signals.domain.closing import StrategyAdvice, Verdict, WindowOutcome
from signals.domain.conversation import Role

_MOST_STEPS = 4
_TELLING = 10
"""Characters from which a second objection says something of its own."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything known when the verdict is spoken."""

    talk: Talk
    curve: ReadinessCurve
    windows: tuple[Window, ...]
    advice: tuple[StrategyAdvice, ...]
    """One a window."""
    moments: tuple[Moment, ...]
    """At which the advice was given, one a window."""
    objections: tuple[Objection, ...]
    options: ClosingOptions

    @property
    def open_objections(self) -> tuple[Event, ...]:
        return tuple(o.event for o in self.objections if o.settled is None)

    @property
    def deciding(self) -> int | None:
        """Place of the window that the verdict is about: the last one."""
        return len(self.windows) - 1 if self.windows else None

    @property
    def doubts_since_proposal(self) -> tuple[Event, ...]:
        """Open objections after the last window's proposal, when the customer had not agreed to it."""
        last = self.windows[-1] if self.windows else None
        if last is None or last.proposal is None or last.accepted:
            return ()
        return tuple(e for e in self.open_objections if e.position > last.proposal.position)


def verdict(judged: Judged) -> Verdict:
    if judged.deciding is None or judged.doubts_since_proposal:
        return Verdict.NOT_YET
    return {
        WindowOutcome.OPEN: Verdict.PROPOSE_NOW,
        WindowOutcome.TAKEN: Verdict.TAKEN,
        WindowOutcome.MISSED: Verdict.MISSED,
    }[judged.windows[judged.deciding].outcome]


def reason(judged: Judged) -> str:
    """Chinese; one or two sentences."""
    if judged.deciding is None:
        return _why_not_yet(judged)
    place = judged.deciding
    window, name = judged.windows[place], _name(judged, place)
    lead = said(judged.moments[place].lead, judged.talk)
    if window.outcome is WindowOutcome.OPEN:
        return (
            f"从 {clock(window.start)} 起客户已有成交意愿，说到{lead}，到录音结束客户经理还没有提出成交。"
            f"建议尽快用“{name}”提出。"
        )
    if window.outcome is WindowOutcome.MISSED:
        why = _why_missed(judged, window)
        return f"{clock(window.start)} 到 {clock(window.end)} 是提出成交的时机，客户说{lead}，客户经理没有提出。{why}"
    assert window.proposal is not None  # a window is taken by a proposal  # noqa: S101
    when = f"{clock(window.proposal.hit.start)} 客户经理在时机内提出了成交"
    if doubts := judged.doubts_since_proposal:
        doubt = words(_main(doubts, judged)[0], judged.talk)
        return f"{when}，但客户随后提出顾虑{doubt}，没有答应。{_other_way(judged)}先化解顾虑，再提成交。"
    if window.accepted:
        return f"{when}，客户随后表示了购买意向。"
    return f"{when}，客户还没有明确答复，需要跟进确认。"


def _why_missed(judged: Judged, window: Window) -> str:
    last = window.signals[-1].time
    ending = [e for e in judged.open_objections if last <= e.time <= window.end]
    if ending:
        return f"之后客户提出{words(ending[0], judged.talk)}，没有化解，时机就过去了。"
    return "话题转开以后，客户的成交意愿降了下来。"


def _why_not_yet(judged: Judged) -> str:
    talk, options = judged.talk, judged.options
    if not talk.turns:
        return "会谈没有文字，无法判断成交时机。"
    if not talk.has(Role.CUSTOMER):
        return "没有识别出客户的发言，无法判断成交时机。请确认说话人的角色后再分析一次。"
    doubts = _main(judged.open_objections, judged)
    if not talk.signals:
        doubt = f"，却提出过{words(doubts[0], talk)}" if doubts else ""
        return f"客户的发言里没有听到购买信号{doubt}，现在提成交太早。"
    kinds = list(dict.fromkeys(e.label.name for e in talk.signals))
    peak = max(judged.curve.at(e.time) for e in talk.signals)
    heard = f"只听到 {len(talk.signals)} 处购买信号（{listed(kinds[:4])}{'等' if len(kinds) > 4 else ''}）"
    if doubts:
        return f"{heard}，客户的顾虑{words(doubts[0], talk)}还没有化解，现在提成交太早。"
    if peak >= options.open_at:
        return f"{heard}，证据还单薄，现在提成交太早。再答清一个细节，看客户是否追问时间、条件或条款。"
    return (
        f"{heard}，成交准备度最高 {peak:.0%}，没有到 {options.open_at:.0%}。"
        "还没有听到客户谈条件、条款或表示要办，先把客户问到的答透。"
    )


def next_steps(judged: Judged) -> tuple[str, ...]:
    """Chinese; at most four, most important first, each tied to what was said."""
    steps = dict.fromkeys(_steps(judged))
    return tuple(steps)[:_MOST_STEPS]


def _steps(judged: Judged) -> Iterator[str]:
    talk, answer = judged.talk, verdict(judged)
    if answer in (Verdict.PROPOSE_NOW, Verdict.MISSED):
        yield _propose(judged, missed=answer is Verdict.MISSED)
    elif answer is Verdict.TAKEN:
        yield _follow_up(judged)
    for place, objection in enumerate(_main(judged.open_objections, judged)[:2]):
        if place and len(objection.hit.quote) < _TELLING:
            break
        yield f"回应客户的顾虑{words(objection, talk)}：{_action(objection)}"
    questions = unanswered(talk.signals, talk)[-2:]
    for question in questions:
        yield f"补答客户的问题{said(question, talk)}，会谈里没有答清。"
    taken_up = {q.position for q in questions}
    done = ACCEPTING if judged.windows else frozenset()  # the first step has taken up the wish to buy
    for event in _by_weight([e for e in talk.signals if e.label.id not in done]):
        if event.position in taken_up:
            continue
        taken_up.add(event.position)
        yield f"客户说{said(event, talk)}：{_action(event)}"
    if not talk.signals and talk.has(Role.CUSTOMER):
        yield "下次见面先用开放式提问了解客户在管理、销售、采购、融资、理财上的需要，再谈方案。"
        yield "准备一个同类客户的案例和一项能算出来的好处，看客户会不会追问细节。"


def _propose(judged: Judged, *, missed: bool) -> str:
    place = len(judged.windows) - 1
    line, name = judged.advice[place].line, _name(judged, place)
    if missed:
        return f"尽快回访，补上 {clock(judged.windows[place].start)} 错过的成交建议，用“{name}”：{line}"
    return f"趁客户有意，尽快联系，用“{name}”提出成交：{line}"


def _follow_up(judged: Judged) -> str:
    window = judged.windows[-1]
    assert window.proposal is not None  # a window is taken by a proposal  # noqa: S101
    yes = [e for e in judged.talk.signals if e.time > window.proposal.time and e.label.id in ACCEPTING]
    if window.accepted and yes:
        return f"客户已表示{words(yes[-1], judged.talk)}，当天把时间、材料和经办人写成文字跟客户确认。"
    return f"成交建议{words(window.proposal, judged.talk)}客户还没有明确答复，约好答复的时间再跟进。"


def _other_way(judged: Judged) -> str:
    """That another strategy would have suited better, where it would."""
    place = len(judged.windows) - 1
    proposal, advised = judged.windows[place].proposal, _name(judged, place)
    used = proposal.label.name if proposal else advised
    return f"客户经理用的是“{used}”，当时更合适的是“{advised}”。" if used != advised else ""


def _main(objections: Sequence[Event], judged: Judged) -> list[Event]:
    """The one first that tells most: where the customer said most, and lately."""
    half_life, end = judged.options.objection_half_life, judged.talk.length

    def tells(event: Event) -> float:
        return float(len(event.hit.quote) * 0.5 ** ((end - event.time) / half_life))

    return sorted(objections, key=lambda e: (-tells(e), -e.time))


def _by_weight(signals: Sequence[Event]) -> list[Event]:
    """The heaviest of each label, heaviest label first; of equals the later."""
    best: dict[str, Event] = {}
    for event in sorted(signals, key=lambda e: (e.strength, e.time)):
        best[event.label.id] = event
    return sorted(best.values(), key=lambda e: (-e.strength, -e.time))


def _action(event: Event) -> str:
    return event.label.action or event.label.meaning


def _name(judged: Judged, place: int) -> str:
    strategy = judged.advice[place].strategy
    return next(s.name for s in judged.talk.catalogue.strategies if s.id == strategy)
