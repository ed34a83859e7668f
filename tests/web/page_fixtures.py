"""A service with the demo meeting in it, and browsers that come to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from page_rig import Come, Reader, Site
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from browser_rig import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from page_rig import running

    with running(tmp_path_factory.mktemp("site")) as service:
        yield service


@pytest.fixture(scope="module")
def logged_in(browser: Browser, site: Site) -> Any:
    """wang's cookie."""
    from page_rig import Reader

    context = browser.new_context()
    visit = Reader(context.new_page(), site.address)
    visit.log_in("wang")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def come(browser: Browser, site: Site, logged_in: Any) -> Iterator[Come]:
    """Somebody comes with a browser of some width; at the end nothing may have failed or left for another host."""
    from page_rig import Reader

    visits: list[Reader] = []

    def one(width: int = 1280) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, locale="zh-CN", storage_state=logged_in, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        visits.append(Reader(context.new_page(), site.address))
        return visits[-1]

    yield one
    for visit in visits:
        visit.check_clean()
        visit.page.context.close()


@pytest.fixture
def heard(site: Site) -> str:
    """The demo meeting with its sound, without corrections."""
    from page_rig import recorded

    return site.add(recorded(), "演示会谈", heard=True)


@pytest.fixture
def read(site: Site, tmp_path: Path) -> str:
    """The same words as an uploaded transcript."""
    from page_rig import written

    return site.add(written(tmp_path), "会谈纪要", heard=False)
