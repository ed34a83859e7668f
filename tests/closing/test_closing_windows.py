from __future__ import annotations

import pytest
from closing_talk import meeting

from signals.closing import ClosingOptions
from signals.domain.closing import Verdict, WindowOutcome

WARM = """
客户 | approval_time | 材料给你多久能批下来
经理 | - | 材料齐了我把每一步几天列给您
客户 | rate_cut | 那利率还能不能往下走
经理 | - | 我回去如实申请
"""
QUIET = "经理 | - | 我再给您介绍一下我们别的业务\n停 | 100\n客户 | - | 嗯你说我听着\n停 | 100\n" * 4


def outcomes(lines: str) -> list[WindowOutcome]:
    return [w.outcome for w in meeting(lines).analysed().windows]


def test_one_weak_signal_opens_no_window() -> None:
    assert outcomes("客户 | rate_cut | 利率还能不能往下走") == []


def test_two_signals_over_the_threshold_open_a_window() -> None:
    (window,) = meeting(WARM).analysed().windows
    assert window.start == meeting(WARM).end_of("那利率")
    assert [h.label for h in window.evidence] == ["approval_time", "rate_cut"]


@pytest.mark.parametrize("label", ["purchase_intent", "contract_terms"])
def test_a_single_very_strong_signal_opens_a_window(label: str) -> None:
    assert outcomes(f"客户 | {label} | 那先这么定，合同给我看看") == [WindowOutcome.OPEN]


def test_a_doubtful_strong_signal_alone_opens_none() -> None:
    assert meeting("客户 | purchase_intent | 那先这么定", score=0.4).analysed().windows == ()


def test_a_window_without_a_proposal_stays_open_to_the_end() -> None:
    talk = meeting(WARM)
    analysis = talk.analysed()
    assert analysis.windows[0].outcome is WindowOutcome.OPEN
    assert analysis.windows[0].end == talk.conversation.duration
    assert analysis.verdict is Verdict.PROPOSE_NOW
    assert analysis.windows[0].advice.line in analysis.next_steps[0]


def test_a_proposal_takes_the_window() -> None:
    talk = meeting(WARM + "经理 | close_probe q_open | 那咱们谈谈具体怎么合作好吗")
    (window,) = talk.analysed().windows
    assert window.outcome is WindowOutcome.TAKEN
    assert window.end == talk.end_of("那咱们谈谈")
    assert window.proposal is not None
    assert window.seconds_to_proposal == pytest.approx(window.proposal.start - window.start)


def test_answering_the_question_before_proposing_is_no_miss() -> None:
    answering = WARM + "经理 | - | 我先把利率怎么定的跟您讲清楚\n停 | 90\n经理 | close_direct | 那咱们把申请填了吧"
    assert outcomes(answering) == [WindowOutcome.TAKEN]


def test_a_window_that_talk_about_other_things_follows_is_missed() -> None:
    talk = meeting(WARM + QUIET)
    (window,) = talk.analysed().windows
    assert window.outcome is WindowOutcome.MISSED
    assert window.end <= talk.end_of("那利率") + ClosingOptions().stale + ClosingOptions().tick
    assert talk.analysed().verdict is Verdict.MISSED


def test_a_proposal_shortly_after_the_window_fell_still_takes_it() -> None:
    late = WARM + "停 | 160\n经理 | close_probe | 那咱们谈谈具体怎么合作好吗"
    options = ClosingOptions(half_life=300.0, stale=120.0, grace=90.0)
    assert [w.outcome for w in meeting(late).analysed(options).windows] == [WindowOutcome.TAKEN]
    strict = ClosingOptions(half_life=300.0, stale=120.0, grace=5.0)
    assert [w.outcome for w in meeting(late).analysed(strict).windows] == [WindowOutcome.MISSED]


def test_an_unanswered_objection_ends_the_window_where_it_was_raised() -> None:
    talk = meeting(
        WARM + "客户 | contract_terms | 合同发来看看\n客户 | objection | 算了我再比较比较\n经理 | - | 好的您忙"
    )
    analysis = talk.analysed()
    (window,) = analysis.windows
    assert window.outcome is WindowOutcome.MISSED
    assert window.end == talk.end_of("算了我再比较")
    assert analysis.verdict is Verdict.MISSED
    assert "算了我再比较比较" in analysis.reason


def test_an_objection_that_is_answered_does_not_end_the_window() -> None:
    answered = """
    客户 | objection | 就怕换过来太折腾
    经理 | evidence | 园区里做阀门的那家换过来，财务只花了一个下午
    客户 | interest | 一个下午？那倒不折腾
    """
    assert outcomes(WARM + answered) == [WindowOutcome.OPEN]


def test_a_stepwise_proposal_right_after_an_objection_takes_the_window() -> None:
    gentle = WARM + "客户 | objection | 就怕换过来太折腾\n经理 | {} | 那咱们先拿一个账户试一试"
    assert outcomes(gentle.format("close_stepwise")) == [WindowOutcome.TAKEN]
    pushed = meeting(gentle.format("close_direct")).analysed()
    assert [w.outcome for w in pushed.windows] == [WindowOutcome.MISSED]
    assert [p.proposal.label for p in pushed.premature] == ["close_direct"]


