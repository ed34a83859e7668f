from __future__ import annotations

from itertools import pairwise

from closing_meetings import READY_AND_TAKEN
from closing_talk import catalogue, meeting

from signals.closing.stages import SHOWS


def stages(lines: str) -> list[int]:
    return [s.stage for s in meeting(lines).analysed().stages]


RISING = """
客户 | interest | 有意思你再讲讲
经理 | - | 好的我细说
客户 | product_question | 我们这种能不能做
经理 | - | 可以的
客户 | detail_rate detail_fee | 利率费用怎么算
经理 | - | 写给您
客户 | approval_time | 多久能下来
经理 | - | 按流程走
客户 | rate_cut bargaining | 再低一点，手续费也免了
经理 | - | 我去申请
客户 | plan_affirmation | 这个安排挺好
经理 | - | 谢谢
客户 | contract_terms purchase_intent | 合同发来，就这么定
"""


def test_a_customer_who_shows_nothing_stays_wary() -> None:
    assert stages("客户 | - | 你好\n经理 | - | 您好\n客户 | - | 嗯") == [1]


def test_the_mind_moves_forward_from_wary_to_decided() -> None:
    found = stages(RISING)
    assert found[0] == 1
    assert found[-1] == 7
    assert found == sorted(found)


def test_repeated_objections_throw_the_mind_back() -> None:
    cold = "客户 | objection | 算了我不放心\n经理 | - | 您别急\n" * 6
    found = stages("客户 | interest detail_rate rate_cut | 利率呢，能低点吗\n经理 | - | 可以谈\n" * 2 + cold)
    assert max(found) >= 3
    assert found[-1] == 1


def test_a_single_passing_signal_does_not_make_the_band_jump() -> None:
    assert stages(RISING + "经理 | - | 好\n客户 | product_question | 顺便问下还有别的吗")[-1] == 7


def test_satisfaction_comes_only_after_an_agreed_proposal() -> None:
    agreed = """
    经理 | close_direct | 那今天就把申请填了吧
    客户 | purchase_intent | 行，表拿来
    经理 | - | 好的，我这就给您
    客户 | plan_affirmation | 这事找你们办算是找对了
    经理 | - | 谢谢您
    客户 | purchase_intent plan_affirmation | 明天早点来一次办完，省心
    """
    assert 8 not in stages(RISING + "客户 | plan_affirmation purchase_intent | 不错，定了")
    assert stages(RISING + agreed)[-1] == 8


def test_spans_cover_the_meeting_without_gaps_or_equal_neighbours() -> None:
    talk = meeting(READY_AND_TAKEN)
    spans = talk.analysed().stages
    assert spans[0].start == 0.0
    assert spans[-1].end == talk.conversation.duration
    assert all(a.end == b.start and a.stage != b.stage for a, b in pairwise(spans))
    assert all(1 <= len(s.because) <= 3 for s in spans[1:])


def test_every_buying_signal_is_mapped_to_a_stage_of_the_catalogue() -> None:
    assert set(SHOWS) == set(catalogue().signal_ids)
    assert set(SHOWS.values()) <= {s.number for s in catalogue().stages}
