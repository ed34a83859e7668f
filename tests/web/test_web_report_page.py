"""The report page in a browser: reading, playing, correcting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from page_rig import WIDTHS, Site, Visit, launch, recorded, running, written
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

pytestmark = pytest.mark.browser
RATE, TERMS, SON = "01:29", "02:05", "02:18"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running_browser = launch(playwright)
        yield running_browser
        running_browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site")) as service:
        yield service


@pytest.fixture(scope="module")
def logged_in(browser: Browser, site: Site) -> Any:
    """wang's cookie."""
    context = browser.new_context()
    visit = Visit(context, context.new_page(), site.address)
    visit.login()
    state = context.storage_state()
    context.close()
    return state


Come = Callable[..., Visit]


@pytest.fixture
def come(browser: Browser, site: Site, logged_in: Any) -> Iterator[Come]:
    """Somebody comes with a browser of some width; at the end nothing may have failed or left for another host."""
    visits: list[Visit] = []

    def one(width: int = 1280) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, locale="zh-CN", storage_state=logged_in, reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        visits.append(Visit(context, context.new_page(), site.address))
        return visits[-1]

    yield one
    for visit in visits:
        assert visit.faults == []
        assert visit.elsewhere() == []
        visit.context.close()


@pytest.fixture
def heard(site: Site) -> str:
    """The demo meeting with its sound, without corrections."""
    return site.add(recorded(), "演示会谈", heard=True)


@pytest.fixture
def read(site: Site, tmp_path: Path) -> str:
    """The same words as an uploaded transcript."""
    return site.add(written(tmp_path), "会谈纪要", heard=False)


def turn_with(page: Page, words: str) -> Locator:
    return page.locator(".turn", has_text=words).first


def said(page: Page) -> Locator:
    """What the page says after a correction."""
    return page.locator("#toasts p").last


def fits(page: Page, width: int) -> bool:
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_five_lines_come_first_and_nothing_scrolls_sideways(come: Come, heard: str, width: int) -> None:
    page = come(width).report(heard)
    expect(page.locator("#summary h2")).to_contain_text("错过了成交时机")
    expect(page.locator("#summary .reason")).to_contain_text("客户")
    expect(page.locator("#summary blockquote")).not_to_be_empty()
    expect(page.locator("#summary .quotes li")).to_have_count(3)
    expect(page.locator("#summary .steps li").first).to_contain_text("回访")
    assert page.evaluate("document.querySelector('#summary').getBoundingClientRect().top") < 400
    for tab in ("信号", "谈话", "修改"):
        page.get_by_role("tab", name=tab).click()
        assert fits(page, width)


def test_judged_and_measured_are_told_apart(come: Come, heard: str) -> None:
    page = come().report(heard)
    expect(page.locator("#summary h2 .badge.judged")).to_have_text("判断")
    page.get_by_role("tab", name="谈话").click()
    expect(page.locator("#panel-talk .badge.measured")).to_have_text("实测")


def test_sound_signals_windows_readiness_and_stages_share_one_time_axis(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.locator("#chart").scroll_into_view_if_needed()
    parts = page.evaluate(
        """() => {
          const root = document.querySelector('#wave > div').shadowRoot;
          const count = (kind) => root.querySelectorAll(`[part~=${kind}]`).length;
          const chart = echarts.getInstanceByDom(document.getElementById('chart'));
          const box = document.getElementById('wave').getBoundingClientRect();
          const left = document.getElementById('chart').getBoundingClientRect().left;
          return {manager: count('manager'), customer: count('customer'), signal: count('signal'), window: count('window'),
                  ends: [0, 100].map((t) => chart.convertToPixel({xAxisIndex: 0}, t) + left),
                  wave: [0, 100].map((t) => box.left + box.width * t / document.getElementById('seek').max)};
        }"""
    )
    assert parts["manager"] > 5
    assert parts["customer"] > 5
    assert parts["signal"] >= 9
    assert parts["window"] >= 1
    assert parts["ends"] == pytest.approx(parts["wave"], abs=2)
    box = page.locator("#chart").bounding_box()
    assert box is not None
    page.mouse.click(parts["ends"][1], box["y"] + 60)
    visit.until("document.getElementById('audio').currentTime > 90")
    assert visit.position() == pytest.approx(100, abs=1.5)
    box = page.locator("#wave").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 40)
    visit.until("document.getElementById('audio').currentTime < 60")
    assert visit.position() == pytest.approx(50, abs=1.5)


