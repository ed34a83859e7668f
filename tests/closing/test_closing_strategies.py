from __future__ import annotations

import re

import pytest
from closing_talk import catalogue, meeting

from signals.domain.catalogue import Strategy
from signals.domain.closing import StrategyAdvice

TALKED_THROUGH = """
客户 | detail_rate | 利率大概在什么水平呢
经理 | - | 跟着评级走，我写给您看
客户 | approval_time | 从交材料到用上钱要多少时间呢
经理 | - | 我把每一步几天列给您看
客户 | early_repayment | 中间回款了想先还掉一部分可以的吧
经理 | - | 可以的，规则在这一页上
客户 | plan_affirmation | 你们这个方案考虑得还是比较周到的
经理 | - | 谢谢您的认可
"""


def advice(lines: str) -> StrategyAdvice:
    return meeting(lines).analysed().windows[-1].advice


def test_first_signals_are_probed() -> None:
    lines = "客户 | rate_cut | 利率上头还能不能再商量商量呢\n经理 | - | 我回去如实申请\n客户 | bargaining | 那担保这一块你们也得松一松吧"
    assert advice(lines).strategy == "probe"


def test_several_points_talked_through_are_summed_up_and_named() -> None:
    found = advice(TALKED_THROUGH)
    assert found.strategy == "summarise"
    assert "审批时间、提前还款和利率" in found.reason
    assert "我把提前还款和利率从头对一遍" in found.line  # the line itself speaks of the approval
    assert "你们这个方案考虑得还是比较周到的" in found.reason


def test_a_shown_wish_to_buy_is_asked_directly() -> None:
    found = advice(TALKED_THROUGH + "客户 | purchase_intent | 那就定了，要哪些材料你现在就写给我")
    assert found.strategy == "direct"
    assert "那就定了，要哪些材料你现在就写给我" in found.reason
    assert found.preconditions == ()


def test_doubt_about_switching_is_met_step_by_step() -> None:
    doubt = """
    客户 | objection | 我们跟老银行打了十来年交道，一下子换过来心里没底
    经理 | evidence | 园区里做阀门的那家也是先试了一个账户
    客户 | interest | 一个账户倒是可以想想
    """
    found = advice(TALKED_THROUGH + doubt)
    assert found.strategy == "stepwise"
    assert "心里没底" in found.reason


def test_a_group_that_wants_to_try_first_is_met_step_by_step() -> None:
    group = "客户 | interest | 我们下面还有几家子公司，先拿一家试试看再说别的"
    assert advice(TALKED_THROUGH + group).strategy in ("stepwise", "summarise")
    upward = "\n客户 | materials_review | 资料给我一份，这个我做不了主，要跟董事长汇报"
    found = advice(TALKED_THROUGH + group + upward)
    assert found.strategy == "stepwise"
    assert "子公司" in found.reason


def test_a_customer_who_cannot_decide_alone_is_not_pushed() -> None:
    alone = TALKED_THROUGH + "客户 | purchase_intent | 那材料我们开始准备起来，"
    assert advice(alone + "这个我说了算").strategy == "direct"
    assert advice(alone + "不过要先上会，我做不了主").strategy != "direct"


@pytest.mark.parametrize("label", ["approval_time", "rate_cut", "contract_terms", "usage_question", "materials_review"])
def test_the_line_takes_up_what_the_customer_asked_last(label: str) -> None:
    found = advice(TALKED_THROUGH + f"停 | 100\n客户 | {label} | 那还有这一点你怎么说呢我想听听")
    entry = next(s for s in catalogue().strategies if s.id == found.strategy)
    before, _, after = entry.lines[label].partition("{topics}")
    assert found.line.startswith(before)
    assert found.line.endswith(after)


@pytest.mark.parametrize("strategy", ["probe", "summarise", "direct", "stepwise"])
def test_every_strategy_has_a_line_for_every_signal(strategy: str) -> None:
    entry = next(s for s in catalogue().strategies if s.id == strategy)
    assert set(entry.lines) == {"default", *catalogue().signal_ids}
    assert len(set(entry.lines.values())) == len(entry.lines)


@pytest.mark.parametrize("line", [line for s in catalogue().strategies for line in s.lines.values()])
def test_lines_are_polite_and_promise_no_figure_date_or_certainty(line: str) -> None:
    assert "您" in line or "我们可以" in line
    assert line[-1] in "？。！"
    assert not re.search(r"[0-9]|[一二三四五六七八九十百千万两]+(天|个月|个工作日|年|个点|%|万|成)|百分之", line)
    assert not re.search(r"周[一二三四五六日]|明天|后天|下周|月底|保证|一定能|肯定|绝对|包在我", line)
    assert set(re.findall(r"\{[^}]*\}", line)) <= {"{topics}"}


@pytest.mark.parametrize("strategy", catalogue().strategies, ids=lambda s: str(s.id))
def test_summing_up_names_the_points_and_the_others_need_none(strategy: Strategy) -> None:
    named = {"{topics}" in line for line in strategy.lines.values()}
    assert named == {strategy.id == "summarise"}
