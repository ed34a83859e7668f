from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from closing_talk import Meeting, catalogue
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.closing import ClosingOptions
from signals.closing.objections import follow_objections
from signals.closing.readiness import ReadinessCurve
from signals.closing.talk import Talk
from signals.domain.closing import ClosingAnalysis, Verdict
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.tags import Hit

LABELS = [label.id for label in catalogue().labels]
TEXTS = [
    "",
    "嗯",
    "好的",
    "那利率还能不能往下走一走",
    "我们下面还有几家子公司，先拿一家试试看，要跟董事会汇报，做不了主",
    "这个回头再说",
    "材料给你以后多久能有个结果？厂家催得紧，我下个月就要付定金了，你给我一个准数。",
    "就这么定了现在就办那个担保合同你先发一份给我们法务过一遍然后再说后面的事情怎么安排比较好",
]


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    time, turns, hits = 0.0, list[Turn](), list[Hit]()
    for index in range(draw(st.integers(0, 30))):
        role = draw(st.sampled_from([Role.CUSTOMER, Role.CUSTOMER, Role.MANAGER, Role.MANAGER, Role.UNKNOWN]))
        time += draw(st.floats(-1.0, 200.0))  # turns may overlap a little
        start = time = max(0.0, time)
        time += draw(st.floats(0.0, 40.0))
        text = draw(st.sampled_from(TEXTS))
        turns.append(Turn(index, role.value, role, start, time, text, text))
        for label in draw(st.lists(st.sampled_from(LABELS), max_size=3)):
            hits.append(Hit(index, label, draw(st.floats(0.0, 1.0)), 0.5, start, time, text))
    return Meeting(Conversation(tuple(turns), (), time + draw(st.floats(-5.0, 300.0))), tuple(hits))


def curve(talk: Meeting, hits: Sequence[Hit]) -> ReadinessCurve:
    view, options = Talk(talk.conversation, hits, catalogue()), ClosingOptions()
    return ReadinessCurve(view.signals, follow_objections(view, options), options)


def moments(talk: Meeting) -> list[float]:
    length = max([talk.conversation.duration, *(t.end for t in talk.conversation.turns)])
    return [length * i / 40 for i in range(41)] + [t.end for t in talk.conversation.turns]


def sentences(analysis: ClosingAnalysis) -> list[str]:
    advised = [w.advice for w in analysis.windows]
    return [
        analysis.reason,
        *analysis.next_steps,
        *(text for a in advised for text in (a.reason, a.line, *a.preconditions)),
    ]


@given(meetings())
def test_readiness_is_always_between_0_and_1(talk: Meeting) -> None:
    assert all(0.0 <= p.value <= 1.0 for p in talk.analysed().readiness)
    assert all(0.0 <= curve(talk, talk.hits).at(t) <= 1.0 for t in moments(talk))


@given(meetings(), st.data())
@settings(max_examples=200)
def test_an_objection_more_never_raises_readiness(talk: Meeting, data: st.DataObject) -> None:
    customers = [t for t in talk.conversation.turns if t.role is Role.CUSTOMER]
    if not customers:
        return
    turn = data.draw(st.sampled_from(customers))
    added = Hit(turn.index, "objection", data.draw(st.floats(0.0, 1.0)), 0.5, turn.start, turn.end, turn.text)
    before, after = curve(talk, talk.hits), curve(talk, (*talk.hits, added))
    assert all(after.at(t) <= before.at(t) + 1e-9 for t in moments(talk))


@given(meetings(), st.data())
@settings(max_examples=200)
def test_a_signal_more_never_lowers_readiness(talk: Meeting, data: st.DataObject) -> None:
    customers = [t for t in talk.conversation.turns if t.role is Role.CUSTOMER]
    if not customers:
        return
    turn, label = data.draw(st.sampled_from(customers)), data.draw(st.sampled_from(catalogue().signal_ids))
    added = Hit(turn.index, label, data.draw(st.floats(0.0, 1.0)), 0.5, turn.start, turn.end, turn.text)
    before, after = curve(talk, talk.hits), curve(talk, (*talk.hits, added))
    assert all(after.at(t) >= before.at(t) - 1e-9 for t in moments(talk))


@given(meetings())
@settings(max_examples=200)
def test_windows_are_in_order_apart_and_rest_on_what_customers_said_in_the_meeting(talk: Meeting) -> None:
    analysis = talk.analysed()
    length = max([talk.conversation.duration, *(t.end for t in talk.conversation.turns)])
    roles = {t.index: t.role for t in talk.conversation.turns}
    assert all(a.end <= b.start for a, b in pairwise(analysis.windows))
    for window in analysis.windows:
        assert 0.0 <= window.start <= window.peak.time <= window.end <= length
        assert window.evidence
        assert set(window.evidence) <= set(talk.hits)
        assert all(roles[h.turn] is Role.CUSTOMER and 0.0 <= h.start <= h.end <= length for h in window.evidence)
        assert all(catalogue().label(h.label).is_signal for h in window.evidence)


@given(meetings(), st.integers())
def test_the_order_of_the_hits_does_not_matter(talk: Meeting, seed: int) -> None:
    shuffled = list(talk.hits)
    Random(seed).shuffle(shuffled)  # noqa: S311
    assert Meeting(talk.conversation, tuple(shuffled)).analysed() == talk.analysed()


@given(meetings())
@settings(max_examples=200)
def test_no_sentence_holds_an_unfilled_place_or_an_empty_quote(talk: Meeting) -> None:
    for sentence in sentences(talk.analysed()):
        assert sentence
        assert not set("{}") & set(sentence)
        assert "“”" not in sentence
        assert "None" not in sentence


@given(meetings())
def test_every_proposal_is_taken_premature_or_a_follow_up_and_never_two_of_them(talk: Meeting) -> None:
    analysis = talk.analysed()
    taken = [w.proposal for w in analysis.windows if w.proposal]
    premature = [p.proposal for p in analysis.premature]
    assert len(set(taken)) == len(taken)
    assert not set(taken) & set(premature)


@given(meetings())
def test_the_verdict_fits_the_windows(talk: Meeting) -> None:
    analysis = talk.analysed()
    assert (analysis.verdict is Verdict.NOT_YET) or analysis.windows
    assert len(analysis.next_steps) <= 4
    stages = analysis.stages
    assert all(a.end == b.start and a.stage != b.stage for a, b in pairwise(stages))
