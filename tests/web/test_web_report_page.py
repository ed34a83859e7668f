"""The report page in a browser: reading, playing, finding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from page_rig import WIDTHS, Come, Site, fits, said, stored, turn_with
from playwright.sync_api import expect
from report_example import ALL

from signals.domain.report import Report

pytest_plugins = ["page_fixtures"]
pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_odd_and_hostile_meetings_open_on_a_phone_and_do_no_harm(
    come: Come, site: Site, make: Callable[[], Report]
) -> None:
    report = make()
    page = come(390).report(site.add(stored(report), report.title[:60], heard=False))
    expect(page.locator("#summary h2")).not_to_be_empty()
    for tab in ("信号", "谈话", "修改", "成交时机"):
        page.get_by_role("tab", name=tab).click()
        assert fits(page, 390)
    page.locator("#making summary").click()
    page.keyboard.press("n")
    page.get_by_label("在记录里查找").fill("x")
    assert fits(page, 390)
    assert page.evaluate("window.harmed") is None


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


def test_zoomed_in_charts_and_waveform_still_show_the_same_stretch(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.get_by_role("slider", name="播放位置").fill("100")
    page.get_by_role("button", name="放大时间轴").click()
    page.get_by_role("button", name="放大时间轴").click()
    visit.until("document.querySelector('#wave > div').shadowRoot.querySelector('[part=scroll]').scrollLeft > 0")
    scrolled, whole, left, width, head, drawn = page.evaluate(
        """() => {
          const scroll = document.querySelector('#wave > div').shadowRoot.querySelector('[part=scroll]');
          const box = document.getElementById('wave').getBoundingClientRect();
          const chart = echarts.getInstanceByDom(document.getElementById('chart'));
          const left = document.getElementById('chart').getBoundingClientRect().left;
          return [scroll.scrollLeft, scroll.scrollWidth, box.left, box.width,
                  document.getElementById('playhead').getBoundingClientRect().left + 1,
                  chart.convertToPixel({xAxisIndex: 0}, 100) + left];
        }"""
    )
    duration = float(page.locator("#seek").get_attribute("max") or 0)
    assert whole == pytest.approx(4 * width, rel=0.02)
    assert head == pytest.approx(drawn, abs=2)
    assert left + 100 / duration * whole - scrolled == pytest.approx(drawn, abs=3)


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
    view = page.evaluate(
        "fetch(location.pathname.replace('/meetings', '/api/v1/meetings') + '/view').then(r => r.json())"
    )
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
    wanted = page.evaluate(
        "[...document.querySelectorAll('.said')].map(e => e.textContent.split('我们').length - 1).reduce((a, b) => a + b)"
    )
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
    for name, ending in (
        ("Word", "docx"),
        ("Excel", "xlsx"),
        ("Markdown", "md"),
        ("JSON", "json"),
        ("SRT", "srt"),
        ("网页", "html"),
    ):
        page.locator("#downloads summary").click()
        with page.expect_download() as download:
            page.locator("#downloads").get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"演示会谈.{ending}"
        assert Path(download.value.path()).stat().st_size > 500