def test_a_click_plays_the_moment_and_the_transcript_goes_along(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.locator("#summary .quotes .play").first.click()
    visit.until("!document.getElementById('audio').paused")
    at = visit.position()
    visit.until(f"document.getElementById('audio').currentTime > {at + 0.3}")
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    expect(page.locator(".turn.now")).to_have_count(1)
    expect(page.locator("#caption")).to_contain_text("准备度")


def test_the_transcript_scrolls_to_what_is_being_said(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.locator("#turns").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('transcript').scrollIntoView()")
    page.get_by_role("slider", name="播放位置").fill("190")
    page.get_by_role("button", name="播放", exact=True).click()
    visit.until("document.querySelector('.turn.now')?.getBoundingClientRect().top < innerHeight")
    visit.until("document.querySelector('.turn.now').getBoundingClientRect().top > 0")
    assert int(page.locator(".turn.now").get_attribute("data-turn") or 0) > 30


def test_a_click_on_a_word_goes_to_its_time(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    said_there = turn_with(page, "提前").locator(".said")
    start, end, left, top = said_there.evaluate(
        """(e) => {
          const index = Number(e.closest('.turn').dataset.turn);
          e.scrollIntoView({block: 'center'});
          const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT); walker.nextNode();
          const range = document.createRange(); range.setStart(walker.currentNode, 2); range.setEnd(walker.currentNode, 3);
          const box = range.getBoundingClientRect();
          return [index, 0, box.left + box.width / 3, box.top + box.height / 2];
        }"""
    )
    page.mouse.click(left, top)
    view = page.evaluate(f"fetch(location.pathname.replace('/meetings', '/api/v1/meetings') + '/view').then(r => r.json())")
    word = view["report"]["turns"][start]["words"][2]
    assert visit.position() == pytest.approx(word["start"], abs=0.05), end


def test_the_keyboard_does_everything_that_reading_needs(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.keyboard.press("n")
    first = visit.position()
    expect(page.locator(".turn.flash .hit.behaviour, .turn.flash .hit.verbal").first).to_be_visible()
    page.keyboard.press("n")
    assert visit.position() > first
    page.keyboard.press("p")
    assert visit.position() == pytest.approx(first, abs=0.1)
    page.keyboard.press("ArrowRight")
    assert visit.position() == pytest.approx(first + 5, abs=0.2)
    page.keyboard.press("ArrowLeft")
    assert visit.position() == pytest.approx(first, abs=0.2)
    before = page.locator(".turn.now").get_attribute("data-turn")
    page.keyboard.press("ArrowDown")
    assert page.locator(".turn.now").get_attribute("data-turn") == str(int(before or 0) + 1)
    page.keyboard.press("Space")
    visit.until("!document.getElementById('audio').paused")
    page.keyboard.press("Space")
    visit.until("document.getElementById('audio').paused")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘操作")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("在记录里查找")).to_be_focused()


def test_letters_typed_into_a_field_are_no_commands(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.get_by_label("在记录里查找").fill("")
    page.keyboard.type("npe? ")
    assert visit.position() == 0
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.getElementById('audio').paused")


def test_search_counts_what_it_finds_and_goes_through_it(come: Come, heard: str) -> None:
    page = come().report(heard)
    field = page.get_by_label("在记录里查找")
    field.fill("我们")
    wanted = page.evaluate("[...document.querySelectorAll('.said')].map(e => e.textContent.split('我们').length - 1).reduce((a, b) => a + b)")
    assert wanted > 1
    expect(page.locator("#found")).to_have_text(f"1 / {wanted}")
    field.press("Enter")
    expect(page.locator("#found")).to_have_text(f"2 / {wanted}")
    field.press("Shift+Enter")
    expect(page.locator("#found")).to_have_text(f"1 / {wanted}")
    assert page.evaluate("CSS.highlights.get('found').size") == wanted
    field.fill("没有人说过的话")
    expect(page.locator("#found")).to_have_text("没有找到")


def test_only_turns_with_signals_can_be_shown(come: Come, heard: str) -> None:
    page = come().report(heard)
    whole = page.locator(".turn:visible").count()
    page.get_by_label("只看有信号的").check()
    few = page.locator(".turn:visible").count()
    assert 0 < few < whole / 2
    page.get_by_label("只看有信号的").uncheck()
    expect(page.locator(".turn:visible")).to_have_count(whole)


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


@pytest.mark.parametrize("width", WIDTHS)
def test_a_transcript_without_sound_is_read_and_corrected_too(come: Come, read: str, width: int) -> None:
    page = come(width).report(read)
    assert fits(page, width)
    expect(page.get_by_role("button", name="播放", exact=True)).to_be_hidden()
    expect(page.locator("#summary h2")).not_to_be_empty()
    expect(page.locator("#axis-hint .badge.estimated")).to_have_text("估算")
    page.keyboard.press("n")
    expect(page.locator(".turn.now .hit.behaviour, .turn.now .hit.verbal").first).to_be_in_viewport()
    before = page.locator(".turn.now").get_attribute("id")
    page.keyboard.press("n")
    assert page.locator(".turn.now").get_attribute("id") != before
    page.locator("#summary .quotes .play").first.click()
    expect(page.locator(".turn.now .said")).to_be_in_viewport()
    page.locator(".hit.verbal").first.get_by_role("button", name="确认").click()
    expect(said(page)).to_contain_text("已确认")
    page.keyboard.press("o")
    page.get_by_role("button", name="开朗一笑").click()
    expect(page.locator(".hit.observed")).to_contain_text("开朗一笑")


def test_every_format_can_be_downloaded(come: Come, heard: str) -> None:
    page = come().report(heard)
    for name, ending in (("Word", "docx"), ("Excel", "xlsx"), ("Markdown", "md"), ("JSON", "json"), ("SRT", "srt"), ("网页", "html")):
        page.locator("#downloads summary").click()
        with page.expect_download() as download:
            page.locator("#downloads").get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"演示会谈.{ending}"
        assert Path(download.value.path()).stat().st_size > 500


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
