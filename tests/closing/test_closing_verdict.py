from __future__ import annotations

from closing_talk import Meeting, catalogue, meeting

from signals.closing import analyse
from signals.domain.closing import Verdict
from signals.domain.conversation import Conversation

WARM = """
客户 | approval_time | 材料给你多久能批下来
经理 | - | 材料齐了我把每一步几天列给您
客户 | rate_cut | 那利率还能不能往下走
经理 | - | 我回去如实申请
"""


def test_an_empty_transcript_is_not_yet_and_says_why() -> None:
    analysis = analyse(Conversation((), (), 0.0), (), catalogue())
    assert analysis.verdict is Verdict.NOT_YET
    assert "没有文字" in analysis.reason
    assert analysis.stages == ()


def test_unknown_roles_are_not_yet_and_say_why() -> None:
    analysis = meeting("某人 | rate_cut purchase_intent | 利率再低点就签\n某人 | - | 好的").analysed()
    assert analysis.verdict is Verdict.NOT_YET
    assert "没有识别出客户的发言" in analysis.reason
    assert analysis.windows == ()


def test_a_customer_without_any_signal_is_told_apart_from_no_customer() -> None:
    analysis = meeting("客户 | - | 今天天气不错\n经理 | - | 是啊").analysed()
    assert analysis.verdict is Verdict.NOT_YET
    assert "没有听到购买信号" in analysis.reason
    assert analysis.next_steps


def test_thin_evidence_says_what_was_heard_and_what_is_missing() -> None:
    analysis = meeting("客户 | detail_rate | 利率多少\n经理 | - | 看评级来定的").analysed()
    assert analysis.verdict is Verdict.NOT_YET
    assert "询问利率" in analysis.reason
    assert "没有到 60%" in analysis.reason
    assert "利率多少" in analysis.next_steps[0]


def test_a_proposal_that_was_turned_down_is_not_yet() -> None:
    refused = WARM + "经理 | close_direct | 那今天就签了吧\n客户 | objection | 你先别急，我得跟几个股东商量商量"
    analysis = meeting(refused).analysed()
    assert analysis.verdict is Verdict.NOT_YET
    assert "我得跟几个股东商量商量" in analysis.reason
    assert "商量" in analysis.next_steps[0]


def test_a_proposal_without_a_clear_answer_is_to_be_followed_up() -> None:
    analysis = meeting(WARM + "经理 | close_probe | 咱们谈谈具体怎么合作好吗\n客户 | - | 今天先这样").analysed()
    assert analysis.verdict is Verdict.TAKEN
    assert "没有明确答复" in analysis.reason
    assert "咱们谈谈具体怎么合作好吗" in analysis.next_steps[0]


def test_questions_the_manager_left_open_are_to_be_answered() -> None:
    analysis = meeting(WARM + "客户 | early_repayment | 中间有钱了能先还一截吗\n经理 | - | 这个回头再说").analysed()
    (window,) = analysis.windows
    assert any("先还一截" in p for p in window.advice.preconditions)
    assert any(step.startswith("补答") and "先还一截" in step for step in analysis.next_steps)


def test_a_question_at_the_very_end_is_open_and_an_answered_one_is_not() -> None:
    talk = meeting(WARM + "客户 | detail_fee | 评估费谁出")
    (window,) = talk.analysed().windows
    assert [("评估费" in p) for p in window.advice.preconditions] == [True]


def test_a_bare_answer_answers_nothing() -> None:
    (window,) = meeting(WARM + "客户 | detail_fee | 评估费谁出\n经理 | - | 嗯嗯。").analysed().windows
    assert any("评估费" in p for p in window.advice.preconditions)


def test_an_open_objection_is_a_precondition() -> None:
    bought = WARM + "客户 | purchase_intent | 那就先办这笔\n客户 | objection | 保险那个就别跟我提了"
    (window,) = meeting(bought).analysed().windows
    assert any("保险那个就别跟我提了" in p for p in window.advice.preconditions)


def test_hits_of_turns_that_are_not_there_change_nothing() -> None:
    talk = meeting(WARM)
    extra = meeting(WARM + WARM)
    assert Meeting(talk.conversation, extra.hits).analysed() == talk.analysed()


def test_a_hit_without_a_quote_is_named_by_its_label() -> None:
    talk = meeting(WARM)
    bare = tuple(type(h)(h.turn, h.label, h.score, h.threshold, h.start, h.end, "") for h in talk.hits)
    analysis = Meeting(talk.conversation, bare).analysed()
    assert "降息优惠" in analysis.reason
    assert "“”" not in analysis.reason + "".join(analysis.next_steps)
