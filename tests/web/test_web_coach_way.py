"""The whole way of a coach in a browser: overview, queue by keys with sound, case, scorecard, the manager's answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_rig import chromium
from dev_server import PASSWORD
from page_rig import Reader, Site, recorded, running
from playwright.sync_api import Browser, expect

from signals.store.accounts import add_user, unit_at
from signals.store.models import UserRole

pytestmark = pytest.mark.browser
PAGES = ("/coach?period=all", "/coach/queue?period=all", "/coach/meetings?period=all", "/coach/search?period=all&q=合同",
         "/coach/cards", "/coach/library", "/coach/tasks", "/coach/rubric")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("coach")) as site:
        with site.service.database.session() as session:
            add_user(
                session, username="coach", name="赵教练", role=UserRole.COACH, unit=unit_at(session, "东区分行"),
                password=PASSWORD, must_change=False,
            )  # fmt: skip
        yield site


def visitor(browser: Browser, site: Site, username: str, width: int = 1280) -> Reader:
    page = browser.new_page(viewport={"width": width, "height": 844}, locale="zh-CN")
    page.set_default_timeout(60_000)
    visit = Reader(page, site.address)
    visit.log_in(username)
    return visit


def playing(visit: Reader) -> float:
    """Waits until the sound plays; seconds."""
    sound = "document.getElementById('sound')"
    visit.until(f"!{sound}.paused && {sound}.currentTime > 0")
    return float(visit.page.evaluate(f"{sound}.currentTime"))


def test_a_coach_finds_hears_decides_keeps_scores_and_the_manager_answers(browser: Browser, site: Site) -> None:
    site.add(recorded(), "演示会谈", heard=True)
    coach = visitor(browser, site, "coach")
    page = coach.page
    page.goto(f"{site.address}/coach?period=all")
    expect(page.get_by_role("heading", name="这段时间")).to_be_visible()
    page.locator(".figure", has_text="错过的成交时机").get_by_role("link").click()
    expect(page.locator("#moments li").first).to_have_class(re.compile("missed"))
    expect(page.locator("#listen .here")).to_be_visible()

    page.goto(f"{site.address}/coach/queue?period=all")
    first = page.locator("#moments li").first
    start = float(first.get_attribute("data-start") or 0)
    page.keyboard.press(" ")
    assert playing(coach) < start, "it begins with some lead-in"
    page.keyboard.press("c")
    page.keyboard.type("这里可以提议签约")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#listen .comments")).to_contain_text("这里可以提议签约")
    page.keyboard.press("l")
    page.locator("#keep-tags").fill("错过 示范")
    page.locator("#keep button").click()
    expect(page.locator("#toasts")).to_contain_text("已收进案例库")
    page.locator("#moments").focus()
    page.keyboard.press("a")
    expect(first).to_have_class(re.compile("accepted"))
    second = page.locator("#moments li").nth(1)
    expect(second).to_have_attribute("aria-current", "true")
    expect(page.locator("#listen .here .said")).to_be_visible()
    page.keyboard.press("r")
    expect(second).to_have_class(re.compile("rejected"))
    expect(page.locator("#moments li").nth(2)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    page.keyboard.press("u")
    expect(second).not_to_have_class(re.compile("rejected"))

    page.goto(f"{site.address}/coach/library")
    page.locator(".found .play").first.click()
    playing(coach)

    page.goto(f"{site.address}/coach/meetings?period=all")
    page.get_by_role("link", name="评分", exact=True).last.click()
    item = page.locator(".item", has_text="开场").first
    item.locator("select").select_option("2")
    page.get_by_role("button", name="发给王经理").click()
    expect(page.get_by_role("alert")).to_contain_text("请写上理由")
    item = page.locator(".item", has_text="开场").first
    item.locator("select").select_option("2")
    item.locator("textarea").fill("寒暄太短")
    page.locator("#summary").fill("下次早一点提出")
    page.get_by_role("button", name="发给王经理").click()
    expect(page.locator(".tag.card-shared")).to_be_visible()

    manager = visitor(browser, site, "wang", 390)
    manager.page.goto(f"{site.address}/coach/cards")
    manager.page.locator("table a").first.click()
    expect(manager.page.locator("main")).to_contain_text("寒暄太短")
    manager.page.locator("#answer").fill("明白了")
    manager.page.get_by_role("button", name="看过了，确认").click()
    expect(manager.page.locator("main")).to_contain_text("明白了")
    manager.check_fits()
    for visit in (coach, manager):
        visit.check_clean()
        visit.page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_the_workbench_is_accessible_and_fits(browser: Browser, site: Site, width: int) -> None:
    id = site.add(recorded(), "演示会谈", heard=True)
    coach = visitor(browser, site, "coach", width)
    for path in (*PAGES, f"/meetings/{id}/card"):
        coach.page.goto(site.address + path)
        if "queue" in path:
            expect(coach.page.locator("#listen .here")).to_be_visible()
        coach.check_accessible()
        coach.check_fits()
    coach.check_clean()
    coach.page.close()


def test_sixty_moments_are_heard_of_and_decided_by_keys_alone(browser: Browser, site: Site, tmp_path: Path) -> None:
    for _ in range(4):
        site.add(recorded(), "演示会谈", heard=True)
    coach = visitor(browser, site, "coach")
    page = coach.page
    page.goto(f"{site.address}/coach/queue?period=all&show=all")
    decided = 0
    while decided < 60:
        items = page.locator("#moments li")
        count = items.count()
        for place in range(min(count, 60 - decided)):
            expect(items.nth(place)).to_have_attribute("aria-current", "true")
            page.keyboard.press("a")
            if place + 1 < count:
                expect(items.nth(place)).to_have_class(re.compile("accepted"))
            decided += 1
        if decided < 60:
            page.wait_for_url(re.compile("page=2"))
    coach.check_clean()
    page.close()
