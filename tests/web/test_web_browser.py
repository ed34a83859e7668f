"""The manager's way in a real browser, at desktop and phone width."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_rig import Visitor, chromium, served
from jobs_rig import sound
from playwright.sync_api import Browser, FileChooser, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("service")) as address:
        yield address


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def visitor(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    page = browser.new_page(viewport={"width": request.param, "height": 844}, locale="zh-CN")
    page.set_default_timeout(60_000)
    yield Visitor(page, address)
    page.close()


def test_recordings_are_uploaded_watched_and_read(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    width = page.viewport_size["width"] if page.viewport_size else 0
    visitor.log_in("wang")
    good = sound(tmp_path / f"20261120_宏达制造_陈总_{width}.wav", seconds=8 + width // 390)
    bad = tmp_path / "坏.mp3"
    bad.write_bytes(b"\0\1\2" * 300)
    page.set_input_files("#files", [good, bad])
    expect(page.locator(".file")).to_have_count(2)
    expect(page.locator(".file [name=client]").first).to_have_value("宏达制造")
    expect(page.locator(".file [name=met_on]").first).to_have_value("2026-11-20")
    page.locator(".file [name=title]").first.fill(f"首次拜访 {width}")
    visitor.check_accessible()
    page.click("#send")
    expect(page.locator(".file.refused .result")).to_contain_text("不是能识别的录音")
    row = page.locator(".meeting", has_text=f"首次拜访 {width}")
    expect(row.get_by_role("link", name=f"首次拜访 {width}")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("分析完成")
    visitor.check_accessible()
    visitor.check_fits()
    visitor.faults[:] = [f for f in visitor.faults if "400" not in f]  # the refused file
    row.get_by_role("link").click()
    expect(page).to_have_title(re.compile("首次拜访"))
    expect(page.locator("body")).to_contain_text("成交")
    visitor.check_fits()
    visitor.check_clean()


def test_the_same_file_is_recognised_and_a_meeting_is_deleted_after_asking(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    width = page.viewport_size["width"] if page.viewport_size else 0
    visitor.log_in("wang")
    source = tmp_path / f"文字稿{width}.txt"
    source.write_text(f"客户经理：我们行的方案带来了{width}\n客户：合同条款先给我看看\n", encoding="utf-8")
    for _ in range(2):
        page.set_input_files("#files", source)
        expect(page.locator(".file")).to_have_count(1)
        page.click("#send")
        expect(page.locator(".file:not(.known)")).to_have_count(0)
    expect(page.locator(".file.known .result")).to_contain_text("上传过了")
    row = page.locator(".meeting", has_text=f"文字稿{width}")
    expect(row.get_by_role("link")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)
    visitor.check_clean()


def test_every_page_is_accessible_and_fits(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/login")
    visitor.check_accessible()
    visitor.log_in("admin")
    for path in ("/", "/users", "/audit", "/account", "/password"):
        visitor.page.goto(visitor.address + path)
        visitor.check_accessible()
        visitor.check_fits()
    visitor.check_clean()
    visitor.page.goto(f"{visitor.address}/nowhere")
    visitor.check_accessible()


def test_the_upload_works_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    opened: list[FileChooser] = []

    def noticed(chooser: FileChooser) -> None:
        opened.append(chooser)

    # Listening from the first page on: Playwright does not wait until the browser knows of a new listener.
    page.on("filechooser", noticed)
    visitor.log_in("wang")
    page.locator("#files").focus()
    focused = page.evaluate("document.activeElement.id")
    assert focused == "files"
    page.keyboard.press("Space")
    waited_until = time.monotonic() + 60
    while not opened and time.monotonic() < waited_until:
        page.wait_for_timeout(50)
    assert [chooser.is_multiple() for chooser in opened] == [True]


@pytest.mark.real
def test_a_real_recording_becomes_a_report_with_the_shipped_engines(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path, real=True) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 844}, locale="zh-CN")
        page.set_default_timeout(300_000)
        expect.set_options(timeout=300_000)
        visitor = Visitor(page, address)
        visitor.log_in("wang")
        page.set_input_files("#files", DATA / "two_speakers.ogg")
        page.locator(".file [name=speakers]").select_option("2")
        page.click("#send")
        link = page.locator(".meeting").get_by_role("link")
        expect(link).to_be_visible()
        link.click()
        expect(page.locator("body")).to_contain_text("逐句记录")
        visitor.check_clean()
        page.close()
        expect.set_options(timeout=60_000)
