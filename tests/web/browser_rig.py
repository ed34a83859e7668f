"""The service as its own process, and a browser that remembers every fault."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dev_server import PASSWORD
from playwright.sync_api import Browser, Page, sync_playwright

_ROOT = Path(__file__).parents[2]
_AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
_PATIENCE = 120.0


@contextmanager
def served(folder: Path, *, real: bool = False, pause: float = 0.0) -> Iterator[str]:
    """The address of a service with the users of dev_server.py; with `real` its engines are the shipped ones."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PORT": str(port), "FAKE_PAUSE": str(pause)}
    command = [
        sys.executable,
        str(Path(__file__).with_name("dev_server.py")),
        str(folder),
        *(["--real"] if real else []),
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the service did not start")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "Chromium is missing: run scripts/ensure_browser.sh"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A page with what went wrong on it and every address that it asked for."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))

    def log_in(self, username: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(f"{self.address}/")

    def check_accessible(self, part: str = "html") -> None:
        """No serious or critical fault by axe-core on a part of the page."""
        before = len(self.faults)
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("part => axe.run(part)", part)["violations"]
        del self.faults[before:]  # axe-core itself tries inline styles, which the policy refuses
        bad = [
            (v["id"], [n["html"][:150] for n in v["nodes"]][:3])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert bad == [], self.page.url

    def check_clean(self) -> None:
        """No fault in script or policy, and no request to another host."""
        assert self.faults == []
        foreign = [a for a in self.asked if not a.startswith((self.address, "data:", "blob:"))]
        assert foreign == []

    def check_fits(self) -> None:
        """Nothing sticks out at the side."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url
