"""The report page in a browser: what is wrong is put right in place."""

from __future__ import annotations

import re

import pytest
from page_rig import WIDTHS, Come, said, turn_with
from playwright.sync_api import expect

pytest_plugins = ["page_fixtures"]
pytestmark = pytest.mark.browser


def test_a_rejected_signal_changes_the_judgement_at_once_and_comes_back(come: Come, heard: str) -> None:
    page = come().report(heard)
    reason = page.locator("#summary .reason").inner_text()
    chip = page.locator('[data-hit$=":contract_terms:"]').first
    chip.get_by_role("button", name="不是这个信号：协议条款").click()
    expect(said(page)).to_contain_text("已否定“协议条款”")
    expect(chip).to_have_class(re.compile("rejected"))
    expect(page.locator("#summary .reason")).not_to_have_text(reason)
    expect(page.locator("#summary .badge.corrected")).to_have_text("含 1 处人工修改")
    said(page).get_by_role("button", name="撤销").click()
    expect(page.locator("#summary .reason")).to_have_text(reason)
    expect(page.locator("#summary .badge.corrected")).to_have_count(0)


def test_a_signal_is_confirmed_changed_and_added_on_the_words_that_were_selected(come: Come, heard: str) -> None:
    page = come().report(heard)
    chip = page.locator('[data-hit$=":rate_cut:"]').first
    chip.get_by_role("button", name="确认：降息优惠").click()
    expect(chip).to_contain_text("已确认")
    turn = page.locator(".turn", has=chip)
    turn.get_by_role("button", name="改正").click()
    turn.get_by_label("“降息优惠”改为").select_option(label="询问利率")
    expect(turn.locator(".hit.changed")).to_contain_text("询问利率")
    expect(turn.locator(".hit.rejected")).to_contain_text("降息优惠")
    turn.get_by_role("button", name="完成").click()

    other = turn_with(page, "九月份")
    other.get_by_role("button", name="改正").click()
    other.locator(".said").evaluate(
        """(e) => { const r = document.createRange(); const n = document.createTreeWalker(e, NodeFilter.SHOW_TEXT).nextNode();
             r.setStart(n, 2); r.setEnd(n, 6); getSelection().removeAllRanges(); getSelection().addRange(r); }"""
    )
    words = other.locator(".said").inner_text()[2:6]
    expect(other.locator("#selected-words")).to_contain_text(words)
    other.get_by_label("添加信号或标签").select_option(label="审批时效")
    expect(other.locator(".hit.added")).to_contain_text("审批时效")
    expect(other.locator("mark")).to_have_text(words)


def test_words_and_the_speaker_of_a_turn_are_put_right_in_place(come: Come, heard: str) -> None:
    page = come().report(heard)
    index = turn_with(page, "喝的").get_attribute("data-turn")
    turn = page.locator(f"#turn-{index}")
    turn.get_by_role("button", name="改正").click()
    turn.get_by_label("说的是").fill("你们这个贷款能不能提前还，收不收违约金？")
    turn.get_by_role("button", name="保存文字").click()
    expect(turn.locator(".said")).to_have_text("你们这个贷款能不能提前还，收不收违约金？")
    expect(turn.locator(".hits")).to_contain_text("提前还款")
    turn.get_by_label("说话人").select_option(label="客户经理")
    expect(turn.locator(".who")).to_have_text("客户经理")
    expect(turn.locator(".hit.verbal")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".editor")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(turn.locator(".who")).to_have_text("客户")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_correction_leaves_the_reader_where_he_is(come: Come, heard: str, width: int) -> None:
    page = come(width).report(heard)
    place = """() => {
      const box = document.querySelector('[data-hit$=":rate_cut:"]').getBoundingClientRect();
      return [box.top, box.left];
    }"""
    page.locator('[data-hit$=":rate_cut:"]').first.evaluate("e => e.scrollIntoView({block: 'center'})")
    button = page.locator('[data-hit$=":rate_cut:"]').first.get_by_role("button", name="确认").bounding_box()
    assert button is not None
    before = page.evaluate(place)
    page.mouse.click(button["x"] + 8, button["y"] + 8)
    expect(said(page)).to_contain_text("已确认")
    assert page.evaluate(place) == pytest.approx(before, abs=40)


def test_words_that_are_being_typed_outlive_a_correction_made_elsewhere(come: Come, heard: str) -> None:
    page = come().report(heard)
    turn = page.locator("#turn-3")
    turn.get_by_role("button", name="改正").click()
    turn.get_by_label("说的是").fill("还没有打完")
    page.locator('[data-hit$=":rate_cut:"]').first.get_by_role("button", name="确认").click()
    expect(said(page)).to_contain_text("已确认")
    turn.locator(".hit").first.get_by_role("button", name="确认").click()
    expect(turn.locator(".hit.confirmed")).to_be_visible()
    expect(turn.get_by_label("说的是")).to_have_value("还没有打完")


