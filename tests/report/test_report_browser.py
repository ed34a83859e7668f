"""The page in a real browser, opened from a file."""

from __future__ import annotations

import io
import shutil
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from report_example import catalogue, example_report

from signals.report import AudioSource, HtmlReport

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "Chromium is missing: run scripts/ensure_browser.sh"
    with sync_playwright() as playwright:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--autoplay-policy=no-user-gesture-required",
        ]
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


def _silence(seconds: float) -> bytes:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(seconds * 8000) * 2))
    return sink.getvalue()


def _open(browser: Browser, folder: Path, width: int = 1280) -> Opened:
    report = example_report()
    path = folder / "report.html"
    audio = AudioSource.embedded(_silence(report.conversation.duration), "audio/wav")
    HtmlReport(catalogue(), audio).write(report, path)
    opened = Opened(browser.new_page(viewport={"width": width, "height": 800}))
    opened.page.on("console", lambda m: opened.faults.append(m.text) if m.type in ("error", "warning") else None)
    opened.page.on("pageerror", lambda e: opened.faults.append(str(e)))
    opened.page.on("request", lambda r: opened.requests.append(r.url))
    opened.page.goto(path.as_uri())
    opened.page.wait_for_function("document.getElementById('audio').readyState >= 1")
    return opened


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_from_a_file_without_faults_requests_or_sideways_scrolling(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    opened = _open(browser, tmp_path, width)
    assert opened.faults == []
    assert {r.split(":")[0] for r in opened.requests} <= {"file", "data"}
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate("window.harmed") is None


def test_a_click_on_a_quote_plays_its_moment_with_a_lead_in(browser: Browser, tmp_path: Path) -> None:
    opened = _open(browser, tmp_path)
    hit = next(h for h in example_report().hits if h.label == "contract_terms")
    opened.page.locator(".three p", has_text="法务").locator("button.play").click()
    assert hit.start - 2.1 <= opened.position() <= hit.start + 1


def test_a_click_on_the_timeline_seeks(browser: Browser, tmp_path: Path) -> None:
    opened = _open(browser, tmp_path)
    box = opened.page.locator("#timeline").bounding_box()
    assert box is not None
    opened.page.locator("#timeline").click(position={"x": box["width"] * 0.6, "y": box["height"] - 8})
    assert 15 < opened.position() < 35


def test_n_and_p_go_through_the_moments_that_matter(browser: Browser, tmp_path: Path) -> None:
    opened = _open(browser, tmp_path)
    seen = []
    for key in ("n", "n", "n", "p"):
        opened.page.keyboard.press(key)
        seen.append(opened.page.locator(".chosen").get_attribute("id"))
    assert seen == ["t1", "t3", "t5", "t3"]


def test_searching_leaves_the_turns_that_hold_the_words(browser: Browser, tmp_path: Path) -> None:
    opened = _open(browser, tmp_path)
    opened.page.fill("#search", "工作日")
    assert opened.page.locator(".turn:visible").count() == 1
    opened.page.fill("#search", "")
    opened.page.check("#only")
    assert opened.page.locator(".turn:visible").count() == 5
