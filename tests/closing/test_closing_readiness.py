from __future__ import annotations

import pytest
from closing_talk import Meeting, catalogue, meeting

from signals.closing import ClosingOptions
from signals.closing.objections import follow_objections
from signals.closing.readiness import ReadinessCurve
from signals.closing.talk import Talk
from signals.domain.conversation import Conversation


def curve(talk: Meeting) -> ReadinessCurve:
    view, options = Talk(talk.conversation, talk.hits, catalogue()), ClosingOptions()
    return ReadinessCurve(view.signals, follow_objections(view, options), options)


def ready_after(lines: str) -> float:
    talk = meeting(lines)
    return curve(talk).at(talk.conversation.turns[-1].end)


def test_a_signal_counts_from_when_it_has_been_said() -> None:
    talk = meeting("客户 | approval_time | 多久能下来")
    end = talk.end_of("多久")
    assert curve(talk).at(end - 0.1) == 0.0
    assert curve(talk).at(end) == pytest.approx(0.5 * 0.9)


def test_a_signal_counts_half_after_the_half_life() -> None:
    talk = meeting("客户 | approval_time | 多久能下来")
    end = talk.end_of("多久")
    assert curve(talk).at(end + ClosingOptions().half_life) == pytest.approx(0.5 * 0.9 / 2)


def test_a_surer_hit_counts_more() -> None:
    line = "客户 | rate_cut | 再低一点"
    end = meeting(line).end_of("再低一点")
    assert curve(meeting(line, score=0.9)).at(end) > curve(meeting(line, score=0.5)).at(end)


def test_two_different_signals_count_more_than_one_repeated() -> None:
    repeated = ready_after("客户 | rate_cut | 再低一点\n经理 | - | 我去申请\n客户 | rate_cut | 能不能再低")
    different = ready_after("客户 | rate_cut | 再低一点\n经理 | - | 我去申请\n客户 | approval_time | 多久能下来")
    once = ready_after("客户 | rate_cut | 再低一点\n经理 | - | 我去申请\n客户 | - | 那行")
    assert once < repeated < different


def test_one_label_alone_never_fills_readiness() -> None:
    assert ready_after("客户 | product_question | 这个呢\n经理 | - | 可以的\n" * 30) < 0.3


def test_an_objection_lowers_readiness_at_once() -> None:
    talk = meeting("客户 | approval_time rate_cut | 多久，再低点\n客户 | objection | 算了不弄了")
    said = talk.end_of("算了")
    assert curve(talk).at(said) < 0.7 * curve(talk).at(said - 0.1)


def test_an_objection_that_evidence_answered_weighs_less() -> None:
    doubt = "客户 | plan_affirmation rate_cut | 不错，再低点\n客户 | objection | 换行太麻烦\n"
    empty = ready_after(doubt + "经理 | - | 您放心，没事的\n客户 | - | 那我想一想吧")
    answered = ready_after(doubt + "经理 | evidence | 隔壁厂换过来用了一周\n客户 | - | 那我想一想吧")
    welcomed = ready_after(doubt + "经理 | evidence | 隔壁厂换过来用了一周\n客户 | interest | 一周？怎么换的")
    assert empty < answered < welcomed


def test_an_answer_that_meets_a_new_objection_helps_nothing() -> None:
    doubt = "客户 | plan_affirmation rate_cut | 不错，再低点\n客户 | objection | 换行太麻烦\n"
    repeated = doubt + "经理 | {} | 隔壁厂换过来用了一周\n客户 | objection | 人家是人家"
    assert ready_after(repeated.format("evidence")) == pytest.approx(ready_after(repeated.format("-")))


def test_an_answer_with_an_empty_promise_settles_nothing() -> None:
    talk = (
        "客户 | interest | 有意思\n客户 | objection | 我不放心\n经理 | {} | 三天就好，还有案例\n客户 | - | 这样子啊是吗"
    )
    promised = meeting(talk.format("evidence over_promise")).analysed()
    honest = meeting(talk.format("evidence")).analysed()
    assert len(promised.open_objections) == 1
    assert honest.open_objections == ()


def test_listening_alone_leaves_the_objection_open() -> None:
    lines = "客户 | interest | 有意思\n客户 | objection | 等新领导来了再说\n经理 | listening | 我理解\n客户 | - | 你理解就好了"
    assert [h.quote for h in meeting(lines).analysed().open_objections] == ["等新领导来了再说"]


def test_a_customer_who_goes_on_by_himself_has_moved_past_his_objection() -> None:
    lines = (
        "客户 | objection | 担保这个不行\n经理 | - | 再看\n客户 | rate_cut | 利率低点\n客户 | approval_time | 几天能办"
    )
    assert meeting(lines).analysed().open_objections == ()


def test_two_signals_with_an_objection_between_have_not_moved_past_the_first() -> None:
    lines = "客户 | objection | 担保不行\n客户 | rate_cut | 利率低点\n客户 | objection | 还是不放心\n客户 | interest | 有意思"
    assert [h.quote for h in meeting(lines).analysed().open_objections] == ["担保不行", "还是不放心"]


def test_only_the_customer_can_give_signals() -> None:
    lines = "经理 | purchase_intent rate_cut approval_time | 那就先做一笔，利率低一点"
    assert max(p.value for p in meeting(lines).analysed().readiness) == 0.0


def test_the_curve_can_be_drawn() -> None:
    lines = "客户 | rate_cut | 再低一点\n停 | 120\n客户 | objection | 太麻烦了\n停 | 300"
    talk = meeting(lines)
    points = talk.analysed().readiness
    times = [p.time for p in points]
    assert times == sorted(set(times))
    assert times[0] == 0.0
    assert times[-1] == pytest.approx(talk.conversation.duration, abs=0.01)
    exact = curve(talk)
    assert all(p.value == pytest.approx(exact.at(p.time), abs=0.01) for p in points)


def test_three_full_hours_stay_within_the_limit_of_points() -> None:
    talk = meeting("客户 | rate_cut | 再低一点\n经理 | - | 我去申请\n停 | 10\n客户 | objection | 麻烦\n" * 500)
    assert talk.conversation.duration > 3 * 3600.0 - 4000.0
    points = talk.analysed().readiness
    assert 300 <= len(points) <= 600
    assert points[-1].time == pytest.approx(talk.conversation.duration, abs=0.01)


def test_an_empty_meeting_has_a_curve_of_zeros() -> None:
    points = Meeting(Conversation((), (), 0.0), ()).analysed().readiness
    assert [(p.time, p.value) for p in points] == [(0.0, 0.0)]


@pytest.mark.parametrize(
    "wrong", [{"open_at": 0.3, "close_at": 0.4}, {"half_life": 0.0}, {"repeat_ceiling": 0.5}, {"max_points": 1}]
)
def test_options_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        ClosingOptions(**wrong)  # type: ignore[arg-type]