def test_corrections_are_made_while_the_sound_plays_on(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.get_by_role("button", name="播放", exact=True).click()
    visit.until("document.getElementById('audio').currentTime > 0.2")
    page.locator(".hit.verbal .judge").first.click()
    expect(said(page)).to_contain_text("已确认")
    at = visit.position()
    visit.until(f"document.getElementById('audio').currentTime > {at + 0.2}")
    assert not page.evaluate("document.getElementById('audio').paused")


def test_speakers_are_renamed_swapped_merged_and_given_their_side(come: Come, heard: str) -> None:
    page = come().report(heard)
    first = page.locator(".turn").first.locator(".who")
    expect(first).to_have_text("客户经理")
    page.get_by_role("button", name="说话人", exact=True).click()
    dialog = page.get_by_role("dialog", name="说话人")
    dialog.get_by_role("region", name="客户", exact=True).get_by_label("称呼").fill("吴总")
    dialog.get_by_role("region", name="客户", exact=True).get_by_role("button", name="改名").click()
    expect(dialog.get_by_role("heading", name="吴总（客户）")).to_be_visible()
    dialog.get_by_role("button", name="互换").click()
    expect(first).to_have_text("吴总（客户）")
    dialog.get_by_role("region", name="吴总").get_by_label("客户经理", exact=True).check()
    expect(first).to_have_text("吴总（客户经理）")
    dialog.get_by_role("region", name="吴总").get_by_role("button", name="合并").click()
    expect(page.locator(".who.customer")).to_have_count(0)
    dialog.get_by_role("button", name="完成").click()
    page.get_by_role("tab", name="修改").click()
    history = page.get_by_role("tabpanel", name="修改")
    expect(history.locator("li")).to_have_count(4)
    expect(history.locator("li").first).to_contain_text("王经理")
    history.get_by_role("button", name="撤销").first.click()
    expect(history.locator("li").first).to_contain_text("已撤销")


def test_what_only_the_room_saw_is_logged_at_the_current_time(come: Come, heard: str) -> None:
    page = come().report(heard)
    page.get_by_role("slider", name="播放位置").fill("75")
    page.keyboard.press("o")
    form = page.get_by_role("form", name="补记现场看到的")
    expect(form.get_by_label("时间（分:秒）")).to_have_value("01:15")
    form.get_by_label("补充一句（可不填）").fill("看了财务一眼")
    form.get_by_role("button", name="频频点头").click()
    expect(said(page)).to_contain_text("已记下 01:15 频频点头")
    expect(page.locator(".hit.observed")).to_contain_text("频频点头")
    page.get_by_role("tab", name="信号").click()
    expect(page.locator("#panel-signals")).to_contain_text("看了财务一眼")
    form.get_by_label("时间（分:秒）").fill("99:99")
    form.get_by_role("button", name="再看资料").click()
    expect(said(page)).to_contain_text("时间请写成")
    for name in ("身体前倾", "微微兴奋", "开朗一笑", "再看资料"):
        expect(form.get_by_role("button", name=name)).to_be_visible()


def test_a_correction_that_was_undone_elsewhere_is_explained(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.locator('[data-hit$=":rate_cut:"]').first.get_by_role("button", name="确认").click()
    expect(said(page)).to_contain_text("已确认")
    page.evaluate(
        """() => fetch(location.pathname.replace('/meetings', '/api/v1/meetings') + '/corrections/undo', {method: 'POST', body: '{}',
             headers: {'Content-Type': 'application/json', 'X-CSRF-Token': document.body.dataset.csrf}})"""
    )
    said(page).get_by_role("button", name="撤销").click()
    expect(said(page)).to_contain_text("没有可以撤销的修改")
    visit.faults = [f for f in visit.faults if "409" not in f]


def test_the_meeting_is_described_anew(come: Come, heard: str) -> None:
    page = come().report(heard)
    page.get_by_role("button", name="改会谈信息").click()
    dialog = page.get_by_role("dialog", name="会谈信息")
    dialog.get_by_label("标题").fill("宏达制造二次会谈")
    dialog.get_by_label("日期").fill("2026-11-20")
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("宏达制造二次会谈")
    expect(page.locator("#facts")).to_contain_text("2026-11-20")


def test_who_may_not_correct_is_offered_nothing_to_correct(come: Come, heard: str) -> None:
    visit = come()

    def reading_only(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        view = answer.json()
        view["may"] |= {"correct": False, "change": False}
        route.fulfill(response=answer, json=view)  # type: ignore[attr-defined]

    visit.page.route("**/view", reading_only)
    page = visit.report(heard)
    for name in ("改正", "确认", "现场看到", "说话人", "改会谈信息"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.press("o")
    expect(page.locator(".editor")).to_have_count(0)
    expect(page.locator("#observe")).to_be_hidden()
