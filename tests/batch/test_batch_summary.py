"""The workbook and the page: what they hold, where they lead, and that nothing in them does harm."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from batch_rig import MISSED, QUIET, Rig
from openpyxl import load_workbook
from playwright.sync_api import Browser, sync_playwright

from signals.batch import PAGE, WORKBOOK, Result

HOSTILE = "<img src=x onerror=alert(1)>"

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    rig = Rig(tmp_path_factory.mktemp("batch"))
    rig.text("20261120_宏达制造_客户经理李明.txt", MISSED.replace("资料给齐了", f"=1+1{HOSTILE}资料给齐了"))
    rig.text("20261121_东方食品有限公司.txt", QUIET)
    rig.text("坏的.txt", "")
    rig.text("另一份.txt", QUIET)
    (rig.folder / "表.csv").write_text(
        f'文件,标题,客户\n20261120_宏达制造_客户经理李明.txt,"=HYPERLINK(""http://x"")","@{HOSTILE}"\n',
        encoding="utf-8",
    )
    return rig


@pytest.fixture(scope="module")
def result(rig: Rig) -> Result:
    return rig.run()


@pytest.fixture(scope="module")
def page(rig: Rig, result: Result) -> str:
    return (rig.output / PAGE).read_text(encoding="utf-8")


@pytest.mark.usefixtures("result")
def test_the_workbook_counts_meetings_moments_and_failures(rig: Rig) -> None:
    book = load_workbook(rig.output / WORKBOOK)
    assert book.sheetnames == ["会谈", "信号时刻", "失败文件", "图表"]
    meetings = list(book["会谈"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in meetings] == [datetime(2026, 11, 20), datetime(2026, 11, 21)]
    assert meetings[0][2] == "李明"
    quotes = [c.value for c in book["信号时刻"]["I"][1:]]
    assert any("合同条款先给我看看" in str(q) for q in quotes)
    assert [c.value for c in book["失败文件"]["A"][1:]] == ["坏的.txt", "另一份.txt"]
    assert len(vars(book["图表"])["_charts"]) == 4


@pytest.mark.usefixtures("result")
def test_rows_lead_to_reports_that_are_there(rig: Rig) -> None:
    book = load_workbook(rig.output / WORKBOOK)
    links = [str(c.hyperlink.target) for s in book for row in s.iter_rows() for c in row if c.hyperlink]
    assert len(links) == (book["会谈"].max_row - 1) + (book["信号时刻"].max_row - 1)
    for link in links:
        file, _, anchor = link.partition("#")
        text = (rig.output / file).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text


@pytest.mark.usefixtures("result")
def test_no_words_of_a_customer_or_a_sheet_become_a_formula(rig: Rig) -> None:
    book = load_workbook(rig.output / WORKBOOK)
    cells = [c for s in book for row in s.iter_rows() for c in row]
    assert any(str(c.value).startswith("=HYPERLINK") for c in cells)
    assert [c.coordinate for c in cells if c.data_type == "f"] == []
    with zipfile.ZipFile(rig.output / WORKBOOK) as parts:
        sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in parts.read(n) for n in sheets)


def test_the_page_shows_missed_closings_first_with_the_customer_s_words_and_the_strategy(page: str) -> None:
    assert page.index("先看这些") < page.index("合同条款先给我看看") < page.index("全部会谈")
    assert page.index("可以这样说") < page.index("全部会谈")


def test_the_page_escapes_what_was_said_and_written(page: str) -> None:
    assert HOSTILE not in page
    assert "&lt;img src=x" in page


def test_the_page_allows_no_script_and_no_request_and_pins_its_style(page: str) -> None:
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0]
    style = page[page.index("<style>") + 7 : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "<script" not in page
    assert " style=" not in page
    assert not re.search(r'(?:href|src)="(?!\S+/report\.html|#failures)', page)


def test_every_link_of_the_page_leads_to_a_report_that_is_there(rig: Rig, page: str) -> None:
    links = re.findall(r'href="([^"#]+/report\.html)(?:#([^"]+))?"', page)
    assert len(links) > 4
    for file, anchor in links:
        assert not anchor or f'id="{anchor}"' in (rig.output / file).read_text(encoding="utf-8")


@pytest.mark.usefixtures("result")
def test_a_run_that_fails_with_every_file_still_writes_both(tmp_path: Path) -> None:
    empty = Rig(tmp_path)
    empty.text("a.txt", "")
    assert empty.run().entries == ()
    assert "还没有分析完的会谈" in (empty.output / PAGE).read_text(encoding="utf-8")
    assert load_workbook(empty.output / WORKBOOK).sheetnames == ["会谈", "信号时刻", "失败文件"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "Chromium is missing: run scripts/ensure_browser.sh"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.mark.browser
@pytest.mark.usefixtures("result")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_screen_is_accessible_and_asks_for_nothing(
    browser: Browser, rig: Rig, width: int, scheme: str
) -> None:
    shown = browser.new_page(
        viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    )
    faults: list[str] = []
    requests: list[str] = []
    shown.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    shown.on("request", lambda r: requests.append(r.url))
    shown.goto((rig.output / PAGE).as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert (faults, len(requests)) == ([], 1)
    shown.evaluate(AXE.read_text(encoding="utf-8"))
    assert [v["id"] for v in shown.evaluate("() => axe.run()")["violations"]] == []
    shown.get_by_role("link", name="在报告中看").first.click()
    shown.wait_for_url("**/report.html#turn-*")
    shown.close()
