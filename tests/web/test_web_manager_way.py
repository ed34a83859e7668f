"""The whole way of a manager, with the demo recording and the engines that ship."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_rig import chromium, served
from docx import Document
from page_rig import RECORDING, Reader, said
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.browser, pytest.mark.real]
_ANALYSIS = 1_500_000
"""Milliseconds after which the analysis has failed. No measure: machines that do other work are slow."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_a_manager_uploads_watches_reads_plays_corrects_undoes_and_files_the_report(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path, real=True) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 844}, locale="zh-CN", reduced_motion="reduce")
        page.set_default_timeout(60_000)
        visit = Reader(page, address)
        visit.log_in("wang")
        page.set_input_files("#files", RECORDING)
        page.locator(".file [name=title]").fill("首次拜访吴总")
        page.locator(".file [name=speakers]").select_option("2")
        page.click("#send")
        row = page.locator(".meeting", has_text="首次拜访吴总")
        expect(row.locator("progress")).to_be_visible(timeout=_ANALYSIS)
        expect(row.locator(".state")).to_contain_text("语音识别", timeout=_ANALYSIS)
        expect(row.locator(".state")).to_contain_text("%")
        expect(row.get_by_role("link")).to_be_visible(timeout=_ANALYSIS)
        row.get_by_role("link").click()
        page.wait_for_selector("body[data-ready]")

        expect(page.locator("#summary h2")).to_contain_text("错过了成交时机")
        expect(page.locator("#summary .quotes li")).to_have_count(3)
        page.locator("#summary .quotes .play").first.click()
        at = visit.position()
        visit.until(f"document.getElementById('audio').currentTime > {at + 0.5}")

        reason = page.locator("#summary .reason").inner_text()
        chip = page.locator('[data-hit$=":contract_terms:"]').first
        chip.get_by_role("button", name="不是这个信号").click()
        expect(said(page)).to_contain_text("已否定“协议条款”")
        expect(page.locator("#summary .reason")).not_to_have_text(reason)
        page.get_by_role("tab", name="修改").click()
        expect(page.get_by_role("tabpanel", name="修改").locator("li").first).to_contain_text("王经理")
        page.keyboard.press("Control+z")
        expect(page.locator("#summary .reason")).to_have_text(reason)

        page.locator("#downloads summary").click()
        with page.expect_download() as download:
            page.locator("#downloads").get_by_role("link", name="Word").click()
        document = Document(str(download.value.path()))
        assert any(reason in p.text for p in document.paragraphs) or any(
            reason in cell.text for table in document.tables for row_ in table.rows for cell in row_.cells
        )
        visit.check_clean()
        page.close()
