"""The page in a real browser, opened from a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from report_example import ALL, catalogue, example_report, tone

from signals.domain.report import Report
from signals.report import AudioSource, HtmlReport

pytestmark = pytest.mark.browser

LINKED, EMBEDDED, NONE = "linked", "embedded", "none"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "Chromium is missing: run scripts/ensure_browser.sh"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=flags)
        yield running
        running.close()


@dataclass
class Opened:
    page: Page
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def position(self) -> float:
        return float(self.page.evaluate("document.getElementById('audio').currentTime"))

    def shown(self) -> Locator:
        return self.page.locator(".turn:visible")


Open = Callable[..., Opened]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report and, when the test is over, checks that nothing failed, left the file or did harm."""
    pages: list[Opened] = []

    def opened(report: Report | None = None, sound: str = EMBEDDED, width: int = 1280, *, dark: bool = False) -> Opened:
        report = report or example_report()
        path = tmp_path / "out" / "report.html"
        path.parent.mkdir(exist_ok=True)
        HtmlReport(catalogue(), _source(sound, report, tmp_path, path.parent)).write(report, path)
        one = Opened(
            browser.new_page(viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light")
        )
        pages.append(one)
        one.page.on("console", lambda m: one.faults.append(m.text) if m.type in ("error", "warning") else None)
        one.page.on("pageerror", lambda e: one.faults.append(str(e)))
        one.page.on("request", lambda r: one.requests.append(r.url))
        one.page.goto(path.as_uri())
        if sound != NONE:
            one.page.wait_for_function("() => document.getElementById('audio').readyState >= 1")
        return one

    yield opened
    for one in pages:
        assert one.faults == []
        assert {r.split(":")[0] for r in one.requests} <= {"file", "data"}
        assert one.page.evaluate("window.harmed") is None
        one.page.close()


def _source(sound: str, report: Report, folder: Path, beside: Path) -> AudioSource | None:
    wave = tone(max(1.0, report.conversation.duration))
    if sound == EMBEDDED:
        return AudioSource.embedded(wave, "audio/wav")
    if sound == LINKED:
        path = folder / "会谈 #1.wav"
        path.write_bytes(wave)
        return AudioSource.linked(path, beside)
    return None


def start_of(label: str) -> float:
    return next(h.start for h in example_report().hits if h.label == label)


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_every_report_opens_from_a_file_and_never_scrolls_sideways(
    show: Open, make: Callable[[], Report], width: int
) -> None:
    opened = show(make(), NONE if width == 320 else EMBEDDED, width)
    expect(opened.page.locator("#summary")).to_be_visible()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("sound", [EMBEDDED, LINKED])
def test_a_click_on_a_signal_plays_it_with_two_seconds_of_lead_in(show: Open, sound: str) -> None:
    opened = show(sound=sound)
    opened.page.locator("#signals tr", has_text="协议条款").locator("button.play").click()
    opened.page.wait_for_function("() => !document.getElementById('audio').paused")
    start = start_of("contract_terms")
    assert start - 2.05 <= opened.position() <= start
    expect(opened.page.locator("#toggle")).to_have_attribute("aria-label", "暂停")


def test_the_sound_runs_on_and_the_transcript_follows(show: Open) -> None:
    opened = show()
    opened.page.locator("#signals tr", has_text="协议条款").locator("button.play").click()
    at = opened.position()
    opened.page.wait_for_function(f"() => document.getElementById('audio').currentTime > {at + 0.2}")
    current = opened.page.locator(".turn.now")
    expect(current).to_have_count(1)
    expect(current).to_be_visible()
    box, panel = current.bounding_box(), opened.page.locator("#turns").bounding_box()
    assert box is not None
    assert panel is not None
    assert panel["y"] <= box["y"] <= panel["y"] + panel["height"]


def test_a_click_on_a_turn_plays_it_from_its_start(show: Open) -> None:
    opened = show()
    turn = example_report().conversation.turns[4]
    opened.page.locator("#turn-4 .text").click()
    assert abs(opened.position() - turn.start) < 0.5
    expect(opened.page.locator("#turn-4")).to_have_attribute("aria-current", "true")


def test_a_click_anywhere_on_the_timeline_seeks_there(show: Open) -> None:
    opened = show()
    box = opened.page.locator("#timeline").bounding_box()
    assert box is not None
    opened.page.locator("#timeline").click(position={"x": box["width"] * 0.6, "y": box["height"] - 8})
    assert abs(opened.position() - example_report().conversation.duration * 0.6) < 1.5
    expect(opened.page.locator("#playhead")).to_have_attribute("visibility", "visible")


def test_a_mark_of_the_timeline_plays_its_moment_from_the_keyboard_too(show: Open) -> None:
    opened = show()
    mark = opened.page.locator("#timeline .mark a", has_text="提前还款").first
    mark.focus()
    opened.page.keyboard.press("Enter")
    assert abs(opened.position() - (start_of("early_repayment") - 2)) < 0.5
    expect(opened.page.locator("#picked")).to_contain_text("提前还行不行")


def test_n_and_p_go_through_the_signals(show: Open) -> None:
    opened = show()
    seen = []
    for key in ("n", "n", "n", "p"):
        opened.page.keyboard.press(key)
        seen.append(opened.page.locator(".turn.chosen").get_attribute("id"))
    assert seen == ["turn-9", "turn-11", "turn-13", "turn-11"]
    turn = next(h for h in example_report().hits if h.turn == 11)
    assert abs(opened.position() - (turn.start - 2)) < 0.6


def test_after_a_seek_n_goes_on_from_there(show: Open) -> None:
    opened = show()
    opened.page.keyboard.press("n")
    opened.page.locator("#turn-27 .text").evaluate("e => e.click()")
    opened.page.keyboard.press("n")
    assert opened.page.locator(".turn.chosen").get_attribute("id") == "turn-28"
    opened.page.locator("#turn-27 .text").evaluate("e => e.click()")
    opened.page.keyboard.press("p")
    assert opened.page.locator(".turn.chosen").get_attribute("id") == "turn-22"


def test_without_sound_n_and_p_still_lead_through_the_transcript(show: Open) -> None:
    opened = show(sound=NONE)
    for key in ("n", "n", "p"):
        opened.page.keyboard.press(key)
    expect(opened.page.locator("#turn-9")).to_be_in_viewport()
    expect(opened.page.locator("#player")).to_have_count(0)


def test_space_plays_and_pauses_but_types_in_the_search_box(show: Open) -> None:
    opened = show()
    opened.page.keyboard.press("Space")
    opened.page.wait_for_function("() => !document.getElementById('audio').paused")
    opened.page.keyboard.press("Space")
    opened.page.wait_for_function("() => document.getElementById('audio').paused")
    opened.page.locator("#search").press_sequentially("n p")
    assert opened.page.input_value("#search") == "n p"
    assert opened.page.evaluate("document.getElementById('audio').paused")


def test_searching_leaves_the_turns_that_hold_the_words(show: Open) -> None:
    opened = show()
    opened.page.fill("#search", "工作日")
    expect(opened.shown()).to_have_count(1)
    expect(opened.page.locator("#found")).to_have_text("1 段")
    opened.page.fill("#search", "没有人说过的话")
    expect(opened.page.locator("#found")).to_have_text("没有找到")
    opened.page.locator("#search").press("Escape")
    expect(opened.shown()).to_have_count(40)


def test_only_signals_leaves_the_turns_with_signals(show: Open) -> None:
    opened = show()
    opened.page.check("#only")
    signals = {h.turn for h in example_report().hits if catalogue().label(h.label).is_signal}
    expect(opened.shown()).to_have_count(len(signals))
    opened.page.fill("#search", "合同")
    expect(opened.shown()).to_have_count(1)


def test_speed_and_slider_work(show: Open) -> None:
    opened = show()
    opened.page.select_option("#rate", "1.5")
    assert opened.page.evaluate("document.getElementById('audio').playbackRate") == 1.5
    opened.page.locator("#seek").evaluate("e => { e.value = 60; e.dispatchEvent(new Event('input')); }")
    assert abs(opened.position() - 60) < 0.5


def test_a_recording_that_was_moved_away_is_told_in_words(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    HtmlReport(catalogue(), AudioSource.linked(tmp_path / "gone.wav", tmp_path)).write(example_report(), path)
    page = browser.new_page()
    page.goto(path.as_uri())
    expect(page.locator("#fault")).to_be_visible()
    expect(page.locator("#fault")).to_contain_text("打不开录音")
    page.close()


def test_injected_strings_are_shown_and_do_not_run(show: Open) -> None:
    opened = show()
    expect(opened.page.locator("h1")).to_contain_text("<script>window.harmed=1</script>")
    opened.page.wait_for_timeout(100)
    assert opened.page.evaluate("window.harmed") is None


def test_the_policy_stops_a_script_that_got_in(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    page_text = HtmlReport(catalogue()).render(example_report())
    path.write_text(page_text.replace("<main", "<script>window.harmed=1</script><main", 1), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("window.harmed") is None
    page.close()


def test_labels_of_the_timeline_do_not_run_into_each_other(show: Open) -> None:
    for width in (1280, 390):
        page = show(width=width).page
        overlapping = page.evaluate(
            """() => {
              const boxes = [...document.querySelectorAll('#timeline text')]
                .filter((e) => getComputedStyle(e).display !== 'none')
                .map((e) => [e.textContent, e.getBoundingClientRect()]);
              const meets = (a, b) => a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom;
              return boxes.flatMap(([s, a], i) => boxes.slice(i + 1).filter(([, b]) => meets(a, b)).map(([t]) => `${s} / ${t}`));
            }"""
        )
        assert overlapping == []


def test_text_is_never_tiny(show: Open) -> None:
    page = show(width=390).page
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('body *')]
          .filter((e) => e.childNodes.length && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.closest('[aria-hidden]') === null)
          .filter((e) => e.getClientRects().length)
          .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""
    )
    assert smallest >= 12


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(show: Open, dark: bool) -> None:
    """Contrast of at least 4.5 : 1 (WCAG 2.2, AA) for all text whose ground is a plain colour."""
    page = show(dark=dark).page
    assert page.evaluate(_CONTRAST) == []


_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const c = rgba(getComputedStyle(at).backgroundColor);
      if (c[3] > 250) return c;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg, script, option') || !e.getClientRects().length) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    let opacity = 1;
    for (let at = e; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const back = ground(e);
    const front = rgba(style.color).map((v, i) => v * opacity + back[i] * (1 - opacity));
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)} ${e.textContent.slice(0, 12)}`);
  }
  return [...new Set(bad)].slice(0, 12);
}"""