def test_who_said_that_he_buys_is_not_lost_by_an_objection_to_something_else() -> None:
    bought = WARM + "客户 | purchase_intent | 那就先办这笔\n客户 | objection | 保险那个就别跟我提了"
    assert outcomes(bought) == [WindowOutcome.OPEN]


def test_a_proposal_to_a_cold_customer_is_premature() -> None:
    analysis = meeting("客户 | - | 你先说说看\n经理 | close_direct | 那咱们今天就签了吧").analysed()
    assert [(p.proposal.label, p.readiness) for p in analysis.premature] == [("close_direct", 0.0)]
    assert analysis.windows == ()


def test_probing_at_first_signals_is_not_premature() -> None:
    lines = "客户 | interest rate_cut | 有意思，利率能低点吗\n停 | 120\n经理 | close_probe | 您看咱们可以谈谈合作吗"
    assert meeting(lines, score=0.5).analysed().premature == ()


def test_a_customer_who_takes_an_early_proposal_was_ready() -> None:
    talk = meeting("客户 | - | 你好\n经理 | close_direct | 那今天就办了吧\n客户 | purchase_intent | 行，现在就办")
    analysis = talk.analysed()
    assert analysis.verdict is Verdict.TAKEN
    assert [w.outcome for w in analysis.windows] == [WindowOutcome.TAKEN]
    assert analysis.premature == ()


def test_the_customer_s_yes_after_the_proposal_opens_no_new_window() -> None:
    agreed = """
    经理 | close_direct q_closed | 那咱们把申请填了，您看行吗
    客户 | purchase_intent | 行，表拿来我填
    经理 | - | 好，这里写金额
    客户 | purchase_intent | 明天你早点来，合同我备好
    """
    assert outcomes(WARM + agreed) == [WindowOutcome.TAKEN]


def test_follow_up_proposals_are_neither_windows_nor_premature() -> None:
    twice = WARM + "经理 | close_summarise | 咱们对一遍\n客户 | - | 没意见\n经理 | close_direct | 那就签了吧"
    analysis = meeting(twice).analysed()
    assert len(analysis.windows) == 1
    assert analysis.premature == ()


def test_new_signals_long_after_a_proposal_open_a_new_window() -> None:
    later = "经理 | close_probe | 咱们谈谈合作好吗\n客户 | - | 再聊聊看\n停 | 600\n" + WARM
    assert outcomes(WARM + later) == [WindowOutcome.TAKEN, WindowOutcome.OPEN]


HOT = (
    WARM
    + """
客户 | plan_affirmation early_repayment | 这样安排可以，中间能先还一截吧
经理 | - | 可以的，规则写在这一页
客户 | bargaining usage_question | 手续费免了吧，开通以后怎么提款
经理 | - | 免得了的我去报，提款我演示给您看
"""
)


def test_signals_from_before_a_proposal_do_not_open_the_next_window() -> None:
    after = "经理 | close_probe | 咱们谈谈合作好吗\n客户 | - | 再聊聊看\n停 | 190\n客户 | {} | 那费用是怎么收的"
    assert outcomes(HOT + after.format("detail_fee")) == [WindowOutcome.TAKEN]
    assert outcomes(HOT + after.format("detail_fee interest")) == [WindowOutcome.TAKEN, WindowOutcome.OPEN]


def test_no_window_opens_while_an_objection_stands() -> None:
    refused = """
    经理 | close_direct | 那今天就把协议签了吧
    客户 | objection | 你先别急，换过来我心里没底
    经理 | - | 没事的
    客户 | rate_cut | 再说利率也高
    经理 | - | 可以谈
    客户 | rate_cut | 别家真的低
    """
    options = ClosingOptions(open_at=0.45)
    assert [w.outcome for w in meeting(HOT + refused).analysed(options).windows] == [WindowOutcome.TAKEN]
    moved_on = meeting(HOT + refused + "客户 | approval_time | 那多久能下来").analysed(options)
    assert [w.outcome for w in moved_on.windows] == [WindowOutcome.TAKEN, WindowOutcome.OPEN]


def test_a_window_missed_after_one_was_taken_makes_the_meeting_missed() -> None:
    later = "经理 | close_probe | 咱们谈谈合作好吗\n客户 | - | 再聊聊看\n停 | 600\n" + WARM + QUIET
    analysis = meeting(WARM + later).analysed()
    assert [w.outcome for w in analysis.windows] == [WindowOutcome.TAKEN, WindowOutcome.MISSED]
    assert analysis.verdict is Verdict.MISSED


def test_falls_that_last_only_seconds_do_not_split_a_window() -> None:
    dip = """
    客户 | objection | 这个有点麻烦
    客户 | objection | 担保我也不想签
    经理 | benefit | 担保这块可以换成应收账款，您家里人不用签
    客户 | plan_affirmation contract_terms | 那这个好，合同给我看看
    """
    talk = meeting(WARM + dip)
    lowest = min(p.value for p in talk.analysed().readiness if p.time > talk.end_of("那利率"))
    assert lowest < ClosingOptions().close_at
    assert outcomes(WARM + dip) == [WindowOutcome.OPEN]
