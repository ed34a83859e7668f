"""How fast a coach gets through moments: a scripted browser that hears a little of each and decides it by a key.

    python benchmarks/workbench/moments.py http://127.0.0.1:8000 USER PASSWORD [--moments 60] [--listen 5]

The service must hold recordings with so many moments. Printed are the seconds
from the key that goes on until the next moment's words are there and its sound plays, and how long all of it took.
"""

from __future__ import annotations

import argparse
import shutil
import time
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

_PATIENCE = 60.0


def wait_until_heard(page: Page) -> None:
    """The words are there and the sound plays."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        heard, shown = page.evaluate(
            "() => [!document.getElementById('sound').paused && document.getElementById('sound').currentTime > 0,"
            " Boolean(document.querySelector('#listen .here'))]"
        )
        if heard and shown:
            return
        page.wait_for_timeout(10)
    raise SystemExit("nothing plays: are there recordings?")


def run(page: Page, address: str, moments: int, listen: float) -> list[float]:
    """Seconds of waiting before each moment."""
    waits: list[float] = []
    number = 1
    while len(waits) < moments:
        page.goto(f"{address}/coach/queue?period=all&show=all&page={number}")
        here = page.locator("#moments li").count()
        if not here:
            raise SystemExit(f"only {len(waits)} moments there")
        for place in range(min(here - 1, moments - len(waits))):
            began = time.monotonic()
            page.keyboard.press("j" if place == 0 else "a")
            wait_until_heard(page)
            waits.append(time.monotonic() - began)
            page.wait_for_timeout(listen * 1000)
        number += 1
    return waits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("username")
    parser.add_argument("password")
    parser.add_argument("--moments", type=int, default=60)
    parser.add_argument("--listen", type=float, default=5.0, help="seconds that are heard of each")
    asked = parser.parse_args()
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        page = browser.new_page(locale="zh-CN")
        page.goto(f"{asked.address}/login")
        page.fill("#username", asked.username)
        page.fill("#password", asked.password)
        page.click("main button.main")
        page.wait_for_url(f"{asked.address}/")
        began = time.monotonic()
        waits = run(page, asked.address, asked.moments, asked.listen)
        took = time.monotonic() - began
        browser.close()
    print(f"{len(waits)} moments in {took:.0f} s, of which {asked.listen * len(waits):.0f} s were listened to")
    print(f"waiting a moment: median {median(waits):.2f} s, 95 % {quantiles(waits, n=20)[-1]:.2f} s")
    print(f"in 10 minutes 60 moments leave {(600 - sum(waits) / len(waits) * 60) / 60:.1f} s to listen to each")


if __name__ == "__main__":
    main()
