"""The report page for those who see little or hear with a screen reader, in light and dark, at both widths."""

from __future__ import annotations

import pytest
from page_rig import Come, fits
from playwright.sync_api import expect

pytest_plugins = ["page_fixtures"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["desktop, light", "phone, dark"])
def test_no_serious_fault_is_on_the_page_whatever_is_open(come: Come, heard: str, width: int, dark: bool) -> None:
    visit = come(width)
    page = visit.page
    page.emulate_media(color_scheme="dark" if dark else "light")
    visit.report(heard)
    page.keyboard.press("n")
    page.keyboard.press("e")
    expect(page.locator(".editor")).to_be_visible()
    page.locator(".hit.verbal").first.get_by_role("button", name="不是这个信号").click()
    expect(page.locator("#toasts p")).to_be_visible()
    page.locator("#making summary").first.click()
    page.locator("#open-observe").click()
    page.get_by_role("tab", name="修改").click()
    assert fits(page, width)
    visit.check_accessible()
    page.get_by_role("tab", name="信号").click()
    visit.check_accessible("#side")
    page.get_by_role("tab", name="谈话").click()
    visit.check_accessible("#side")
    for opener, dialog in (("#open-speakers", "#speakers"), ("#edit-details", "#details")):
        page.locator(opener).click()
        visit.check_accessible(dialog)
        page.keyboard.press("Escape")
    page.locator("#downloads summary").click()
    assert fits(page, width)
    visit.check_accessible(".masthead")


def test_a_transcripts_page_has_no_serious_fault_either(come: Come, read: str) -> None:
    visit = come(390)
    visit.report(read)
    visit.check_accessible()


def test_focus_stays_where_the_reader_works(come: Come, heard: str) -> None:
    page = come().report(heard)
    button = page.locator('[data-hit$=":rate_cut:"]').first.get_by_role("button", name="确认")
    turn = page.locator(".turn", has=page.locator('[data-hit$=":rate_cut:"]')).first
    button.press("Enter")
    expect(turn.locator(".hit.confirmed")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('.turn')?.id") == turn.get_attribute("id")
    edit = turn.get_by_role("button", name="改正")
    edit.press("Enter")
    expect(turn.get_by_label("说话人")).to_be_focused()
    page.keyboard.press("Escape")
    expect(edit).to_be_focused()


def test_tabs_are_walked_with_the_arrows(come: Come, heard: str) -> None:
    visit = come()
    page = visit.report(heard)
    page.get_by_role("tab", name="成交时机").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="信号")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="信号")).to_be_visible()
    assert visit.position() == 0, "the arrows were the tabs'"
