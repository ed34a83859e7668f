"""Takes the pictures of docs/workbench.md: docs/images/*.png.

    python scripts/screenshots.py [NAME …]

Fills a service with 40 meetings of `benchmarks/workbench/many_meetings.py`, has it analyse the demo recording with the shipped
engines (a minute or two), and looks at its pages as a coach does. Needs Chromium (scripts/ensure_browser.sh) and what
the tests need. The dates in the pictures are those of the day on which they are taken.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from signals.settings import Settings
from signals.store.accounts import find_user, set_password
from signals.store.database import Database

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH = 1280
_LARGEST = 200_000
"""Bytes."""
_COLOURS = 128
_MANAGER, _COACH = "m001", "coach"
_TITLE, _CLIENT = "流动资金贷款会谈", "吴氏机械"
_PATIENCE = 900.0
"""Seconds that the demo recording may take on a busy machine."""
HEIGHTS = {"overview": 1180, "heat": 900, "queue": 960, "scorecard": 1020, "report": 1480}


def fill(folder: Path, password: str) -> None:
    """Forty meetings of four managers, whose coach and first manager can log in with the password."""
    benchmark = ROOT / "benchmarks" / "workbench" / "many_meetings.py"
    asked = ["--meetings", "40", "--turns", "150"]
    subprocess.run([sys.executable, str(benchmark), str(folder), *asked], check=True, env=_environment())
    database = Database(Settings(data_dir=folder).database_address)
    with database.session() as session:
        for name in (_MANAGER, _COACH):
            set_password(session, find_user(session, name), password)
    database.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `signals serve` over the folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("signals")
    command = [str(program), "serve", "--data", str(folder), "--port", str(port)]
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 an address of our own
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the service did not start")


def log_in(page: Page, address: str, username: str, password: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/login")
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("main button.main")
    page.wait_for_url(f"{address}/")


def upload_demo(page: Page) -> str:
    """Has the demo recording analysed as a manager does; the path of its report."""
    page.set_input_files("#files", ROOT / "data" / "samples" / "demo_meeting.m4a")
    picked = page.locator("#picked .file")
    picked.locator("[name=title]").fill(_TITLE)
    picked.locator("[name=client]").fill(_CLIENT)
    picked.locator("[name=client_kind]").select_option("private")
    picked.locator("[name=met_on]").fill(date.today().isoformat())
    page.click("#send")
    done = page.locator("#meetings a.title", has_text=_TITLE)
    expect(done).to_be_visible(timeout=1000 * _PATIENCE)
    return done.get_attribute("href") or ""


def show(page: Page, address: str, name: str, report: str) -> Page | Locator:
    """Brings the page of that picture to the state in which it is taken; what is taken of it."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHTS[name]})
    if name in ("overview", "heat"):
        page.goto(f"{address}/coach?period=all")
        expect(page.locator(".figure").first).to_be_visible()
    elif name == "queue":
        page.goto(f"{address}/coach/queue?period=all")
        page.locator("#moments li", has_text=_CLIENT).first.click()
        expect(page.locator("#listen .here")).to_be_visible()
        expect(page.locator("#listen header")).to_contain_text(_CLIENT)
    elif name == "scorecard":
        _score(page, address + report + "/card")
    else:
        page.goto(address + report)
        expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    return page.locator("section[aria-labelledby=h-heat]") if name == "heat" else page


def _score(page: Page, card: str) -> None:
    """A draft in which the coach sees one thing otherwise than the machine."""
    page.goto(card)
    reason = "寒暄自然，转到正题有点急。"
    item = page.locator(".item", has_text="开场").first
    item.locator("select").select_option("4")
    item.locator("textarea").fill(reason)
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_load_state()
    expect(page.locator(".item", has_text="理由（")).to_be_visible()
    expect(item.locator("textarea")).to_have_value(reason)


def take(shown: Page | Locator, target: Path) -> None:
    """Writes the picture with few colours, which flat pages do not miss. Exits where it is too large for a document."""
    shown.screenshot(path=target, animations="disabled")
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(target, optimize=True)
    if target.stat().st_size > _LARGEST:
        raise SystemExit(f"{target.name} has {target.stat().st_size} bytes, more than {_LARGEST}")
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *HEIGHTS], metavar="NAME", help=", ".join(HEIGHTS))
    names = parser.parse_args().names or list(HEIGHTS)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("Chromium is missing: run scripts/ensure_browser.sh")
    IMAGES.mkdir(exist_ok=True)
    password = secrets.token_urlsafe()
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        fill(folder, password)
        with served(folder) as address:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(locale="zh-CN")
            page.set_default_timeout(60_000)
            log_in(page, address, _MANAGER, password)
            report = upload_demo(page)
            log_in(page, address, _COACH, password)
            for name in names:
                take(show(page, address, name, report), IMAGES / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main()
